# SPDX-License-Identifier: Apache-2.0
"""Prints the folder of luacheck's Lua sources and their version, separated by a newline.

usage: find_luacheck.py [FOLDER]      FOLDER: where it is, if not where packages put it
"""

import glob
import pathlib
import re
import sys

# Debian's and others' packages, and where LuaRocks installs to.
PLACES = ("/usr/share/lua/5.*/luacheck", "/usr/local/share/lua/5.*/luacheck")


def main():
    given = sys.argv[1:] and sys.argv[1]
    for folder in [given] if given else [path for place in PLACES for path in sorted(glob.glob(place))]:
        init = pathlib.Path(folder) / "init.lua"
        version = init.is_file() and re.search(r'_VERSION = "(\d+\.\d+\.\d+)"', init.read_text(encoding="utf-8"))
        if version:
            print(folder, version[1], sep="\n")
            return 0
    print(f"find_luacheck: no luacheck in {given or ' or '.join(PLACES)}", file=sys.stderr)
    return 1


sys.exit(main())
