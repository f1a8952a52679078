// SPDX-License-Identifier: Apache-2.0
// What can be told of a plugin's modules by looking at their bytes.
#include "base/utf8.h"
#include "policies/quote.h"
#include "policies/units.h"
#include "validation/validation_state.h"

#include <string.h>

static bool is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           (byte != '\0' && strchr("_-./", byte) != NULL);
}

static bool is_good_name(struct bytes name)
{
    for (size_t i = 0; i < name.length; i++)
        if (!is_name_byte(name.data[i]))
            return false;
    return name.length > 0 && name.length <= MODULE_NAME_MAX && name.data[0] != '.' && name.data[0] != '/';
}

static void check_name(struct validation *validation, const struct validation_input *input, uint32_t index)
{
    const struct finding place = {.code = VALIDATION_CODE_MODULE_NAME, .module = index + 1};
    struct bytes name = input->modules[index].name;
    char text[QUOTE_SIZE];
    if (!is_good_name(name))
        findings_add(
            &validation->findings, &place,
            "%s is no name for a module: expected 1 to %d letters, digits, '_', '-', '.' and '/', the "
            "first of them no '.' and no '/'",
            utf8_valid(name) ? quote(name, text) : "this", MODULE_NAME_MAX);
    for (uint32_t i = 0; i < index; i++)
        if (bytes_equal(name, input->modules[i].name))
            findings_add(&validation->findings, &place, "two modules are called %s", quote(name, text));
}

// The line and column of a byte.
static void locate(struct bytes code, size_t offset, struct finding *place)
{
    place->line = 1;
    place->column = 1;
    for (size_t i = 0; i < offset; i++) {
        unsigned char byte = (unsigned char)code.data[i];
        if (byte == '\n') {
            place->line++;
            place->column = 1;
        } else {
            place->column += (byte & 0xc0) != 0x80;
        }
    }
    place->end_column = place->column + 1;
}

// A source travels in JSON, which is UTF-8.
static void check_encoding(struct validation *validation, const struct validation_input *input,
                           uint32_t index)
{
    struct bytes code = input->modules[index].code;
    size_t valid = utf8_valid_length(code);
    if (valid == code.length)
        return;
    struct finding place = {.code = VALIDATION_CODE_NOT_UTF8, .module = index + 1};
    locate(code, valid, &place);
    findings_add(&validation->findings, &place,
                 "byte 0x%02x is not UTF-8: save the file as UTF-8, or write such bytes as \"\\x%02x\"",
                 (unsigned char)code.data[valid], (unsigned char)code.data[valid]);
}

static void check_size(struct validation *validation, const struct validation_input *input)
{
    uint64_t maximum = input->policy->limits.value[LIMIT_CODE_BYTES], total = 0;
    uint32_t largest = 0;
    for (uint32_t i = 0; i < input->module_count; i++) {
        total += input->modules[i].code.length;
        if (input->modules[i].code.length > input->modules[largest].code.length)
            largest = i;
    }
    validation->oversize = total > maximum;
    if (!validation->oversize)
        return;
    char has[UNITS_TEXT_SIZE], allowed[UNITS_TEXT_SIZE];
    units_format_rounded(total, UNIT_BYTES, has);
    units_format_rounded(maximum, UNIT_BYTES, allowed);
    const struct finding place = {.code = VALIDATION_CODE_SOURCE_SIZE, .module = largest + 1};
    findings_add(&validation->findings, &place,
                 "the plugin's code has %s in all; policy \"%s\" allows %s (limits.code_bytes)", has,
                 input->policy->name, allowed);
}

void validation_check_modules(struct validation *validation, const struct validation_input *input)
{
    check_size(validation, input);
    for (uint32_t i = 0; i < input->module_count; i++) {
        check_name(validation, input, i);
        if (!validation->oversize)
            check_encoding(validation, input, i);
    }
}
