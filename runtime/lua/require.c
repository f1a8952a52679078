// SPDX-License-Identifier: Apache-2.0
// `require` within the bundle. Two tables in the registry: what each module returned, and the chunk of each
// that has begun but not returned. Whether a begun one still runs is told by the stack alone: a module that
// failed may be required again, one that waits for itself is a cycle.
#include "runtime/lua/require.h"

#include "runtime/lua/functions.h"
#include "runtime/lua/image.h"
#include "runtime/lua/source_reader.h"

#include <lauxlib.h>
#include <string.h>

static const char loaded_key = 'l', begun_key = 'b'; // only their addresses count

static void push_registry_table(lua_State *L, const void *key)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, key) == LUA_TTABLE)
        return;
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

void require_begin(lua_State *L, struct bytes name)
{
    // chunk -> name and name -> chunk.
    push_registry_table(L, &begun_key);
    lua_pushlstring(L, name.data, name.length);
    lua_pushvalue(L, -3);
    lua_pushvalue(L, -2);
    lua_rawset(L, -4);
    lua_pushvalue(L, -3);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

// If the module called `name` is on the stack, raises an error that shows the way round.
static void refuse_cycle(lua_State *L, const char *name)
{
    push_registry_table(L, &begun_key);
    int begun = lua_gettop(L);
    lua_pushstring(L, name);
    lua_Debug ar;
    for (struct coroutine_link *link = image_of(L)->running; link != NULL; link = link->parent) {
        for (int level = 0; lua_getstack(link->L, level, &ar); level++) {
            luaL_checkstack(link->L, 1, NULL);
            lua_getinfo(link->L, "f", &ar);
            lua_xmove(link->L, L, 1);
            if (lua_rawget(L, begun) != LUA_TSTRING) {
                lua_pop(L, 1);
                continue;
            }
            lua_pushfstring(L, "%s -> %s", lua_tostring(L, -1), lua_tostring(L, -2));
            bool closed = strcmp(lua_tostring(L, -2), name) == 0;
            lua_replace(L, begun + 1);
            lua_settop(L, begun + 1);
            if (closed)
                luaL_error(L, "module '%s' requires itself: %s", name, lua_tostring(L, -1));
        }
    }
    lua_settop(L, begun - 1);
}

static const struct job_module *find_module(const struct job *job, struct bytes name)
{
    for (uint32_t i = 0; i < job->module_count; i++)
        if (bytes_equal(job->modules[i].name, name))
            return &job->modules[i];
    return NULL;
}

static int report_missing(lua_State *L, const char *name)
{
    const struct job *job = image_of(L)->job;
    if (job->module_count <= 1)
        return luaL_error(L, "module '%s' not found: this plugin has no other modules", name);
    luaL_Buffer names;
    luaL_buffinit(L, &names);
    for (uint32_t i = 1; i < job->module_count; i++) {
        luaL_addstring(&names, i > 1 ? ", '" : "'");
        luaL_addlstring(&names, job->modules[i].name.data, job->modules[i].name.length);
        luaL_addstring(&names, "'");
    }
    luaL_pushresult(&names);
    return luaL_error(L, "module '%s' not found: this plugin has %s", name, lua_tostring(L, -1));
}

// Kept so that the run, if nobody catches the error, ends as one whose source does not compile.
static void keep_syntax_error(struct lua_image *image, const struct job_module *module, const char *message,
                              uint32_t line)
{
    image->module_syntax.failed = true;
    image->module_syntax.source = module->name;
    image->module_syntax.line = line;
    size_t length = strnlen(message, sizeof(image->module_syntax.message) - 1);
    memcpy(image->module_syntax.message, message, length);
    image->module_syntax.message[length] = '\0';
}

int plugin_require(lua_State *L)
{
    struct bytes name;
    name.data = luaL_checklstring(L, 1, &name.length);
    lua_settop(L, 1);
    push_registry_table(L, &loaded_key);
    lua_pushvalue(L, 1);
    if (lua_rawget(L, 2) != LUA_TNIL)
        return 1;
    const struct job_module *module = find_module(image_of(L)->job, name);
    if (module == NULL)
        return report_missing(L, name.data);
    refuse_cycle(L, name.data);
    uint32_t line;
    lua_settop(L, 2);
    if (!source_compile(L, module->name, module->code, &line)) {
        keep_syntax_error(image_of(L), module, lua_tostring(L, -1), line);
        return lua_error(L);
    }
    if (image_of(L)->coverage != NULL)
        line_coverage_add(image_of(L), L, module);
    require_begin(L, name);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushboolean(L, 1);
    }
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -2);
    lua_rawset(L, 2);
    return 1;
}
