# SPDX-License-Identifier: Apache-2.0
"""A deterministic policy: the same code, context and seed give the same bytes, also after a restart."""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon as support
from daemon import Daemon
from plugins import plugins

# Everything that differs from run to run elsewhere.
CODE = """
local order = {}
for key in pairs({alpha = 1, beta = 2, gamma = 3, delta = 4, epsilon = 5, [1] = 6, [2.5] = 7, [true] = 8}) do
  order[#order + 1] = tostring(key)
end
local objects = {}
for _, value in ipairs({{}, print, coroutine.create(print), string, function() end}) do objects[#objects + 1] = tostring(value) end
local set = {}
for i = 1, 20 do set["key" .. math.random(1000000)] = i end
print(os.time(), os.clock(), os.date("%c"), objects[1])
return {
  order = order, objects = objects, set = set, random = {math.random(), math.random(1 << 40)}, time = os.time(), clock = os.clock(),
  date = os.date(), memory = collectgarbage("count"), error = select(2, pcall(error, {})) ~= nil, context = context,
}
"""
# As strict, but with time for busy machines.
POLICIES = {"repeatable": {"extends": "strict", "limits": {"wall_ms": "30s", "cpu_ms": "10s"}}}
VARYING = {"id", "trace_id", "usage"}


def fixed_part(result):
    fixed = {key: value for key, value in result.items() if key not in VARYING}
    fixed["logs"] = [(line["level"], line["message"]) for line in result["logs"]]
    fixed["instructions"] = result["usage"]["instructions"]
    return json.dumps(fixed)


class Determinism(unittest.TestCase):
    def collect(self, daemon, seed):
        request = {"policy": "repeatable", "options": {"seed": seed}}
        context = {"b": [1, 2, {"c": None}], "a": "é"}
        texts = [fixed_part(daemon.run(CODE, context, **request)) for _ in range(3)]
        texts += [fixed_part(daemon.run("local t = {} for i = 1, 1e9 do t[i % 7] = i end", policy="repeatable")),
                  fixed_part(daemon.run("error({code = math.random(1000)})", policy="repeatable"))]
        for plugin in plugins():
            for _, case in list(plugin.cases())[:3]:
                texts.append(fixed_part(daemon.run(plugin.chunk(), case.get("context"), **request)))
        return texts

    def test_same_bytes_again_and_after_a_restart(self):
        seen = []
        for _ in range(2):
            with Daemon(policies=POLICIES) as daemon:
                seen.append(self.collect(daemon, 7))
                self.assertEqual(seen[-1][0], seen[-1][1])
                self.assertEqual(seen[-1][0], seen[-1][2])
        self.assertEqual(seen[0], seen[1])

    def test_the_seed_makes_the_difference(self):
        with Daemon(policies=POLICIES) as daemon:
            def run(**options):
                return daemon.run("return math.random(1 << 60)", policy="repeatable", options=options)["output"]
            self.assertEqual(run(seed=1), run(seed=1))
            self.assertNotEqual(run(seed=1), run(seed=2))
            self.assertEqual(run(), run(seed=0))

    def test_an_instruction_budget_ends_at_the_same_place(self):
        with Daemon(policies=POLICIES) as daemon:
            ends = {fixed_part(daemon.run("local n = 0\nwhile true do\n  n = n + 1\n  if n % 1000 == 0 then print(n) end\nend", policy="repeatable"))
                    for _ in range(3)}
            self.assertEqual(1, len(ends))
            self.assertEqual("instruction_limit", json.loads(ends.pop())["status"])

    def test_other_policies_do_differ(self):
        with Daemon(policies=POLICIES) as daemon:
            self.assertEqual(8, len({daemon.run("return math.random(1 << 60)")["output"] for _ in range(8)}))


if __name__ == "__main__":
    support.main()
