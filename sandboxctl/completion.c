// SPDX-License-Identifier: Apache-2.0
#include "sandboxctl/completion.h"

#include "sandboxctl/completion_words.h"

#include <string.h>

// Each script asks this program for the words, so that all three offer the same, and what there is now.
static const char bash_script[] =
    "# bash completion for sandboxctl\n"
    "_sandboxctl()\n"
    "{\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} line\n"
    "    COMPREPLY=()\n"
    "    while IFS= read -r line; do\n"
    "        if [[ $line == / ]]; then\n"
    "            compopt -o filenames\n"
    "            mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- \"${word#=}\")\n"
    "        else\n"
    "            COMPREPLY+=(\"${line%%$'\\t'*}\")\n"
    "        fi\n"
    "    done < <(sandboxctl completion bash -- \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
    "}\n"
    "complete -F _sandboxctl sandboxctl\n";

static const char zsh_script[] =
    "#compdef sandboxctl\n"
    "_sandboxctl()\n"
    "{\n"
    "    local -a found\n"
    "    local line files=\n"
    "    while IFS= read -r line; do\n"
    "        if [[ $line == / ]]; then\n"
    "            files=1\n"
    "        else\n"
    "            found+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\")\n"
    "        fi\n"
    "    done < <(sandboxctl completion zsh -- \"${(@)words[2,CURRENT]}\" 2>/dev/null)\n"
    "    (( $#found )) && _describe sandboxctl found\n"
    "    [[ -n $files ]] && _files\n"
    "}\n"
    "if [[ $funcstack[1] == _sandboxctl ]]; then\n"
    "    _sandboxctl \"$@\"\n"
    "else\n"
    "    compdef _sandboxctl sandboxctl\n"
    "fi\n";

static const char fish_script[] =
    "# fish completion for sandboxctl\n"
    "function __sandboxctl_words\n"
    "    set -l words (commandline -opc)\n"
    "    set -e words[1]\n"
    "    set -l word (commandline -ct)\n"
    "    for line in (sandboxctl completion fish -- $words \"$word\" 2>/dev/null)\n"
    "        if test \"$line\" = /\n"
    "            __fish_complete_path \"$word\"\n"
    "        else\n"
    "            echo $line\n"
    "        end\n"
    "    end\n"
    "end\n"
    "complete -c sandboxctl -f -a '(__sandboxctl_words)'\n";

static const struct {
    const char *shell;
    const char *script;
} shells[] = {{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};

enum exit_status completion_command(const struct invocation *invocation)
{
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        if (strcmp(invocation->arguments[0], shells[i].shell) != 0)
            continue;
        if (invocation->argument_count > 1)
            completion_put_words(stdout, invocation->arguments + 1, invocation->argument_count - 1);
        else
            fputs(shells[i].script, stdout);
        return STATUS_SUCCESS;
    }
    return fail(STATUS_USAGE, "completion: expected bash, zsh or fish, not '%s'", invocation->arguments[0]);
}
