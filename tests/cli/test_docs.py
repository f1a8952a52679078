# SPDX-License-Identifier: Apache-2.0
"""docs/developing.md, example by example: its files are written, its commands are run, in the order of the page, and
print what the page says. Figures with a unit may differ; "..." stands for anything."""

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

PAGE = daemon.SOURCE_DIR / "docs" / "developing.md"
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
        self.environment = {**os.environ, "PATH": f"{cli.SANDBOXCTL.parent}:{os.environ['PATH']}",
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
        process = self.start(command)
        try:
            return process.communicate(timeout=daemon.PATIENCE_S)[0]
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

    def output_of(self, command, expected):
        if command.startswith("sandboxctl watch"):
            return self.run_until(command, expected)
        return self.run_command(command)

    def test_every_example_of_the_developers_page(self):
        ran = 0
        for line, language, name, content in blocks(PAGE.read_text()):
            if language != "console":
                self.assertIsNotNone(name, f"{PAGE}:{line}: an example without a file name is not run")
                path = self.folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content)
                continue
            for command, expected in commands(content):
                printed = self.output_of(command, expected)
                self.assertTrue(matches(expected, printed),
                                f"{PAGE}:{line}: $ {command}\nexpected:\n{expected}\nprinted:\n{printed}")
                ran += 1
        self.assertGreater(ran, 10)

    def test_what_counts_as_the_same_output(self):
        for expected, printed, same in (("a 1.5 ms b", "a   22 ms b", True), ("a 5", "a 6", False), ("5", "55", False),
                                        ("x ... y\nz", "x 1 2 y\nz\n", True), ("...\nend", "a\nb\nend", True), ("...\nend\n...", "end", True),
                                        ("12 B of 64 KiB", "1.5 KiB of 64 KiB", True), ("", "", True), ("", "x", False)):
            with self.subTest(expected=expected, printed=printed):
                self.assertEqual(matches(expected, printed), same)


if __name__ == "__main__":
    unittest.main()
