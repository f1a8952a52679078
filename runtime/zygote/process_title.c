// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/process_title.h"

#include <string.h>
#include <unistd.h>

// The strings of `vector` follow each other in memory; `end` is where the area ends so far.
static char *extend(char *end, char **vector)
{
    for (; *vector != NULL && *vector == end; vector++)
        end += strlen(*vector) + 1;
    return end;
}

struct process_title process_title_take(int argc, char **argv)
{
    if (argc < 1 || argv[0] == NULL)
        return (struct process_title){.area = NULL};
    char *end = extend(argv[0], argv);
    if (environ != NULL)
        end = extend(end, environ);
    environ = NULL;
    return (struct process_title){.area = argv[0], .size = (size_t)(end - argv[0])};
}

static size_t append(const struct process_title *title, size_t used, const char *text)
{
    size_t length = strlen(text);
    size_t room = title->size - 1 - used;
    if (length > room)
        length = room;
    memcpy(title->area + used, text, length);
    return used + length;
}

void process_title_set(const struct process_title *title, const char *name, const char *policy,
                       const char *detail)
{
    if (title->size == 0)
        return;
    memset(title->area, 0, title->size);
    size_t used = append(title, 0, name);
    used = append(title, used, ": ");
    used = append(title, used, policy);
    if (detail != NULL) {
        used = append(title, used, " ");
        append(title, used, detail);
    }
}
