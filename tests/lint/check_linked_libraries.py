#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is not linked can't be reached: the libraries that each executable may need, and what it must not hold."""

import pathlib
import re
import subprocess
import sys

import sources

LIBC = {"libc.so.6", "libm.so.6", "libpthread.so.0"}
MAY_NEED = {
    "sandboxd/sandboxd": {"libmicrohttpd", "libjansson", "libsqlite3", "libcurl", "libsodium", "libz"},
    "sandboxctl/sandboxctl": {"libjansson", "libsodium"},  # libcurl is loaded when a remote verb wants it
    "runtime/zygote/sandbox-zygote": set(),
    "runtime/probe/sandbox-probe": set(),
    "runtime/probe/sandbox-probe-unfiltered": set(),
}
# Names of functions that tell a library that was linked statically.
LUA, SECCOMP, HTTP = "lua[A-Z]_", "seccomp_(?:init|load|rule_add)", "MHD_"
MUST_NOT_HOLD = {
    "sandboxd/sandboxd": (LUA, SECCOMP),
    "sandboxctl/sandboxctl": (LUA, SECCOMP, HTTP, "sqlite3_"),
    "runtime/zygote/sandbox-zygote": (HTTP, "sqlite3_", "curl_", "json_object_", "getaddrinfo"),
    # No interpreter: they can run no plugin.
    "runtime/probe/sandbox-probe": (LUA, HTTP, "sqlite3_", "curl_", "json_object_", "getaddrinfo"),
    "runtime/probe/sandbox-probe-unfiltered": (LUA, HTTP, "sqlite3_", "curl_", "json_object_", "getaddrinfo"),
}


def read(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def needed(path):
    return set(re.findall(r"\(NEEDED\).*\[(.+)\]", read("readelf", "-dW", path)))


def functions(path):
    return {line.split()[-1] for line in read("nm", path).splitlines() if " T " in line or " t " in line}


def check(build, name, libraries):
    path = build / name
    if not path.exists():
        yield f"{path} is not built"
        return
    for library in sorted(needed(path) - LIBC):
        if not any(library.startswith(allowed + ".so") or library.startswith(allowed + "-") for allowed in libraries):
            yield f"{name} needs {library}"
    held = functions(path)
    if not held:
        yield f"{name} has no symbols, so what it holds can't be told"
    for pattern in MUST_NOT_HOLD[name]:
        found = sorted(symbol for symbol in held if re.match(pattern, symbol))
        if found:
            yield f"{name} holds {', '.join(found[:3])}: {len(found)} functions of that library"


def check_static(build):
    """The zygote is static, but where the distribution has no static libraries (meson says so then)."""
    zygote = build / "runtime/zygote/sandbox-zygote"
    if zygote.exists() and "INTERP" in read("readelf", "-lW", zygote):
        import host_facts
        if host_facts.HOST_HAS["static_libraries"]():
            yield "sandbox-zygote is linked dynamically, and this host has the static libraries"


def main():
    build = pathlib.Path(sys.argv[1])
    sys.path.insert(0, str(sources.ROOT / "tests"))
    findings = [finding for name, libraries in MAY_NEED.items() for finding in check(build, name, libraries)]
    findings += check_static(build)
    sources.finish(findings, len(MAY_NEED))


if __name__ == "__main__":
    main()
