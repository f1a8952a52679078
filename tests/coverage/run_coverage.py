#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which lines the tests reach: `run_coverage.py --build FOLDER [--again]`, after `./dev coverage` has built it.

Workers are confined, end by _exit and are killed, so nothing could write its counters when it ends. clang's continuous
mode has no need to: a program's counters are a file, mapped before its main() and shared with all that it forks. Nothing
of it is in the build files of the product; `./dev coverage` hands the options to the compiler.

The run fails if a folder of runtime/ has less than its share of lines covered, or if a line of runtime/ that no test
reaches is in a function that uncovered.txt does not name; also if a row of that list matches nothing any more, unless it
is a matter of chance.
"""

import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
NAMED = pathlib.Path(__file__).with_name("uncovered.txt")
PRODUCT = ("base/", "packaging/", "policies/", "runtime/", "sandboxctl/", "sandboxd/", "validation/")
JUDGED, LEAST_SHARE = "runtime/", 0.9
BY_CHANCE = {"kernel", "layout", "memory", "moment", "peer", "signal"}  # reasons of what one run or host reaches, and another does not
SUITES = ("unit", "integration", "attacks", "cli", "faults")

File = collections.namedtuple("File", "lines functions")  # {line: times}, [(first line, name)]


def executables(build):
    targets = json.loads(subprocess.run(["meson", "introspect", "--targets", build], capture_output=True, text=True,
                                        check=True).stdout)
    return [target["filename"][0] for target in targets if target["type"] == "executable"]


def prepare(profiles, programs):
    """A program makes its file when it first starts. Some are started as other users, who have to be able to write it."""
    profiles.mkdir(exist_ok=True)
    for old in profiles.glob("*.profraw"):
        old.unlink()
    for program in programs:
        if "/tests/" not in program or "/tests/integration/" in program or "/tests/attacks/" in program:
            subprocess.run([program, "--version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    for path in (profiles, *profiles.iterdir()):
        path.chmod(0o777 if path.is_dir() else 0o666)


def run_tests(build):
    suites = [word for suite in SUITES for word in ("--suite", suite)]
    done = subprocess.run(["meson", "test", "-C", build, "--no-rebuild", "-t", "5", *suites], stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        print("some tests failed, see above: what they would have reached may be missing below")


def export(build, profiles, programs):
    """{path: File} of the product's sources, of all programs' counters together."""
    merged = build / "coverage.profdata"
    # The products' own maps: tests count towards the same functions, and have a main() each besides.
    programs = [program for program in programs if "/tests/" not in program]
    subprocess.run(["llvm-profdata", "merge", "-sparse", "-o", merged, *profiles.glob("*.profraw")], check=True)
    objects = [word for program in programs[1:] for word in ("-object", program)]
    common = [programs[0], *objects, "-instr-profile", merged]
    llvm_cov("show", "-format=html", "-output-dir", build / "coverage", *common, *(ROOT / folder for folder in PRODUCT))
    return files_of(llvm_cov("export", "-format=lcov", *common))


def llvm_cov(*words):
    """Its output. It warns of functions that two programs name alike, as the zygote and its probes do."""
    done = subprocess.run(["llvm-cov", *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"llvm-cov {words[0]} failed: {done.stderr}")
    return done.stdout


def files_of(lcov):
    found = {}
    for line in lcov.splitlines():
        word, _, rest = line.partition(":")
        if word == "SF":
            file = found.setdefault(os.path.relpath(rest, ROOT), File({}, []))
        elif word == "FN":
            first, name = rest.split(",", 1)
            file.functions.append((int(first), name.rpartition(":")[2]))
        elif word == "DA":
            number, times = map(int, rest.split(",")[:2])
            file.lines[number] = max(times, file.lines.get(number, 0))
    return {path: file for path, file in sorted(found.items()) if path.startswith(PRODUCT)}


def missed_by_function(file):
    """{function: lines that were never reached}."""
    starts = sorted(set(file.functions))
    missed = collections.defaultdict(list)
    for number, times in sorted(file.lines.items()):
        if times == 0:
            name = next((name for first, name in reversed(starts) if first <= number), "?")
            missed[name].append(number)
    return missed


def ranges(numbers):
    """1, 2, 3, 7 as "1-3, 7"."""
    parts = []
    for number in numbers:
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in parts)


def share(files):
    reached = sum(times > 0 for file in files for times in file.lines.values())
    total = sum(len(file.lines) for file in files)
    return reached, total


def by_folder(files):
    folders = collections.defaultdict(list)
    for path, file in files.items():
        folders[os.path.dirname(path)].append(file)
    return folders


def named_rows():
    """{(path, function): reason} of uncovered.txt."""
    rows = {}
    for number, line in enumerate(NAMED.read_text().splitlines(), 1):
        if line and not line.startswith("#"):
            parts = [part.strip() for part in line.split(" | ")]
            if len(parts) != 3:
                sys.exit(f"{NAMED.name}:{number}: expected PATH | FUNCTION | REASON")
            rows[parts[0], parts[1]] = parts[2]
    return rows


def judge(files):
    """Prints the shares and what is not covered; the faults."""
    faults = []
    everything = {JUDGED.rstrip("/") + ", all of it": [file for path, file in files.items() if path.startswith(JUDGED)]}
    for folder, members in [*sorted(by_folder(files).items()), *everything.items()]:
        reached, total = share(members)
        print(f"{folder:28} {reached:6} of {total:6} lines  {reached / total:6.1%}")
        if folder.startswith(JUDGED) and reached < LEAST_SHARE * total:
            faults.append(f"{folder}: less than {LEAST_SHARE:.0%} of its lines are covered")
    rows, used = named_rows(), set()
    print(f"\nnot covered in {JUDGED}:")
    for path, file in files.items():
        for function, numbers in missed_by_function(file).items():
            if path.startswith(JUDGED):
                used.add((path, function))
                reason = rows.get((path, function))
                print(f"{path}:{ranges(numbers)} {function}: {reason or '?'}")
                if reason is None:
                    faults.append(f"{path}:{ranges(numbers)}: {function} is not covered, and {NAMED.name} does not say why")
    faults += [f"{NAMED.name}: {path} | {function} is covered now: take the row out"
               for (path, function), reason in rows.items() if (path, function) not in used and reason not in BY_CHANCE]
    return faults


def main():
    parser = argparse.ArgumentParser(prog="./dev coverage")
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--again", action="store_true", help="report on what the last run reached")
    options = parser.parse_args()
    build = options.build.resolve()
    profiles, programs = build / "profiles", executables(build)
    if not options.again:
        prepare(profiles, programs)
        run_tests(build)
    faults = judge(export(build, profiles, programs))
    print(f"\nline by line: {build}/coverage/index.html")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
