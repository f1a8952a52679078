// SPDX-License-Identifier: Apache-2.0
#include "runtime/probe/attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define GROUP "files"
#define OPEN_AT(path, flags) \
    GROUP, "openat " path, SYS_openat, \
    { \
        AT_FDCWD, POINTER(path), (flags), 0600 \
    }
#define OPEN(path, flags) \
    { \
        OPEN_AT(path, flags), .takes_descriptor = true \
    }
// What the empty root shows, and Landlock refuses.
#define OPEN_ROOT(path) \
    { \
        OPEN_AT(path, O_RDONLY | O_DIRECTORY), .takes_descriptor = true, .layers = HELD_BY(LANDLOCK) \
    }
#define EMPTY_ROOT "the root directory exists, and is empty"

static char scratch[4096];
static struct open_how how = {.flags = O_RDONLY};
static struct iovec vector = {.iov_base = scratch, .iov_len = sizeof scratch};
static char *const shell[] = {(char[]){"sh"}, NULL};

// Every number that could hold something inherited. No byte is moved: that it could be is enough.
static int read_inherited(const struct probe_baits *baits)
{
    (void)baits;
    for (int fd = 1; fd < 4096; fd++) {
        if (read(fd, scratch, 0) >= 0 || errno != EBADF)
            return 0;
    }
    return EBADF;
}

static int write_inherited(const struct probe_baits *baits)
{
    (void)baits;
    for (int fd = 1; fd < 4096; fd++) {
        if (write(fd, scratch, 0) >= 0 || errno != EBADF)
            return 0;
    }
    return EBADF;
}

