// SPDX-License-Identifier: Apache-2.0
// Exit codes of zygote and worker, with a meaning each. A worker that took over its process can forge any
// of them; the engine only lets one confirm what frames and clocks said, and takes 70, 71 and 73 for the
// host's failure only where the kernel says that the job was not taken.
#pragma once

enum worker_exit_code {
    EXIT_RUN_ENDED = 0,       // one complete result frame was written
    EXIT_CONFINEMENT = 70,    // a confinement step failed; nothing of the plugin was run
    EXIT_JOB_MALFORMED = 71,  // the job could not be decoded
    EXIT_ENGINE_GONE = 72,    // the socket closed before or while a frame was written
    EXIT_INTERPRETER = 73,    // Lua panicked, or its set-up failed
    EXIT_SYSCALL_DENIED = 74, // enforce mode: a FRAME_DENIED was written
    EXIT_IDLE_CLOSED = 75,    // the engine closed an idle worker's socket: an orderly end
};

enum zygote_exit_code {
    ZYGOTE_EXIT_OK = 0,        // the control socket closed: the engine wants it gone
    ZYGOTE_EXIT_START = 80,    // it could not start; a ZYGOTE_FAILED packet says why
    ZYGOTE_EXIT_PROTOCOL = 81, // the engine sent something malformed
    ZYGOTE_EXIT_MEMORY = 82,   // it ran out of memory for its own books
};
