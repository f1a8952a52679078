// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/namespaces.h"
#include "runtime/zygote/user_namespace.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/host.h"
#include "tests/support/in_child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static int nothing_in(const char *path)
{
    DIR *directory = opendir(path);
    CHECK(directory != NULL);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        CHECK(strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
    closedir(directory);
    return 0;
}

static int look_around(void)
{
    CHECK(nothing_in("/") == 0);
    CHECK(nothing_in("/..") == 0);
    CHECK(nothing_in(".") == 0);
    CHECK(nothing_in("../../..") == 0);
    CHECK(open("/etc/passwd", O_RDONLY) < 0 && errno == ENOENT);
    CHECK(open("/proc/self/maps", O_RDONLY) < 0 && errno == ENOENT);
    CHECK(mkdir("/made", 0700) != 0 && errno == EROFS);
    CHECK(open("/made", O_CREAT | O_WRONLY, 0600) < 0 && errno == EROFS);
    return 0;
}

static int enter(void *context)
{
    (void)context;
    struct layer_report report;
    if (geteuid() != 0) {
        user_namespace_enter(&report);
        CHECK(report.state == LAYER_ACTIVE);
    }
    mount_namespace_enter(&report);
    CHECK(report.state == LAYER_ACTIVE || report.state == LAYER_DEGRADED);
    return look_around();
}

static void mount_namespace_has_an_empty_read_only_root(void **state)
{
    (void)state;
    need_host("mount_namespace", host_has_namespace(CLONE_NEWNS));
    assert_int_equal(in_child(enter, NULL), 0);
    // And nothing changed out here.
    assert_int_equal(access("/proc/self", F_OK), 0);
}

static int enter_in_chroot(void *context)
{
    (void)context;
    CHECK(chroot("/usr") == 0 && chdir("/") == 0);
    // Somewhere to mount on.
    struct layer_report report;
    mount_namespace_enter(&report);
    if (report.state == LAYER_MISSING)
        return strstr(report.reason, "cannot mount an empty root") != NULL ? 0 : __LINE__;
    CHECK(report.state == LAYER_DEGRADED && strstr(report.reason, "chroot") != NULL);
    return look_around();
}

static void mount_namespace_inside_a_chroot_is_never_called_active(void **state)
{
    (void)state;
    need_host("root", geteuid() == 0);
    assert_int_equal(in_child(enter_in_chroot, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mount_namespace_has_an_empty_read_only_root),
        cmocka_unit_test(mount_namespace_inside_a_chroot_is_never_called_active),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
