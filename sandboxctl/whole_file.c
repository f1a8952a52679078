// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/whole_file.h"

#include "base/buffer.h"
#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

enum { READ_STEP = 65536 };

char *read_whole_file(const char *path, size_t maximum, size_t *ret_length, struct error *err)
{
    bool standard_input = strcmp(path, "-") == 0;
    autoclose int owned = standard_input ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (!standard_input && owned < 0) {
        error_system(err, errno, "%s", path);
        return NULL;
    }
    int fd = standard_input ? STDIN_FILENO : owned;
    struct buffer text = buffer_make(maximum + READ_STEP);
    for (;;) {
        char *room = buffer_reserve(&text, READ_STEP);
        ssize_t got = room != NULL ? read(fd, room, READ_STEP) : 0;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            error_system(err, errno, "%s", path);
            buffer_free(&text);
            return NULL;
        }
        if (got > 0)
            text.length += (size_t)got;
        if (room == NULL || text.length > maximum) {
            error_set(err, ERROR_LIMIT, "%s: more than %zu bytes", path, maximum);
            buffer_free(&text);
            return NULL;
        }
        if (got == 0)
            break;
    }
    char *data = buffer_take(&text, ret_length);
    if (data == NULL) {
        error_set(err, ERROR_MEMORY, "out of memory");
        return NULL;
    }
    data[*ret_length] = '\0';
    return data;
}

bool replace_whole_file(const char *path, void (*put)(FILE *out, const void *user), const void *user,
                        struct error *err)
{
    char temporary[PATH_MAX];
    if (snprintf(temporary, sizeof temporary, "%s.part", path) >= (int)sizeof temporary)
        return error_set(err, ERROR_INVALID, "%s: the path is too long", path);
    FILE *out = fopen(temporary, "we");
    if (out == NULL)
        return error_system(err, errno, "cannot write %s", path);
    put(out, user);
    bool written = fflush(out) == 0 && !ferror(out);
    written = fclose(out) == 0 && written;
    if (!written || rename(temporary, path) != 0) {
        error_system(err, errno, "cannot write %s", path);
        remove(temporary);
        return false;
    }
    return true;
}
