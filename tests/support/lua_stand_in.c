// SPDX-License-Identifier: Apache-2.0
// Stands in for the interpreter in tests of the zygote alone. The "code" of a job is one word that says what
// the worker does; the answer to anything else is the context as it came.
#include "base/fd.h"
#include "runtime/lua/lua_selftest.h"
#include "runtime/lua/plugin_run.h"
#include "runtime/protocol/exit_codes.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

struct lua_image {
    bool deterministic;
    int socket;
};

struct lua_image *lua_image_new(const struct lua_image_options *options, struct error *err)
{
    struct lua_image *image = calloc(1, sizeof *image);
    if (image == NULL)
        error_set(err, ERROR_MEMORY, "no memory");
    else
        image->deterministic = options->deterministic;
    return image;
}

void lua_image_free(struct lua_image *image)
{
    free(image);
}

bool lua_selftest(struct error *err)
{
    (void)err;
    return true;
}

const char *lua_image_release(void)
{
    return "Lua 5.4.9";
}

bool lua_image_arm(struct lua_image *image, int socket, struct error *err)
{
    (void)err;
    image->socket = socket;
    return true;
}

size_t lua_image_written(struct lua_image *image, void **ret_start)
{
    *ret_start = image;
    return sizeof *image;
}

uint32_t lua_image_stack(struct lua_image *image, struct stack_frame *ret_frames, uint32_t capacity)
{
    (void)image;
    if (capacity == 0)
        return 0;
    ret_frames[0] = (struct stack_frame){.source = bytes_of_text("main.lua"), .line = 1};
    return 1;
}

static void answer(struct lua_image *image, struct bytes output)
{
    struct buffer frame = buffer_make(1 << 22);
    worker_result_encode(&frame, &(struct worker_result){.outcome = OUTCOME_OK, .output = output});
    if (!buffer_ok(&frame) || !fd_write_all(image->socket, frame.data, frame.length, NULL))
        _exit(EXIT_ENGINE_GONE);
}

void lua_image_run(struct lua_image *image, const struct job *job)
{
    struct bytes code = job->modules[0].code;
    if (bytes_equal_text(code, "spin")) {
        for (volatile unsigned i = 0;; i++) {
        }
    }
    if (bytes_equal_text(code, "crash"))
        __builtin_trap();
    if (bytes_equal_text(code, "denied"))
        syscall(SYS_getppid);
    answer(image, job->context);
    _exit(EXIT_RUN_ENDED);
}
