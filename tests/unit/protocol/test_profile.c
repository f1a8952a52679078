// SPDX-License-Identifier: Apache-2.0
#include "runtime/protocol/profile.h"

#include "base/utf8.h"
#include "runtime/protocol/frame.h"
#include "tests/support/decoders.h"

static struct profile sample; // large
static struct profile back;

static void make_sample(void)
{
    sample = (struct profile){
        .cpu_ns = 5000,
        .allocated_bytes = 70000,
        .source_count = 2,
        .sources = {bytes_of_text("main.lua"), bytes_of_text("[C]")},
        .function_count = 2,
        .functions = {{bytes_of_text("main chunk"), 0, 0}, {bytes_of_text("string.rep"), 1, 0}},
        .node_count = 2,
        .nodes = {{0, 0, {1, 2000, 0}}, {1, 1, {2, 3000, 70000}}},
        .line_count = 1,
        .lines = {{0, 7, {3, 5000, 70000}, {3, 5000, 70000}}},
    };
}

static struct bytes encode(struct buffer *out)
{
    buffer_clear(out);
    profile_encode(out, &sample);
    assert_true(buffer_ok(out));
    assert_int_equal(out->data[4], FRAME_PROFILE);
    return bytes_of(out->data + FRAME_HEADER_SIZE, out->length - FRAME_HEADER_SIZE);
}

static bool decodes(struct bytes body)
{
    return profile_decode(body, &back);
}

static void a_profile_comes_through_whole(void **state)
{
    (void)state;
    make_sample();
    struct buffer out = buffer_make(PROFILE_BODY_MAX + FRAME_HEADER_SIZE);
    assert_true(decodes(encode(&out)));
    assert_int_equal(back.cpu_ns, 5000);
    assert_true(bytes_equal_text(back.sources[back.functions[1].source], "[C]"));
    assert_true(bytes_equal_text(back.functions[back.nodes[1].function].name, "string.rep"));
    assert_int_equal(back.nodes[1].parent, 1);
    assert_int_equal(back.nodes[1].self.bytes, 70000);
    assert_int_equal(back.lines[0].line, 7);
    assert_int_equal(back.lines[0].total.samples, 3);
    assert_decoder_is_strict(decodes, encode(&out));
    buffer_free(&out);
}

static void the_largest_profile_fits_its_frame(void **state)
{
    (void)state;
    static char name[MODULE_NAME_MAX];
    memset(name, 'n', sizeof name);
    make_sample();
    sample.source_count = PROFILE_SOURCES_MAX;
    for (unsigned i = 0; i < PROFILE_SOURCES_MAX; i++)
        sample.sources[i] = bytes_of(name, MODULE_NAME_MAX);
    sample.function_count = PROFILE_FUNCTIONS_MAX;
    for (unsigned i = 0; i < PROFILE_FUNCTIONS_MAX; i++)
        sample.functions[i] = (struct profile_function){.name = bytes_of(name, PROFILE_NAME_MAX)};
    sample.node_count = PROFILE_NODES_MAX;
    for (unsigned i = 2; i < PROFILE_NODES_MAX; i++)
        sample.nodes[i] = (struct profile_node){.parent = 1};
    sample.line_count = PROFILE_LINES_MAX;
    for (unsigned i = 1; i < PROFILE_LINES_MAX; i++)
        sample.lines[i] = (struct profile_line){.line = i};
    struct buffer out = buffer_make(PROFILE_BODY_MAX + FRAME_HEADER_SIZE);
    struct bytes body = encode(&out);
    assert_int_equal(body.length, PROFILE_BODY_MAX);
    assert_true(decodes(body));
    buffer_free(&out);
}

static void chain_of(uint32_t depth)
{
    make_sample();
    sample.node_count = depth;
    for (uint32_t i = 0; i < depth; i++)
        sample.nodes[i] = (struct profile_node){.parent = i, .function = 0};
}

static void what_could_grow_without_bound_is_refused(void **state)
{
    (void)state;
    struct buffer out = buffer_make(SIZE_MAX);
    chain_of(PROFILE_DEPTH_MAX);
    assert_true(decodes(encode(&out)));
    chain_of(PROFILE_DEPTH_MAX + 1);
    assert_false(decodes(encode(&out)));
    make_sample();
    sample.nodes[0].parent = 1; // its own
    assert_false(decodes(encode(&out)));
    make_sample();
    sample.nodes[1].function = 2;
    assert_false(decodes(encode(&out)));
    make_sample();
    sample.functions[1].source = 2;
    assert_false(decodes(encode(&out)));
    make_sample();
    sample.lines[0].line = 0;
    assert_false(decodes(encode(&out)));
    make_sample();
    sample.nodes[0].self.cpu_ns = UINT64_C(1) << 53;
    assert_false(decodes(encode(&out))); // with the other node's
    sample.nodes[1].self.cpu_ns = 0;
    assert_true(decodes(encode(&out)));
    sample.nodes[1].self.cpu_ns = UINT64_MAX;
    assert_false(decodes(encode(&out)));
    buffer_free(&out);
}

static void names_are_clean_text(void **state)
{
    (void)state;
    make_sample();
    sample.functions[0].name = bytes_of("\xff\0x", 3);
    struct buffer out = buffer_make(SIZE_MAX);
    struct bytes body = encode(&out);
    assert_true(decodes(body));
    assert_true(utf8_valid(back.functions[0].name));
    char *at = memmem(body.data, body.length, "string.rep", 10);
    assert_non_null(at);
    *at = (char)0xff;
    assert_false(decodes(body));
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_profile_comes_through_whole),
        cmocka_unit_test(the_largest_profile_fits_its_frame),
        cmocka_unit_test(what_could_grow_without_bound_is_refused),
        cmocka_unit_test(names_are_clean_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
