// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/findings_report.h"

#include "base/cleanup.h"
#include "base/utf8.h"
#include "sandboxctl/text_style.h"

#include <inttypes.h>
#include <string.h>

enum { EXCERPT_WIDTH = 100, BEFORE_WIDTH = 60 }; // characters; of a longer line, those around the place

static bool continues(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

static struct bytes line_of(const struct bundle_module *module, uint32_t wanted)
{
    const char *at = module->code;
    const char *end = module->code + module->length;
    for (uint32_t line = 1; line < wanted && at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline != NULL ? newline + 1 : end;
    }
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    const char *stop = newline != NULL ? newline : end;
    if (stop > at && stop[-1] == '\r')
        stop--;
    return bytes_of(at, (size_t)(stop - at));
}

// Passes over `count` characters at most.
static size_t skip_characters(struct bytes text, size_t offset, uint32_t count)
{
    while (count-- > 0 && offset < text.length) {
        offset++;
        while (offset < text.length && continues(text.data[offset]))
            offset++;
    }
    return offset;
}

static void put_clean(FILE *out, struct bytes text)
{
    struct buffer clean = buffer_make(4 * EXCERPT_WIDTH * sizeof("\xef\xbf\xbd"));
    utf8_put_clean(&clean, text, clean.maximum);
    put_foreign_lines(out, bytes_of(clean.data, clean.length));
    buffer_free(&clean);
}

static void put_marks(FILE *out, bool colour, struct bytes before, uint32_t width)
{
    fputs("        | ", out);
    for (size_t i = 0; i < before.length; i++)
        if (!continues(before.data[i]))
            fputc(before.data[i] == '\t' ? '\t' : ' ', out);
    fputs(style_begin(colour, STYLE_BOLD), out);
    for (uint32_t i = 0; i < width; i++)
        fputc('^', out);
    fprintf(out, "%s\n", style_end(colour));
}

static void put_excerpt(FILE *out, bool colour, const struct bundle_module *module,
                        const struct finding *place)
{
    struct bytes line = line_of(module, place->line);
    uint32_t column = place->column > 0 ? place->column : 1;
    uint32_t first = column > BEFORE_WIDTH ? column - BEFORE_WIDTH : 1;
    size_t from = skip_characters(line, 0, first - 1);
    size_t mark = skip_characters(line, from, column - first);
    size_t to = skip_characters(line, from, EXCERPT_WIDTH);
    fprintf(out, "  %5" PRIu32 " | ", place->line);
    put_clean(out, bytes_of(line.data + from, to - from));
    fputc('\n', out);
    uint32_t room = first + EXCERPT_WIDTH - column;
    uint32_t width = place->end_column > column ? place->end_column - column : 1;
    if (place->column > 0)
        put_marks(out, colour, bytes_of(line.data + from, mark - from), width < room ? width : room);
}

static void put_finding(FILE *out, bool colour, const char *manifest, const struct bundle *bundle,
                        const struct finding *finding)
{
    const struct bundle_module *module = finding->module > 0 ? &bundle->modules[finding->module - 1] : NULL;
    const struct validation_code_info *code = &validation_code_table[finding->code];
    enum style style = code->severity == VALIDATION_ERROR ? STYLE_BAD : STYLE_WARN;
    put_foreign(out, module != NULL ? module->path : manifest, 0);
    if (finding->line > 0)
        fprintf(out, ":%" PRIu32, finding->line);
    if (finding->column > 0)
        fprintf(out, ":%" PRIu32, finding->column);
    fprintf(out, ": %s%s%s: ", style_begin(colour, style), validation_severity_name(code->severity),
            style_end(colour));
    put_foreign_lines(out, bytes_of_text(finding->message));
    fprintf(out, " [%s]\n", code->name);
    if (module != NULL && finding->line > 0)
        put_excerpt(out, colour, module, finding);
}

static const char *ending(size_t count)
{
    return count == 1 ? "" : "s";
}

void findings_report(FILE *out, bool colour, const char *plugin, const struct bundle *bundle,
                     const struct validation *validation)
{
    const struct findings *findings = validation_findings(validation);
    size_t errors = 0;
    for (size_t i = 0; i < findings->count; i++) {
        put_finding(out, colour, bundle->manifest != NULL ? bundle->manifest : plugin, bundle,
                    &findings->items[i]);
        errors += validation_code_table[findings->items[i].code].severity == VALIDATION_ERROR;
    }
    size_t warnings = findings->count - errors;
    fprintf(out, "%s: ", plugin);
    if (findings->count == 0)
        fputs("nothing to find fault with\n", out);
    else
        fprintf(out, "%zu error%s, %zu warning%s\n", errors, ending(errors), warnings, ending(warnings));
}
