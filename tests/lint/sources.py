# SPDX-License-Identifier: Apache-2.0
"""What the lint tests share: the checkout's own files, and how a finding is reported."""

import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CODE_FOLDERS = ("base", "packaging", "policies", "runtime", "sandboxctl", "sandboxd", "tests", "validation")
NOT_OURS = {".git", "__pycache__", "packagecache", "node_modules", "var"}


def files(*suffixes, under=(".",)):
    """Paths relative to the root, sorted; without build folders, fetched sources and what git does not keep."""
    found = []
    for start in under:
        for folder, folders, names in os.walk(ROOT / start):
            here = pathlib.Path(folder)
            folders[:] = [name for name in folders
                          if name not in NOT_OURS and not (here == ROOT and name.startswith("build"))
                          and not (here.name == "subprojects" and name.startswith("lua-"))]
            found += [(here / name).relative_to(ROOT) for name in names
                      if not suffixes or name.endswith(suffixes)]
    return sorted(set(found))


def code(*suffixes):
    return files(*(suffixes or (".c", ".h")), under=CODE_FOLDERS)


def exceptions(name):
    """Rows `subject: reason` of a list beside this file; every row needs its reason."""
    rows = {}
    for number, line in enumerate((ROOT / "tests/lint" / name).read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        subject, _, reason = line.partition(": ")
        if not reason.strip():
            sys.exit(f"tests/lint/{name}:{number}: the row has no reason")
        rows[subject.strip()] = reason.strip()
    return rows


def unused(name, rows, used):
    return [f"tests/lint/{name}: {subject}: the row is not needed any more" for subject in sorted(set(rows) - used)]


def finish(findings, checked):
    """Ends the program: prints the findings, or how much was checked. Nothing checked is a failure too."""
    for finding in findings:
        print(finding)
    if findings:
        sys.exit(1)
    if not checked:
        sys.exit("nothing was checked")
    print(f"{checked} checked")
    sys.exit(0)
