// SPDX-License-Identifier: Apache-2.0
// What a publisher sends: a package that was read reads back as itself, and its schemas take any value.
#include "base/json_cursor.h"
#include "packaging/package.h"
#include "tests/fuzz/fuzz.h"

static void try_schema(const struct json_schema *schema, struct bytes value)
{
    struct diagnostics faults;
    diagnostics_init(&faults);
    if (schema != NULL) {
        bool fits = json_schema_check(schema, value, "$", &faults);
        require(fits == !diagnostics_any(&faults));
    }
    diagnostics_free(&faults);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = bytes_of(data, size);
    struct diagnostics faults;
    diagnostics_init(&faults);
    struct package *package = json_check(text, JSON_DEPTH_MAX, NULL) ? package_read(text, &faults) : NULL;
    if (package != NULL) {
        require(package->module_count >= 1 && package->module_count <= MODULES_MAX);
        struct bytes canonical = bytes_of(package->canonical, package->canonical_length);
        require(json_check(canonical, JSON_DEPTH_MAX, NULL));
        struct package *again = package_read(canonical, &faults);
        require(again != NULL && strcmp(again->sha256, package->sha256) == 0);
        package_unref(again);
        // Its own text is as good a value as any.
        try_schema(package->manifest.input, text);
        try_schema(package->manifest.output, bytes_of_text(package->manifest_text));
    }
    package_unref(package);
    diagnostics_free(&faults);
    return 0;
}
