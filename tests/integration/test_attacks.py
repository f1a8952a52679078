# SPDX-License-Identifier: Apache-2.0
"""Every hostile plugin of tests/attacks, in a real worker behind a real service."""

import concurrent.futures
import json
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon as support
from daemon import SOURCE_DIR, Daemon

ATTACKS_DIR = SOURCE_DIR / "tests" / "attacks"
PARALLEL = 4
ADDRESS = re.compile(r"0x0*[1-9a-fA-F][0-9a-fA-F]{5,}|\b[0-9a-f]{12,16}\b")
TAG = re.compile(r"\[(\w+)(?:: (.*?))?\](?= \[|$)")
ATTEMPTS = 3
# Strict in what it counts, patient with busy machines.
POLICIES = {"patient-strict": {"extends": "strict", "limits": {"wall_ms": "30s", "cpu_ms": "10s"}}}
MODES = {"cpu_limit": "cpu_ms", "wall_limit": "wall_ms", "memory_limit": "memory_bytes",
         "instruction_limit": "instructions", "output_limit": "output_bytes"}


class Attack:
    """One hostile plugin, and what has to become of it."""

    def __init__(self, name, code, statuses, tags=None):
        tags = tags or {}
        self.name = name
        self.code = code
        self.statuses = statuses
        self.envelope = {"policy": tags.get("policy", "default")}
        if "context" in tags:
            self.envelope["context"] = json.loads(tags["context"])
        if tags.get("limits") != "policy":
            self.envelope["limits"] = {
                "cpu_ms": 150 if "cpu_limit" in statuses else 10000,
                "wall_ms": 30000 if self.envelope["policy"] == "default" else 60000,
                "memory_bytes": 32 << 20,
            }
            for setting in filter(None, tags.get("limits", "").split(",")):
                limit, _, value = setting.strip().partition("=")
                self.envelope["limits"][limit] = int(value)
        self.line = int(tags["line"]) if "line" in tags else None
        self.output = tags.get("output")
        self.log = tags.get("log")
        self.repeat = int(tags.get("repeat", 1))
        self.same = "same" in tags

    @classmethod
    def read(cls, path):
        code = path.read_text(encoding="utf-8")
        first, name = code.split("\n", 1)[0], str(path.relative_to(ATTACKS_DIR))
        match = re.fullmatch(r"-- expect: ([a-z_, ]+?)((?: \[.*\])?)", first)
        if not match:
            raise AssertionError(f"{name}: the first line has to be \"-- expect: STATUS [...]\"")
        tags = {key: value if value is not None else "" for key, value in TAG.findall(match[2])}
        return cls(name, code, [status.strip() for status in match[1].split(",")], tags)

    def run(self, daemon):
        """Runs it as often as it wants and returns the faults found, as texts."""
        try:
            results = [self.run_once(daemon) for _ in range(self.repeat)]
        except (AssertionError, OSError) as fault:
            return [str(fault)[:1000]]
        faults = [fault for result in results for fault in self.faults_of(result)]
        if self.same and len({exact(result["output"]) for result in results}) > 1:
            faults.append(f"different outputs: {[result['output'] for result in results]}")
        return faults

    def run_once(self, daemon):
        """Again, if the machine was too busy to give it the CPU time that it is about."""
        for _ in range(ATTEMPTS):
            result = daemon.run(self.code, **self.envelope)
            if not support.was_starved(result):
                break
        return result

    def faults_of(self, result):
        error, status = result["error"], result["status"]
        if status not in self.statuses:
            yield f"{status} instead of {' or '.join(self.statuses)}: {json.dumps(result)[:1500]}"
            return
        if "ESCAPED" in exact(result["output"]):
            yield f"it worked: {result['output']!r}"
        if result["usage"]["rss_bytes"] > self.worker_memory_max(result["limits"]):
            yield f"it took {result['usage']['rss_bytes']} bytes, more than it is charged"
        if self.output is not None and exact(result["output"]) != exact(json.loads(self.output)):
            yield f"output {exact(result['output'])} instead of {self.output}"
        yield from self.log_faults(result["logs"])
        if error is None:
            return
        if self.line is not None and not support.was_starved(result) and error.get("where", {}).get("line") != self.line:
            yield f"where is {error.get('where')} instead of line {self.line} ({error['message']!r})"
        if status in MODES and error["limit"]["name"] != MODES[status]:
            yield f"{status} names the limit {error['limit']}"
        seen = json.dumps([error.get("message"), error.get("where"), error.get("traceback")])
        if ADDRESS.search(seen) or str(support.BUILD_DIR) in seen or "/proc" in seen:
            yield f"the error shows something of the host: {seen}"

    def worker_memory_max(self, limits):
        """As runtime/protocol/worker_memory.c has it, and the pages that workers share with their zygote."""
        job = len(self.code.encode()) + len(json.dumps(self.envelope.get("context")))
        stack = min(limits["memory_bytes"], 17 << 20)
        return limits["memory_bytes"] * 5 // 2 + stack + 3 * limits["output_bytes"] + 3 * job + (5 << 20)

    def log_faults(self, logs):
        if self.log == "kept" and not any(line["message"] == "before the end" for line in logs):
            yield f"the log was lost: {logs}"
        if self.log == "noaddress":
            for line in logs:
                if ADDRESS.search(line["message"]):
                    yield f"an address in the log: {line}"


def exact(value):
    return json.dumps(value, sort_keys=True)


