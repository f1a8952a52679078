#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""clang-format has nothing to change, and every file says its licence in its first lines."""

import subprocess

import sources

LICENCE = "SPDX-License-Identifier: Apache-2.0"


def main():
    paths = sources.code()
    done = subprocess.run(["clang-format", "--dry-run", "--Werror", *map(str, paths)], cwd=sources.ROOT,
                          capture_output=True, text=True)
    findings = [line for line in done.stderr.splitlines() if "error:" in line]
    if done.returncode != 0 and not findings:
        findings = [done.stderr or "clang-format failed"]
    for path in paths + sources.files(".py", ".sh"):
        head = (sources.ROOT / path).read_text().splitlines()[:2]
        if not any(LICENCE in line for line in head):
            findings.append(f"{path}:1: no line '{LICENCE}'")
    for path in sources.code(".h"):
        if "#pragma once" not in (sources.ROOT / path).read_text():
            findings.append(f"{path}: no #pragma once")
    sources.finish(findings, len(paths))


if __name__ == "__main__":
    main()
