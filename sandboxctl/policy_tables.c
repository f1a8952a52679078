// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/policy_tables.h"

#include "policies/diff.h"
#include "policies/members.h"
#include "policies/units.h"
#include "sandboxctl/http_client.h"
#include "sandboxctl/text_style.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// "sha256:" and the first digits: enough to tell versions apart at a glance.
enum { VERSION_SHOWN = 19, LINE_SHOWN = 72 };

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

// The value at a member's pointer in a resolved document.
static const json_t *value_at(const json_t *document, enum policy_member member)
{
    const char *pointer = policy_member_table[member].pointer + 1;
    char section[32];
    size_t length = strcspn(pointer, "/");
    snprintf(section, sizeof section, "%.*s", (int)length, pointer);
    const json_t *value = json_object_get(document, section);
    return pointer[length] == '/' ? json_object_get(value, pointer + length + 1) : value;
}

static void scalar_text(enum policy_member member, const json_t *value, char *text, size_t size)
{
    if (policy_member_table[member].type == TYPE_LIMIT)
        limit_value_in_words(policy_member_limit(member), (uint64_t)json_integer_value(value), text, size);
    else if (json_is_integer(value))
        snprintf(text, size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_boolean(value))
        snprintf(text, size, "%s", json_is_true(value) ? "true" : "false");
    else
        snprintf(text, size, "%s", json_is_string(value) ? json_string_value(value) : "");
}

static void put_line(const char *text)
{
    put_foreign(stdout, text, 0);
    putchar('\n');
}

// In a style, nothing behind it.
static void put_styled(const struct invocation *invocation, enum style style, const char *text)
{
    fputs(style_begin(invocation->colour, style), stdout);
    put_foreign(stdout, text, 0);
    fputs(style_end(invocation->colour), stdout);
}

static void row(const char *member, const char *value, const char *origin)
{
    printf("  %-28s ", member);
    put_foreign(stdout, value, 16);
    fputs(origin[0] != '\0' ? " from " : " ", stdout);
    put_line(origin);
}

// Items of a list that came from one document, a few to a line.
static void list_rows(const char *member, const char *document, const json_t *origins)
{
    char line[LINE_SHOWN + 80] = "";
    const char *item;
    json_t *origin;
    json_object_foreach((json_t *)origins, item, origin)
    {
        if (strcmp(json_is_string(origin) ? json_string_value(origin) : "", document) != 0)
            continue;
        if (strlen(line) + strlen(item) > LINE_SHOWN) {
            fputs("    ", stdout);
            put_line(line);
            line[0] = '\0';
        }
        if (line[0] == '\0' && member[0] != '\0') {
            row(member, "", document);
            member = "";
        }
        snprintf(line + strlen(line), sizeof line - strlen(line), "%s%.64s", line[0] != '\0' ? " " : "",
                 item);
    }
    if (line[0] != '\0') {
        fputs("    ", stdout);
        put_line(line);
    }
}

static void member_rows(const json_t *policy, enum policy_member member)
{
    const struct policy_member_info *info = &policy_member_table[member];
    const json_t *origin = json_object_get(json_object_get(policy, "origins"), info->pointer);
    if (json_is_object(origin)) {
        // The eldest first: what a document added stands below what it found.
        const json_t *parents = json_object_get(policy, "extends");
        for (size_t i = json_array_size(parents); i > 0; i--)
            list_rows(info->pointer + 1, json_string_value(json_array_get(parents, i - 1)), origin);
        list_rows(info->pointer + 1, text_of(policy, "name"), origin);
    } else if (json_is_string(origin)) {
        char value[64];
        scalar_text(member, value_at(json_object_get(policy, "document"), member), value, sizeof value);
        row(info->pointer + 1, value, json_string_value(origin));
    }
}

void policy_table(const struct invocation *invocation, const json_t *policy)
{
    put_styled(invocation, STYLE_BOLD, text_of(policy, "name"));
    fputs("  ", stdout);
    put_line(text_of(policy, "version"));
    if (text_of(policy, "description")[0] != '\0')
        put_line(text_of(policy, "description"));
    if (text_of(policy, "problem")[0] != '\0') {
        put_styled(invocation, STYLE_BAD, "cannot run on this host:");
        putchar(' ');
        put_line(text_of(policy, "problem"));
    }
    for (unsigned i = 0; i < POLICY_MEMBER_COUNT; i++)
        member_rows(policy, (enum policy_member)i);
}

static void change_row(const struct invocation *invocation, const json_t *change)
{
    const char *effect = text_of(change, "effect");
    const char *runs = text_of(json_object_get(change, "runs"), "words");
    enum style style = strcmp(effect, "tighter") == 0  ? STYLE_WARN
                       : strcmp(effect, "looser") == 0 ? STYLE_BOLD
                                                       : STYLE_PLAIN;
    printf("  %s", style_begin(invocation->colour, style));
    put_foreign(stdout, effect, 8);
    printf("%s ", style_end(invocation->colour));
    put_foreign(stdout, text_of(change, "words"), 0);
    fputs(runs[0] != '\0' ? ": " : "", stdout);
    put_line(runs);
}