static const struct attempt table[] = {
    OPEN("/etc/passwd", O_RDONLY),
    OPEN_ROOT("/"),
    OPEN_ROOT("."),
    OPEN("../../../../etc/passwd", O_RDONLY),
    {GROUP, "openat / O_PATH", SYS_openat, {AT_FDCWD, POINTER("/"), O_PATH}},
    {GROUP, "openat / O_TMPFILE", SYS_openat, {AT_FDCWD, POINTER("/"), O_TMPFILE | O_RDWR, 0600}},
    OPEN("/made", O_CREAT | O_WRONLY),
    OPEN("/tmp/made", O_CREAT | O_WRONLY),
    OPEN("/proc/self/mem", O_RDWR),
    OPEN("/proc/self/maps", O_RDONLY),
    OPEN("/proc/self/environ", O_RDONLY),
    OPEN("/proc/1/mem", O_RDWR),
    OPEN("/proc/self/fd/0", O_RDWR),
    OPEN("/proc/sys/kernel/core_pattern", O_WRONLY),
    OPEN("/proc/sysrq-trigger", O_WRONLY),
    OPEN("/sys/fs/cgroup", O_RDONLY),
    OPEN("/sys/kernel", O_RDONLY),
    OPEN("/dev/mem", O_RDWR),
    OPEN("/dev/kmsg", O_RDONLY),
    OPEN("/dev/shm/made", O_CREAT | O_RDWR),
    OPEN("/dev/tty", O_RDWR),
    OPEN("/dev/null", O_RDWR),
    OPEN("/dev/kvm", O_RDWR),
    OPEN("/dev/fuse", O_RDWR),
#ifdef SYS_open
    {GROUP, "open /etc/passwd", SYS_open, {POINTER("/etc/passwd"), O_RDONLY}},
    {GROUP, "creat", SYS_creat, {POINTER("/made"), 0600}},
    {GROUP, "stat", SYS_stat, {POINTER("/etc/passwd"), POINTER(scratch)}},
    {GROUP, "lstat", SYS_lstat, {POINTER("/etc/passwd"), POINTER(scratch)}},
    {GROUP, "access", SYS_access, {POINTER("/etc/passwd"), F_OK}},
    {GROUP, "readlink", SYS_readlink, {POINTER("/proc/self/exe"), POINTER(scratch), sizeof scratch}},
    {GROUP, "mkdir", SYS_mkdir, {POINTER("/made"), 0700}},
    {GROUP, "rmdir", SYS_rmdir, {POINTER("/made")}},
    {GROUP, "rename", SYS_rename, {POINTER("/a"), POINTER("/b")}},
    {GROUP, "link", SYS_link, {POINTER("/a"), POINTER("/b")}},
    {GROUP, "symlink", SYS_symlink, {POINTER("/a"), POINTER("/b")}},
    {GROUP, "unlink", SYS_unlink, {POINTER("/a")}},
    {GROUP, "chmod", SYS_chmod, {POINTER("/"), 0777}},
    {GROUP, "chown", SYS_chown, {POINTER("/"), 0, 0}},
    {GROUP, "mknod", SYS_mknod, {POINTER("/made"), S_IFCHR | 0600, 0x103}},
#endif
    {GROUP, "openat2", SYS_openat2, {AT_FDCWD, POINTER("/etc/passwd"), POINTER(&how), sizeof how}},
    {GROUP,
     "statx /etc/passwd",
     SYS_statx,
     {AT_FDCWD, POINTER("/etc/passwd"), 0, 0x7ff, POINTER(scratch)},
     .layers = HELD_BY(MOUNT_NAMESPACE)},
    {GROUP,
     "statx of the root",
     SYS_statx,
     {AT_FDCWD, POINTER("/"), 0, 0x7ff, POINTER(scratch)},
     NULL,
     EMPTY_ROOT},
    {GROUP, "faccessat2", SYS_faccessat2, {AT_FDCWD, POINTER("/etc"), F_OK, 0}},
    {GROUP, "getcwd", SYS_getcwd, {POINTER(scratch), sizeof scratch}, NULL, EMPTY_ROOT},
    {GROUP, "chdir", SYS_chdir, {POINTER("/etc")}},
    {GROUP, "chdir ..", SYS_chdir, {POINTER("..")}, NULL, EMPTY_ROOT},
    {GROUP, "readlinkat", SYS_readlinkat, {AT_FDCWD, POINTER("/proc/self/exe"), POINTER(scratch), 100}},
    {GROUP, "mkdirat", SYS_mkdirat, {AT_FDCWD, POINTER("/made"), 0700}},
    {GROUP, "mknodat", SYS_mknodat, {AT_FDCWD, POINTER("/made"), S_IFIFO | 0600, 0}},
    {GROUP, "renameat2", SYS_renameat2, {AT_FDCWD, POINTER("/a"), AT_FDCWD, POINTER("/b"), 0}},
    {GROUP, "linkat", SYS_linkat, {AT_FDCWD, POINTER("/a"), AT_FDCWD, POINTER("/b"), 0}},
    {GROUP, "symlinkat", SYS_symlinkat, {POINTER("/a"), AT_FDCWD, POINTER("/b")}},
    {GROUP, "unlinkat", SYS_unlinkat, {AT_FDCWD, POINTER("/a"), 0}},
    {GROUP, "fchmodat", SYS_fchmodat, {AT_FDCWD, POINTER("/"), 0777}},
    {GROUP, "fchownat", SYS_fchownat, {AT_FDCWD, POINTER("/"), 0, 0, 0}},
    {GROUP, "truncate", SYS_truncate, {POINTER("/a"), 0}},
    {GROUP, "utimensat", SYS_utimensat, {AT_FDCWD, POINTER("/"), 0, 0}},
    {GROUP, "setxattr", SYS_setxattr, {POINTER("/"), POINTER("user.a"), POINTER(scratch), 1, 0}},
    {GROUP, "getxattr", SYS_getxattr, {POINTER("/"), POINTER("user.a"), POINTER(scratch), 1}},
    {GROUP, "statfs", SYS_statfs, {POINTER("/"), POINTER(scratch)}, NULL, EMPTY_ROOT},
    {GROUP, "chroot", SYS_chroot, {POINTER("/")}, .layers = HELD_BY(CAPABILITIES)},
    {GROUP, "fchdir", SYS_fchdir, {3}},
    {GROUP,
     "name_to_handle_at",
     SYS_name_to_handle_at,
     {AT_FDCWD, POINTER("/etc"), POINTER(scratch), POINTER(scratch + 64), 0}},
    {GROUP, "open_by_handle_at", SYS_open_by_handle_at, {AT_FDCWD, POINTER(scratch), O_RDONLY}},
    {GROUP, "memfd_create", SYS_memfd_create, {POINTER("x"), 0}},
    {GROUP, "memfd_secret", 447, {0}},
    {GROUP, "inotify_init1", SYS_inotify_init1, {0}},
    {GROUP, "fanotify_init", SYS_fanotify_init, {0, 0}},
    {GROUP, "execve", SYS_execve, {POINTER("/bin/sh"), POINTER(shell), 0}},
    {GROUP, "execveat", SYS_execveat, {AT_FDCWD, POINTER("/bin/sh"), POINTER(shell), 0, 0}},
    {GROUP, "preadv of another descriptor", SYS_preadv, {3, POINTER(&vector), 1, 0, 0}},
    {GROUP, "getdents64", SYS_getdents64, {3, POINTER(scratch), sizeof scratch}},
    {GROUP, "sendfile", SYS_sendfile, {0, 3, 0, 100}},
    {GROUP, "copy_file_range", SYS_copy_file_range, {3, 0, 4, 0, 100, 0}},
    {GROUP, "splice", SYS_splice, {3, 0, 0, 0, 100, 0}},
    {GROUP, "tee", SYS_tee, {3, 4, 100, 0}},
    {GROUP, "vmsplice", SYS_vmsplice, {3, POINTER(&vector), 1, 0}},
    {GROUP, "read of every other descriptor", NO_CALL, {0}, read_inherited, .layers = HELD_BY(DESCRIPTORS)},
    {GROUP, "write to every other descriptor", NO_CALL, {0}, write_inherited, .layers = HELD_BY(DESCRIPTORS)},
};

struct attempts attempts_on_files(void)
{
    return ATTEMPTS(table);
}
