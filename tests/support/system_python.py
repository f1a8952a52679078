# SPDX-License-Identifier: Apache-2.0
"""Modules that Debian packages for its own Python, which need not be the one in the PATH."""

import importlib.util
import os
import sys

SYSTEM_PYTHON = "/usr/bin/python3"


def has(module):
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # of its parent
        return False


def need(module, package):
    """Goes on with the system's Python if only that one has `module`; without it, the test is skipped."""
    if has(module):
        return
    if os.path.exists(SYSTEM_PYTHON) and os.environ.get("SYSTEM_PYTHON_TRIED") != "1":
        os.execve(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv], {**os.environ, "SYSTEM_PYTHON_TRIED": "1"})
    print(f"host lacks: {package}")
    sys.exit(77)
