#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SECURITY.md names a test for every isolation layer, and every test that it names is there."""

import re

import sources

BEGIN, END = "<!-- layers: checked by tests/lint/check_proofs.py -->", "<!-- end of layers -->"
LAYER = re.compile(r'^ +\[LAYER_\w+\] = \{"(\w+)",', re.MULTILINE)
ROW = re.compile(r"^\| (?P<what>[^|]+?) \| `(?P<test>\w+)` \| `(?P<path>[^`]+)` \|$")


def defined(path, name):
    """Whether a test of that name is run: a method of a unittest class, or a row of cmocka's."""
    text = (sources.ROOT / path).read_text()
    if path.endswith(".py"):
        return re.search(rf"^    def {name}\(self", text, re.MULTILINE)
    return re.search(rf"^static void {name}\(void \*\*", text, re.MULTILINE) and re.search(rf"unit_test\w*\({name}\b", text)


def main():
    text = (sources.ROOT / "SECURITY.md").read_text()
    lines = [line for line in text.partition(BEGIN)[2].partition(END)[0].splitlines() if line.startswith("| ")]
    lines = [line for line in lines if not re.match(r"\| (layer|what) \|", line)]
    findings = [f"SECURITY.md: {line}: expected | layer or what | `test` | `file` |" for line in lines if not ROW.match(line)]
    rows = [ROW.match(line) for line in lines if ROW.match(line)]
    for row in rows:
        if not (sources.ROOT / row["path"]).exists():
            findings.append(f"SECURITY.md: {row['path']} is not there")
        elif not defined(row["path"], row["test"]):
            findings.append(f"SECURITY.md: {row['path']} has no test {row['test']}")
    named = {row["what"] for row in rows}
    layers = LAYER.findall((sources.ROOT / "runtime/protocol/isolation.c").read_text())
    findings += [f"SECURITY.md: no test is named for the layer {layer}" for layer in layers if layer not in named]
    sources.finish(findings, len(rows) if layers else 0)


if __name__ == "__main__":
    main()
