// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/flame_graph.h"

#include "tests/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static struct profile profile; // large

static void make_profile(void)
{
    profile = (struct profile){
        .source_count = 2,
        .sources = {bytes_of_text("main.lua"), bytes_of_text("[C]")},
        .function_count = 3,
        .functions = {{bytes_of_text("main chunk"), 0, 0},
                      {bytes_of_text("<script>alert(\"&\")</script>"), 0, 12},
                      {bytes_of_text("string.rep"), 1, 0}},
        .node_count = 3,
        .nodes = {{0, 0, {1, 1000000, 0}}, {1, 1, {1, 1000000, 0}}, {2, 2, {2, 2000000, 4096}}},
    };
}

static char *draw(void)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    flame_graph_put(out, &profile, "my <plugin>");
    assert_int_equal(fclose(out), 0);
    return text;
}

static void assert_has(const char *text, const char *piece)
{
    if (strstr(text, piece) == NULL)
        fail_msg("'%s' is not in %s", piece, text);
}

static void width_is_cost_and_callers_lie_below(void **state)
{
    (void)state;
    make_profile();
    char *text = draw();
    // All of it, three quarters, half: of 1180 pixels.
    assert_has(text, "main chunk main.lua: 4.00 ms, 100.0 %; alone 1.00 ms</title><rect x=\"10.0\" y=\"108\" "
                     "width=\"1180.0\"");
    assert_has(text, ": 3.00 ms, 75.0 %; alone 1.00 ms</title><rect x=\"10.0\" y=\"91\" width=\"885.0\"");
    assert_has(text,
               "string.rep: 2.00 ms, 50.0 %; alone 2.00 ms</title><rect x=\"10.0\" y=\"74\" width=\"590.0\"");
    assert_has(text, "string.rep: 4 KiB, 100.0 %; alone 4 KiB</title>");
    free(text);
}

static void texts_are_escaped_and_nothing_is_fetched(void **state)
{
    (void)state;
    make_profile();
    char *text = draw();
    assert_has(text, "my &lt;plugin&gt;");
    assert_null(strstr(text, "<script"));
    assert_null(strstr(text, "href"));
    assert_has(text, "&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt; main.lua:12");
    free(text);
}

static void a_profile_without_samples_says_so(void **state)
{
    (void)state;
    profile = (struct profile){.cpu_ns = 10};
    char *text = draw();
    assert_has(text, "CPU time: no samples, the run was too short");
    assert_has(text, "</svg>");
    free(text);
}

static void names_are_cut_between_characters(void **state)
{
    (void)state;
    make_profile();
    static const char umlauts[] =
        "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4";
    profile.functions[2].name = bytes_of_text(umlauts);
    profile.nodes[2].self.cpu_ns = 120000; // some sixty pixels
    char *text = draw();
    assert_has(text, ">\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4..<");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(width_is_cost_and_callers_lie_below),
        cmocka_unit_test(texts_are_escaped_and_nothing_is_fetched),
        cmocka_unit_test(a_profile_without_samples_says_so),
        cmocka_unit_test(names_are_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
