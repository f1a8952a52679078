# SPDX-License-Identifier: Apache-2.0
"""What a plugin's developer waits for: C1, a local run from the shell against the bare interpreter."""

import os
import pathlib
import shutil
import tempfile
import time

import measure
from report import Row

PAIRS = 200  # short runs, of which the odd one has to wait for a core


def wall_ms_of(command):
    """From the start of a process until it is reaped, as a shell waits for it."""
    quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
    began = time.monotonic()
    _, status = os.waitpid(os.posix_spawnp(command[0], command, os.environ, file_actions=quiet), 0)
    ended = time.monotonic()
    if status != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return (ended - began) * 1000


def c1_run(bench):
    if shutil.which("lua5.4") is None:
        yield Row("C1", "sandboxctl run / lua5.4, a trivial program", None, note="lua5.4 is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder, "trivial.lua")
        script.write_text("return 1\n")
        commands = ([str(bench.build / "sandboxctl/sandboxctl"), "run", str(script)], ["lua5.4", str(script)])
        loads = [lambda command=command: wall_ms_of(command) for command in commands]
        measure.paired(10, *loads)
        ours, plain = measure.paired(PAIRS * bench.rounds // 3, *loads)
    yield Row("C1", "sandboxctl run / lua5.4, a trivial program", measure.ratio(ours, plain), (3, "at most"),
              figures={"sandboxctl run": f"{measure.median(ours):.2f} ms", "lua5.4": f"{measure.median(plain):.2f} ms"})
    yield Row("C1", "sandboxctl run of a trivial program", measure.median(ours), (15, "at most"), unit=" ms")
