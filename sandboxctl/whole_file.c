// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/whole_file.h"

#include "base/buffer.h"
#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { READ_STEP = 65536 };

// The rest of `fd`; `path` is for errors.
static char *read_all(int fd, const char *path, size_t maximum, size_t *ret_length, struct error *err)
{
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

char *read_whole_file(const char *path, size_t maximum, size_t *ret_length, struct error *err)
{
    if (strcmp(path, "-") == 0)
        return read_all(STDIN_FILENO, path, maximum, ret_length, err);
    autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        error_system(err, errno, "%s", path);
        return NULL;
    }
    return read_all(fd, path, maximum, ret_length, err);
}

// The kernel follows the name, and stops where it would leave `folder`: looking first and opening then would
// leave a moment in between. A pipe without a writer must not hold us up either.
static int open_beneath(const char *folder, const char *name)
{
    autoclose int root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    const struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
                                 .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    return root < 0 ? -1 : (int)syscall(SYS_openat2, root, name, &how, sizeof how);
}

char *read_file_beneath(const char *folder, const char *name, size_t maximum, size_t *ret_length,
                        struct error *err)
{
    char path[PATH_MAX];
    struct stat status;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    autoclose int fd = open_beneath(folder, name);
    if (fd < 0 && (errno == EXDEV || errno == ELOOP))
        error_set(err, ERROR_INVALID, "%s: it leads outside the plugin's folder; expected a file inside it",
                  path);
    else if (fd < 0 || fstat(fd, &status) != 0)
        error_system(err, errno, "%s", path);
    else if (!S_ISREG(status.st_mode))
        error_set(err, ERROR_INVALID, "%s: expected a file", path);
    else
        return read_all(fd, path, maximum, ret_length, err);
    return NULL;
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
