// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/scaffold.h"

#include <stddef.h>

static const char manifest[] = "{\n"
                               "  \"name\": \"@NAME@\",\n"
                               "  \"version\": \"0.1.0\",\n"
                               "  \"description\": \"Greets a person\",\n"
                               "  \"author\": \"\",\n"
                               "  \"license\": \"Apache-2.0\",\n"
                               "  \"entry\": \"main\",\n"
                               "  \"modules\": {\n"
                               "    \"main\": \"main.lua\"\n"
                               "  }\n"
                               "}\n";

static const char main_lua[] =
    "-- The context is the JSON value that the caller sends; what this chunk returns is the output.\n"
    "if type(context) ~= \"table\" or type(context.name) ~= \"string\" then\n"
    "  error(\"context.name: expected a text\", 0)\n"
    "end\n"
    "\n"
    "log.info(\"greeting \" .. context.name)\n"
    "return { greeting = \"Hello, \" .. context.name .. \"!\" }\n";

static const char cases[] =
    "[\n"
    "  {\n"
    "    \"name\": \"greets by name\",\n"
    "    \"context\": { \"name\": \"Ada\" },\n"
    "    \"expect\": { \"status\": \"ok\", \"output\": { \"greeting\": \"Hello, Ada!\" } }\n"
    "  },\n"
    "  {\n"
    "    \"name\": \"says what is missing\",\n"
    "    \"context\": {},\n"
    "    \"expect\": { \"status\": \"plugin_error\", \"error\": \"context.name\" }\n"
    "  }\n"
    "]\n";

static const char readme[] = "# @NAME@\n"
                             "\n"
                             "Greets a person.\n"
                             "\n"
                             "    sandboxctl run . --context '{\"name\": \"Ada\"}'\n"
                             "    sandboxctl test\n"
                             "    sandboxctl watch .\n"
                             "\n"
                             "What a plugin may use is described in sandbox-plugin(7).\n";

const struct scaffold_file scaffold_files[] = {
    {"plugin.json", manifest}, {"main.lua", main_lua}, {"tests/greeting.json", cases},
    {"README.md", readme},     {NULL, NULL},
};
