# SPDX-License-Identifier: Apache-2.0
"""The plugins of plugins/: their manifests, their code as one chunk for a request, and their cases."""

import json
import re

from daemon import SOURCE_DIR

PLUGINS_DIR = SOURCE_DIR / "plugins"


class Plugin:
    def __init__(self, folder):
        self.folder = folder
        self.manifest = json.loads((folder / "plugin.json").read_text(encoding="utf-8"))
        self.modules = {name: (folder / file).read_text(encoding="utf-8")
                        for name, file in self.manifest["modules"].items()}

    @property
    def name(self):
        return self.manifest["name"]

    def chunk(self):
        """All modules as one chunk: what `require` gives inside a bundle, for a request that holds one text."""
        entry = self.manifest["entry"]
        parts = ["local loaded, modules = {}, {}",
                 "local function require(name)",
                 "  if loaded[name] == nil then loaded[name] = modules[name](name) end",
                 "  return loaded[name]",
                 "end"]
        for name, code in self.modules.items():
            if name != entry:
                parts += [f"modules[{json.dumps(name)}] = function(...)", code, "end"]
        return "\n".join(parts + [self.modules[entry]])

    def cases(self):
        for path in sorted((self.folder / "tests").glob("*.json")):
            cases = json.loads(path.read_text(encoding="utf-8"))
            for case in cases if isinstance(cases, list) else [cases]:
                yield path.name, case

    def envelope(self, case):
        """The request of a case, without its code."""
        envelope = {"context": case.get("context")}
        limits = {**self.manifest.get("limits", {}), **case.get("limits", {})}
        if limits:
            envelope["limits"] = limits
        if "policy" in case:
            envelope["policy"] = case["policy"]
        if "seed" in case:
            envelope["options"] = {"seed": case["seed"]}
        return envelope

    @staticmethod
    def expected(case):
        """How the code alone ends: what the manifest's schema refuses, which `envelope` has none of, it refuses itself."""
        expect = case["expect"]
        return {"status": "plugin_error"} if expect["status"] == "invalid_context" else expect


def plugins():
    return [Plugin(path.parent) for path in sorted(PLUGINS_DIR.glob("*/plugin.json"))]


SEMVER = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?")
