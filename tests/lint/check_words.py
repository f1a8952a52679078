#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Words that mark work left undone, or that mean something only on the machine where they were written."""

import re

import sources

# Written in pieces, so that this file passes its own test.
UNDONE = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b|not (yet )?imple" r"mented|[(,;] *for n" r"ow\b")
PRIVATE = re.compile(r"(?<![\w.])/(work|home/\w+|root)/|/tmp/(wt|dev)\b|deb\.deb" r"ian\.org|registry\.n" r"pmjs|pypi\.o" r"rg")
ASSERT = re.compile(r"^\s*assert\(|<assert\.h>", re.MULTILINE)
TEXT = (".c", ".h", ".def", ".py", ".sh", ".lua", ".md", ".json", ".yaml", ".yml", ".build", ".txt", ".in", ".service",
        ".wrap", ".1", ".5", ".7", ".8")
FRONT = ("dev", ".ci/run", "tests/fresh_machine")


def findings_in(path, text):
    rules = [(PRIVATE, "names one machine"), (UNDONE, "marks work left undone")]
    if path.suffix in (".c", ".h") and path.parts[0] != "tests":
        rules.append((ASSERT, "assert() is off in some builds: require() is not"))
    for rule, what in rules:
        for match in rule.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{path}:{line}: '{match.group().strip()}' {what}"


def main():
    paths = [path for path in sources.files() if path.suffix in TEXT or str(path) in FRONT]
    # A plugin's own text may hold any word: its author's catalogue, a template, a sample document.
    paths = [path for path in paths if path.parts[0] != "plugins" or path.suffix == ".md"]
    findings = [finding for path in paths
                for finding in findings_in(path, (sources.ROOT / path).read_text(errors="replace"))]
    sources.finish(findings, len(paths))


if __name__ == "__main__":
    main()
