# SPDX-License-Identifier: Apache-2.0
"""Every allocation of a worker's Lua heap fails once: a ballast under the least memory limit grows step by step, until
nothing is left, and each run ends as `ok` or with its limit, never as a crash or as the host's fault."""

import collections
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon as support
from daemon import DaemonTest

STEP_BYTES = int(os.environ.get("FAULTS_STEP_BYTES", "256"))
# What plugins do that takes memory in other ways than assigning to tables: each in a part of its own.
PROGRAMS = {
    "tables": "local t = {} for i = 1, 300 do t[i] = {i, tostring(i)} end return #t",
    "strings": "local parts = {} for i = 1, 60 do parts[i] = ('x'):rep(i) end return #table.concat(parts, ',')",
    "patterns": "local n = 0 for w in ('lorem ipsum dolor '):rep(20):gmatch('%a+') do n = n + #w:upper() end return n",
    "closures": "local f = function() return 1 end for i = 1, 100 do local g = f f = function() return g() + 1 end end "
                "return f()",
    "coroutines": "local n = 0 for i = 1, 20 do local co = coroutine.wrap(function(a) n = n + coroutine.yield(a) end) "
                  "co(1) co(2) end return n",
    "errors": "local n = 0 for i = 1, 50 do if not pcall(error, {code = i}) then n = n + 1 end end return n",
    "swallowed": "local n = 0 for i = 1, 40 do local ok = pcall(function() local s = ('y'):rep(1000 * i) n = n + #s end) "
                 "if not ok then return 'swallowed' end end return n",
    "json": "return json.encode(json.decode('{\"a\": [1, 2, {\"b\": \"c\"}], \"d\": null}'))",
    "output": "local t = {} for i = 1, 100 do t[i] = {name = 'n' .. i} end return t",
    "logs": "for i = 1, 20 do log.info('line ' .. i) end return 20",
    "closing": "local n = 0 for i = 1, 50 do local c <close> = setmetatable({}, {__close = function() n = n + 1 end}) end "
               "return n",
    "sorting": "local t = {} for i = 1, 200 do t[i] = (i * 7919) % 211 end table.sort(t) return t[1]",
    "formatting": "local t = {} for i = 1, 50 do t[i] = string.format('%5d %-8s %g', i, 'a', i / 3) end return #t",
    "deep": "local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end return f(150)",
}
LIMIT_BYTES = 1 << 20  # the least that a request may ask for
# In pieces, since string.rep needs twice what it makes.
BALLAST = "local ballast = {} for i = 1, 512 do ballast[i] = ('b'):rep(context.ballast // 512) end "


class TestWorkerMemory(DaemonTest):
    def run_with(self, code, ballast):
        return self.daemon.run(BALLAST + code, {"ballast": ballast}, limits={"memory_bytes": LIMIT_BYTES})

    def test_each_allocation_of_each_program(self):
        for name, code in PROGRAMS.items():
            with self.subTest(name):
                good = self.run_with(code, 0)
                self.assert_status(good, "ok")
                room = LIMIT_BYTES - good["usage"]["memory_bytes"]
                seen = collections.Counter()
                for ballast in range(room - (16 << 10), LIMIT_BYTES, STEP_BYTES):
                    result = self.run_with(code, ballast)
                    seen[result["status"]] += 1
                    self.assert_status(result, "ok", "memory_limit")
                    if result["status"] == "ok":
                        self.assertEqual(result["output"], good["output"], ballast)
                        self.assertLessEqual(result["usage"]["memory_bytes"], LIMIT_BYTES)
                    else:
                        self.assertEqual(result["error"]["owner"], "plugin", result)
                        self.assertEqual(result["error"]["limit"]["value"], LIMIT_BYTES, result)
                self.assertTrue(seen["ok"] and seen["memory_limit"], dict(seen))


if __name__ == "__main__":
    support.main()
