// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/lua/mutate.h"

#include <string.h>

enum { CHANGES_MAX = 4, STATEMENTS_MAX = 24, MODULE_STATEMENTS_MAX = 6, SETTINGS_SHARE = 6 };

static const char *const module_names[] = {"first", "second"};

// What a statement may be put into; it goes where the '$' is.
static const char *const wrappers[] = {
    "pcall(function(...) $ end)",
    "coroutine.wrap(function(...) $ end)(1, 2)",
    "local wrapped = coroutine.create(function(...) $ coroutine.yield() $ end) coroutine.resume(wrapped)",
    "for _ = 1, 3 do $ end",
    "while true do $ end",
    "repeat $ until true",
    "do local closed <close> = setmetatable({}, {__close = function(...) $ end}) end",
    "do local closed <close> = setmetatable({}, {__close = function(...) $ end}) error('out') end",
    "local function again(...) $ return again(...) end again(1)",
    "local function deeper(...) $ return 1, deeper(...) end pcall(deeper)",
    "table.sort({3, 1, 2, 5, 4}, function(...) $ end)",
    "string.gsub('abc', '.', function(...) $ end)",
    "xpcall(error, function(...) $ end)",
    "error(setmetatable({}, {__tostring = function(...) $ end}))",
    "local probed = setmetatable({}, {__index = function(...) $ end}) probed = probed.x",
    "for _ in function(...) $ end do break end",
    "load([==[$]==])()",
};

static void make_modules(struct mutator *mutator, struct buffer *out)
{
    struct grammar *grammar = &mutator->grammar;
    struct choices *choices = grammar->choices;
    grammar_write_statements(grammar, 1 + choose(choices, STATEMENTS_MAX));
    grammar_write(grammar, "last");
    buffer_append_byte(out, '\n');
    for (unsigned i = 0; i < 2 && one_in(choices, 3); i++) {
        buffer_printf(out, "-- module: %s\n", module_names[i]);
        grammar_init(grammar, choices, out, mutator->allowed);
        grammar_write_statements(grammar, choose(choices, MODULE_STATEMENTS_MAX));
        grammar_write(grammar, "last");
        buffer_append_byte(out, '\n');
    }
}

void mutator_make(struct mutator *mutator, struct choices *choices, struct buffer *out)
{
    struct program_settings settings;
    program_settings_choose(choices, &settings);
    program_settings_write(&settings, out);
    grammar_init(&mutator->grammar, choices, out, mutator->allowed);
    make_modules(mutator, out);
}

static const struct span *pick_span(struct choices *choices, const struct shape *shape, enum span_kind kind)
{
    unsigned count = shape->counts[kind];
    return count > 0 ? shape_span(shape, kind, choose(choices, count)) : NULL;
}

// The grammar, writing at the end of `out` with the names of the text in sight.
static struct grammar *grammar_within(struct mutator *mutator, struct choices *choices, struct buffer *out)
{
    struct grammar *grammar = &mutator->grammar;
    const struct shape *shape = &mutator->shape;
    grammar_init(grammar, choices, out, mutator->allowed);
    grammar->budget /= 4;
    grammar->ids = choose(choices, 1000);
    for (unsigned i = 0; i < 8; i++) {
        const struct span *name = pick_span(choices, shape, SPAN_NAME);
        if (name != NULL)
            grammar_add_variable(grammar, shape->text.data + name->from, name->to - name->from);
    }
    return grammar;
}

static void put_span(const struct shape *shape, const struct span *span, struct buffer *out)
{
    struct bytes text = span_text(shape, span);
    // A `return` has to be the last of its block.
    bool last = span->kind == SPAN_STATEMENT && text.length >= 6 && memcmp(text.data, "return", 6) == 0;
    buffer_append_text(out, last ? "do " : "");
    buffer_append(out, text.data, text.length);
    buffer_append_text(out, last ? " end" : "");
}

// A statement or expression of the donor, of the text itself, or of the grammar.
static void put_other(struct mutator *mutator, struct choices *choices, enum span_kind kind,
                      struct buffer *out)
{
    unsigned from = choose(choices, 4);
    const struct shape *shape = from < 2 ? &mutator->donor : &mutator->shape;
    const struct span *span = from < 3 ? pick_span(choices, shape, kind) : NULL;
    buffer_append_byte(out, ' ');
    if (span != NULL && span->to - span->from < PROGRAM_BYTES_MAX / 8)
        put_span(shape, span, out);
    else if (kind == SPAN_STATEMENT)
        grammar_write_statements(grammar_within(mutator, choices, out), 1 + choose(choices, 3));
    else
        grammar_write(grammar_within(mutator, choices, out), "any");
    buffer_append_byte(out, ' ');
}

