// SPDX-License-Identifier: Apache-2.0
// A validation from its beginning to its end, for a thread that may wait.
#include "base/cleanup.h"
#include "base/require.h"
#include "base/uuid.h"
#include "validation/validation.h"

#include <pthread.h>
#include <stdlib.h>

struct waiting {
    pthread_mutex_t lock;
    pthread_cond_t over;
    struct validation *validation;
    bool ended;
    bool taken;
    struct error err;
};

static void job_done(void *user, const struct run_result *result)
{
    struct waiting *waiting = user;
    require(pthread_mutex_lock(&waiting->lock) == 0);
    waiting->taken = validation_take(waiting->validation, result, &waiting->err);
    waiting->ended = true;
    // Under the lock: whoever waits takes `waiting` apart right after.
    require(pthread_cond_signal(&waiting->over) == 0);
    require(pthread_mutex_unlock(&waiting->lock) == 0);
}

static bool refused(struct engine *engine, enum admission admission, struct error *err)
{
    char problem[ERROR_TEXT_SIZE] = "";
    switch (admission) {
    case REFUSED_QUEUE_FULL:
        return error_set(err, ERROR_LIMIT, "too many runs are waiting already; try again");
    case REFUSED_STOPPING:
        return error_set(err, ERROR_CLOSED, "the server is stopping");
    case REFUSED_MEMORY:
        return error_set(err, ERROR_UNSUPPORTED,
                         "a validation needs more memory than all runs together may have");
    case REFUSED_POLICY_DOWN:
        engine_policy_problem(engine, engine_validation_pool, problem, sizeof problem);
        return error_set(err, ERROR_UNSUPPORTED, "nothing can be validated on this host: %s", problem);
    default:
        return error_set(err, ERROR_MEMORY, "no memory for a validation");
    }
}

static bool submit_and_wait(struct engine *engine, const struct validation_input *input,
                            struct validation *validation, struct error *err)
{
    autofree struct run_request *request = malloc(sizeof *request);
    if (request == NULL)
        return error_set(err, ERROR_MEMORY, "no memory for a validation");
    struct waiting waiting = {.validation = validation};
    require(pthread_mutex_init(&waiting.lock, NULL) == 0 && pthread_cond_init(&waiting.over, NULL) == 0);
    validation_request(validation, input, request);
    uuid_v7(request->run_id);
    request->done = job_done;
    request->user = &waiting;
    enum admission admission = engine_submit(engine, request);
    require(pthread_mutex_lock(&waiting.lock) == 0);
    while (admission == ADMITTED && !waiting.ended)
        require(pthread_cond_wait(&waiting.over, &waiting.lock) == 0);
    require(pthread_mutex_unlock(&waiting.lock) == 0);
    pthread_cond_destroy(&waiting.over);
    pthread_mutex_destroy(&waiting.lock);
    if (admission != ADMITTED)
        return refused(engine, admission, err);
    if (!waiting.taken && err != NULL)
        *err = waiting.err;
    return waiting.taken;
}

struct validation *validation_run(struct engine *engine, const struct validation_input *input,
                                  struct error *err)
{
    struct validation *validation = validation_new(input, err);
    if (validation == NULL)
        return NULL;
    if (validation_needs_worker(validation) && !submit_and_wait(engine, input, validation, err)) {
        validation_free(validation);
        return NULL;
    }
    return validation;
}
