# SPDX-License-Identifier: Apache-2.0
"""sandboxctl completion: what the shells offer, and that they are asked in a way that gets it."""

import shutil
import subprocess
import unittest

import cli

# What bash does on TAB, without a terminal: the script's function with the words that it is given.
BASH_TAB = """source <(sandboxctl completion bash)
compopt() { :; }
COMP_WORDS=(sandboxctl "$@") COMP_CWORD=$#
_sandboxctl
printf '%s\\n' "${COMPREPLY[@]}"
"""


class Completion(cli.CliTest):
    def setUp(self):
        super().setUp()
        self.environment["PATH"] = f"{cli.SANDBOXCTL.parent}:{self.environment['PATH']}"

    def offered(self, *words):
        return [line.split("\t")[0] for line in self.ctl("completion", "bash", "--", *words)[0].splitlines()]

    def test_verbs_come_once_and_word_by_word(self):
        first = self.offered("")
        self.assertEqual(len(first), len(set(first)))
        self.assertIn("policy", first)
        self.assertEqual(self.offered("ru"), ["run", "runs"])
        self.assertEqual(self.offered("policy", "sh"), ["show"])
        self.assertIn("rollback", self.offered("help", "policy", ""))
        self.assertEqual(self.offered("nonsense", ""), [])

    def test_options_are_those_of_the_whole_verb(self):
        listed = self.offered("runs", "list", "--")
        self.assertIn("--status", listed)
        self.assertNotIn("--context", listed)
        self.assertIn("--limit", self.offered("plugin", "installed", "--l"))
        self.assertNotIn("--limit", self.offered("plugin", "install", "acme/x", "--"))

    def test_values_are_offered_where_they_are_known(self):
        for words in (["run", "--policy", ""], ["run", "-p", ""], ["run", "--policy", "=", ""],
                      ["run", "--policy", "="], ["policy", "show", ""]):
            with self.subTest(words=words):
                self.assertIn("strict", self.offered(*words))
                self.assertIn("/", self.offered(*words))
        self.assertEqual(self.offered("run", "--seed", ""), [])
        self.assertEqual(self.offered("completion", ""), ["bash", "zsh", "fish"])
        self.assertEqual(self.offered("run", ""), ["/"])

    def test_bash_offers_them(self):
        self.write("strange name.lua", "return 1")

        def tab(*words):
            return subprocess.run(["bash", "-c", BASH_TAB, "bash", *words], cwd=self.folder, env=self.environment,
                                  capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()
        self.assertEqual(tab("run", "st"), ["strange name.lua"])
        self.assertEqual(tab("policy", "sh"), ["show"])
        self.assertIn("--status", tab("runs", "list", "--"))
        self.assertEqual(tab("run", "--policy", "=", "stri"), ["strict"])

    def test_the_scripts_are_ones_that_their_shells_read(self):
        for shell in ("bash", "zsh", "fish"):
            if shutil.which(shell) is None:
                continue
            with self.subTest(shell=shell):
                script = self.write("script", self.ctl("completion", shell)[0])
                self.assertIn("sandboxctl", script.read_text())
                done = subprocess.run([shell, "-n", script], capture_output=True, text=True, timeout=60)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.ctl("completion", "tcsh", status=cli.USAGE)

    @unittest.skipUnless(shutil.which("fish"), "host lacks: fish")
    def test_fish_offers_them(self):
        def tab(line):
            code = f'sandboxctl completion fish | source; complete --do-complete "{line}"'
            return subprocess.run(["fish", "-c", code], cwd=self.folder, env=self.environment, capture_output=True,
                                  text=True, timeout=60, check=True).stdout.splitlines()
        self.assertEqual([line.split("\t")[0] for line in tab("sandboxctl policy sh")], ["show"])
        self.assertTrue(any(line.startswith("--status\t") for line in tab("sandboxctl runs list --")))


if __name__ == "__main__":
    unittest.main()
