// SPDX-License-Identifier: Apache-2.0
#include "packaging/sorted_json.h"

#include "policies/json_text.h"

char *json_sorted(struct bytes text)
{
    json_t *root = json_read(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    char *sorted =
        json_text_of(root, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
    json_decref(root);
    return sorted;
}
