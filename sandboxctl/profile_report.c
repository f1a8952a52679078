// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/profile_report.h"

#include "base/utf8.h"
#include "runtime/engine/profile_json.h"
#include "sandboxctl/flame_graph.h"
#include "sandboxctl/report.h"
#include "sandboxctl/text_style.h"
#include "sandboxctl/whole_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_SHOWN = 10, TEXT_WIDTH = 60 };

struct written_profile {
    const struct profile *profile;
    const char *title;
};

static void put_svg(FILE *out, const void *user)
{
    const struct written_profile *written = user;
    flame_graph_put(out, written->profile, written->title);
}

static void put_folded(FILE *out, const struct profile *profile, bool memory)
{
    for (uint32_t i = 0; i < profile->node_count; i++) {
        const struct profile_cost *self = &profile->nodes[i].self;
        uint64_t cost = memory ? self->bytes : self->cpu_ns / 1000;
        if (cost == 0)
            continue;
        struct buffer stack = buffer_make(SIZE_MAX);
        profile_put_stack(&stack, profile, i);
        if (buffer_ok(&stack))
            fprintf(out, "%s %" PRIu64 "\n", stack.data, cost);
        buffer_free(&stack);
    }
}

static void put_folded_cpu(FILE *out, const void *user)
{
    put_folded(out, ((const struct written_profile *)user)->profile, false);
}

static void put_folded_memory(FILE *out, const void *user)
{
    put_folded(out, ((const struct written_profile *)user)->profile, true);
}

// The first that a path ends in counts.
static const struct form {
    const char *ending;
    void (*put)(FILE *out, const void *user);
} forms[] = {
    {".svg", put_svg},
    {".bytes.folded", put_folded_memory},
    {".folded", put_folded_cpu},
};

static const struct form *form_of(const char *path)
{
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t ending = strlen(forms[i].ending);
        if (length > ending && strcmp(path + length - ending, forms[i].ending) == 0)
            return &forms[i];
    }
    return NULL;
}

bool profile_path_check(const char *path, struct error *err)
{
    return form_of(path) != NULL ||
           error_set(err, ERROR_INVALID,
                     "--profile %s: expected a name that ends in .svg, .folded or .bytes.folded", path);
}

bool profile_write(const char *path, const struct profile *profile, const char *title, struct error *err)
{
    const struct form *form = form_of(path);
    if (form == NULL)
        return profile_path_check(path, err);
    return replace_whole_file(path, form->put, &(struct written_profile){profile, title}, err);
}

static int compare_lines(const void *left, const void *right)
{
    const struct profile_line *a = *(const struct profile_line *const *)left;
    const struct profile_line *b = *(const struct profile_line *const *)right;
    if (a->self.cpu_ns != b->self.cpu_ns)
        return a->self.cpu_ns > b->self.cpu_ns ? -1 : 1;
    return (a->self.bytes < b->self.bytes) - (a->self.bytes > b->self.bytes);
}

// The text of a line, without the blanks in front; empty if there is none.
static struct bytes line_text(const struct bundle *bundle, struct bytes source, uint32_t line)
{
    const struct bundle_module *module = bundle_find_module(bundle, source);
    if (module == NULL)
        return bytes_of("", 0);
    const char *at = module->code, *end = module->code + module->length;
    for (; at < end && line > 1; line--) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline != NULL ? newline + 1 : end;
    }
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    return bytes_of(at, (size_t)((newline != NULL ? newline : end) - at));
}

static void put_line(FILE *out, bool colour, const struct profile *profile, const struct profile_line *line,
                     uint64_t cpu_ns, const struct bundle *bundle)
{
    char memory[FIGURE_SIZE];
    double share = cpu_ns > 0 ? 100.0 / (double)cpu_ns : 0;
    struct bytes source = profile->sources[line->source];
    struct bytes text = line_text(bundle, source, line->line);
    if (text.length > TEXT_WIDTH)
        text.length = utf8_cut(text, TEXT_WIDTH);
    fprintf(out, "  %5.1f %%  %5.1f %%  %10s  %s", (double)line->self.cpu_ns * share,
            (double)line->total.cpu_ns * share, figure_bytes(line->self.bytes, memory),
            style_begin(colour, STYLE_BOLD));
    put_foreign_lines(out, source);
    fprintf(out, ":%" PRIu32 "%s  ", line->line, style_end(colour));
    put_foreign_lines(out, text);
    fputc('\n', out);
}

void profile_report_lines(FILE *out, bool colour, const struct profile *profile, const struct bundle *bundle)
{
    const struct profile_line *sorted[PROFILE_LINES_MAX];
    uint64_t cpu_ns = 0;
    for (uint32_t i = 0; i < profile->node_count; i++)
        cpu_ns += profile->nodes[i].self.cpu_ns;
    for (uint32_t i = 0; i < profile->line_count; i++)
        sorted[i] = &profile->lines[i];
    qsort(sorted, profile->line_count, sizeof *sorted, compare_lines);
    if (profile->line_count == 0) {
        fputs("no samples: the run was too short to be profiled\n", out);
        return;
    }
    fprintf(out, "%s  CPU alone with calls   allocated  line%s\n", style_begin(colour, STYLE_DIM),
            style_end(colour));
    for (uint32_t i = 0; i < profile->line_count && i < LINES_SHOWN; i++)
        put_line(out, colour, profile, sorted[i], cpu_ns, bundle);
}
