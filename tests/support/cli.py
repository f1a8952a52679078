# SPDX-License-Identifier: Apache-2.0
"""Runs build/sandboxctl/sandboxctl in a scratch folder, as its user would. Python's standard library only."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from daemon import BUILD_DIR, PATIENCE_S

SANDBOXCTL = BUILD_DIR / "sandboxctl" / "sandboxctl"

SUCCESS, FAILURE, USAGE, PLUGIN_FAILED = 0, 1, 2, 3
NOT_ALLOWED, NOT_FOUND, LIMITED, UNREACHABLE = 4, 5, 6, 7
INTERRUPTED = 130


class CliTest(unittest.TestCase):
    """A scratch folder and home per test."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="sandboxctl-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.folder.chmod(0o755)
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.lower().endswith("_proxy")}  # libcurl asks it for loopback, too
        self.environment.update({"HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder / "config")})
        for name in ("SANDBOXCTL_URL", "SANDBOXCTL_API_KEY", "SANDBOXCTL_API_KEY_FILE", "NO_COLOR"):
            self.environment.pop(name, None)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def ctl(self, *words, status=SUCCESS, stdin=None, **options):
        """Runs it and checks its exit status; returns (standard output, standard error)."""
        done = subprocess.run([str(SANDBOXCTL), *map(str, words)], cwd=self.folder, env=self.environment,
                              input=stdin, capture_output=True, text=True, timeout=PATIENCE_S, **options)
        self.assertEqual(done.returncode, status, f"{words}\n{done.stdout}\n{done.stderr}")
        return done.stdout, done.stderr

    def ctl_done(self, *words):
        """Runs it, and checks nothing."""
        return subprocess.run([str(SANDBOXCTL), *map(str, words)], cwd=self.folder, env=self.environment,
                              capture_output=True, text=True, timeout=PATIENCE_S)

    def ctl_any(self, *words):
        """Standard output, whatever the exit status."""
        return self.ctl_done(*words).stdout

    def ctl_json(self, *words, **options):
        return json.loads(self.ctl(*words, "--json", **options)[0])
