// SPDX-License-Identifier: Apache-2.0
// plugin.json: who a plugin is by, which modules it has, what it needs, and what its input and output look
// like. The same reader for what is published and for a folder on a developer's disk. Immutable once read.
#pragma once

#include "packaging/json_schema/schema.h"
#include "packaging/semver.h"
#include "runtime/protocol/job_messages.h"
#include "runtime/protocol/limits.h"

enum {
    PLUGIN_NAME_MAX = 64,                                            // bytes, of the name alone
    NAMESPACE_MAX = 63,                                              // likewise
    PLUGIN_FULL_NAME_SIZE = NAMESPACE_MAX + 1 + PLUGIN_NAME_MAX + 1, // "acme/slugify" and a NUL
    MANIFEST_TEXT_MAX = 4096,                                        // of a description and the like
};

struct manifest_module {
    char *name; // as `require` knows it
    char *file; // within the plugin's folder
};

struct manifest {
    char *name;    // "slugify" or "acme/slugify"; NULL if it is not said. Owned, as all of these
    char *version; // NULL if it is not said
    char *description, *author, *license;
    char *entry; // the module that is run; "main" if it is not said
    unsigned module_count;
    struct manifest_module modules[MODULES_MAX]; // none if they are not said
    bool limit_given[RUN_LIMIT_COUNT];
    uint64_t limit[RUN_LIMIT_COUNT];
    struct json_schema *input, *output; // NULL: anything
};

// Reads the manifest at `node`, which stands at `pointer` of `file`. False if there were faults; they are all
// in `diagnostics`. The caller frees the manifest in either case.
bool manifest_read(const struct node *node, const char *file, const char *pointer,
                   struct manifest *ret_manifest, struct diagnostics *diagnostics);
// Whether its texts for people are fit to be shown: one fault for each that has hidden characters
// (base/hidden_text.h). For who publishes; what was published stays readable under any later rule.
void manifest_check_texts(const struct manifest *manifest, const char *file, const char *pointer,
                          struct diagnostics *diagnostics);
void manifest_free(struct manifest *manifest);

// Whether `name` is one of a namespace or a plugin: "[a-z][a-z0-9_-]*", not longer than `maximum`.
bool plugin_name_part_valid(struct bytes name, size_t maximum);
// "acme/slugify", taken apart; false if it is no such name.
bool plugin_full_name_split(struct bytes full, struct bytes *ret_namespace, struct bytes *ret_name);

enum { SCHEMA_MESSAGE_SIZE = 512 };
// Whether an output is what the manifest promises. If not, `message` tells what is wrong, with its path.
bool manifest_output_fits(const struct manifest *manifest, struct bytes output,
                          char message[SCHEMA_MESSAGE_SIZE]);

// The policy's limits with what the manifest lowers: a plugin never raises what its caller pays for.
void manifest_lower_limits(const struct manifest *manifest, struct run_limits *limits,
                           enum limit_origin set_by[RUN_LIMIT_COUNT]);
