# SPDX-License-Identifier: Apache-2.0
"""sandboxctl doctor: every attempt fails, as root and as an ordinary user; with any single isolation layer silently
left out it says which attempt got further; and one run leaves nothing for the next to find."""

import ctypes
import errno
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import host_facts
from daemon import BUILD_DIR, PATIENCE_S, SOURCE_DIR

NOBODY = 65534
WITHOUT = BUILD_DIR / "tests" / "attacks"
PROGRAMS = {
    "sandboxctl": BUILD_DIR / "sandboxctl" / "sandboxctl",
    "sandbox-zygote": BUILD_DIR / "runtime" / "zygote" / "sandbox-zygote",
    "sandbox-probe": BUILD_DIR / "runtime" / "probe" / "sandbox-probe",
    "sandbox-probe-unfiltered": BUILD_DIR / "runtime" / "probe" / "sandbox-probe-unfiltered",
    "without_layer": WITHOUT / "without_layer",
    "without_layer_unfiltered": WITHOUT / "without_layer_unfiltered",
}
# What has to be noticed without each layer: an attempt, or a look from outside, that must be among those that broke.
NOTICED_BY = {
    "user_namespace": "the host's user namespace",
    "mount_namespace": "statx /etc/passwd",
    "network_namespace": "a UDP port of the host",
    "pid_namespace": "a process number of the host",
    "ipc_namespace": "shared memory of the host",
    "uts_namespace": "the host's name",
    "cgroup_namespace": "the host's cgroup namespace",
    "capabilities": "sethostname",
    "not_dumpable": "process_vm_readv",
    "landlock": "openat /",
    "descriptors": "write to every other descriptor",
    "rlimits": "mmap of 1 TiB",
    "memory_deny_write_execute": "mprotect of data to executable",
}
# A layer that this host lacks anyway cannot be left out.
FACTS = {"memory_deny_write_execute": "mdwe", "landlock": "landlock",
         **{name: name for name in NOTICED_BY if name.endswith("_namespace")}}
CHANNELS = {"bytes in memory", "a key of the user", "a key of the session", "System V shared memory",
            "a System V semaphore", "a System V message queue", "a POSIX message queue", "a file", "a lock of a file",
            "CPU time of the zygote", "vsock"}


