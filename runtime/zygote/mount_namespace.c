// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/layer.h"
#include "runtime/zygote/namespaces.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

// Any directory will do to hang the new root on; the first that can be mounted on is taken.
static const char *const mount_points[] = {"/proc", "/tmp", "/dev", "/usr"};

static const char *mount_empty_root(void)
{
    for (size_t i = 0; i < sizeof mount_points / sizeof *mount_points; i++) {
        if (mount("none", mount_points[i], "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
                  "mode=0555,size=4k,nr_inodes=1") == 0)
            return mount_points[i];
    }
    return NULL;
}

void mount_namespace_enter(struct layer_report *report)
{
    if (unshare(CLONE_NEWNS) != 0) {
        layer_missing(report, errno, "this host refuses a new one");
        return;
    }
    const char *root = NULL;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || (root = mount_empty_root()) == NULL ||
        chdir(root) != 0) {
        layer_missing(report, errno, "cannot mount an empty root");
        return;
    }
    // pivot_root(".", ".") stacks the old root on the new one, from where it is taken off.
    if (syscall(SYS_pivot_root, ".", ".") == 0) {
        if (umount2(".", MNT_DETACH) != 0 || chdir("/") != 0)
            layer_missing(report, errno, "cannot let go of the old root");
        else
            layer_active(report);
        return;
    }
    // The kernel refuses to pivot where "/" is no mount point: inside a chroot, or on an initial ramfs.
    // A chroot holds as well for a process without descriptors and capabilities, but the old tree stays.
    int refused = errno;
    if (chroot(".") != 0 || chdir("/") != 0)
        layer_missing(report, errno, "cannot change to an empty root");
    else
        layer_degraded(report, refused, "chroot to an empty directory instead of pivot_root");
}
