// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/line_coverage.h"

#include "base/buffer.h"
#include "runtime/lua/chunk_lines.h"
#include "runtime/lua/image.h"
#include "runtime/protocol/coverage.h"
#include "runtime/protocol/frame.h"

#include <stdlib.h>
#include <string.h>

// A line's count; this bit says that the line holds code.
#define HOLDS_CODE UINT32_C(0x80000000)

struct covered_module {
    uint32_t *lines; // by line; NULL: not compiled yet
    uint32_t line_count;
};

struct line_coverage {
    struct covered_module modules[MODULES_MAX];
    uint32_t current; // the module of the last hit
    uint32_t code_lines;
    char *frame; // room for all of them, so that a signal handler needs none
    size_t frame_size;
};

void line_coverage_begin(struct lua_image *image)
{
    image->coverage = calloc(1, sizeof *image->coverage);
}

static void find_last(void *user, uint32_t line)
{
    uint32_t *last = user;
    *last = line > *last ? line : *last;
}

static void mark(void *user, uint32_t line)
{
    const struct covered_module *covered = user;
    if (line < covered->line_count)
        covered->lines[line] |= HOLDS_CODE;
}

static bool make_room(struct line_coverage *coverage, uint32_t code_lines)
{
    size_t body = 4 + ((size_t)coverage->code_lines + code_lines) * COVERAGE_LINE_BYTES;
    size_t size = FRAME_HEADER_SIZE + body + 1;
    char *frame = body <= COVERAGE_BODY_MAX ? realloc(coverage->frame, size) : NULL;
    if (frame == NULL)
        return false;
    coverage->frame = frame;
    coverage->frame_size = size;
    coverage->code_lines += code_lines;
    return true;
}

void line_coverage_add(struct lua_image *image, lua_State *L, const struct job_module *module)
{
    struct line_coverage *coverage = image->coverage;
    struct covered_module *covered = &coverage->modules[module - image->job->modules];
    uint32_t last = 0;
    if (covered->lines != NULL || !chunk_lines_each(L, find_last, &last) || last == UINT32_MAX)
        return;
    struct covered_module found = {.line_count = last + 1, .lines = calloc(last + 1, sizeof(uint32_t))};
    if (found.lines == NULL)
        return;
    chunk_lines_each(L, mark, &found);
    uint32_t code_lines = 0;
    for (uint32_t line = 1; line <= last; line++)
        code_lines += found.lines[line] != 0;
    if (make_room(coverage, code_lines))
        *covered = found;
    else
        free(found.lines);
}

static bool is_module(const struct lua_image *image, uint32_t index, const char *source)
{
    struct bytes name = image->job->modules[index].name;
    return image->coverage->modules[index].lines != NULL && source[0] == '=' &&
           strncmp(source + 1, name.data, name.length) == 0 && source[1 + name.length] == '\0';
}

void line_coverage_hit(struct lua_image *image, lua_State *L, lua_Debug *ar)
{
    struct line_coverage *coverage = image->coverage;
    lua_getinfo(L, "S", ar);
    uint32_t count = image->job->module_count;
    uint32_t index = coverage->current;
    for (uint32_t tried = 0; tried < count && !is_module(image, index, ar->source); tried++)
        index = (index + 1) % count;
    if (!is_module(image, index, ar->source))
        return; // text given to `load`
    coverage->current = index;
    const struct covered_module *covered = &coverage->modules[index];
    uint32_t line = ar->currentline > 0 ? (uint32_t)ar->currentline : 0;
    if (line < covered->line_count && covered->lines[line] >= HOLDS_CODE && covered->lines[line] < UINT32_MAX)
        covered->lines[line]++;
}

static void put_module(struct buffer *out, uint32_t index, const struct covered_module *covered)
{
    for (uint32_t line = 1; line < covered->line_count; line++)
        if (covered->lines[line] >= HOLDS_CODE)
            coverage_encode_line(out, &(struct coverage_line){.module = index,
                                                              .line = line,
                                                              .hits = covered->lines[line] - HOLDS_CODE});
}

const char *line_coverage_frame(struct lua_image *image, size_t *ret_length)
{
    struct line_coverage *coverage = image->coverage;
    if (coverage->frame == NULL)
        return NULL;
    struct buffer fixed = buffer_over(coverage->frame, coverage->frame_size);
    size_t begun = coverage_encode_begin(&fixed, coverage->code_lines);
    for (uint32_t i = 0; i < image->job->module_count; i++)
        if (coverage->modules[i].lines != NULL)
            put_module(&fixed, i, &coverage->modules[i]);
    coverage_encode_end(&fixed, begun);
    *ret_length = fixed.length;
    return buffer_ok(&fixed) ? fixed.data : NULL;
}
