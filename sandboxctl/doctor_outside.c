// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/doctor_outside.h"

#include "base/cleanup.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATUS_SIZE = 8192, ANCESTORS = 3 }; // worker, zygote, its outer process, this one

static bool read_status(int64_t pid, char text[STATUS_SIZE])
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%lld/status", (long long)pid);
    autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t length = read(fd, text, STATUS_SIZE - 1);
    if (length <= 0)
        return false;
    text[length] = '\0';
    return true;
}

// The text after "\nNAME:" and white space, up to the line's end, in `ret_value`.
static bool field(const char *status, const char *name, char *ret_value, size_t size)
{
    char start[32];
    snprintf(start, sizeof start, "\n%s:", name);
    const char *found = strstr(status, start);
    if (found == NULL)
        return false;
    found += strlen(start);
    found += strspn(found, "\t ");
    snprintf(ret_value, size, "%.*s", (int)strcspn(found, "\n"), found);
    return true;
}

static int64_t number_of(const char *status, const char *name, int base)
{
    char value[128];
    return field(status, name, value, sizeof value) ? strtoll(value, NULL, base) : -1;
}

static bool is_descendant(const char *status)
{
    char ancestor[STATUS_SIZE];
    int64_t parent = number_of(status, "PPid", 10);
    for (int i = 0; i < ANCESTORS && parent > 1; i++) {
        if (parent == getpid())
            return true;
        if (!read_status(parent, ancestor))
            return false;
        parent = number_of(ancestor, "PPid", 10);
    }
    return parent == getpid();
}

static bool is_the_worker(const char *status, int64_t inner_pid)
{
    static const char name[] = "Name:\tsandbox-worker\n";
    char numbers[128];
    if (strncmp(status, name, sizeof name - 1) != 0 || !field(status, "NSpid", numbers, sizeof numbers))
        return false;
    const char *innermost = strrchr(numbers, '\t');
    return strtoll(innermost != NULL ? innermost + 1 : numbers, NULL, 10) == inner_pid &&
           is_descendant(status);
}

static bool find_worker(int64_t inner_pid, char status[STATUS_SIZE])
{
    DIR *processes = opendir("/proc");
    bool found = false;
    struct dirent *entry;
    while (processes != NULL && !found && (entry = readdir(processes)) != NULL)
        found = isdigit((unsigned char)entry->d_name[0]) &&
                read_status(strtoll(entry->d_name, NULL, 10), status) && is_the_worker(status, inner_pid);
    if (processes != NULL)
        closedir(processes);
    return found;
}

static void check_capabilities(const char *status, struct doctor_report *report)
{
    static const char *const sets[] = {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"};
    char found[96] = "none in any set";
    bool held = true;
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        char value[32] = "not told";
        field(status, sets[i], value, sizeof value);
        if (strspn(value, "0") == strlen(value))
            continue;
        held = false;
        snprintf(found, sizeof found, "%s is %s", sets[i], value);
    }
    doctor_report_add_check(report, "privileges of the host's kernel", LAYER_CAPABILITIES, held, found);
}

void doctor_look_from_outside(int64_t inner_pid, struct doctor_report *report)
{
    char status[STATUS_SIZE], found[96];
    if (!find_worker(inner_pid, status)) {
        doctor_report_add_check(report, "its process, by /proc", LAYER_PID_NAMESPACE, true,
                                "/proc does not show it: not looked at");
        return;
    }
    int64_t uid = number_of(status, "Uid", 10), gid = number_of(status, "Gid", 10);
    snprintf(found, sizeof found, "uid %lld, gid %lld", (long long)uid, (long long)gid);
    doctor_report_add_check(report, "root on the host",
                            geteuid() == 0 && report->probed[ROUND_WHOLE].layer[LAYER_DEDICATED_UID].state ==
                                                  LAYER_ACTIVE
                                ? LAYER_DEDICATED_UID
                                : LAYER_USER_NAMESPACE,
                            uid > 0 && gid > 0, found);
    check_capabilities(status, report);
    int64_t no_new = number_of(status, "NoNewPrivs", 10), filter = number_of(status, "Seccomp", 10);
    doctor_report_add_check(report, "privileges by executing a file", LAYER_NO_NEW_PRIVS, no_new == 1,
                            no_new == 1 ? "none to be gained" : "no_new_privs is not set");
    snprintf(found, sizeof found, "filter mode %lld", (long long)filter);
    doctor_report_add_check(report, "system calls without a filter", LAYER_SECCOMP, filter == 2, found);
}
