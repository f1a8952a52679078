// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cmocka_all.h"

#include "sandboxd/http/router.h"

#include <stdio.h>

static void ignore(void *app, struct http_request *request)
{
    (void)app;
    (void)request;
}

static const struct http_route items[] = {
    {METHOD_POST, "/v1/runs", ignore, NULL, SURFACE_API},
    {METHOD_GET, "/v1/runs/{id}", ignore, NULL, SURFACE_API},
    {METHOD_DELETE, "/v1/runs/{id}", ignore, NULL, SURFACE_API},
    {METHOD_PUT, "/v1/plugins/{ns}/{name}/versions/{version}", ignore, NULL, SURFACE_API},
    {METHOD_GET, "/metrics", ignore, NULL, SURFACE_METRICS},
};
static const struct http_routes routes = {.items = items, .count = sizeof(items) / sizeof(items[0])};

static const struct http_route *match(enum http_method method, const char *path, struct route_match *ret)
{
    static char copy[256]; // the match borrows from it
    snprintf(copy, sizeof(copy), "%s", path);
    assert_true(router_match(&routes, SURFACE_API, method, copy, ret));
    return ret->route;
}

static void router_matches_method_and_path(void **state)
{
    (void)state;
    struct route_match found;
    assert_ptr_equal(match(METHOD_POST, "/v1/runs", &found), &items[0]);
    assert_ptr_equal(match(METHOD_DELETE, "/v1/runs/abc", &found), &items[2]);
    assert_string_equal(found.parameter[0].data, "abc");
    assert_ptr_equal(match(METHOD_HEAD, "/v1/runs/abc", &found), &items[1]);
}

static void router_decodes_parameters_one_by_one(void **state)
{
    (void)state;
    struct route_match found;
    assert_non_null(match(METHOD_PUT, "/v1/plugins/a%2Fb/na%20me/versions/1.0%2Bx", &found));
    assert_string_equal(found.parameter[0].data, "a/b");
    assert_string_equal(found.parameter[1].data, "na me");
    assert_string_equal(found.parameter[2].data, "1.0+x");
}

static void router_tells_which_methods_a_path_has(void **state)
{
    (void)state;
    struct route_match found;
    assert_null(match(METHOD_PUT, "/v1/runs/abc", &found));
    assert_true(found.path_known);
    assert_string_equal(found.allow, "GET, HEAD, DELETE");
}

static void router_finds_nothing_for_other_paths(void **state)
{
    (void)state;
    struct route_match found;
    const char *const paths[] = {"/",         "",          "/v1/run", "/v1/runs/", "/v1/runs/a/b",
                                 "/v1/runsx", "//v1/runs", "/metrics"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        assert_null(match(METHOD_POST, paths[i], &found));
        assert_false(found.path_known);
    }
}

static void router_refuses_malformed_escapes_and_nul(void **state)
{
    (void)state;
    struct route_match found;
    const char *const paths[] = {"/v1/runs/%", "/v1/runs/%1", "/v1/runs/%zz", "/v1/runs/a%00b"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        char copy[64];
        snprintf(copy, sizeof(copy), "%s", paths[i]);
        assert_false(router_match(&routes, SURFACE_API, METHOD_GET, copy, &found));
    }
}

static void query_value_finds_and_decodes(void **state)
{
    (void)state;
    char value[8];
    assert_true(query_value("a=1&name=x%20y+z&b", "name", value, sizeof(value)));
    assert_string_equal(value, "x y z");
    assert_true(query_value("name=", "name", value, sizeof(value)));
    assert_string_equal(value, "");
    assert_false(query_value("name=123456789", "name", value, sizeof(value)));
    assert_false(query_value("named=1", "name", value, sizeof(value)));
    assert_false(query_value("name=%0", "name", value, sizeof(value)));
    assert_false(query_value("", "name", value, sizeof(value)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(router_matches_method_and_path),
        cmocka_unit_test(router_decodes_parameters_one_by_one),
        cmocka_unit_test(router_tells_which_methods_a_path_has),
        cmocka_unit_test(router_finds_nothing_for_other_paths),
        cmocka_unit_test(router_refuses_malformed_escapes_and_nul),
        cmocka_unit_test(query_value_finds_and_decodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
