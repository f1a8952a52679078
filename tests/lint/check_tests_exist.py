#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every source file has its test file, tests/unit/<folder>/test_<file>.c, or is named with a reason."""

import pathlib

import sources


def test_of(path):
    folder = path.parts[1] if path.parts[0] == "runtime" else path.parts[0]
    return pathlib.Path("tests/unit") / folder / f"test_{path.name}"


def main():
    allowed, used, findings, checked = sources.exceptions("untested.txt"), set(), [], 0
    for path in sources.code(".c"):
        if path.parts[0] == "tests":
            continue
        checked += 1
        inner = pathlib.Path("tests/unit", *[part for part in path.parts[:-1] if part != "runtime"],
                             f"test_{path.name}")
        candidates = {test_of(path), inner}
        if any((sources.ROOT / candidate).exists() for candidate in candidates):
            continue
        if str(path) in allowed:
            used.add(str(path))
        else:
            findings.append(f"{path} has no {test_of(path)}, and no row in tests/lint/untested.txt")
    findings += sources.unused("untested.txt", allowed, used)
    sources.finish(findings, checked)


if __name__ == "__main__":
    main()
