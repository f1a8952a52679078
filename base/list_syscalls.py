#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""list_syscalls.py OUTPUT COMPILER...: one SYSCALL(name) line for every system call that the compiler's
<sys/syscall.h> knows, in alphabetical order. The compiler puts in the numbers itself."""
import re
import subprocess
import sys

# Counts and markers that the headers define beside the calls.
NOT_CALLS = {"syscalls", "arch_specific_syscall"}


def main():
    output, compiler = sys.argv[1], sys.argv[2:]
    macros = subprocess.run([*compiler, "-E", "-dM", "-x", "c", "-"], input="#include <sys/syscall.h>\n",
                            capture_output=True, text=True, check=True).stdout
    names = set(re.findall(r"^#define __NR_([a-z0-9_]+) ", macros, re.M)) - NOT_CALLS
    if len(names) < 200:
        sys.exit(f"list_syscalls: only {len(names)} system calls found with {' '.join(compiler)}")
    with open(output, "w", encoding="ascii") as out:
        out.writelines(f"SYSCALL({name})\n" for name in sorted(names))


main()
