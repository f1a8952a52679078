// SPDX-License-Identifier: Apache-2.0
// A plugin's content as it is published, stored and run: {"manifest": {...}, "modules": {"main": "..."}}.
// Known by the SHA-256 of its canonical text: names in order, no white space, the shortest escapes.
// Immutable and counted, so that any thread may hold one while another is published.
#pragma once

#include "base/error.h"
#include "packaging/manifest.h"

enum { PACKAGE_SHA256_SIZE = 65 }; // hex digits and a NUL

struct package_module {
    char *name; // as `require` knows it; owned
    char *code; // Lua text; owned, NUL-terminated
    size_t length;
};

struct package {
    _Atomic unsigned references;
    struct manifest manifest;
    unsigned module_count;
    struct package_module modules[MODULES_MAX]; // [0] is the entry
    char entry_file[MODULE_NAME_MAX + 1];       // what errors call it: "main.lua"
    char *canonical;                            // owned; NULL once package_drop_canonical was called
    size_t canonical_length;
    char *manifest_text; // owned: the manifest's part of it
    char sha256[PACKAGE_SHA256_SIZE];
};

// Reads `text`. NULL if it is no package: every fault is in `faults`, with its pointer ("/manifest/limits").
// The caller unrefs it.
struct package *package_read(struct bytes text, struct diagnostics *faults);
struct package *package_ref(struct package *package);
void package_unref(struct package *package); // NULL is fine
// Frees the canonical text, which is only for the store.
void package_drop_canonical(struct package *package);
// Bytes of code in all modules.
size_t package_code_bytes(const struct package *package);
// Bytes of memory that it keeps, near enough for a bound; without the canonical text.
size_t package_bytes(const struct package *package);
// The modules as a job wants them; borrowed from the package.
unsigned package_modules(const struct package *package, struct job_module ret_modules[MODULES_MAX]);
