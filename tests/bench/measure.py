# SPDX-License-Identifier: Apache-2.0
"""How the bench measures: wrk, processes started in a row, paired rounds, quantiles."""

import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


def median(values):
    return statistics.median(values)


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def wrk(url, body, connections, seconds, key=None):
    """POSTs `body` over keep-alive connections. Requests a second, latency in µs, and what was not answered 200."""
    with tempfile.NamedTemporaryFile("wb", suffix=".json") as file:
        file.write(body)
        file.flush()
        threads = min(2, connections)
        done = subprocess.run(
            ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s",
             str(HERE / "post.lua"), url, "--", file.name, *([key] if key else [])],
            capture_output=True, text=True, timeout=seconds + 60)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not lines:
        raise RuntimeError(f"wrk failed: {done.stdout}{done.stderr}")
    answer = json.loads(lines[-1])
    wrong = answer["not_200"] + answer["socket_errors"]
    if wrong:
        raise RuntimeError(f"{wrong} of {answer['requests']} requests failed at {connections} connections: {answer}")
    return answer


def processes_per_second(command, seconds, in_flight=2, stdin=None):
    """Starts `command` over and over, `in_flight` at a time, for so long."""
    quiet = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, quiet, fd) for fd in (0, 1)]
    if stdin is not None:
        actions[0] = (os.POSIX_SPAWN_OPEN, 0, stdin, os.O_RDONLY, 0)

    def start():
        return os.posix_spawnp(command[0], command, os.environ, file_actions=actions)

    running, done, began = {start() for _ in range(in_flight)}, 0, time.monotonic()
    while time.monotonic() < began + seconds:
        pid, status = os.wait()
        if status != 0:
            raise RuntimeError(f"{command[0]} ended with {status}")
        if pid in running:
            running.discard(pid)
            done += 1
            running.add(start())
    elapsed = time.monotonic() - began
    for pid in running:
        os.waitpid(pid, 0)
    os.close(quiet)
    return done / elapsed


def cpu_ms_of(command):
    """User and system time of one process, as the kernel counts it."""
    with open(os.devnull, "wb") as quiet:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=quiet)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
    if status != 0:
        raise RuntimeError(f"{command[0]} ended with {status}")
    return (usage.ru_utime + usage.ru_stime) * 1000


def paired(rounds, *measures):
    """Runs the measures in turn, `rounds` times, so that a drift of the machine meets them all. A list each."""
    found = [[] for _ in measures]
    for _ in range(rounds):
        for values, measure in zip(found, measures):
            values.append(measure())
    return found


def ratio(over, under):
    """The median of the rounds' own ratios."""
    return median([a / b for a, b in zip(over, under)])


def title_of(pid):
    """The command line as ps shows it; empty for a process that is gone."""
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def _ticks(path, children):
    """CPU time of a process or thread in clock ticks, with that of the children that it has reaped if asked for."""
    with open(path, encoding="utf-8", errors="replace") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15 if children else 13])


def cpu_of(service, others):
    """CPU seconds so far: of each thread of the service by its name, and of the other processes with their children."""
    seconds = {}
    for task in pathlib.Path(f"/proc/{service}/task").iterdir():
        name = (task / "comm").read_text().strip()
        seconds[name] = seconds.get(name, 0) + _ticks(task / "stat", False)
    for pid in others:
        with contextlib.suppress(OSError):  # a worker that is gone, and counted with its zygote
            seconds["workers"] = seconds.get("workers", 0) + _ticks(f"/proc/{pid}/stat", True)
    return {name: ticks / os.sysconf("SC_CLK_TCK") for name, ticks in seconds.items()}


def memory_of(pid):
    """RSS and private memory in KiB; None where this user may not look."""
    figures = {}
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
            for line in rollup:
                name, _, rest = line.partition(":")
                if rest.strip().endswith("kB"):
                    figures[name] = int(rest.split()[0])
    except OSError:
        return None
    return figures["Rss"], figures["Private_Clean"] + figures["Private_Dirty"]
