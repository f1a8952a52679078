// SPDX-License-Identifier: Apache-2.0
// sandboxctl: for plugin developers a whole day of work with no server and no root, for administrators the
// service's remote control. One process, one thread; local runs use the same engine, zygote and policies as
// the service.
#include "base/fd.h"
#include "sandboxctl/build_info.h"
#include "sandboxctl/command.h"

#include <signal.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    struct error err;
    if (!fd_hold_standard(&err))
        return (int)fail_with(&err);
    // A pipe that closes early is told of by write's error, once, instead of a silent death.
    signal(SIGPIPE, SIG_IGN);
    struct invocation invocation;
    enum exit_status status = STATUS_SUCCESS;
    switch (command_parse(argc, argv, &invocation)) {
    case PARSE_RUN:
        status = invocation.command->run(&invocation);
        break;
    case PARSE_HELP:
        if (invocation.group != NULL)
            command_list_group(stdout, invocation.group);
        else
            command_help(stdout, invocation.command);
        break;
    case PARSE_VERSION:
        printf("sandboxctl %s\n", SANDBOX_VERSION);
        break;
    case PARSE_USAGE:
        status = STATUS_USAGE;
        break;
    }
    invocation_free(&invocation);
    if ((fflush(stdout) != 0 || ferror(stdout)) && status == STATUS_SUCCESS)
        status = fail(STATUS_FAILURE, "cannot write to standard output");
    return (int)status;
}
