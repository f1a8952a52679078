#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the fuzz targets of a -Dfuzz=true build, one after the other, on their seeds and on what earlier runs
found; a finding is kept beside the build, and named. The target lua_live is of an ordinary build, since its
workers are the real ones: it starts from the Lua that lua_program has kept."""

import argparse
import os
import pathlib
import resource
import subprocess
import sys

import kept

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
# What Lua programs are made from, besides what the grammar writes.
LUA_SEEDS = [SOURCE / "tests/attacks", SOURCE / "plugins"]

# Weighing inputs by how rare their features are costs more than the runs themselves where an input has hundreds.
OPTIONS = {"lua_program": ["-entropic=0"]}
# A sanitizer's frames are several times those of a worker, whose 6 MiB are enough for the deepest of tests/attacks.
STACK_BYTES = 64 << 20
# Undefined behaviour is a finding like any other, not a remark in passing.
SANITIZER = {"UBSAN_OPTIONS": "halt_on_error=1:abort_on_error=1:print_stacktrace=1"}


def targets(build):
    return sorted(path for path in (build / "tests/fuzz").glob("fuzz_*") if path.is_file() and path.suffix == "")


def seed_folders(build, name):
    kind = "json" if name.startswith("json") else name
    folders = [HERE / "corpus" / kind, build / "tests/fuzz/seeds" / kind]
    return [folder for folder in folders if folder.is_dir()] + (LUA_SEEDS if name == "lua_program" else [])


def run(build, program, seconds):
    name = program.name.removeprefix("fuzz_")
    grown = build / "fuzz-corpus" / name
    findings = build / "fuzz-findings" / name
    grown.mkdir(parents=True, exist_ok=True)
    findings.mkdir(parents=True, exist_ok=True)
    kept.unpack(name, grown)
    command = [program, f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048", "-max_len=8192",
               "-print_final_stats=1", *OPTIONS.get(name, []), f"-artifact_prefix={findings}/", grown,
               *seed_folders(build, name)]
    done = subprocess.run(command, env=os.environ | SANITIZER, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                          timeout=seconds * 3 + 120)
    executed = [line.split()[-1] for line in done.stdout.splitlines() if "number_of_executed_units" in line]
    print(f"{name}: {executed[0] if executed else '?'} inputs in {seconds} s, exit {done.returncode}", flush=True)
    if done.returncode != 0:
        print(done.stdout[-8000:])
        print(f"{name}: the input is in {findings}. Run {program} FILE to see it again.")
    return done.returncode == 0


def run_live(build, live, seconds):
    findings = build / "fuzz-findings/lua_live"
    findings.mkdir(parents=True, exist_ok=True)
    grown = build / "fuzz-corpus/lua_program"
    grown.mkdir(parents=True, exist_ok=True)
    command = [live / "tests/fuzz/lua_live", "--zygote", live / "runtime/zygote/sandbox-zygote", "--policies",
               SOURCE / "policies", "--seconds", str(seconds), "--findings", findings,
               HERE / "corpus/lua_program", *LUA_SEEDS, grown]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                          timeout=seconds * 3 + 300)
    print(f"lua_live: {done.stdout.strip()}", flush=True)
    return done.returncode == 0


def main():
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    resource.setrlimit(resource.RLIMIT_STACK, (STACK_BYTES if hard == resource.RLIM_INFINITY else min(STACK_BYTES, hard), hard))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--live", type=pathlib.Path, default=SOURCE / "build", help="an ordinary build, for lua_live")
    parser.add_argument("target", nargs="?", help="name without fuzz_; all if absent")
    parser.add_argument("seconds", nargs="?", type=int, default=60, help="for each target")
    parser.add_argument("--keep", action="store_true", help="write what was found into tests/fuzz/corpus afterwards")
    arguments = parser.parse_args()
    if arguments.target is not None and arguments.target.isdigit():
        arguments.target, arguments.seconds = None, int(arguments.target)
    build = arguments.build.resolve()
    known = {program.name.removeprefix("fuzz_"): program for program in targets(build)}
    if not known:
        sys.exit(f"run_fuzz: {build} has no fuzz targets: configure it with CC=clang and -Dfuzz=true")
    names = [*known, *(["lua_live"] if (arguments.live / "tests/fuzz/lua_live").is_file() else [])]
    if arguments.target is not None and arguments.target not in names:
        sys.exit(f"run_fuzz: no target {arguments.target}; there are {', '.join(names)}")
    chosen = [arguments.target] if arguments.target else names
    results = [run_live(build, arguments.live.resolve(), arguments.seconds) if name == "lua_live"
               else run(build, known[name], arguments.seconds) for name in chosen]
    if not all(results):
        sys.exit(1)
    for name in chosen if arguments.keep else []:
        if name in known:
            count = kept.keep(name, known[name], [build / "fuzz-corpus" / name, *seed_folders(build, name)])
            print(f"{name}: kept {count} inputs", flush=True)


if __name__ == "__main__":
    main()
