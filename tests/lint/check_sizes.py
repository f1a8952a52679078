#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files of one idea, functions of one screen: 400 and 60 lines, 100 for a main.c."""

import json
import subprocess

import sources

FILE_LINES, FUNCTION_LINES, MAIN_LINES = 400, 60, 100


def functions(paths):
    """(path, name, lines) of every function."""
    listing = subprocess.run(
        ["ctags", "--output-format=json", "--languages=C", "--langmap=C:.c.h", "--kinds-C=f", "--fields=+ne", "-f", "-",
         *map(str, paths)], cwd=sources.ROOT, capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        tag = json.loads(line)
        if tag.get("_type") == "tag" and "end" in tag:
            yield tag["path"], tag["name"], tag["end"] - tag["line"] + 1


def main():
    paths = sources.code()
    allowed, used, findings = sources.exceptions("size_exceptions.txt"), set(), []

    def judge(subject, lines, most):
        if lines <= most:
            return
        if subject in allowed:
            used.add(subject)
        else:
            findings.append(f"{subject}: {lines} lines, {most} at most")

    for path in paths:
        lines = (sources.ROOT / path).read_bytes().count(b"\n")
        judge(str(path), lines, MAIN_LINES if path.name == "main.c" else FILE_LINES)
    checked = 0
    for path, name, lines in functions(paths):
        checked += 1
        judge(f"{path}:{name}", lines, FUNCTION_LINES)
    findings += sources.unused("size_exceptions.txt", allowed, used)
    sources.finish(findings, checked)


if __name__ == "__main__":
    main()
