#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What this host lacks, found out without any of our code: `host_facts.py NAME` exits 0 if it lacks NAME.

A test that cannot run prints `host lacks: NAME` and exits 77. tests/run_suites.py asks here whether that is so,
and fails the run if it is not: a test that skips itself by mistake must not look like one that passed.
"""

import ctypes
import os
import shutil
import socket
import subprocess
import sys

CLONE_NEW = {"mount": 0x00020000, "cgroup": 0x02000000, "uts": 0x04000000, "ipc": 0x08000000,
             "user": 0x10000000, "pid": 0x20000000, "network": 0x40000000}
SYS_LANDLOCK_CREATE_RULESET = 444  # the same number on every architecture
PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN = 65, 1
LIBC = ctypes.CDLL(None, use_errno=True)


def in_child(action):
    """Whether action() gives true in a process of its own, which it may change as it likes."""
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(0 if action() else 1)
        except BaseException:
            os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


def can_unshare(*kinds):
    flags = 0
    for kind in kinds:
        flags |= CLONE_NEW[kind]
    return in_child(lambda: LIBC.unshare(flags) == 0)


def has_namespace(kind):
    return can_unshare("user", kind) or can_unshare(kind)


def has_landlock():
    return LIBC.syscall(SYS_LANDLOCK_CREATE_RULESET, None, 0, 1) >= 1


def has_mdwe():
    return in_child(lambda: LIBC.prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) == 0)


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as listener:
            listener.bind(("::1", 0))
        return True
    except OSError:
        return False


def can_change_uid():
    return in_child(lambda: (os.setgroups([]), os.setresgid(65534, 65534, 65534),
                             os.setresuid(65534, 65534, 65534), True)[-1])


def has_static_libraries():
    answer = subprocess.run(["cc", "-print-file-name=libseccomp.a"], capture_output=True, text=True)
    return "/" in answer.stdout


def has_module(name):
    """Debian's Python has it, or the one in the PATH."""
    return any(shutil.which(python) and subprocess.run([python, "-c", f"import {name}"], stderr=subprocess.DEVNULL)
               .returncode == 0 for python in ("/usr/bin/python3", "python3"))


def has_lua(path):
    """A pure-Lua library as Debian's package installs it."""
    return os.path.exists("/usr/share/lua/" + path)


HOST_HAS = {
    "user_namespace": lambda: can_unshare("user"),
    "mount_namespace": lambda: has_namespace("mount"),
    "network_namespace": lambda: has_namespace("network"),
    "pid_namespace": lambda: has_namespace("pid"),
    "ipc_namespace": lambda: has_namespace("ipc"),
    "uts_namespace": lambda: has_namespace("uts"),
    "cgroup_namespace": lambda: has_namespace("cgroup"),
    "landlock": has_landlock,
    "mdwe": has_mdwe,
    "ipv6": has_ipv6,
    "several_cores": lambda: len(os.sched_getaffinity(0)) > 1,
    "root": lambda: os.geteuid() == 0,
    "changing_uid": can_change_uid,  # to nobody, as a test of an ordinary user's rights does
    "x86_64": lambda: os.uname().machine == "x86_64",
    "static_libraries": has_static_libraries,
    "git": lambda: shutil.which("git") is not None,
    "clang": lambda: shutil.which("clang") is not None,
    "wrk": lambda: shutil.which("wrk") is not None,
    "strace": lambda: shutil.which("strace") and subprocess.run(
        ["strace", "-qq", "-o", os.devnull, "true"], capture_output=True).returncode == 0,
    "bwrap": lambda: shutil.which("bwrap") is not None,
    "nsjail": lambda: shutil.which("nsjail") is not None,
    "python3-protobuf": lambda: has_module("google.protobuf"),
    "prometheus": lambda: shutil.which("prometheus") is not None,
    "promtool": lambda: shutil.which("promtool") is not None,
    "systemd-analyze": lambda: shutil.which("systemd-analyze") is not None,
    "lua_argparse": lambda: has_lua("5.4/argparse.lua"),
    "lua_basexx": lambda: has_lua("5.2/basexx.lua"),
    "lua_dkjson": lambda: has_lua("5.4/dkjson.lua"),
    "lua_inspect": lambda: has_lua("5.3/inspect.lua"),
    "lua_markdown": lambda: has_lua("5.1/markdown.lua"),
    "lua_penlight": lambda: has_lua("5.4/pl/class.lua"),
    "fish": lambda: shutil.which("fish") is not None,
    "man": lambda: shutil.which("man") is not None,
    "json-schema-test-suite": lambda: os.path.isdir("/usr/share/json-schema-test-suite/tests"),
}


def main(names):
    unknown = [name for name in names if name not in HOST_HAS]
    if unknown:
        print(f"host_facts: no such fact: {', '.join(unknown)}; there are: {', '.join(HOST_HAS)}", file=sys.stderr)
        return 2
    if not names:
        for name, has in HOST_HAS.items():
            print(f"{name}: {'there' if has() else 'lacking'}")
        return 0
    return 1 if any(HOST_HAS[name]() for name in names) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
