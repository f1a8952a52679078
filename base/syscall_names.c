// SPDX-License-Identifier: Apache-2.0
#include "base/syscall_names.h"

#include "base/require.h"

#include <string.h>
#include <sys/syscall.h>

struct row {
    const char *name;
    uint16_t number;
};

static const struct row rows[] = {
#define SYSCALL(name) {#name, __NR_##name},
#include "base/syscall_names.inc"
#undef SYSCALL
};
enum { ROW_COUNT = sizeof rows / sizeof *rows };

const char *syscall_name(uint32_t number)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].number == number)
            return rows[i].name;
    return NULL;
}

bool syscall_by_name(const char *name, size_t length, uint16_t *ret_number)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (strlen(rows[i].name) == length && memcmp(rows[i].name, name, length) == 0) {
            *ret_number = rows[i].number;
            return true;
        }
    }
    return false;
}

size_t syscall_names_count(void)
{
    return ROW_COUNT;
}

const char *syscall_names_at(size_t index)
{
    require(index < ROW_COUNT);
    return rows[index].name;
}
