#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the test suites and sums them up: `run_suites.py [SUITE]... [--sanitize]`, from the root, after a build.

Four passes: everything as it is built for development; the unit and integration tests again with a sandboxd
under AddressSanitizer and UndefinedBehaviorSanitizer; the unit tests of the engine and of sandboxd, and integration
tests that keep all of its threads busy, under ThreadSanitizer; and under valgrind those of what reads and writes text
and bytes in one thread. Naming suites narrows the first pass to them and leaves the others out; --sanitize runs only
the others.

The run fails if a test failed, or if one was skipped, wholly or in part, that this host could have run.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import host_facts

ROOT = pathlib.Path(__file__).resolve().parent.parent
SKIPPED_WITHIN = re.compile(r"^\[  SKIPPED \] +(?!0 test)\S|\bskipped=[1-9]", re.MULTILINE)
LACKS = re.compile(r"host lacks: *([a-z0-9_]+)", re.MULTILINE)

SANITIZED = ["-Dbuildtype=debugoptimized", "-Db_lundef=false", "-Dwerror=false"]
ADDRESS_OPTIONS = {
    "ASAN_OPTIONS": "abort_on_error=1:detect_stack_use_after_return=1:strict_string_checks=1:"
                    # Freed memory is kept back to catch its use: little of it, or a test of growth sees that instead.
                    "quarantine_size_mb=4",
    "UBSAN_OPTIONS": "halt_on_error=1:abort_on_error=1:print_stacktrace=1",
    "LSAN_OPTIONS": "print_suppressions=0",
}
# Uninitialised values are what AddressSanitizer does not see. Not where time is short (runtime/lua's limits), where
# threads or confinement are what is tested, or where SQLite and libcurl do the work.
CHECKED_FOR_VALUES = ("base/", "packaging/", "policies/", "protocol/", "sandboxctl/", "validation/")
# They open files by openat2, which Debian 12's valgrind does not know.
WITHOUT_OPENAT2 = ("sandboxctl/bundle", "sandboxctl/test_case", "sandboxctl/whole_file")
VALGRIND = "valgrind --quiet --error-exitcode=99 --leak-check=no --child-silent-after-fork=yes"
# Everything that has threads, in parts and whole: changes of policies under load, the writer of the store, the exporter
# of traces, runs cut short, and the end of them all. A race ends sandboxd, which fails the test. Not what needs a quick
# machine.
CHECKED_FOR_RACES = ("engine/", "sandboxd/", "accounts", "health", "history", "idempotency", "plugins",
                     "policy reloads", "stop and signals", "tracing")
THREAD_OPTIONS = {"TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1"}


class Pass:
    def __init__(self, label, folder, setup, arguments, environment, only=None, but=(), wrapper=None):
        self.label = label
        self.folder = folder
        self.setup = setup
        self.arguments = arguments
        self.environment = environment
        self.only = only  # prefixes of test names; None: all
        self.but = but  # of these, the names that are left out
        self.wrapper = wrapper


def plan(suites, sanitize):
    named = [part for suite in suites for part in ("--suite", suite)]
    # The zygote is static and confines itself, so it stays as it is: the daemon in front of it is sanitized.
    plain_zygote = {"SANDBOX_ZYGOTE_PATH": str(ROOT / "build/runtime/zygote/sandbox-zygote")}
    plain = Pass("plain", "build", None, named + ["-t", "2"], {})
    checked = named or ["--suite", "unit", "--suite", "integration"]
    address = Pass("address+undefined", "build-sanitize", SANITIZED + ["-Db_sanitize=address,undefined"],
                   checked + ["-t", "5"], ADDRESS_OPTIONS | plain_zygote)
    thread = Pass("thread", "build-thread", SANITIZED + ["-Db_sanitize=thread"],
                  ["--suite", "unit", "--suite", "integration", "-t", "5"], THREAD_OPTIONS | plain_zygote,
                  only=CHECKED_FOR_RACES)
    values = Pass("valgrind", "build", None, ["--suite", "unit", "-t", "20"], {}, only=CHECKED_FOR_VALUES,
                  but=WITHOUT_OPENAT2, wrapper=VALGRIND)
    if sanitize:
        return [address, thread, values]
    return [plain] if suites else [plain, address, thread, values]


def run_quietly(command, what):
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        print(done.stdout + done.stderr)
        sys.exit(f"run_suites: {what} failed")


