// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/progress.h"

#include "base/clock.h"

#include <unistd.h>

enum { QUIET_MS = 1000, STEP_MS = 100 };

struct progress progress_begin(FILE *out, bool quiet, const char *noun, size_t total)
{
    return (struct progress){
        .out = !quiet && isatty(fileno(out)) ? out : NULL,
        .noun = noun,
        .total = total,
        .begun_ns = clock_monotonic_ns(),
    };
}

void progress_at(struct progress *progress, uint64_t now_ns, size_t done)
{
    if (progress->out == NULL || now_ns < progress->begun_ns + QUIET_MS * NS_PER_MS ||
        now_ns < progress->shown_ns + STEP_MS * NS_PER_MS)
        return;
    progress->shown_ns = now_ns;
    if (progress->total > 0)
        fprintf(progress->out, "\r%zu of %zu %s", done, progress->total, progress->noun);
    else
        fprintf(progress->out, "\r%s, %u s", progress->noun,
                (unsigned)((now_ns - progress->begun_ns) / (1000 * NS_PER_MS)));
    fflush(progress->out);
}

void progress_end(struct progress *progress)
{
    if (progress->shown_ns != 0)
        fputs("\r\033[K", progress->out);
    progress->shown_ns = 0;
}
