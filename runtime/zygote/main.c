// SPDX-License-Identifier: Apache-2.0
// sandbox-zygote: started by the engine of sandboxd or sandboxctl, with its control socket as descriptor 3.
// No options: there is nothing to switch off.
#include "runtime/protocol/exit_codes.h"
#include "runtime/protocol/zygote_messages.h"
#include "runtime/zygote/process_title.h"
#include "runtime/zygote/zygote.h"

#include <stdio.h>
#include <sys/socket.h>

static bool is_control_socket(int fd)
{
    int type;
    socklen_t size = sizeof type;
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

int main(int argc, char **argv)
{
    if (!is_control_socket(ZYGOTE_CONTROL_FD)) {
        fputs("sandbox-zygote: descriptor 3 is not a control socket. This program is started by sandboxd and "
              "sandboxctl, never by hand: try `sandboxctl run`.\n",
              stderr);
        return ZYGOTE_EXIT_START;
    }
    return zygote_main(ZYGOTE_CONTROL_FD, process_title_take(argc, argv));
}
