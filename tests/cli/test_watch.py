# SPDX-License-Identifier: Apache-2.0
"""sandboxctl watch: runs at once, again on every change, and ends on an interrupt."""

import os
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

    def test_a_change_runs_the_plugin_again(self):
        self.write("main.lua", "return 'first'")
        process = subprocess.Popen([str(cli.SANDBOXCTL), "watch", "main.lua"], cwd=self.folder,
                                   env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   text=True)
        seen = self.read_in_background(process)
        try:
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
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


if __name__ == "__main__":
    unittest.main()
