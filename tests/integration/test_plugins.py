# SPDX-License-Identifier: Apache-2.0
"""Every case of every plugin of plugins/, over HTTP."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon as support
from plugins import SEMVER, plugins

MEMBERS = {"name", "context", "expect", "policy", "limits", "seed", "usage"}


class Plugins(support.DaemonTest):
    def test_every_case_of_every_plugin(self):
        for plugin in plugins():
            code = plugin.chunk()
            for file, case in plugin.cases():
                with self.subTest(plugin=plugin.name, file=file, case=case["name"]):
                    self.check(case, plugin.expected(case), self.daemon.run(code, **plugin.envelope(case)))

    def check(self, case, expected, result):
        self.assertEqual(expected["status"], result["status"], result["error"])
        if "output" in expected:
            self.assertEqual(expected["output"], result["output"])
        if "error" in expected:
            # POSIX extended, as sandboxctl test matches it; what the cases use means the same here.
            self.assertRegex(result["error"]["message"], expected["error"])
        for figure, most in case.get("usage", {}).items():
            self.assertLessEqual(result["usage"][figure], most, figure)

    def test_every_plugin_has_a_whole_manifest_and_a_dozen_cases(self):
        found = plugins()
        self.assertGreaterEqual(len(found), 8)
        for plugin in found:
            with self.subTest(plugin=plugin.folder.name):
                manifest = plugin.manifest
                self.assertEqual(plugin.folder.name, manifest["name"])
                self.assertRegex(manifest["version"], SEMVER)
                for member in ("description", "author", "license", "input", "output"):
                    self.assertTrue(manifest[member], member)
                self.assertIn(manifest["entry"], manifest["modules"])
                self.assertTrue((plugin.folder / "README.md").is_file())
                cases = list(plugin.cases())
                self.assertGreaterEqual(len(cases), 12)
                for _, case in cases:
                    self.assertLessEqual(set(case), MEMBERS, case["name"])

    def test_every_plugin_validates_without_an_error(self):
        for plugin in plugins():
            with self.subTest(plugin=plugin.name):
                response = self.daemon.post("/v1/validate", {"modules": plugin.modules})
                self.assertEqual(200, response.status, response)
                self.assertEqual({"valid": True, "diagnostics": []}, response.json, json.dumps(response.json))


if __name__ == "__main__":
    support.main()