void changes_table(const struct invocation *invocation, const json_t *changed)
{
    size_t index, inner;
    json_t *difference, *change;
    if (json_array_size(changed) == 0)
        puts("no difference to what is live");
    json_array_foreach((json_t *)changed, index, difference)
    {
        const char *before = text_of(difference, "before"), *after = text_of(difference, "after");
        char versions[2 * VERSION_SHOWN + 8];
        snprintf(versions, sizeof versions, "  %.*s -> %.*s", VERSION_SHOWN,
                 before[0] != '\0' ? before : "new", VERSION_SHOWN, after[0] != '\0' ? after : "gone");
        put_styled(invocation, STYLE_BOLD, text_of(difference, "name"));
        put_line(versions);
        // Of a new policy everything is new: 'policy get' shows it.
        if (before[0] == '\0')
            continue;
        json_array_foreach(json_object_get(difference, "changes"), inner, change)
            change_row(invocation, change);
    }
}

void check_table(const struct invocation *invocation, const json_t *check, const char *file)
{
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(check, "errors"), index, item)
    {
        // A fault of the document that was sent has no file: here it has one.
        http_print_fault(item, file, stdout);
    }
    if (!json_is_true(json_object_get(check, "valid")))
        return;
    changes_table(invocation, json_object_get(check, "changed"));
    json_array_foreach(json_object_get(check, "missing_layers"), index, item)
    {
        put_styled(invocation, STYLE_BAD, "cannot start here:");
        fputs(" it requires ", stdout);
        put_foreign(stdout, text_of(item, "layer"), 0);
        fputs(", and ", stdout);
        put_line(text_of(item, "reason"));
    }
}

void versions_table(const struct invocation *invocation, const json_t *page)
{
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(page, "items"), index, item)
    {
        bool live = json_is_true(json_object_get(item, "live"));
        put_styled(invocation, live ? STYLE_GOOD : STYLE_PLAIN, text_of(item, "version"));
        fputs("  ", stdout);
        put_foreign(stdout, text_of(item, "at"), 0);
        fputs("  ", stdout);
        put_foreign(stdout, text_of(item, "reason"), 10);
        putchar(' ');
        put_foreign(stdout, text_of(item, "actor"), 0);
        puts(live ? "  (live)" : "");
    }
}

static void figure_text(const json_t *value, enum run_limit limit, char text[FIGURE_SIZE])
{
    double figure = json_number_value(value);
    if (run_limit_table[limit].unit == UNIT_MS)
        figure_us((uint64_t)(figure * 1000), text);
    else if (run_limit_table[limit].unit == UNIT_BYTES)
        figure_bytes((uint64_t)figure, text);
    else
        figure_count((uint64_t)figure, text);
}

static void advice_row(const json_t *item)
{
    enum run_limit limit;
    const char *name = text_of(item, "limit");
    if (!run_limit_by_name(name, strlen(name), &limit))
        return;
    char p50[FIGURE_SIZE], p99[FIGURE_SIZE], maximum[FIGURE_SIZE], current[64], suggestion[64];
    figure_text(json_object_get(item, "p50"), limit, p50);
    figure_text(json_object_get(item, "p99"), limit, p99);
    figure_text(json_object_get(item, "maximum"), limit, maximum);
    limit_value_in_words(limit, (uint64_t)json_integer_value(json_object_get(item, "current")), current,
                         sizeof current);
    limit_value_in_words(limit, (uint64_t)json_integer_value(json_object_get(item, "suggestion")), suggestion,
                         sizeof suggestion);
    printf("%-14s %10s %10s %10s   %-10s %-10s %6" JSON_INTEGER_FORMAT "\n", name, p50, p99, maximum, current,
           suggestion, json_integer_value(json_object_get(item, "would_fail")));
}

void advice_table(const struct invocation *invocation, const json_t *advice)
{
    size_t index, inner;
    json_t *item, *plugin;
    json_int_t runs = json_integer_value(json_object_get(advice, "runs"));
    (void)invocation;
    put_foreign(stdout, text_of(advice, "policy"), 0);
    printf(": the last %" JSON_INTEGER_FORMAT " runs\n", runs);
    if (json_array_size(json_object_get(advice, "limits")) == 0) {
        puts("none of them ended by itself: there is nothing to go by");
        return;
    }
    printf("%-14s %10s %10s %10s   %-10s %-10s %6s\n", "limit", "p50", "p99", "max", "now", "suggested",
           "fail");
    json_array_foreach(json_object_get(advice, "limits"), index, item) advice_row(item);
    json_array_foreach(json_object_get(advice, "plugins"), inner, plugin)
    {
        put_foreign(stdout, text_of(plugin, "plugin"), 0);
        printf(": %" JSON_INTEGER_FORMAT " runs\n", json_integer_value(json_object_get(plugin, "runs")));
        json_array_foreach(json_object_get(plugin, "limits"), index, item) advice_row(item);
    }
}
