// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/xml_text.h"

#include "tests/support/cmocka_all.h"

#include <stdlib.h>

static void markup_and_controls_are_escaped(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    xml_put(out, "<a href=\"x\">&\x01\n\xc3\xa9");
    fclose(out);
    assert_string_equal(text, "&lt;a href=&quot;x&quot;&gt;&amp;?\n\xc3\xa9");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(markup_and_controls_are_escaped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
