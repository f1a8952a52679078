// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/system/process.h"

#include "base/clock.h"

#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static uint64_t count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL)
        return 0;
    uint64_t count = 0;
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count > 3 ? count - 3 : 0; // ".", ".." and the folder itself
}

// Fields 23 and 24 of /proc/self/stat.
static bool read_stat(unsigned long long *ret_virtual, long *ret_pages)
{
    char text[1024];
    FILE *file = fopen("/proc/self/stat", "re");
    if (file == NULL)
        return false;
    size_t length = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[length] = '\0';
    const char *rest = strrchr(text, ')'); // the name before it may hold anything
    if (rest == NULL)
        return false;
    return sscanf(rest + 1,
                  " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %*u %llu %ld",
                  ret_virtual, ret_pages) == 2;
}

bool process_read_figures(struct process_figures *ret_figures)
{
    unsigned long long virtual_bytes;
    long pages;
    if (!read_stat(&virtual_bytes, &pages))
        return false;
    struct rlimit limit = {0};
    getrlimit(RLIMIT_NOFILE, &limit);
    *ret_figures = (struct process_figures){
        .cpu_seconds = (double)clock_process_cpu_ns() / 1e9,
        .resident_bytes = (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE),
        .virtual_bytes = virtual_bytes,
        .open_fds = count_descriptors(),
        .max_fds = limit.rlim_cur,
    };
    return true;
}

void process_raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit); // where it fails, the old limit stands, and /metrics shows it
    }
}

uint32_t process_cores(void)
{
    cpu_set_t cores;
    return sched_getaffinity(0, sizeof cores, &cores) == 0 ? (uint32_t)CPU_COUNT(&cores) : 0;
}