def without_call(number):
    """From now on the kernel has not got this system call, for this process and those it starts."""
    libc = ctypes.CDLL(None, use_errno=True)
    load_number, jump_if_equal, give_back = 0x20, 0x15, 0x06
    steps = [(load_number, 0, 0, 0), (jump_if_equal, 0, 1, number), (give_back, 0, 0, 0x00050000 | errno.ENOSYS),
             (give_back, 0, 0, 0x7FFF0000)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HP", len(steps), ctypes.addressof(code)))
    no_new_privs, set_seccomp, mode_filter = 38, 22, 2
    if libc.prctl(no_new_privs, 1, 0, 0, 0) != 0 or libc.prctl(set_seccomp, mode_filter, program, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot take a system call away")


def broken(report):
    """Names of the attempts and looks that went wrong."""
    return ({row["name"] for row in report["attempts"]
             if "broken" in (row["confined"]["judgement"], row["behind_filter"]["judgement"])}
            | {check["name"] for check in report["outside"] if not check["held"]})


class Doctor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # The build folder may lie where nobody may look: what is needed is copied.
        cls.scratch = pathlib.Path(tempfile.mkdtemp(prefix="sandboxctl-doctor-"))
        cls.addClassCleanup(shutil.rmtree, cls.scratch)
        cls.scratch.chmod(0o755)
        for name, program in PROGRAMS.items():
            shutil.copy(program, cls.scratch / name)
        shutil.copytree(SOURCE_DIR / "policies", cls.scratch / "policies", ignore=shutil.ignore_patterns("*.[ch]"))
        cls.users = [None] if os.geteuid() != 0 else [None, NOBODY]

    def doctor(self, *words, user=None, status=0, probe="sandbox-probe", unfiltered="sandbox-probe-unfiltered",
               preexec_fn=None):
        environment = {"HOME": str(self.scratch), "PATH": os.environ["PATH"],
                       "SANDBOX_ZYGOTE_PATH": str(self.scratch / "sandbox-zygote"),
                       "SANDBOX_PROBE_PATH": str(self.scratch / probe),
                       "SANDBOX_PROBE_UNFILTERED_PATH": str(self.scratch / unfiltered),
                       "SANDBOXD_POLICY_DIR": str(self.scratch / "policies")}
        done = subprocess.run([str(self.scratch / "sandboxctl"), "doctor", *words], cwd=self.scratch, env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_S,
                              check=False, preexec_fn=preexec_fn, **({"user": user, "group": user, "extra_groups": []} if user else {}))
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout, done.stderr

    def report(self, *words, **options):
        return json.loads(self.doctor(*words, "--json", **options)[0])

    def test_every_attempt_fails_as_root_and_as_an_ordinary_user(self):
        for user in self.users:
            for policy in ("default", "strict", "trusted", "audit"):
                with self.subTest(user=user, policy=policy):
                    report = self.report("--policy", policy, user=user)
                    self.assertTrue(report["held"])
                    self.assertEqual(set(), broken(report))
                    self.assertGreater(len(report["attempts"]), 250)
                    self.assertEqual(policy, report["policy"])

    def test_says_which_layer_stopped_what_and_how(self):
        attempts = self.report()["attempts"]
        rows = {row["name"]: row for row in attempts}
        self.assertEqual(len(attempts), len({(row["group"], row["name"]) for row in attempts}))
        self.assertEqual(("seccomp", "SIGSYS", "openat"),
                         tuple(rows["openat /etc/passwd"]["confined"][key] for key in ("stopped_by", "signal", "syscall")))
        self.assertEqual(("rlimits", "ENOMEM"),
                         tuple(rows["mmap of 1 TiB"]["confined"][key] for key in ("stopped_by", "errno")))
        self.assertEqual(("descriptors", "EBADF"),
                         tuple(rows["read of every other descriptor"]["confined"][key] for key in ("stopped_by", "errno")))

    def test_prints_a_table_for_people(self):
        out, err = self.doctor()
        self.assertEqual("", err)
        self.assertRegex(out, r"landlock +(active|missing)")
        self.assertRegex(out, r"processes +ptrace attach +seccomp +SIGSYS")
        self.assertIn("all failed", out)

    def test_clocks_of_a_deterministic_policy_stand_still(self):
        checks = {check["name"]: check for check in self.report("--policy", "strict")["outside"]}
        self.assertTrue(checks["timing by the plugin's clocks"]["held"])

    def test_one_run_leaves_nothing_for_the_next(self):
        rows = {row["name"]: row for row in self.report()["attempts"] if row["group"] == "leftovers"}
        self.assertEqual(CHANNELS, set(rows))
        for name, row in rows.items():
            self.assertEqual("held", row["confined"]["judgement"], name)

    def test_notices_each_layer_that_is_silently_left_out(self):
        for layer, name in NOTICED_BY.items():
            if layer in FACTS and host_facts.HOST_HAS.get(FACTS[layer], lambda: True)() is False:
                continue
            probe, unfiltered = f"without-{layer}", f"unfiltered/without-{layer}"
            (self.scratch / "unfiltered").mkdir(exist_ok=True)
            os.link(self.scratch / "without_layer", self.scratch / probe)
            os.link(self.scratch / "without_layer_unfiltered", self.scratch / unfiltered)
            for user in self.users:
                with self.subTest(layer=layer, user=user):
                    if layer == "user_namespace" and (user or os.geteuid()) != 0:
                        # It is what gives an ordinary user the others, which the policy requires.
                        _, err = self.doctor(user=user, status=1, probe=probe, unfiltered=unfiltered)
                        self.assertIn("isolation.require", err)
                        continue
                    report = self.report(user=user, status=1, probe=probe, unfiltered=unfiltered)
                    self.assertIn(name, broken(report))

    def test_notices_workers_that_are_root_on_the_host(self):
        if os.geteuid() != 0:
            self.skipTest("a uid of its own is for those that root starts")
        for name in ("without-dedicated_uid", "unfiltered-without-dedicated_uid"):
            os.link(self.scratch / ("without_layer_unfiltered" if "unfiltered" in name else "without_layer"),
                    self.scratch / name)
        report = self.report(status=1, probe="without-dedicated_uid", unfiltered="unfiltered-without-dedicated_uid")
        self.assertIn("root on the host", broken(report))

    def test_nothing_starts_without_no_new_privs(self):
        os.link(self.scratch / "without_layer", self.scratch / "without-no_new_privs")
        for user in self.users:
            _, err = self.doctor(user=user, status=1, probe="without-no_new_privs")
            self.assertIn("filter", err)

    def test_notices_a_missing_filter(self):
        report = self.report(status=1, probe="sandbox-probe-unfiltered")
        self.assertGreater(len(broken(report)), 200)
        self.assertIn("system calls without a filter", broken(report))

    def test_what_a_layer_that_the_host_lacks_would_have_stopped_is_a_warning(self):
        base = json.loads((self.scratch / "policies" / "base.json").read_text())
        base["name"], base["isolation"]["require"] = "loose", ["seccomp"]
        (self.scratch / "loose.json").write_text(json.dumps(base))
        landlock_create_ruleset, unshare = 444, 272
        for call, name in ((landlock_create_ruleset, "openat /"), (unshare, "shared memory of the host")):
            if call == unshare and (os.geteuid() != 0 or os.uname().machine != "x86_64"):
                continue
            with self.subTest(call=call):
                out, _ = self.doctor("-p", "./loose.json", preexec_fn=lambda call=call: without_call(call))
                told = out[out.index("Held by the filter alone"):]
                self.assertIn(f": {name} behind the filter: WENT THROUGH; layer ", told)
                self.assertIn("which is missing", told)
                self.assertNotIn("Got further", told)

    def test_the_probes_run_no_plugin(self):
        plugin = self.scratch / "main.lua"
        plugin.write_text("return 1")
        for probe in ("sandbox-probe", "sandbox-probe-unfiltered"):
            environment = {"HOME": str(self.scratch), "SANDBOX_ZYGOTE_PATH": str(self.scratch / probe),
                           "SANDBOXD_POLICY_DIR": str(self.scratch / "policies")}
            done = subprocess.run([str(self.scratch / "sandboxctl"), "run", str(plugin), "--json"], env=environment,
                                  capture_output=True, text=True, timeout=PATIENCE_S, check=False)
            self.assertEqual(3, done.returncode, done.stdout + done.stderr)
            self.assertIn("runs no plugin", json.loads(done.stdout)["error"]["message"])


if __name__ == "__main__":
    unittest.main()
