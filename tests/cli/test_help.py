# SPDX-License-Identifier: Apache-2.0
"""sandboxctl --help, manual, wrong words: the command line explains itself."""

import re
import shutil
import subprocess
import unittest

import cli


class Help(cli.CliTest):
    def verbs(self):
        overview = self.ctl("--help")[0]
        section = overview.split("Commands\n")[1].split("\n\n")[0]
        return [re.match(r"  ([a-z]+(?: [a-z]+)?) {2,}", line).group(1) for line in section.splitlines()]

    def test_every_verb_has_help_with_its_usage(self):
        verbs = self.verbs()
        self.assertIn("policy check", verbs)
        for verb in verbs:
            with self.subTest(verb=verb):
                text = self.ctl(*verb.split(), "--help")[0]
                self.assertIn(f"Usage: sandboxctl {verb}", text)
                self.assertEqual(text, self.ctl("help", *verb.split())[0])

    def test_the_manual_names_every_verb(self):
        text = self.ctl("manual")[0]
        for verb in self.verbs():
            self.assertIn(f"## {verb}", text)

    def page(self):
        text = self.ctl("manual")[0]
        page = subprocess.run(["scdoc"], input=text, capture_output=True, text=True, timeout=60)
        self.assertEqual(page.returncode, 0, page.stderr)
        return page.stdout

    @unittest.skipUnless(shutil.which("man"), "host lacks: man")
    def test_the_manual_is_shown_without_a_warning_and_with_every_argument(self):
        self.write("sandboxctl.1", self.page())
        shown = subprocess.run(["man", "--warnings", "--local-file", self.folder / "sandboxctl.1"], text=True,
                               env={**self.environment, "LC_ALL": "C.UTF-8", "MANWIDTH": "100"},
                               capture_output=True, timeout=60)
        self.assertEqual(shown.stderr, "")
        for heading in ("run FILE|DIR", "policy diff NAME|FILE NAME|FILE", "test [DIR]", "doctor"):
            self.assertIn(f"   {heading}\n", shown.stdout)

    def test_wrong_words_get_a_proposal(self):
        self.assertIn("did you mean 'validate'?", self.ctl("vaildate", "x", status=cli.USAGE)[1])
        self.assertIn("did you mean --policy?", self.ctl("run", "x", "--polcy=y", status=cli.USAGE)[1])
        self.assertIn("usage: sandboxctl run", self.ctl("run", status=cli.USAGE)[1])

    def test_a_group_has_help_too(self):
        for words in (["policy", "--help"], ["policy", "-h"], ["help", "policy"]):
            with self.subTest(words=words):
                self.assertIn("policy check ", self.ctl(*words)[0])
        self.assertIn("policy check ", self.ctl("policy", status=cli.USAGE)[1])

    def test_version_and_bare_call(self):
        self.assertRegex(self.ctl("--version")[0], r"^sandboxctl \d+\.\d+\.\d+\n$")
        self.assertEqual(self.ctl()[0], self.ctl("--help")[0])

    def test_a_closed_standard_output_is_an_error(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([str(cli.SANDBOXCTL), "--help"], stdout=full, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, cli.FAILURE)
        self.assertIn(b"cannot write", done.stderr)


if __name__ == "__main__":
    unittest.main()
