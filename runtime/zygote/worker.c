// SPDX-License-Identifier: Apache-2.0
#include "runtime/zygote/worker.h"

#include "base/fd.h"
#include "runtime/protocol/codec.h"
#include "runtime/protocol/exit_codes.h"
#include "runtime/protocol/frame.h"
#include "runtime/protocol/job_messages.h"
#include "runtime/protocol/limits.h"
#include "runtime/zygote/confine.h"
#include "runtime/zygote/own_pages.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const char title_name[] = "sandbox-worker";

// Small jobs are whole in the first read, and share a page of the stack with what runs them.
enum { FIRST_READ_BYTES = 2048 };

// What a short run uses of the stack, below the frame that waits for it.
enum { STACK_BYTES_USED = 12288 };

// Without a pid namespace nothing else would end a worker with its zygote.
static void die_with(pid_t zygote)
{
    if (zygote != 0 && (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != zygote))
        _exit(EXIT_CONFINEMENT);
}

static struct frame_rules job_only(void)
{
    uint64_t text = run_limit_table[LIMIT_CODE_BYTES].maximum + run_limit_table[LIMIT_CONTEXT_BYTES].maximum;
    uint64_t beside = 4096 + MODULES_MAX * (MODULE_NAME_MAX + 16);
    return (struct frame_rules){.maximum = {[FRAME_JOB] = (uint32_t)(text + beside)}};
}

static size_t read_some(char *into, size_t size)
{
    ssize_t count;
    do
        count = read(WORKER_SOCKET_FD, into, size);
    while (count < 0 && errno == EINTR);
    return count > 0 ? (size_t)count : 0;
}

// Blocks until the job is there. Its body is in `first` or in memory that lives as long as the process.
static struct bytes read_job(char *first, size_t size)
{
    const struct frame_rules rules = job_only();
    char *data = first;
    size_t length = read_some(first, size);
    if (length == 0)
        _exit(EXIT_IDLE_CLOSED);
    for (;;) {
        struct frame frame;
        size_t used;
        enum frame_status status = frame_next(bytes_of(data, length), &rules, &frame, &used);
        if (status == FRAME_COMPLETE && used == length)
            return frame.body;
        if (status != FRAME_INCOMPLETE)
            _exit(EXIT_JOB_MALFORMED);
        if (length == size) {
            // The header was checked: its length is within the rules. No more than that is taken, since it
            // counts against the address space that the plugin's own memory needs.
            struct reader header = reader_make(bytes_of(data, length));
            size = FRAME_HEADER_SIZE + (size_t)get_u32(&header);
            data = malloc(size);
            if (data == NULL)
                _exit(EXIT_INTERPRETER);
            memcpy(data, first, length);
        }
        size_t more = read_some(data + length, size - length);
        if (more == 0)
            _exit(EXIT_ENGINE_GONE);
        length += more;
    }
}

static void show_run(const struct worker_plan *plan, struct bytes run_id)
{
    char text[RUN_ID_SIZE + 1] = "";
    if (run_id.length <= RUN_ID_SIZE)
        memcpy(text, run_id.data, run_id.length);
    process_title_set(&plan->title, title_name, plan->policy_name, text);
}

void worker_live(const struct worker_plan *plan, int socket)
{
    die_with(plan->dies_with);
    prctl(PR_SET_NAME, title_name, 0, 0, 0);
    process_title_set(&plan->title, title_name, plan->policy_name, "idle");
    if (!lua_image_arm(plan->image, WORKER_SOCKET_FD, NULL))
        _exit(EXIT_CONFINEMENT);
    void *written;
    size_t length = lua_image_written(plan->image, &written);
    own_pages(written, length);
    own_stack(STACK_BYTES_USED);
    confine_worker(socket, plan->cpu_ms_max, &plan->program);
    char first[FIRST_READ_BYTES];
    struct bytes body = read_job(first, sizeof first);
    struct job job;
    if (!job_decode(body, &job))
        _exit(EXIT_JOB_MALFORMED);
    confine_run(&job, body.length, plan->address_space_max);
    show_run(plan, job.run_id);
    lua_image_run(plan->image, &job);
}
