#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fills sandbox-plugin(7) with the rows of the one table of the Lua environment.

usage: environment.py lua_names.def page.scd.in > page.scd
"""

import re
import sys


def rows(text):
    string = r'"((?:[^"\\]|\\.)*)"'
    pattern = r"LUA_NAME\(\s*\w+\s*,\s*" + r"\s*,\s*".join([string] * 5) + r"\s*\)"
    for match in re.finditer(pattern, text):
        yield [group.replace('\\"', '"') for group in match.groups()]


def escaped(text):
    return re.sub(r"([\\*_#|<>\[\]])", r"\\\1", text)


def main():
    definition, page = (open(path, encoding="utf-8").read() for path in sys.argv[1:3])
    lines = []
    library = None
    for row in rows(definition):
        if row[0] != library:
            library = row[0]
            lines.append(f"## {library}\n")
        lines.append(f"{escaped(row[2])}\n\t{escaped(row[3])}\n")
    if not lines:
        sys.exit("no rows found")
    sys.stdout.write(page.replace("@ENVIRONMENT@", "\n".join(lines)))


if __name__ == "__main__":
    main()
