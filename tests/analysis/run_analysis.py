#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Static analysis of the product's C code: `run_analysis.py --build FOLDER [gcc|clang-tidy|cppcheck]...`.

Three tools over the compilation database of a configured build. A finding fails the run unless accepted.txt has a row
for it, with the reason; a row that matches nothing fails it too, so that the list stays true. The tools' versions are
printed, since another version finds other things.
"""

import argparse
import collections
import concurrent.futures
import fnmatch
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ACCEPTED = pathlib.Path(__file__).with_name("accepted.txt")
PRODUCT = ("base/", "policies/", "runtime/", "sandboxd/", "sandboxctl/", "packaging/", "validation/")
FINDING = re.compile(r"^(?P<path>[^:\s]+):(?P<line>\d+):(?:\d+:)? (?:warning|error|performance|portability|style): "
                     r"(?P<text>.*) \[(?P<check>[^\[\]]+)\]$", re.MULTILINE)
# What an analyzer must not be told: where to write, and that its findings are errors.
DROPPED_WITH_VALUE = ("-o", "-MF", "-MQ")
DROPPED = ("-MD", "-Werror")

Finding = collections.namedtuple("Finding", "tool path line check text")
Row = collections.namedtuple("Row", "tool check path reason number")


def compilations(build):
    """(source, compiler's arguments) of each source of the product, once."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = os.path.relpath(os.path.join(entry["directory"], entry["file"]), ROOT)
        if path.startswith(PRODUCT):
            found.setdefault(path, shlex.split(entry["command"]))
    return found


def without_outputs(arguments):
    words = iter(arguments[1:] if os.path.basename(arguments[0]) == "ccache" else arguments)
    kept = []
    for word in words:
        if word in DROPPED_WITH_VALUE:
            next(words)
        elif word not in DROPPED:
            kept.append(word)
    return kept


def run_tool(command, folder):
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def gcc(build, path, arguments):
    return run_tool(without_outputs(arguments) + ["-fanalyzer", "-fno-diagnostics-color", "-o", os.devnull], build)


def clang_tidy(build, path, _arguments):
    # One source at a time: version 14 forgets va_start() when it is given several.
    return run_tool(["clang-tidy", "-p", str(build), "--quiet", str(ROOT / path)], ROOT)


def cppcheck(build, path, arguments):
    options = [word for word in arguments if word.startswith(("-I", "-D"))]
    return run_tool(["cppcheck", "--quiet", "--enable=warning,performance,portability", "--max-configs=1",
                     f"--library={ROOT / 'tests/analysis/cppcheck.cfg'}",
                     # It does not know the cleanup attribute; gcc's analyzer does.
                     "--suppress=memleak",
                     "--template={file}:{line}: {severity}: {message} [{id}]", str(ROOT / path)] + options, build)


TOOLS = {"gcc": gcc, "clang-tidy": clang_tidy, "cppcheck": cppcheck}


def findings_of(tool, build, path, arguments):
    status, text = TOOLS[tool](build, path, arguments)
    found = set()
    for match in FINDING.finditer(text):
        where = os.path.relpath(os.path.join(build, match["path"]), ROOT)
        if where.startswith(PRODUCT):
            found.add(Finding(tool, where, int(match["line"]), match["check"], match["text"]))
    if status != 0 and not found:
        sys.exit(f"run_analysis: {tool} could not analyse {path}:\n{text}")
    return found


def read_accepted():
    rows = []
    for number, line in enumerate(ACCEPTED.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split("|")]
        if len(fields) != 4 or not all(fields):
            sys.exit(f"{ACCEPTED.name}:{number}: expected `tool | check | path | reason`")
        rows.append(Row(*fields, number))
    return rows


def is_accepted_by(row, finding):
    return (row.tool == finding.tool and fnmatch.fnmatch(finding.check, row.check)
            and fnmatch.fnmatch(finding.path, row.path))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("tools", nargs="*", metavar="TOOL", help=f"default: {' '.join(TOOLS)}")
    options = parser.parse_args()
    unknown = [name for name in options.tools if name not in TOOLS]
    if unknown:
        parser.error(f"there is no tool '{unknown[0]}': expected {', '.join(TOOLS)}")
    build = options.build.resolve()
    chosen = options.tools or list(TOOLS)
    for tool in chosen:
        print(f"{tool}: {run_tool([tool, '--version'], ROOT)[1].strip().splitlines()[0].strip()}")

    sources = compilations(build)
    found = set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(findings_of, tool, build, path, arguments)
                for tool in chosen for path, arguments in sources.items()]
        for job in jobs:
            found |= job.result()

    rows = [row for row in read_accepted() if row.tool in chosen]
    left = sorted(finding for finding in found if not any(is_accepted_by(row, finding) for row in rows))
    idle = [row for row in rows if not any(is_accepted_by(row, finding) for finding in found)]
    for finding in left:
        print(f"{finding.path}:{finding.line}: {finding.text} [{finding.tool}: {finding.check}]")
    for row in idle:
        print(f"{ACCEPTED.name}:{row.number}: nothing is found there any more: take the row out")
    print(f"{len(sources)} sources, {len(found)} findings, {len(found) - len(left)} accepted with a reason, "
          f"{len(left)} left")
    return 1 if left or idle else 0


if __name__ == "__main__":
    sys.exit(main())
