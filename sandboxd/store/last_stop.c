// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/store/last_stop.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

enum { MARK_PATH_SIZE = PATH_MAX + 32 };

static void path_of(const char *folder, char path[MARK_PATH_SIZE])
{
    snprintf(path, MARK_PATH_SIZE, "%s/running", folder);
}

bool last_stop_mark(const char *folder, bool *ret_interrupted, struct error *err)
{
    char path[MARK_PATH_SIZE];
    path_of(folder, path);
    autoclose int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno != EEXIST)
        return error_system(err, errno, "cannot make %s", path);
    *ret_interrupted = fd < 0;
    return true;
}

void last_stop_clear(const char *folder)
{
    char path[MARK_PATH_SIZE];
    path_of(folder, path);
    unlink(path);
}
