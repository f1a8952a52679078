#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the body of a POST /v1/runs that runs one of these plugins: `request.py NAME [CASE]`.

CASE is a number, 0 by default: which of the plugin's own cases that end well (tests/*.json, in order) gives the
context. A run over HTTP takes one Lua text, so the plugin's modules are put in front of its entry, each behind a
`require` of its own.
"""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent

LOADER = """\
local bundled, loaded = {}, {}
local function require(name)
  if loaded[name] == nil then
    local value = assert(bundled[name], "no module " .. name)(name)
    loaded[name] = value == nil and true or value
  end
  return loaded[name]
end
"""


def one_text(manifest, folder):
    """The plugin as one chunk. A plugin of a single module stays as it is, with its own line numbers."""
    code = {name: (folder / file).read_text(encoding="utf-8") for name, file in manifest["modules"].items()}
    entry = code.pop(manifest["entry"])
    if not code:
        return entry
    modules = "".join(f"bundled[{json.dumps(name)}] = function(...)\n{text}\nend\n" for name, text in code.items())
    return LOADER + modules + entry


def request(name, case=0):
    folder = HERE / name
    manifest = json.loads((folder / "plugin.json").read_text(encoding="utf-8"))
    cases = [row for file in sorted((folder / "tests").glob("*.json"))
             for row in json.loads(file.read_text(encoding="utf-8")) if row["expect"].get("status") == "ok"]
    body = {"code": one_text(manifest, folder), "context": cases[case].get("context")}
    if "limits" in manifest:
        body["limits"] = manifest["limits"]
    return body


def main(arguments):
    if not arguments or len(arguments) > 2:
        sys.exit("usage: request.py NAME [CASE]")
    print(json.dumps(request(arguments[0], int(arguments[1]) if len(arguments) > 1 else 0), ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1:])
