# SPDX-License-Identifier: Apache-2.0
"""From an installation to a running unit, as docs/operations.md says: the unit is sound, and its own ExecStart= starts
on the example, as an ordinary user, behind the unit's mounts and filter of system calls, where nothing but what was installed is."""

import ctypes
import errno
import fcntl
import json
import os
import pathlib
import re
import shlex
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon
from daemon import BUILD_DIR, SOURCE_DIR, wait_until

PREFIX = "/usr/local"
CLONE_NEWNS, CLONE_NEWNET, MS_BIND, MS_REC, MS_PRIVATE = 0x20000, 0x40000000, 0x1000, 0x4000, 0x40000
PR_SET_NO_NEW_PRIVS, SIOCSIFFLAGS, IFF_UP = 38, 0x8914, 1
SYS_MOUNT_SETATTR, AT_FDCWD, AT_RECURSIVE, MOUNT_ATTR_RDONLY = 442, -100, 0x8000, 1
NOBODY = 65534
SCMP_ACT_ALLOW, SCMP_ACT_ERRNO = 0x7FFF0000, 0x00050000
LIBC = ctypes.CDLL(None, use_errno=True)

if os.geteuid() != 0:
    print("host lacks: root")
    sys.exit(77)
if shutil.which("systemd-analyze") is None:
    print("host lacks: systemd-analyze")
    sys.exit(77)


def mount(source, target, kind, flags, data=None):
    encoded = [text and str(text).encode() for text in (source, target, kind)]
    if LIBC.mount(*encoded, flags, data) != 0:
        raise OSError(ctypes.get_errno(), f"mount {target}")


def set_read_only(folder, read_only):
    """mount_setattr(2) of everything mounted at and below it; Python has no function for it."""
    attributes = struct.pack("QQQQ", MOUNT_ATTR_RDONLY * read_only, MOUNT_ATTR_RDONLY * (not read_only), 0, 0)
    if LIBC.syscall(SYS_MOUNT_SETATTR, AT_FDCWD, folder.encode(), AT_RECURSIVE, attributes, len(attributes)) != 0:
        raise OSError(ctypes.get_errno(), f"mount_setattr {folder}")


def build_walls(settings):
    """In the child: the unit's mounts, as systemd makes them of these settings."""
    if settings.get("ProtectSystem") == "strict":
        set_read_only("/", True)
        for folder in ("/dev", "/proc", "/sys"):
            set_read_only(folder, False)
    if settings.get("ProtectProc") == "invisible":
        mount("proc", "/proc", "proc", 0, b"hidepid=invisible")
    if settings.get("ProtectKernelTunables") == "yes":
        for folder in ("/proc/sys", "/sys"):
            mount(folder, folder, None, MS_BIND | MS_REC)
            set_read_only(folder, True)


def unit_lines(unit):
    return [line.split("=", 1) for line in unit.read_text(encoding="utf-8").splitlines()
            if "=" in line and not line.startswith("#")]


def unit_settings(unit):
    return dict(unit_lines(unit))


def members_of(group):
    """The names of a group of system calls, as the systemd of this host knows it."""
    if not group.startswith("@"):
        return {group}
    listing = subprocess.run(["systemd-analyze", "--no-pager", "syscall-filter", group], capture_output=True, text=True,
                             check=True, timeout=daemon.PATIENCE_S).stdout
    names = [line.strip() for line in listing.splitlines()[1:] if line.strip() and not line.strip().startswith("#")]
    return set().union(*map(members_of, names))


def allowed_calls(unit):
    """What SystemCallFilter= of the unit leaves: lists are added, those with a ~ taken away."""
    allowed = members_of("@default")
    for name, value in unit_lines(unit):
        if name == "SystemCallFilter":
            listed = set().union(*map(members_of, value.lstrip("~").split()))
            allowed = allowed - listed if value.startswith("~") else allowed | listed
    return allowed


def load_filter(library, names):
    """In the child: everything else fails with EPERM from now on, as the unit has it."""
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(SCMP_ACT_ERRNO | errno.EPERM))
    for name in names:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            library.seccomp_rule_add(context, SCMP_ACT_ALLOW, number, 0)
    if library.seccomp_load(context) != 0:
        raise OSError("seccomp_load")


class InstallTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(tempfile.mkdtemp(prefix="sandboxd-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.scratch, ignore_errors=True)
        cls.scratch.chmod(0o755)
        cls.root = cls.scratch / "root"
        done = subprocess.run(["meson", "install", "-C", str(BUILD_DIR), "--no-rebuild", "--quiet", "--destdir", str(cls.root)],
                              capture_output=True, text=True, timeout=daemon.PATIENCE_S)
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        cls.installed = pathlib.Path(f"{cls.root}{PREFIX}")
        cls.units = cls.installed / "lib/systemd/system"
        cls.seccomp = ctypes.CDLL("libseccomp.so.2", use_errno=True)
        cls.allowed = allowed_calls(cls.units / "sandboxd.service")

    def test_the_runbook_names_what_is_installed(self):
        runbook = (SOURCE_DIR / "docs/operations.md").read_text(encoding="utf-8")
        named = set(re.findall(rf"{PREFIX}/[\w./-]+\w", runbook))
        self.assertIn(f"{PREFIX}/share/sandboxd/examples/sandboxd.json", named)
        for path in named:
            self.assertTrue(pathlib.Path(f"{self.root}{path}").exists(), path)

    def test_the_units_are_sound(self):
        for name in ("sandboxd.service", "sandboxd.socket"):
            unit = self.scratch / name
            unit.write_text((self.units / name).read_text(encoding="utf-8").replace(f"={PREFIX}/", f"={self.installed}/"),
                            encoding="utf-8")
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(self.scratch / "sandboxd.service"),
                               str(self.scratch / "sandboxd.socket")], capture_output=True, text=True, timeout=daemon.PATIENCE_S)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def make_machine(self, walled):
        """In the child: a machine as it is after the steps of docs/operations.md, as the unit shows it to the service."""
        if LIBC.unshare(CLONE_NEWNS | CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        with socket.socket() as any_socket:
            fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
        mount(None, "/", None, MS_REC | MS_PRIVATE)
        mount(self.installed, PREFIX, None, MS_BIND | MS_REC)
        mount("none", "/etc", "tmpfs", 0)
        os.mkdir("/etc/sandboxd")
        shutil.copyfile(f"{PREFIX}/share/sandboxd/examples/sandboxd.json", "/etc/sandboxd/sandboxd.json")
        settings = unit_settings(self.units / "sandboxd.service")
        if walled:
            build_walls(settings)
        for setting, folder in (("StateDirectory", "/var/lib"), ("LogsDirectory", "/var/log"), ("RuntimeDirectory", "/run")):
            mount("none", folder, "tmpfs", 0)
            os.mkdir(f"{folder}/{settings[setting]}", 0o700)
            os.chown(f"{folder}/{settings[setting]}", NOBODY, NOBODY)
        os.umask(int(settings["UMask"], 8))
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if walled:
            load_filter(self.seccomp, self.allowed)

    def get(self, pid, url, *options):
        done = subprocess.run(["nsenter", f"--net=/proc/{pid}/ns/net", "curl", "-sS", *options, url], capture_output=True,
                              text=True, timeout=daemon.PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def serve(self, check, walled=True):
        """Starts the unit's ExecStart=, runs check(pid) once it says that it is ready, and has it stop in good order."""
        command = shlex.split(unit_settings(self.units / "sandboxd.service")["ExecStart"])
        self.assertEqual(command[0], f"{PREFIX}/bin/sandboxd")
        path = self.scratch / "notify"
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager, open(self.scratch / "log", "wb") as log:
            manager.bind(str(path))
            path.chmod(0o777)
            manager.settimeout(daemon.PATIENCE_S)
            service = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                       env={"NOTIFY_SOCKET": str(path)}, preexec_fn=lambda: self.make_machine(walled))
            try:
                self.assertIn(b"READY=1", manager.recv(4096))
                answer = check(service.pid)
            finally:
                service.terminate()
                status = service.wait(daemon.PATIENCE_S)
        said = (self.scratch / "log").read_text(encoding="utf-8")
        self.assertEqual(status, 0, said)
        self.assertNotIn('"level":"error"', said)
        return answer

    def test_what_the_unit_starts_runs_plugins_on_the_example(self):
        self.serve(self.assert_serves)

    def test_the_units_walls_take_none_away_that_the_service_builds(self):
        def layers(pid):
            health = json.loads(self.get(pid, "http://127.0.0.1:9464/v1/health"))
            return {layer["layer"]: layer["state"] for layer in health["isolation"]}

        self.assertEqual(self.serve(layers), self.serve(layers, walled=False))

    def assert_serves(self, pid):
        self.assertIn("Seccomp:\t2\n", pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
        inside = pathlib.Path(f"/proc/{pid}/root")
        key = (inside / "var/lib/sandboxd/admin.key").read_text(encoding="ascii").strip()
        self.assertEqual((inside / "var/lib/sandboxd/admin.key").stat().st_mode & 0o777, 0o600)
        answer = self.get(pid, "http://127.0.0.1:8080/v1/runs", "-H", f"Authorization: Bearer {key}",
                          "--json", '{"code": "log.info(\'hello\') return 6 * 7"}')
        self.assertIn('"output":42', answer)
        self.assertIn("unauthenticated", self.get(pid, "http://127.0.0.1:8080/v1/runs"))
        self.assertRegex(self.get(pid, "http://127.0.0.1:9464/v1/health"), '"status":"(pass|warn)"')
        self.assertIn("sandbox_runs_total", self.get(pid, "http://127.0.0.1:9464/metrics"))
        wait_until(lambda: "hello" in (inside / "var/log/sandboxd/plugins.log").read_text(encoding="utf-8"), "the plugin's line")


if __name__ == "__main__":
    daemon.main()
