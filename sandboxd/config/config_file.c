// SPDX-License-Identifier: Apache-2.0
// sandboxd.json: strict, every fault with its line and column.
#include "base/cleanup.h"
#include "base/closest.h"
#include "policies/document_tree.h"
#include "sandboxd/config/options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct file_reader {
    const char *file;
    struct config *config;
    struct diagnostics *faults;
};

static char *read_whole_file(const char *file, size_t *ret_length, struct error *err)
{
    autoclose int fd = open(file, O_RDONLY | O_CLOEXEC);
    autofree char *text = malloc(DOCUMENT_BYTES_MAX + 1);
    if (fd < 0 || text == NULL) {
        error_system(err, fd < 0 ? errno : ENOMEM, "cannot read the configuration");
        return NULL;
    }
    size_t used = 0;
    while (used <= DOCUMENT_BYTES_MAX) {
        ssize_t got = read(fd, text + used, DOCUMENT_BYTES_MAX + 1 - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            error_system(err, errno, "cannot read the configuration");
            return NULL;
        }
        if (got == 0)
            break;
        used += (size_t)got;
    }
    if (used > DOCUMENT_BYTES_MAX) {
        error_set(err, ERROR_LIMIT, "a configuration has at most %d bytes", DOCUMENT_BYTES_MAX);
        return NULL;
    }
    *ret_length = used;
    return take_ptr(text);
}

static void fault_at(struct file_reader *reader, struct place at, const char *pointer, const char *text)
{
    diagnostics_add(reader->faults, reader->file, at.line, at.column, pointer, "%s", text);
}

static void take_list(struct file_reader *reader, const struct config_option *option, const struct node *node,
                      const char *pointer)
{
    option_clear_list(option, reader->config);
    for (const struct node *item = node->first; item != NULL; item = item->next) {
        struct error err = {0};
        if (item->kind != NODE_STRING)
            fault_at(reader, item->at, pointer, "expected a text in quotes");
        else if (!option_add_item(option, reader->config, item->text, &err))
            fault_at(reader, item->at, pointer, err.text);
    }
}

static void take_value(struct file_reader *reader, const struct config_option *option,
                       const struct node *node, const char *pointer)
{
    struct error err = {0};
    bool taken = false;
    if (option->type == OPTION_LIST && node->kind == NODE_ARRAY) {
        take_list(reader, option, node, pointer);
        taken = true;
    } else if (option->type == OPTION_LIST) {
        error_set(&err, ERROR_INVALID, "expected a list, [\"...\"], not %s", node_kind_name(node->kind));
    } else if (node->kind == NODE_STRING) {
        taken = option_set_text(option, reader->config, node->text, &err);
    } else if (node->kind == NODE_INTEGER) {
        taken = option_set_number(option, reader->config, node->integer, &err);
    } else {
        error_set(&err, ERROR_INVALID, "expected a text or a whole number, not %s",
                  node_kind_name(node->kind));
    }
    if (!taken)
        fault_at(reader, node->at, pointer, err.text);
    reader->config->origin[option - config_options] = CONFIG_FROM_FILE;
}

// Whether `member` is the option's whole name, or the object that it lies in.
static bool names(const struct config_option *option, const char *prefix, struct bytes member,
                  bool *ret_whole)
{
    size_t skip = strlen(prefix);
    if (strncmp(option->member, prefix, skip) != 0)
        return false;
    const char *rest = option->member + skip;
    if (strncmp(rest, member.data, member.length) != 0 ||
        (rest[member.length] != '\0' && rest[member.length] != '.'))
        return false;
    *ret_whole = rest[member.length] == '\0';
    return true;
}

static void unknown_member(struct file_reader *reader, const struct node *node, const char *prefix,
                           const char *pointer)
{
    struct closest closest = closest_make(node->name.data, node->name.length);
    char offers[CONFIG_OPTIONS_MAX][OPTION_FLAG_SIZE]; // the next part of each name
    for (unsigned i = 0; i < config_option_count; i++) {
        const char *rest = config_options[i].member + strlen(prefix);
        if (strncmp(config_options[i].member, prefix, strlen(prefix)) != 0)
            continue;
        snprintf(offers[i], sizeof(offers[i]), "%.*s", (int)strcspn(rest, "."), rest);
        closest_offer(&closest, offers[i]);
    }
    const char *meant = closest_text(&closest);
    diagnostics_add(reader->faults, reader->file, node->name_at.line, node->name_at.column, pointer,
                    "unknown option \"%s%.*s\"%s%s%s", prefix, (int)node->name.length, node->name.data,
                    meant != NULL ? "; did you mean \"" : "", meant != NULL ? meant : "",
                    meant != NULL ? "\"?" : "");
}

static void take_object(struct file_reader *reader, const struct node *object, const char *prefix,
                        const char *parent_pointer)
{
    for (const struct node *node = object->first; node != NULL; node = node->next) {
        autofree char *own_pointer = pointer_member(parent_pointer, node->name);
        const char *pointer = own_pointer != NULL ? own_pointer : parent_pointer;
        const struct config_option *found = NULL;
        bool whole = false;
        for (unsigned i = 0; found == NULL && i < config_option_count; i++)
            if (node->name.length > 0 && names(&config_options[i], prefix, node->name, &whole))
                found = &config_options[i];
        if (found == NULL || (!whole && *prefix != '\0')) {
            unknown_member(reader, node, prefix, pointer);
        } else if (whole) {
            take_value(reader, found, node, pointer);
        } else if (node->kind != NODE_OBJECT) {
            fault_at(reader, node->at, pointer, "expected an object");
        } else {
            char inner[64];
            snprintf(inner, sizeof(inner), "%.*s.", (int)node->name.length, node->name.data);
            take_object(reader, node, inner, pointer);
        }
    }
}

bool config_file_read(const char *file, struct config *config, struct diagnostics *faults)
{
    struct error err = {0};
    size_t length = 0;
    autofree char *text = read_whole_file(file, &length, &err);
    if (text == NULL) {
        diagnostics_add(faults, file, 0, 0, "", "%s", err.text);
        return false;
    }
    size_t before = faults->told;
    struct document_tree tree;
    if (!document_tree_parse(file, bytes_of(text, length), faults, &tree))
        return false;
    struct file_reader reader = {.file = file, .config = config, .faults = faults};
    if (tree.root->kind == NODE_OBJECT)
        take_object(&reader, tree.root, "", "");
    else
        fault_at(&reader, tree.root->at, "", "expected an object: { \"listen\": [...], ... }");
    document_tree_free(&tree);
    return faults->told == before;
}
