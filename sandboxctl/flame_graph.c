// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/flame_graph.h"

#include "runtime/engine/profile_json.h"
#include "sandboxctl/text_style.h"
#include "sandboxctl/xml_text.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    WIDTH = 1200,
    MARGIN = 10,
    ROW = 17,
    TITLE_ROW = 40,
    SECTION_ROW = 34,
    LETTER_WIDTH = 7, // of the monospaced font, at most
    NAME_MAX_BYTES = PROFILE_NAME_MAX + MODULE_NAME_MAX + 16,
};
static const double narrowest = 0.3; // pixels; what is narrower cannot be seen

// One of the two graphs.
struct graph {
    const struct profile *profile;
    const char *heading;
    uint64_t (*cost)(const struct profile_cost *cost);
    const char *(*format)(uint64_t cost, char text[FIGURE_SIZE]);
    uint64_t total;
    unsigned rows;
    struct flame {
        uint64_t cost;  // with what it called
        uint64_t start; // from the left
        uint64_t next;  // where the next function that it called begins
        unsigned depth;
    } flames[PROFILE_NODES_MAX];
};

static uint64_t cpu_us(const struct profile_cost *cost)
{
    return cost->cpu_ns / 1000;
}

static uint64_t allocated_bytes(const struct profile_cost *cost)
{
    return cost->bytes;
}

static void lay_out(struct graph *graph)
{
    const struct profile *profile = graph->profile;
    for (uint32_t i = 0; i < profile->node_count; i++)
        graph->flames[i] = (struct flame){.cost = graph->cost(&profile->nodes[i].self)};
    // Callers come before what they call.
    for (uint32_t i = profile->node_count; i > 0; i--) {
        uint32_t parent = profile->nodes[i - 1].parent;
        *(parent > 0 ? &graph->flames[parent - 1].cost : &graph->total) += graph->flames[i - 1].cost;
    }
    uint64_t next = 0;
    for (uint32_t i = 0; i < profile->node_count; i++) {
        uint32_t parent = profile->nodes[i].parent;
        struct flame *flame = &graph->flames[i];
        uint64_t *place = parent > 0 ? &graph->flames[parent - 1].next : &next;
        flame->start = *place;
        flame->next = flame->start;
        *place += flame->cost;
        flame->depth = parent > 0 ? graph->flames[parent - 1].depth + 1 : 1;
        if (flame->cost > 0 && flame->depth > graph->rows)
            graph->rows = flame->depth;
    }
}

// Lua in warm colours, C in cool ones; a function has the same everywhere.
static void put_colour(FILE *out, const char *name, bool in_c)
{
    uint32_t hash = 2166136261u;
    for (const char *at = name; *at != '\0'; at++)
        hash = (hash ^ (unsigned char)*at) * 16777619u;
    unsigned hue = in_c ? 175 + hash % 50 : 15 + hash % 40;
    fprintf(out, "hsl(%u,%u%%,%u%%)", hue, 55 + (hash >> 8) % 20, 66 + (hash >> 16) % 10);
}

// Bytes of the first `letters` characters.
static size_t length_of_letters(const char *text, size_t letters)
{
    size_t at = 0;
    for (; text[at] != '\0'; at++) {
        bool begins = ((unsigned char)text[at] & 0xc0) != 0x80;
        if (begins && letters-- == 0)
            break;
    }
    return at;
}

// As much as fits, with ".." for the rest; nothing if there is no room for a few letters.
static void put_label(FILE *out, const char *name, double width)
{
    size_t room = width > 6 ? (size_t)(width - 6) / LETTER_WIDTH : 0;
    if (room < 3)
        return;
    bool cut = name[length_of_letters(name, room)] != '\0';
    char text[NAME_MAX_BYTES + 1];
    snprintf(text, sizeof text, "%.*s", (int)length_of_letters(name, cut ? room - 2 : room), name);
    xml_put(out, text);
    fputs(cut ? ".." : "", out);
}

