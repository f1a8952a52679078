# SPDX-License-Identifier: Apache-2.0
"""sandboxctl watch: runs at once, again on every change, and ends on an interrupt."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import threading
import unittest

import cli
from daemon import wait_until


class Watch(cli.CliTest):
    def read_in_background(self, process):
        seen = []

        def read():
            for line in process.stdout:
                seen.append(line.strip())

        threading.Thread(target=read, daemon=True).start()
        return seen

    @contextlib.contextmanager
    def watching(self, *words, **options):
        """The watch, and the lines of its output so far; killed at the end if it is still there."""
        process = subprocess.Popen([str(cli.SANDBOXCTL), "watch", *words], cwd=self.folder, env=self.environment,
                                   stdout=subprocess.PIPE, text=True,
                                   **{"stderr": subprocess.DEVNULL, **options})
        seen = self.read_in_background(process)
        try:
            yield process, seen
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    def test_a_change_runs_the_plugin_again(self):
        self.write("main.lua", "return 'first'")
        with self.watching("main.lua") as (process, seen):
            wait_until(lambda: '"first"' in seen, "the first run")
            # Written beside and renamed over, as editors do.
            self.write("main.lua.new", "return 'second'")
            os.replace(self.folder / "main.lua.new", self.folder / "main.lua")
            wait_until(lambda: '"second"' in seen, "the run after a change")
            self.write("main.lua", "return +")
            self.write("main.lua", "return 'third'")
            wait_until(lambda: '"third"' in seen, "the run after an error")
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(timeout=60), 130)

    def write_plugin(self, answer):
        self.write("p/plugin.json", json.dumps({
            "name": "p", "version": "1.0.0", "entry": "main",
            "modules": {"main": "main.lua", "u": "lib/u.lua"}}))
        self.write("p/main.lua", "return require('u') .. tostring(context)")
        self.write("p/lib/u.lua", f"return '{answer}'")

    def test_whatever_a_run_reads_runs_it_again(self):
        self.write_plugin("first")
        context = self.write("contexts/c.json", "1")
        policy = self.write("policies/mine.json", '{"name": "mine", "extends": "default"}')
        with self.watching("p", "--context", "@contexts/c.json", "--policy", policy) as (_, seen):
            wait_until(lambda: '"first1"' in seen, "the first run")
            self.write("p/lib/u.lua", "return 'second'")
            wait_until(lambda: '"second1"' in seen, "the run after a change in a subfolder")
            context.write_text("2")
            wait_until(lambda: '"second2"' in seen, "the run after a change of the context")
            policy.write_text('{"name": "mine", "extends": "default", "description": "changed"}')
            wait_until(lambda: seen.count('"second2"') == 2, "the run after a change of the policy")
            shutil.rmtree(self.folder / "p")
            self.write_plugin("third")
            wait_until(lambda: '"third2"' in seen, "the run after the folder was made anew")
            self.write("p/lib/u.lua", "return 'fourth'")
            wait_until(lambda: '"fourth2"' in seen, "the run after a change in the new folder")

    def test_its_own_profile_is_no_change(self):
        self.write_plugin("first")
        with self.watching("p", "--profile", "p/o.svg") as (_, seen):
            wait_until(lambda: len(seen) == 1, "the first run")
            wait_until((self.folder / "p/o.svg").exists, "the profile")
            self.write("p/notes.txt", "no module")
            self.write("p/lib/u.lua", "return 'second'")
            wait_until(lambda: '"secondnil"' in seen, "the run after a change")
            self.assertEqual(len(seen), 2, seen)

    def test_a_context_from_standard_input_serves_every_run(self):
        self.write("main.lua", "return 1 .. context")
        with self.watching("main.lua", "--context", "-", stdin=subprocess.PIPE) as (process, seen):
            process.stdin.write('"kept"')
            process.stdin.close()
            wait_until(lambda: '"1kept"' in seen, "the first run")
            self.write("main.lua", "return 22 .. context")
            wait_until(lambda: '"22kept"' in seen, "the second run")

    def test_it_ends_while_a_run_goes_on(self):
        self.write("main.lua", "log.info('begun') while true do end")
        with self.watching("main.lua", "--limit", "cpu_ms=20000", "--limit", "wall_ms=30000",
                           stderr=subprocess.STDOUT) as (process, seen):
            wait_until(lambda: any("begun" in line for line in seen), "the run")
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(timeout=10), 130)


if __name__ == "__main__":
    unittest.main()
