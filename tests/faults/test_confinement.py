# SPDX-License-Identifier: Apache-2.0
"""Every system call on the way to a confined worker fails once, as strace makes it: no failing call of the
confinement lets a run through under a policy that requires the layers; and whatever else fails, the command ends,
with the right result or with a reason."""

import collections
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import daemon as support
import host_facts

SANDBOXCTL = support.BUILD_DIR / "sandboxctl" / "sandboxctl"
SEED = int(os.environ.get("FAULTS_SEED", "1"))
OTHERS = int(os.environ.get("FAULTS_OTHERS", "120"))
# The calls that put layers in place. A failure of any of them must keep the run from happening.
CONFINING = ("unshare", "mount", "umount2", "pivot_root", "chdir", "capset", "capget", "prctl", "landlock_create_ruleset",
             "landlock_restrict_self", "prlimit64", "setrlimit", "seccomp", "keyctl", "close_range", "setresuid", "setresgid",
             "setgroups", "sethostname", "setdomainname", "setsid", "rt_sigaction")
# Calls of the same names that confine nothing: libseccomp asks what the kernel knows; a mount point is the first of
# several that will do; what is permitted no more is ambient no more; the filter denies keyctl to every worker.
HARMLESS = re.compile(r"prctl\((PR_SET_NAME|PR_GET_|PR_SET_VMA|PR_SET_MM|PR_SET_PDEATHSIG|PR_CAP_AMBIENT)"
                      r"|seccomp\((SECCOMP_GET_ACTION_AVAIL|SECCOMP_GET_NOTIF_SIZES|SECCOMP_SET_MODE_STRICT|0x"
                      r"|SECCOMP_SET_MODE_FILTER, [^,]*, NULL)"
                      r"|prlimit64\(\d+, [A-Z_]+, NULL"
                      r"|mount\(\"none\"|keyctl\(KEYCTL_JOIN|rt_sigaction\(")
# brk gives the end of the heap, whether it moved it or not; libc takes an error for an address.
CANNOT_FAIL = ("exit_group", "rt_sigreturn", "brk")
CALL = re.compile(r"^\d+ +(?:<\.\.\. )?([a-z0-9_]+)[ (]")


class TestSystemCalls(unittest.TestCase):
    def setUp(self):
        if not host_facts.HOST_HAS["strace"]():
            support.lacks("strace")
        scratch = tempfile.TemporaryDirectory(prefix="sandboxd-test-faults-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.trace = self.folder / "trace"
        (self.folder / "main.lua").write_text("return 6 * 7")
        require = {"extends": "default", "isolation": {"require": self.layers()}}
        (self.folder / "guarded.json").write_text(json.dumps({"name": "guarded", **require}))

    @staticmethod
    def layers():
        """Those that this host has."""
        done = subprocess.run([str(SANDBOXCTL), "doctor", "--json"], capture_output=True, text=True, check=True)
        return [layer["layer"] for layer in json.loads(done.stdout)["layers"] if layer["state"] == "active"]

    def run_traced(self, *options):
        """Runs the plugin under strace; returns exit status, result or None, and what was said."""
        return self.traced(options, "run", str(self.folder / "main.lua"), "--policy", str(self.folder / "guarded.json"))

    def traced(self, options, *words):
        command = ["strace", "-f", "-qq", "-o", str(self.trace), *options, str(SANDBOXCTL), *words, "--json"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            out, err = process.communicate(timeout=support.PATIENCE_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            self.fail(f"{' '.join(options)}: it never ended")
        try:
            result = json.loads(out)
        except ValueError:
            result = None
        return process.returncode, result, err

    def calls(self):
        """How often each process made each call, at most, in a run where nothing fails."""
        status, result, err = self.run_traced()
        self.assertEqual((status, result and result["output"]), (0, 42), err)
        counts = collections.defaultdict(collections.Counter)
        for line in self.trace.read_text(errors="replace").splitlines():
            match = CALL.match(line)
            if match and "resumed>" not in line:
                counts[line.split()[0]][match[1]] += 1
        most = collections.Counter()
        for of_process in counts.values():
            most |= of_process
        return most

    def injected(self):
        return [line for line in self.trace.read_text(errors="replace").splitlines() if "(INJECTED)" in line]

    def check_failing(self, call, number, error):
        """Has the number-th of a call fail in every process; returns whether the run succeeded."""
        status, result, err = self.run_traced(f"-etrace={call}", f"-einject={call}:error={error}:when={number}")
        what = f"{call} number {number} fails with {error} (seed {SEED})"
        if status == 0:
            self.assertEqual(result and result["output"], 42, f"{what}: {err}")
        else:
            # A start that the kernel or the loader breaks off has no words; its signal or its status says so.
            told = err.strip() or (result and result["error"]["message"]) or status < 0 or status >= 127
            self.assertTrue(told, f"{what}: exit status {status}, and no reason is given")
        return status == 0

    def is_told(self, call, number):
        """Whether doctor calls a layer other than active when that fails."""
        _, report, err = self.traced((f"-etrace={call}", f"-einject={call}:error=EPERM:when={number}"), "doctor")
        self.assertTrue(report, err)
        return any(layer["state"] != "active" for layer in report["layers"])

    def test_no_failing_confinement_lets_a_run_through_untold(self):
        let_through = {}
        most = self.calls()
        for call in CONFINING:
            for number in range(1, most[call] + 1):
                if not self.check_failing(call, number, "EPERM"):
                    continue
                for line in self.injected():
                    if not HARMLESS.search(line):
                        kind = re.search(r"[a-z0-9_]+\([^,]*", line)[0]  # the call and its first argument
                        let_through.setdefault(kind, (call, number))
        print("a run goes on, and a layer is told to be degraded, without:", ", ".join(let_through) or "none")
        untold = [kind for kind, (call, number) in let_through.items() if not self.is_told(call, number)]
        self.assertEqual(untold, [])
        self.assertGreater(sum(most[call] for call in CONFINING), 50)

    def test_whatever_fails_it_ends_with_a_result_or_a_reason(self):
        chance = random.Random(SEED)
        places = [(call, number) for call, most in sorted(self.calls().items()) if call not in CONFINING
                  for number in range(1, most + 1) if call not in CANNOT_FAIL]
        for call, number in chance.sample(places, min(OTHERS, len(places))):
            with self.subTest(call=call, number=number):
                self.check_failing(call, number, chance.choice(("ENOMEM", "EPERM", "EAGAIN")))


if __name__ == "__main__":
    support.main()
