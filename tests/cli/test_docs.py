# SPDX-License-Identifier: Apache-2.0
"""Pages of docs, example by example: files are written, commands are run, in the order of the page, and print what the
page says. Figures with a unit may differ; "..." stands for anything; a command that shows no output has to succeed. A
console block marked `not-run` is of a service in use; a block of another language without a file name is a part of one."""

import os
import pathlib
import re
import select
import signal
import subprocess
import tempfile
import time
import unittest

import cli
import daemon

DOCS = daemon.SOURCE_DIR / "docs"
NOT_RUN = "not-run"
SERVER = "http://127.0.0.1:8080"
FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FIGURE = r"\d[\d.,]* ?(?:ms|s|B|KiB|MiB|%)(?!\w)"


def blocks(text):
    """(line, language, file or None, content) of every fenced block."""
    for match in FENCE.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match[1], match[2], match[3]


def commands(content):
    """(command, expected output) of a console block."""
    for part in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        yield command, expected


def line_pattern(line):
    """A regular expression for one line of output."""
    pieces, at = [], 0
    for token in re.finditer(rf"{FIGURE}|\.\.\.| +", line):
        pieces.append(re.escape(line[at:token.start()]))
        at = token.end()
        pieces.append(r" *" if token[0].isspace() else ".*" if token[0] == "..." else FIGURE)
    return "".join(pieces) + re.escape(line[at:])


def matches(expected, printed):
    pattern = "".join(r"(?:.*\n)*" if line == "..." else line_pattern(line) + r"\n" for line in expected.splitlines())
    printed = printed.rstrip("\n")
    return re.fullmatch(pattern, printed + "\n" if printed else "") is not None


class Docs(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="docs-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.folder.chmod(0o755)
        self.daemon = None
        self.environment = {**os.environ, "PATH": f"{cli.SANDBOXCTL.parent}:{daemon.BUILD_DIR}/sandboxd:{os.environ['PATH']}",
                            "XDG_CONFIG_HOME": str(self.folder), "NO_COLOR": "1"}

    def server(self):
        if self.daemon is None:
            self.daemon = daemon.Daemon().start()
            self.addCleanup(self.daemon.stop)
        return f"http://{self.daemon.host}:{self.daemon.port}"

    def start(self, command):
        if SERVER in command:
            command = command.replace(SERVER, self.server())
        return subprocess.Popen(["bash", "-c", command], cwd=self.folder, env=self.environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)

    def run_command(self, command):
        """What it prints, and its exit status."""
        process = self.start(command)
        try:
            return process.communicate(timeout=daemon.PATIENCE_S)[0], process.returncode
        finally:
            process.kill()

    def run_until(self, command, expected):
        """What never ends by itself: gets its Ctrl-C when it has printed what is expected."""
        process = self.start(command)
        printed = ""
        until = time.monotonic() + daemon.PATIENCE_S
        while not matches(expected, printed) and time.monotonic() < until:
            if select.select([process.stdout], [], [], 1)[0]:
                printed += os.read(process.stdout.fileno(), 65536).decode()
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=daemon.PATIENCE_S)
        return printed

    def check_command(self, where, command, expected):
        if command.startswith("sandboxctl watch"):
            printed, status = self.run_until(command, expected), 0
        else:
            printed, status = self.run_command(command)
        right = matches(expected, printed) if expected else status == 0
        self.assertTrue(right, f"{where}: $ {command}\nexpected:\n{expected}\nprinted:\n{printed}")

    def check_page(self, page, least):
        """Runs every example; there are at least so many."""
        ran = 0
        for line, language, info, content in blocks((DOCS / page).read_text()):
            if language == "console" and info != NOT_RUN:
                for command, expected in commands(content):
                    self.check_command(f"docs/{page}:{line}", command, expected)
                    ran += 1
            elif language != "console" and info is not None:
                path = self.folder / info
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content)
        self.assertGreaterEqual(ran, least)

    def test_developing(self):
        for line, language, info, _ in blocks((DOCS / "developing.md").read_text()):
            self.assertTrue(info is not None or language == "console", f"docs/developing.md:{line}: it is not run")
        self.check_page("developing.md", 20)

    def test_policies(self):
        self.check_page("policies.md", 6)

    def test_configuration(self):
        self.check_page("configuration.md", 2)

    def test_tenants(self):
        self.daemon = daemon.Daemon(settings={"auth": "on"}).start()
        self.addCleanup(self.daemon.stop)
        self.environment["SANDBOXCTL_URL"] = self.server()
        self.environment["SANDBOXCTL_API_KEY_FILE"] = str(self.daemon.state_dir / "admin.key")
        self.check_page("tenants.md", 9)

    def test_what_counts_as_the_same_output(self):
        for expected, printed, same in (("a 1.5 ms b", "a   22 ms b", True), ("a 5", "a 6", False), ("5", "55", False),
                                        ("x ... y\nz", "x 1 2 y\nz\n", True), ("...\nend", "a\nb\nend", True), ("...\nend\n...", "end", True),
                                        ("12 B of 64 KiB", "1.5 KiB of 64 KiB", True), ("", "", True), ("", "x", False)):
            with self.subTest(expected=expected, printed=printed):
                self.assertEqual(matches(expected, printed), same)


if __name__ == "__main__":
    unittest.main()
