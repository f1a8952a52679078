// SPDX-License-Identifier: Apache-2.0
#include "tests/support/scratch_folder.h"

#include "tests/support/cmocka_all.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int scratch_setup(void **state)
{
    struct scratch_folder *scratch = calloc(1, sizeof *scratch);
    assert_non_null(scratch);
    snprintf(scratch->path, sizeof scratch->path, "/tmp/sandbox-test-XXXXXX");
    assert_non_null(mkdtemp(scratch->path));
    *state = scratch;
    return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

int scratch_teardown(void **state)
{
    struct scratch_folder *scratch = *state;
    int removed = nftw(scratch->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(scratch);
    return removed;
}

void scratch_path(const struct scratch_folder *scratch, const char *name, char path[256])
{
    assert_true(snprintf(path, 256, "%s/%s", scratch->path, name) < 256);
}

void scratch_write(const struct scratch_folder *scratch, const char *name, const char *text)
{
    char path[256];
    scratch_path(scratch, name, path);
    for (char *slash = strchr(path + strlen(scratch->path) + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}
