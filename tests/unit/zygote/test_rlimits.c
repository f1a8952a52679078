// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/rlimits.h"

#include "runtime/protocol/worker_memory.h"
#include "tests/support/cmocka_all.h"
#include "tests/support/in_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MIB (1ULL << 20)

static int of_zygote(void *context)
{
    (void)context;
    struct layer_report report;
    const struct zygote_setup setup = {.memory_bytes_max = 100 * MIB};
    rlimits_set_for_zygote(&setup, &report);
    CHECK(report.state == LAYER_ACTIVE);
    if (geteuid() == 0) // root locks memory whatever the limit is
        CHECK(setresuid(65533, 65533, 65533) == 0);
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    CHECK(mmap(NULL, 200 * MIB, PROT_READ | PROT_WRITE, flags, -1, 0) != MAP_FAILED);
    CHECK(mmap(NULL, 200 * MIB, PROT_READ | PROT_WRITE, flags, -1, 0) == MAP_FAILED);
    CHECK(mlock(&report, 1) != 0);
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 0);
    CHECK(getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_max == 0);
    CHECK(getrlimit(RLIMIT_MSGQUEUE, &limit) == 0 && limit.rlim_max == 0);
    // It must still be able to fork and to take a batch of descriptors.
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max > SPAWN_BATCH_MAX + 4);
    return 0;
}

static void rlimits_of_the_zygote_bound_memory_and_refuse_files(void **state)
{
    (void)state;
    assert_int_equal(in_child(of_zygote, NULL), 0);
}

static int with_room_for_frames(void *context)
{
    (void)context;
    struct layer_report report;
    const struct zygote_setup setup = {
        .memory_bytes_max = 16 * MIB, .output_bytes_max = 64 * MIB, .job_bytes_max = 32 * MIB};
    rlimits_set_for_zygote(&setup, &report);
    CHECK(report.state == LAYER_ACTIVE);
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_AS, &limit) == 0 &&
          limit.rlim_max == (64 + 16 + 6 + 1 + 16 * 5 / 2 + 16 + 3 * 64 + 3 * 32) * MIB);
    return 0;
}

static void rlimits_of_the_zygote_leave_room_for_the_job_and_its_answer(void **state)
{
    (void)state;
    assert_int_equal(in_child(with_room_for_frames, NULL), 0);
}

static int of_worker(void *context)
{
    (void)context;
    if (geteuid() == 0)
        CHECK(setresuid(65533, 65533, 65533) == 0);
    CHECK(rlimits_set_for_worker(1500));
    CHECK(fork() < 0 && errno == EAGAIN);
    CHECK(open("/dev/null", O_RDONLY) < 0 && errno == EMFILE);
    CHECK(dup(1) < 0);
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_CPU, &limit) == 0 && limit.rlim_cur == 3 && limit.rlim_max == 4);
    limit.rlim_cur = limit.rlim_max = 100;
    CHECK(setrlimit(RLIMIT_CPU, &limit) != 0 && errno == EPERM);
    return 0;
}

static void rlimits_of_a_worker_refuse_processes_and_descriptors_for_good(void **state)
{
    (void)state;
    assert_int_equal(in_child(of_worker, NULL), 0);
}

static int spin(void *context)
{
    (void)context;
    CHECK(rlimits_set_for_worker(0));
    for (volatile unsigned i = 0;; i++) {
    }
}

static void rlimits_of_a_worker_end_it_when_nothing_else_did(void **state)
{
    (void)state;
    assert_int_equal(in_child(spin, NULL), -SIGXCPU);
}

static int of_run(void *context)
{
    (void)context;
    if (geteuid() == 0)
        CHECK(setresuid(65533, 65533, 65533) == 0);
    const struct job job = {
        .limits = {.value = {[LIMIT_MEMORY_BYTES] = 32 * MIB, [LIMIT_OUTPUT_BYTES] = MIB}}};
    CHECK(rlimits_set_for_run(&job, MIB, rlimits_address_space()));
    struct rlimit limit;
    rlim_t expected = worker_address_space_max(&job.limits, MIB, false);
    CHECK(getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur == expected && limit.rlim_max == expected);
    CHECK(mmap(NULL, 200 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
    CHECK(errno == ENOMEM);
    // What the filter lets a worker do: again, but never upwards.
    limit.rlim_max++;
    CHECK(syscall(SYS_setrlimit, RLIMIT_AS, &limit) != 0 && errno == EPERM);
    CHECK(!rlimits_set_for_run(&job, 2 * MIB, UINT64_MAX) && errno == EPERM);
    // Where the host gave less than the run could need, it goes on with that.
    CHECK(rlimits_set_for_run(&job, 2 * MIB, rlimits_address_space()));
    CHECK(getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_max == expected);
    return 0;
}

static void rlimits_of_a_run_bound_its_own_memory_for_good(void **state)
{
    (void)state;
    assert_int_equal(in_child(of_run, NULL), 0);
}

static int below_the_hosts(void *context)
{
    (void)context;
    struct rlimit limit = {.rlim_cur = 20, .rlim_max = 20};
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    struct layer_report report;
    const struct zygote_setup setup = {.memory_bytes_max = 100 * MIB};
    rlimits_set_for_zygote(&setup, &report);
    CHECK(report.state == LAYER_ACTIVE);
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max == 20);
    return 0;
}

static void rlimits_never_rise_above_what_the_host_gave(void **state)
{
    (void)state;
    assert_int_equal(in_child(below_the_hosts, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rlimits_of_the_zygote_bound_memory_and_refuse_files),
        cmocka_unit_test(rlimits_of_the_zygote_leave_room_for_the_job_and_its_answer),
        cmocka_unit_test(rlimits_of_a_worker_refuse_processes_and_descriptors_for_good),
        cmocka_unit_test(rlimits_of_a_worker_end_it_when_nothing_else_did),
        cmocka_unit_test(rlimits_of_a_run_bound_its_own_memory_for_good),
        cmocka_unit_test(rlimits_never_rise_above_what_the_host_gave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
