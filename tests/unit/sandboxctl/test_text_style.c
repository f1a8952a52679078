// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/text_style.h"
#include "tests/support/cmocka_all.h"

#include <stdlib.h>

static void figures_are_readable(void **state)
{
    (void)state;
    char text[FIGURE_SIZE];
    assert_string_equal(figure_bytes(17, text), "17 B");
    assert_string_equal(figure_bytes(1536, text), "1.5 KiB");
    assert_string_equal(figure_bytes(268435456, text), "256 MiB");
    assert_string_equal(figure_us(310, text), "0.31 ms");
    assert_string_equal(figure_us(12400, text), "12.4 ms");
    assert_string_equal(figure_us(3200000, text), "3.20 s");
    assert_string_equal(figure_count(0, text), "0");
    assert_string_equal(figure_count(1234567, text), "1,234,567");
}

static void without_colour_there_are_no_escape_sequences(void **state)
{
    (void)state;
    assert_string_equal(style_begin(false, STYLE_BAD), "");
    assert_string_equal(style_end(false), "");
    assert_string_not_equal(style_begin(true, STYLE_BAD), "");
}

static void foreign_text_cannot_steer_the_terminal(void **state)
{
    (void)state;
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    put_foreign(out, "a\033[2J\n\x7f", 0);
    put_foreign(out, NULL, 2);
    put_foreign(out, "\xc3\xa4|", 3);         // an umlaut is one character wide
    put_foreign(out, ".\xc2\x9b\xff\xc3", 0); // CSI in one character, and what is no UTF-8
    put_foreign_lines(out, bytes_of_text("\n\ta\r\xc2\xa0"));
    put_foreign(out,
                "\xe2\x80\xae"
                "evil\xe2\x81\xa6\xe2\x80\x8b",
                0);
    fclose(out);
    assert_string_equal(text, "a?[2J??  \xc3\xa4| .???\n\ta?\xc2\xa0?evil??");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_readable),
        cmocka_unit_test(without_colour_there_are_no_escape_sequences),
        cmocka_unit_test(foreign_text_cannot_steer_the_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
