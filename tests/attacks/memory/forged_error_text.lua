-- expect: plugin_error
-- The status of lua_pcall is forged by this text; the allocator knows better.
error("not enough memory", 0)
