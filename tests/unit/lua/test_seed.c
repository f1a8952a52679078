// SPDX-License-Identifier: Apache-2.0
#include "runtime/lua/seed.h"

#include "runtime/lua/image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <lauxlib.h>

static unsigned seed_of(bool deterministic, uint64_t hash_seed)
{
    struct lua_image_options options = {.deterministic = deterministic, .hash_seed = hash_seed};
    struct lua_image *image = lua_image_new(&options, NULL);
    assert_non_null(image);
    unsigned seed = sandbox_hash_seed(image->L);
    lua_image_free(image);
    return seed;
}

static void seed_follows_the_options(void **state)
{
    (void)state;
    assert_int_not_equal(seed_of(false, 1), seed_of(false, 2));
    assert_int_not_equal(seed_of(false, 1), seed_of(false, (uint64_t)1 << 32 | 2)); // all bits count
    assert_int_equal(seed_of(true, 1), seed_of(true, 2));
}

static void other_states_get_a_fixed_seed(void **state)
{
    (void)state;
    lua_State *L = luaL_newstate();
    assert_int_equal(sandbox_hash_seed(L), seed_of(true, 0));
    lua_close(L);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seed_follows_the_options),
        cmocka_unit_test(other_states_get_a_fixed_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
