#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No mutable state outside of structs: looked up in the object files, where static locals can't hide either."""

import fnmatch
import json
import pathlib
import re
import subprocess
import sys

import sources

# Sanitizers and compilers add their own; .data.rel.ro is constant once loaded.
MUTABLE = re.compile(r"^\.(?:data|bss|tdata|tbss)(?:\.(?!rel\.ro)|$)")
ROW = re.compile(r"^[0-9a-f]+ (.{7}) (\S+)\s+[0-9a-f]+\s+(?:\.hidden )?(\S+)$")


def objects(build):
    """(source, object file) for every compiled source of ours outside of tests."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = (pathlib.Path(entry["directory"]) / entry["file"]).resolve()
        if not source.is_relative_to(sources.ROOT):
            continue
        source = source.relative_to(sources.ROOT)
        if source.parts[0] in sources.CODE_FOLDERS and source.parts[0] != "tests":
            yield source, build / entry["output"]


def variables(file):
    listing = subprocess.run(["objdump", "-t", file], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        match = ROW.match(line)
        # A thread's own has no type in the listing.
        is_object = match and ("O" in match.group(1) or match.group(2).startswith((".tdata", ".tbss")))
        if is_object and MUTABLE.match(match.group(2)) and not match.group(3).startswith("."):
            yield match.group(3).split(".")[0]


def main():
    build = pathlib.Path(sys.argv[1])
    allowed, used, findings, checked = sources.exceptions("mutable_state.txt"), set(), [], 0
    for source, file in objects(build):
        if not file.exists():
            findings.append(f"{file} is not built")
            continue
        checked += 1
        for name in variables(file):
            subject = f"{source}:{name}"
            rows = [row for row in allowed if fnmatch.fnmatchcase(subject, row)]
            if rows:
                used.update(rows)
            else:
                findings.append(f"{subject} is mutable and outside of any struct")
    findings = sorted(set(findings)) + sources.unused("mutable_state.txt", allowed, used)
    sources.finish(findings, checked)


if __name__ == "__main__":
    main()
