# SPDX-License-Identifier: Apache-2.0
"""The same plugin, context, policy and seed give the same output, error and instructions from the command line and from
the service: over every case of the plugins and every attack, under policies that are repeatable."""

import concurrent.futures
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon as support
from daemon import BUILD_DIR, Daemon
from plugins import PLUGINS_DIR, Plugin
from test_attacks import corpus

SANDBOXCTL = BUILD_DIR / "sandboxctl" / "sandboxctl"
PARALLEL = 3
CHUNK_NAME = "main.lua"
# As the stock ones, but repeatable, and patient with busy machines.
POLICIES = {f"repeatable-{name}": {"extends": name, "lua": {"deterministic": True}, "ceilings": {"wall_ms": "10min"},
                                   **({"limits": {"wall_ms": "60s", "cpu_ms": "10s"}} if name == "strict" else {})}
            for name in ("default", "strict", "trusted")}
# How far a clock had run when it struck is no part of a verdict, nor where; what the engine kills cannot tell.
TIMED = ("cpu_limit", "wall_limit")


def requests():
    """(name, code, envelope, whether a clock races with another end) of everything there is to run."""
    for folder in sorted(path.parent for path in PLUGINS_DIR.glob("*/plugin.json")):
        plugin = Plugin(folder)
        for file, case in plugin.cases():
            yield f"{plugin.name}/{file}: {case.get('name')}", plugin.chunk(), plugin.envelope(case), False
    for attack in corpus():
        yield attack.name, attack.code, attack.envelope, len(attack.statuses) > 1 and not set(TIMED).isdisjoint(attack.statuses)


def verdict(result):
    if result["status"] in TIMED:
        return {"status": result["status"], "limit": {**result["error"]["limit"], "observed": None, "set_by": None}}
    error = result["error"]
    if error is not None and "limit" in error:
        error = {**error, "limit": {**error["limit"], "set_by": None}}
    return {"status": result["status"], "output": json.dumps(result["output"]), "error": error,
            "instructions": result["usage"]["instructions"]}


class SameVerdict(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="verdicts-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        for name, document in POLICIES.items():
            (self.folder / f"{name}.json").write_text(json.dumps({"name": name, **document}))

    def local(self, number, code, policy, envelope):
        folder = self.folder / str(number)
        folder.mkdir()
        (folder / CHUNK_NAME).write_bytes(code.encode())
        (folder / "context.json").write_text(json.dumps(envelope.get("context"), separators=(",", ":")))
        limits = [word for name, value in envelope.get("limits", {}).items() for word in ("--limit", f"{name}={value}")]
        done = subprocess.run(
            [str(SANDBOXCTL), "run", str(folder / CHUNK_NAME), "--json", "--count", "--seed", "7", "--policy",
             str(self.folder / f"{policy}.json"), "--context", f"@{folder / 'context.json'}", *limits],
            capture_output=True, timeout=support.PATIENCE_S)
        try:
            return json.loads(done.stdout)
        except ValueError:
            raise AssertionError(done.stderr.decode(errors="replace")) from None

    def compare(self, daemon, number, name, code, envelope, racing):
        """The difference, as a text, or None."""
        policy = "repeatable-" + envelope.get("policy", "default").removeprefix("patient-")
        asked = {**envelope, "policy": policy, "options": {"seed": 7, "count": True, "chunk_name": CHUNK_NAME}}
        try:
            remote, local = daemon.run(code, **asked), self.local(number, code, policy, envelope)
        except AssertionError as fault:
            return f"{name}: {str(fault)[:500]}"
        if racing and (remote["status"] in TIMED or local["status"] in TIMED):
            return None
        if support.was_starved(remote) or support.was_starved(local) or verdict(remote) == verdict(local):
            return None
        return f"{name}:\n  service {json.dumps(verdict(remote))[:600]}\n  local   {json.dumps(verdict(local))[:600]}"

    def test_the_command_line_gives_the_services_verdict(self):
        everything = list(requests())
        self.assertGreater(len(everything), 300)
        with Daemon(policies=POLICIES) as daemon, concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
            found = pool.map(lambda numbered: self.compare(daemon, numbered[0], *numbered[1]), enumerate(everything))
            differences = [difference for difference in found if difference is not None]
        self.assertEqual([], differences, f"{len(differences)} of {len(everything)}:\n" + "\n".join(differences))


if __name__ == "__main__":
    support.main()