def introspect(what, folder):
    listing = subprocess.run(["meson", "introspect", what, folder], cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(listing.stdout)


def prepare(entry):
    """Builds the pass's folder; returns the names of the tests to run, or None for all of its arguments."""
    if entry.setup is not None:
        if not (ROOT / entry.folder / "build.ninja").exists():
            shutil.rmtree(ROOT / entry.folder, ignore_errors=True)
            run_quietly(["meson", "setup", entry.folder, *entry.setup], f"configuring {entry.folder}")
        # First by itself: what is asked of meson below must be of today's build files.
        run_quietly(["ninja", "-C", entry.folder, "--quiet", "build.ninja"], f"configuring {entry.folder}")
        if entry.only is None:
            run_quietly(["ninja", "-C", entry.folder, "--quiet"], f"building {entry.folder}")
    if entry.only is None:
        return None
    chosen = [test for test in introspect("--tests", entry.folder)
              if test["name"].startswith(entry.only) and test["name"] not in entry.but]
    files = {target["id"]: target["filename"][0] for target in introspect("--targets", entry.folder)}
    targets = {os.path.relpath(files[target], ROOT / entry.folder) for test in chosen for target in test["depends"]}
    if any("integration" in suite for test in chosen for suite in test["suite"]):
        targets.add("sandboxd/sandboxd")  # their files name no program
    if targets:
        run_quietly(["ninja", "-C", entry.folder, "--quiet", *sorted(targets)], f"building {entry.folder}")
    return [test["name"] for test in chosen]


def fixed_addresses():
    """The sanitizers' shadow memory does not fit every random layout of a recent kernel."""
    setarch = ["setarch", "-R"]
    works = shutil.which("setarch") and subprocess.run(setarch + ["true"], capture_output=True).returncode == 0
    return setarch if works else []


def run(entry):
    """Runs one pass; returns the rows of meson's log."""
    names = prepare(entry)
    if names == []:
        return []
    log = ROOT / entry.folder / "meson-logs" / ("testlog-valgrind.json" if entry.wrapper else "testlog.json")
    wrap = ["--wrap", entry.wrapper] if entry.wrapper else []
    log.unlink(missing_ok=True)
    wrapper = fixed_addresses() if entry.setup is not None else []
    subprocess.run(wrapper + ["meson", "test", "-C", entry.folder, "--no-rebuild", *wrap, *entry.arguments, *(names or [])],
                   cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT,
                   env=os.environ | entry.environment)
    if not log.exists():
        sys.exit(f"run_suites: meson ran no test in {entry.folder}")
    return [json.loads(line) for line in log.read_text(errors="replace").splitlines()]


def false_skips(row):
    """Why a skip, whole or within the test, does not count; empty if there is none or there is a good reason."""
    text = row.get("stdout", "") + row.get("stderr", "")
    skipped = row["result"] == "SKIP" or SKIPPED_WITHIN.search(text)
    if not skipped:
        return []
    names = sorted(set(LACKS.findall(text)))
    if not names:
        return ["skipped without saying what the host lacks"]
    faults = []
    for name in names:
        if name not in host_facts.HOST_HAS:
            faults.append(f"skipped for want of {name}, which tests/host_facts.py does not know")
        elif host_facts.HOST_HAS[name]():
            faults.append(f"skipped for want of {name}, which this host has")
    return faults


def show_failure(label, row, faults):
    print(f"\n---- {label}: {row['name']}: {'; '.join(faults) or row['result']} ({row.get('returncode')})")
    for stream in ("stdout", "stderr"):
        lines = row.get(stream, "").splitlines()
        if len(lines) > 120:
            print(f"     ... {len(lines) - 120} lines of {stream} before")
        print("\n".join(lines[-120:]))


def judge(entry, rows):
    """Prints what failed; returns (passed, failed, skipped) per suite."""
    table = {}
    for row in rows:
        # "PROJECT:SUITE / NAME", or "PROJECT:SUITE+SUITE / NAME".
        suite = row["name"].partition(" / ")[0].partition(":")[2].partition("+")[0] or "-"
        counts = table.setdefault(suite, [0, 0, 0])
        faults = false_skips(row)
        if faults or row["result"] not in ("OK", "SKIP", "EXPECTEDFAIL"):
            counts[1] += 1
            show_failure(entry.label, row, faults)
        elif row["result"] == "SKIP":
            counts[2] += 1
        else:
            counts[0] += 1
    return table


def main():
    parser = argparse.ArgumentParser(prog="./dev test")
    parser.add_argument("suite", nargs="*")
    parser.add_argument("--sanitize", action="store_true")
    options = parser.parse_args()
    totals = [0, 0, 0]
    summary = []
    for entry in plan(options.suite, options.sanitize):
        began = time.monotonic()
        print(f"-- {entry.label}: {entry.folder}", flush=True)
        for suite, counts in judge(entry, run(entry)).items():
            summary.append((entry.label, suite, *counts))
            totals = [total + count for total, count in zip(totals, counts)]
        print(f"   {time.monotonic() - began:.0f} s", flush=True)
    print(f"\n{'pass':<20}{'suite':<14}{'passed':>8}{'failed':>8}{'skipped':>8}")
    for label, suite, *counts in summary:
        print(f"{label:<20}{suite:<14}" + "".join(f"{count:>8}" for count in counts))
    print("\n{} passed, {} failed, {} skipped".format(*totals))
    return 1 if totals[1] or not totals[0] else 0


if __name__ == "__main__":
    sys.exit(main())
