#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fills sandboxd(8) and sandboxd.json(5) with the options as `sandboxd --help` tells them.

usage: options.py sandboxd page.scd.in > page.scd
"""

import re
import subprocess
import sys

# "  --flag   what it is" and below it "  ENVIRONMENT, member; default: X[; reloadable]".
OPTION = re.compile(r"^  (--[a-z-]+) +(.+)\n +(SANDBOXD_[A-Z_]+), ([a-z_.]+); default: ([^;\n]+)(; reloadable)?$", re.MULTILINE)


def escaped(text):
    return re.sub(r"([\\*_#|<>\[\]])", r"\\\1", text)


def flags(options):
    for flag, text, variable, _, default, _ in options:
        yield f"*{escaped(flag)}* _VALUE_, *{escaped(variable)}*\n\t{escaped(text)}; default: {escaped(default)}\n"


def members(options):
    for _, text, _, member, default, reloadable in options:
        when = "; taken over on SIGHUP" if reloadable else ""
        yield f"*{escaped(member)}*\n\t{escaped(text)}; default: {escaped(default)}{when}\n"


def main():
    shown = subprocess.run([sys.argv[1], "--help"], capture_output=True, text=True, check=True).stdout
    options = OPTION.findall(shown)
    if len(options) != len(re.findall("SANDBOXD_", shown)):
        sys.exit("the help of sandboxd has options in another form than expected")
    with open(sys.argv[2], encoding="utf-8") as page:
        text = page.read()
    sys.stdout.write(text.replace("@FLAGS@", "\n".join(flags(options))).replace("@MEMBERS@", "\n".join(members(options))))


if __name__ == "__main__":
    main()
