#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who may include whom: the table of ARCHITECTURE.md, held to every #include."""

import pathlib
import re
import sys

import sources

LIBRARIES = {
    "jansson.h": "jansson", "sodium.h": "libsodium", "seccomp.h": "libseccomp", "microhttpd.h": "libmicrohttpd",
    "sqlite3.h": "SQLite", "zlib.h": "zlib", "curl/curl.h": "libcurl", "lua.h": "Lua", "lauxlib.h": "Lua", "lualib.h": "Lua",
    "cmocka.h": "cmocka",
}
EDGES = {
    "base": {"base"},
    "runtime/protocol": {"base", "runtime/protocol"},
    "policies": {"base", "runtime/protocol", "policies", "jansson", "libsodium"},
    "packaging": {"base", "runtime/protocol", "policies", "packaging", "jansson", "libsodium"},
    "runtime/lua": {"base", "runtime/protocol", "runtime/lua", "Lua"},
    "runtime/zygote": {"base", "runtime/protocol", "runtime/lua", "runtime/zygote", "libseccomp"},
    "runtime/probe": {"base", "runtime/protocol", "runtime/lua", "runtime/zygote", "runtime/probe"},
    "runtime/engine": {"base", "runtime/protocol", "policies", "runtime/engine"},
    "validation": {"base", "runtime/protocol", "policies", "runtime/engine", "validation"},
    "sandboxd": {"base", "runtime/protocol", "policies", "packaging", "runtime/engine", "validation", "sandboxd",
                 "libmicrohttpd", "jansson", "SQLite", "libcurl", "libsodium", "zlib"},
    "sandboxctl": {"base", "runtime/protocol", "policies", "packaging", "runtime/engine", "validation", "sandboxctl",
                   "jansson", "libcurl", "libsodium"},
}
# What is one folder's own, though those beside it may include the rest of it: another back end takes its place.
PRIVATE = {"sqlite3.h": "sandboxd/store", "sandboxd/store/database.h": "sandboxd/store",
           "sandboxd/store/store_state.h": "sandboxd/store"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def folder_of(path):
    """The longest folder of the table that holds the path; None if there is none."""
    found = [folder for folder in EDGES if path == folder or path.startswith(folder + "/")]
    return max(found, key=len) if found else None


def target_of(quote, name):
    """What an include reaches: a folder of the table, a library, 'libc', or None if it can't be told."""
    if name in LIBRARIES:
        return LIBRARIES[name]
    if quote == '"':
        return folder_of(name)
    return "libc"


def check(path, build):
    text = (sources.ROOT / path).read_text()
    here = folder_of(str(path))
    for match in INCLUDE.finditer(text):
        quote, name = match.groups()
        line = text.count("\n", 0, match.start()) + 1
        target = target_of(quote, name)
        made = build / name  # by the build, from a list
        if "../" in name or (quote == '"' and not (sources.ROOT / name).exists() and not made.exists()):
            yield f'{path}:{line}: "{name}" is not a path from the root'
        elif target != "libc" and target not in EDGES[here]:
            yield f"{path}:{line}: {here} may not include {name} ({target})"
        elif str(path.parent) != PRIVATE.get(name, str(path.parent)):
            yield f"{path}:{line}: only {PRIVATE[name]} may include {name}"


def main():
    build = pathlib.Path(sys.argv[1])
    findings, checked = [], 0
    for path in sources.code():
        if path.parts[0] == "tests":
            continue
        checked += 1
        if folder_of(str(path)) is None:
            findings.append(f"{path}: its folder is not in the table of tests/lint/check_includes.py")
            continue
        findings += check(path, build)
    sources.finish(findings, checked)


if __name__ == "__main__":
    main()