static void put_wrapped(struct choices *choices, struct bytes text, struct buffer *out)
{
    const char *wrapper = wrappers[choose(choices, sizeof wrappers / sizeof *wrappers)];
    for (; *wrapper != '\0'; wrapper++) {
        if (*wrapper == '$')
            buffer_append(out, text.data, text.length);
        else
            buffer_append_byte(out, *wrapper);
    }
    buffer_append_byte(out, '\n');
}

static void put_noise(struct choices *choices, struct bytes text, struct buffer *out)
{
    static const char signs[] = "()[]{}<>=~+-*/%^#&|.,;:\"'\\ 0129ae_\n\0\x80\xff";
    size_t at = choose(choices, (unsigned)text.length + 1);
    size_t dropped = at < text.length ? choose(choices, 2) : 0;
    buffer_append(out, text.data, at);
    if (dropped == 0 || one_in(choices, 2))
        buffer_append_byte(out, signs[choose(choices, sizeof signs - 1)]);
    buffer_append(out, text.data + at + dropped, text.length - at - dropped);
}

// How one change replaces what a span covers.
enum change { REPLACE, INSERT, DELETE, WRAP, REPEAT, CHANGES };

static void put_change(struct mutator *mutator, struct choices *choices, const struct span *span,
                       struct buffer *out)
{
    struct bytes old = span_text(&mutator->shape, span);
    enum change change = span->kind == SPAN_EXPRESSION ? REPLACE : (enum change)choose(choices, CHANGES);
    if (change == WRAP) {
        put_wrapped(choices, old, out);
        return;
    }
    if (change != DELETE && change != REPEAT)
        put_other(mutator, choices, span->kind, out);
    if (change == REPEAT)
        put_span(&mutator->shape, span, out);
    buffer_append_byte(out, '\n');
    if (change == INSERT || change == REPEAT)
        buffer_append(out, old.data, old.length);
}

// Appends `text` with one change.
static void change_once(struct mutator *mutator, struct choices *choices, struct bytes text,
                        struct buffer *out)
{
    shape_read(&mutator->shape, text);
    enum span_kind kind = one_in(choices, 2) ? SPAN_STATEMENT : SPAN_EXPRESSION;
    const struct span *span = pick_span(choices, &mutator->shape, kind);
    if (span == NULL || one_in(choices, 24)) {
        put_noise(choices, text, out);
        return;
    }
    buffer_append(out, text.data, span->from);
    put_change(mutator, choices, span, out);
    buffer_append(out, text.data + span->to, text.length - span->to);
}

void mutator_mutate(struct mutator *mutator, struct choices *choices, struct bytes program,
                    struct bytes donor, struct buffer *out)
{
    struct program_settings settings;
    struct job_module modules[PROGRAM_MODULES_MAX], donors[PROGRAM_MODULES_MAX];
    struct bytes source = program_settings_read(program, &settings);
    if (source.data == program.data)
        program_settings_choose(choices, &settings); // it had none
    unsigned count = program_split(source, modules);
    unsigned donor_count = program_split(program_settings_read(donor, &(struct program_settings){0}), donors);
    shape_read(&mutator->donor, donors[choose(choices, donor_count)].code);
    if (one_in(choices, SETTINGS_SHARE))
        program_settings_mutate(choices, &settings);
    unsigned changed = one_in(choices, 3) ? choose(choices, count) : 0;
    struct buffer texts[2] = {buffer_make(PROGRAM_BYTES_MAX), buffer_make(PROGRAM_BYTES_MAX)};
    unsigned changes = 1 + choose(choices, CHANGES_MAX);
    for (unsigned i = 0; i < changes; i++) {
        struct buffer *next = &texts[i % 2];
        buffer_clear(next);
        change_once(mutator, choices, modules[changed].code, next);
        if (!buffer_ok(next))
            break; // too long by now
        modules[changed].code = bytes_of(next->data, next->length);
    }
    program_settings_write(&settings, out);
    program_join(modules, count, out);
    buffer_free(&texts[0]);
    buffer_free(&texts[1]);
}
