# SPDX-License-Identifier: Apache-2.0
"""docs/marketplace.md, word for word: every command of it is run, in its order, on an empty server."""

import re
import shutil
import subprocess
import unittest

import cli
import daemon
from daemon import Daemon

GUIDE = daemon.SOURCE_DIR / "docs" / "marketplace.md"


class Marketplace(cli.CliTest):
    def setUp(self):
        super().setUp()
        self.server = Daemon(settings={"auth": "on"}).start()
        self.addCleanup(self.server.stop)
        (self.folder / "var").mkdir()
        shutil.copy(self.server.state_dir / "admin.key", self.folder / "var")
        (self.folder / "build").symlink_to(daemon.BUILD_DIR)

    def test_every_command_of_the_guide_does_what_it_is_there_for(self):
        text = GUIDE.read_text(encoding="utf-8").replace("127.0.0.1:8080", f"{self.server.host}:{self.server.port}")
        blocks = re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)
        self.assertGreater(len(blocks), 7)
        script = "set -eu\n" + "".join(f"echo '=== {number}'\n{block}" for number, block in enumerate(blocks))
        done = subprocess.run(["bash", "-c", script], cwd=self.folder, env=self.environment, capture_output=True,
                              text=True, timeout=2 * daemon.PATIENCE_S, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, f"{done.stdout}\n{done.stderr}")
        for said in ("acme/greeter 0.1.0 is published", "acme/greeter 0.1.1 is published",
                     "acme/greeter is installed at ^0.1.0, which is 0.1.1 now", "Hello, Ada!",
                     '"output":{"greeting":"Hello, Grace!"}', '"plugin":{"name":"acme/greeter","version":"0.1.1"}',
                     "acme/greeter@0.1.1 is yanked", "acme/greeter is no longer installed"):
            self.assertIn(said, done.stdout)
        self.assertRegex(done.stdout, r"latest +0\.1\.0\n")
        self.assertRegex(done.stdout, r"\ntotal +2 ")  # both runs are on the shop's bill


if __name__ == "__main__":
    unittest.main()