static void put_flame(FILE *out, const struct graph *graph, uint32_t index, unsigned bottom)
{
    const struct flame *flame = &graph->flames[index];
    const struct profile *profile = graph->profile;
    uint32_t function = profile->nodes[index].function;
    double scale = (double)(WIDTH - 2 * MARGIN) / (double)graph->total;
    double width = (double)flame->cost * scale;
    if (width < narrowest)
        return;
    struct buffer name = buffer_make(NAME_MAX_BYTES);
    profile_put_function(&name, profile, function);
    const char *shown = buffer_ok(&name) && name.length > 0 ? name.data : "?";
    char cost[FIGURE_SIZE], self[FIGURE_SIZE];
    double x = MARGIN + (double)flame->start * scale;
    unsigned y = bottom - flame->depth * ROW;
    fputs("<g><title>", out);
    xml_put(out, shown);
    fprintf(out, ": %s, %.1f %%; alone %s</title>", graph->format(flame->cost, cost),
            100.0 * (double)flame->cost / (double)graph->total,
            graph->format(graph->cost(&profile->nodes[index].self), self));
    fprintf(out, "<rect x=\"%.1f\" y=\"%u\" width=\"%.1f\" height=\"%u\" fill=\"", x, y, width,
            (unsigned)ROW - 1);
    put_colour(out, shown, bytes_equal_text(profile->sources[profile->functions[function].source], "[C]"));
    fprintf(out, "\"/><text x=\"%.1f\" y=\"%u\">", x + 3, y + 12);
    put_label(out, shown, width);
    fputs("</text></g>\n", out);
    buffer_free(&name);
}

static unsigned height_of(const struct graph *graph)
{
    return SECTION_ROW + (graph->total > 0 ? graph->rows : 1) * ROW;
}

static void put_graph(FILE *out, const struct graph *graph, unsigned top)
{
    char total[FIGURE_SIZE];
    fprintf(out, "<text class=\"h\" x=\"%d\" y=\"%u\">%s: ", MARGIN, top + 22, graph->heading);
    if (graph->total == 0) {
        fputs("no samples, the run was too short</text>\n", out);
        return;
    }
    fprintf(out, "%s in samples</text>\n", graph->format(graph->total, total));
    for (uint32_t i = 0; i < graph->profile->node_count; i++)
        put_flame(out, graph, i, top + height_of(graph));
}

static void put_all(FILE *out, const struct graph *cpu, const struct graph *memory, const char *title)
{
    unsigned height = TITLE_ROW + height_of(cpu) + height_of(memory) + MARGIN;
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%u\" viewBox=\"0 0 %d %u\">\n"
            "<style>text{font:11px monospace;fill:#222;pointer-events:none}.t{font-size:16px}"
            ".h{font-size:13px}rect{rx:2px}g:hover rect{stroke:#222}</style>\n"
            "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n<text class=\"t\" x=\"%d\" y=\"26\">",
            WIDTH, height, WIDTH, height, MARGIN);
    xml_put(out, title);
    fputs("</text>\n", out);
    put_graph(out, cpu, TITLE_ROW);
    put_graph(out, memory, TITLE_ROW + height_of(cpu));
    fputs("</svg>\n", out);
}

void flame_graph_put(FILE *out, const struct profile *profile, const char *title)
{
    struct graph *graphs = calloc(2, sizeof *graphs);
    if (graphs == NULL)
        return;
    graphs[0] =
        (struct graph){.profile = profile, .heading = "CPU time", .cost = cpu_us, .format = figure_us};
    graphs[1] = (struct graph){
        .profile = profile, .heading = "Memory allocated", .cost = allocated_bytes, .format = figure_bytes};
    lay_out(&graphs[0]);
    lay_out(&graphs[1]);
    put_all(out, &graphs[0], &graphs[1], title);
    free(graphs);
}
