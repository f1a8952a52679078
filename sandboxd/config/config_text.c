// SPDX-License-Identifier: Apache-2.0
// The configuration as text: --print-config and --help.
#include "base/buffer.h"
#include "base/json_write.h"
#include "policies/units.h"
#include "sandboxd/config/options.h"

#include <string.h>

static void put_value(struct buffer *out, const struct config_option *option, const struct config *config)
{
    const void *field = (const char *)config + option->offset;
    if (option->type == OPTION_TEXT) {
        json_put_text(out, field);
    } else if (option->type == OPTION_CHOICE) {
        json_put_text(out, option->choices[*(const int *)field]);
    } else if (option->type == OPTION_LIST) {
        const struct config_list *list = field;
        buffer_append_byte(out, '[');
        for (unsigned i = 0; i < list->count; i++) {
            buffer_append_text(out, i > 0 ? ", " : "");
            json_put_text(out, list->item[i]);
        }
        buffer_append_byte(out, ']');
    } else {
        json_put_unsigned(out, *(const uint64_t *)field);
    }
}

// Options of one object stand together in the table.
void config_print(const struct config *config, FILE *out)
{
    struct buffer text = buffer_make(1 << 20);
    char open[32] = ""; // the object that is open
    for (unsigned i = 0; i < config_option_count; i++) {
        const struct config_option *option = &config_options[i];
        if (option->type == OPTION_TEXT && *((const char *)config + option->offset) == '\0')
            continue; // unset: there is no way to write that but to leave it out
        const char *dot = strchr(option->member, '.');
        size_t group_length = dot != NULL ? (size_t)(dot - option->member) : 0;
        bool same = strlen(open) == group_length && strncmp(open, option->member, group_length) == 0;
        if (!same && open[0] != '\0')
            buffer_append_text(&text, "\n  }");
        buffer_append_text(&text, text.length == 0 ? "{" : ",");
        if (!same && group_length > 0)
            buffer_printf(&text, "\n  \"%.*s\": {", (int)group_length, option->member);
        if (!same)
            snprintf(open, sizeof(open), "%.*s", (int)group_length, option->member);
        buffer_printf(&text, "\n%s\"%s\": ", group_length > 0 ? "    " : "  ",
                      dot != NULL ? dot + 1 : option->member);
        put_value(&text, option, config);
    }
    buffer_append_text(&text, open[0] != '\0' ? "\n  }\n}\n" : "\n}\n");
    if (buffer_ok(&text))
        fwrite(text.data, 1, text.length, out);
    buffer_free(&text);
}

void config_help(FILE *out)
{
    fputs("sandboxd runs untrusted Lua plugins over HTTP, each in a fresh, confined process.\n\n"
          "  sandboxd --state-dir FOLDER                      serve on 127.0.0.1:8080; the first start\n"
          "                                                   writes a key to FOLDER/admin.key\n"
          "  sandboxd --auth off --state-dir FOLDER           the same, without keys\n"
          "  sandboxd --config /etc/sandboxd/sandboxd.json    serve as configured\n"
          "  sandboxd --config FILE --check-config            check it and exit\n\n"
          "Every option is a flag, an environment variable, or a member of the --config file (dots are\n"
          "objects); the first of these that is there counts. See sandboxd(8) and sandboxd.json(5).\n\n",
          out);
    for (unsigned i = 0; i < config_option_count; i++) {
        const struct config_option *option = &config_options[i];
        char flag[OPTION_FLAG_SIZE];
        option_flag(option, flag);
        fprintf(out, "  %-26s %s\n", flag, option->help);
        fprintf(out, "  %-26s %s, %s; default: %s%s\n", "", option->environment, option->member,
                option->default_text, option->reloadable ? "; reloadable" : "");
    }
    fputs("\n  --config FILE              read sandboxd.json\n"
          "  --check-config             check configuration and policies, and exit\n"
          "  --print-config             print the configuration in force as JSON, and exit\n"
          "  --version, --help\n\n"
          "Signals: SIGTERM and SIGINT stop in good order, SIGHUP reloads what can be reloaded.\n"
          "Exit status: 0 stopped in good order, 1 could not start or failed, 2 wrong configuration.\n",
          out);
}