def generated():
    """Attacks that are no text files."""
    elseifs = "local x = 0 if x == 1 then x = 2\n" + "elseif x == 1 then x = 2\n" * 9000 + "end return 1"
    yield Attack("generated/many_elseifs", elseifs, ["ok"])
    yield Attack("generated/many_elseifs_in_no_time", elseifs, ["cpu_limit", "ok"], {"limits": "cpu_ms=1"})
    yield Attack("generated/bytecode", "\x1bLuaT\x00\x19\x93\r\n\x1a\n", ["syntax_error"])
    yield Attack("generated/bytecode_of_5_1", "\x1bLuaQ\x00\x01\x04\x08\x04\x08\x00", ["syntax_error"])
    yield Attack("generated/bytecode_after_a_shebang", "#!lua\n\x1bLuaT", ["syntax_error"])
    yield Attack("generated/byte_order_mark", "\ufeffreturn 1", ["ok", "syntax_error"])
    yield Attack("generated/byte_order_mark_and_bytecode", "\ufeff\x1bLuaT", ["syntax_error"])
    yield Attack("generated/nul_in_code", "return 1\0 'ESCAPED'", ["syntax_error"])
    yield Attack("generated/nul_hides_the_rest", "local x = 'a\0b' return #x", ["ok"], {"output": "3"})
    yield Attack("generated/empty", "", ["ok"], {"output": "null"})
    yield Attack("generated/comment_only", "--", ["ok"], {"output": "null"})
    yield Attack("generated/deep_parentheses", "return " + "(" * 50000 + "1" + ")" * 50000, ["syntax_error"])
    yield Attack("generated/deep_tables", "return " + "{" * 50000 + "}" * 50000, ["syntax_error"])
    yield Attack("generated/deep_functions", "return " + "function() return " * 3000 + "1 " + "end " * 3000,
                 ["syntax_error"])
    yield Attack("generated/deep_blocks", "do " * 30000 + "end " * 30000, ["syntax_error"])
    yield Attack("generated/deep_unary", "return " + "not " * 50000 + "1", ["syntax_error"])
    yield Attack("generated/deep_concat", "return " + "'a' .. " * 30000 + "'b'", ["syntax_error", "ok"])
    yield Attack("generated/deep_power", "return " + "2 ^ " * 30000 + "1", ["syntax_error", "ok", "invalid_result"])
    yield Attack("generated/long_sum", "return " + "1 + " * 50000 + "1", ["ok"], {"output": "50001"})
    yield Attack("generated/long_call_chain", "local function f() return f end return 1, f" + "()" * 50000,
                 ["ok", "cpu_limit", "syntax_error", "plugin_error"])
    yield Attack("generated/many_constants", "local t = {" + ",".join(f"'k{i}'" for i in range(20000)) + "} return #t",
                 ["ok"], {"output": "20000"})
    yield Attack("generated/many_upvalues", "".join(f"local a{i} = {i}\n" for i in range(190))
                 + "return function() return " + "+".join(f"a{i}" for i in range(190)) + " end", ["ok"])
    yield Attack("generated/too_many_upvalues",
                 "".join(f"local a{i} = {i}\n" for i in range(190)) + "local function f()\n"
                 + "".join(f"local b{i} = {i}\n" for i in range(190)) + "return function() return "
                 + "+".join([f"a{i}" for i in range(190)] + [f"b{i}" for i in range(190)]) + " end end return 'ESCAPED'",
                 ["syntax_error"])
    yield Attack("generated/long_name", "local " + "a" * 200000 + " = 1 return 1", ["ok", "syntax_error"])
    yield Attack("generated/long_line_in_an_error", "return " + "x" * 100000 + " y z", ["syntax_error"])
    yield Attack("generated/gotos", "".join(f"::l{i}:: " for i in range(20000)) + "goto l1",
                 ["cpu_limit", "syntax_error"])
    yield Attack("generated/gotos_never_resolved", "goto a " * 30000, ["syntax_error", "cpu_limit"])
    yield Attack("generated/deep_context", "local v, n = context, 0 while type(v) == 'table' do v, n = v[1], n + 1 end return n",
                 ["ok"], {"context": "[" * 60 + "]" * 60, "output": "60"})
    yield Attack("generated/context_of_many_nulls", "return #context", ["ok"],
                 {"context": "[" + "null," * 100000 + "null]", "output": "100001"})
    yield Attack("generated/context_above_the_memory_limit", "return 'ESCAPED'", ["memory_limit"],
                 {"context": "[" + "{}," * 300000 + "{}]", "limits": "memory_bytes=4194304"})


def corpus(names=()):
    attacks = [Attack.read(path) for path in sorted(ATTACKS_DIR.glob("*/*.lua"))]
    attacks += generated()
    if names:
        attacks = [attack for attack in attacks if any(name in attack.name for name in names)]
    return attacks


def busy_workers(daemon):
    return [title for title in daemon.titles() if title.startswith("sandbox-worker:") and not title.endswith(" idle")]


class Attacks(unittest.TestCase):
    names = ()

    def test_no_attack_works(self):
        self.attack({})

    def test_no_attack_works_while_it_is_sampled(self):
        self.attack({"profile": True})

    def attack(self, options):
        attacks = corpus(self.names)
        for attack in attacks:
            attack.envelope["options"] = options
        if not self.names:
            self.assertGreaterEqual(len(attacks), 200)
        with Daemon(policies=POLICIES) as daemon:
            with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
                outcomes = list(pool.map(lambda attack: (attack, attack.run(daemon)), attacks))
            faults = [f"{attack.name}: {fault}" for attack, found in outcomes for fault in found]
            self.assertEqual([], faults, f"{len(faults)} of {len(attacks)} attacks:\n" + "\n".join(faults))
            # The service is as it was: it answers, and no worker of theirs is left.
            self.assertEqual(1, daemon.run("return 1")["output"])
            support.wait_until(lambda: not busy_workers(daemon), "the end of all workers")


if __name__ == "__main__":
    Attacks.names = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    sys.argv = sys.argv[:1]
    support.main()
