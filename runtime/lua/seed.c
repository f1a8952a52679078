// SPDX-License-Identifier: Apache-2.0
// The seed of the interpreter's string hash: random per zygote, fixed where a policy is deterministic. The
// bundled Lua is compiled to ask here (subprojects/packagefiles/lua); a system's Lua has its own way.
#include "runtime/lua/seed.h"

#include "runtime/lua/image.h"

enum { FIXED_HASH_SEED = 0x5eed };

unsigned int sandbox_hash_seed(struct lua_State *L)
{
    // The state is half built: of all that it will have, the allocator is there already.
    void *ud;
    if (lua_getallocf(L, &ud) != image_allocate)
        return FIXED_HASH_SEED;
    const struct lua_image *image = ud;
    if (image->options.deterministic)
        return FIXED_HASH_SEED;
    return (unsigned int)(image->options.hash_seed ^ image->options.hash_seed >> 32);
}
