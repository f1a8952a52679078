# SPDX-License-Identifier: Apache-2.0
"""What clumsy and hostile administrators do to policies, who may not change them, and what disks, kills and hosts without
a layer do: what is live goes on, the store and the audit log agree with it, and every answer says what is the matter."""

import ctypes
import errno
import json
import pathlib
import resource
import signal
import struct
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon
from daemon import wait_until

KILLS = 4


def put(running, name, document, **headers):
    """On a connection of its own. `document`: a dict without its name, or text."""
    if isinstance(document, dict):
        document = json.dumps({"name": name, **document})
    headers = {header.replace("_", "-"): value for header, value in headers.items()} or {"If-Match": "*"}
    with running.new_connection() as connection:
        return connection.request("PUT", f"/v1/policies/{name}", document, headers)


class Hostile(daemon.DaemonTest):
    def refused(self, document, code="invalid_policy", status=422, name="strict"):
        before = self.daemon.get("/v1/policies/strict").json["version"]
        answer = put(self.daemon, name, document)
        self.assertEqual((answer.status, answer.json["code"]), (status, code), answer)
        self.assertLess(len(answer.body), 1 << 20)
        self.assertLess(len(answer.json["detail"]), 1024)
        self.assertEqual(self.daemon.get("/v1/policies/strict").json["version"], before)
        return answer.json

    def test_documents_that_are_too_much(self):
        head = '{"name": "strict", "extends": "base"'
        self.assertIn("too long", self.refused(f'{head}, "description": "{"x" * 260000}"}}')["detail"])
        self.refused(f'{head}, "description": "{"x" * (9 << 20)}"}}', "body_too_large", 413)
        self.refused(head + "".join(f', "m{i}": {i}' for i in range(6000)) + "}")
        many = self.refused(head + "".join(f', "m{i}": {i}' for i in range(4000)) + "}")
        self.assertEqual(len(many["errors"]), 1000)
        self.assertIn("more than 1000 faults", many["detail"])
        # A name that grows sixfold when it is told.
        self.refused(head + ', "' + "\\u0001" * 40000 + '": 1}')
        self.refused(head + "".join(', "' + "\\u0001" * 200 + f'{i}": 1' for i in range(200)) + "}")
        self.refused({"extends": "base", "seccomp": {"allow": [f"zz{i}" for i in range(4000)]}})
        self.refused({"extends": "base", "lua": {"allow": ["x" * 200000]}})
        self.refused("[" * 5000 + "]" * 5000)

    def test_documents_that_are_something_else(self):
        for document in ("null", "", "[]", "1", '{"name": "strict\\u0000", "extends": "base"}',
                         '{"name": "strict", "extends": "bäse"}', '{"name": "strict", "name": "strict"}', "\ufeff{}"):
            self.refused(document)
        with self.daemon.new_connection() as connection:
            answer = connection.request("PUT", "/v1/policies/strict", b'{"name": "strict", "description": "\xff"}',
                                        {"If-Match": "*"})
        self.assertEqual(answer.json["code"], "invalid_policy")

    def test_names_that_are_none(self):
        for name in ("%C3%BC", "..", "%2e%2e", "a%2Fb", "A", "a" * 65, "-a", "%F0%9F%98%80", "%ff", "a%20b"):
            with self.subTest(name=name):
                answer = put(self.daemon, name, {"extends": "base"}, If_None_Match="*")
                self.assertEqual((answer.status, answer.json["code"]), (422, "invalid_request"))
                self.assertEqual(self.daemon.get(f"/v1/policies/{name}").status, 404)
        self.assertEqual(put(self.daemon, "a%00b", {"extends": "base"}).status, 400)
        # A word of ours is a name like any other.
        self.assertEqual(put(self.daemon, "check", {"extends": "base"}, If_None_Match="*").status, 201)
        self.assertEqual(self.daemon.get("/v1/policies/check").json["name"], "check")
        self.assertEqual(self.daemon.request("DELETE", "/v1/policies/check", None, {"If-Match": "*"}).status, 200)

    def test_chains_that_are_too_long_or_bite_their_tail(self):
        idle = {"scheduling": {"idle_workers": 0}}
        names = ["base"] + [f"c{i}" for i in range(1, 16)]
        for parent, name in zip(names, names[1:]):
            self.assertEqual(put(self.daemon, name, {"extends": parent, **idle}, If_None_Match="*").status, 201)
        answer = put(self.daemon, "c16", {"extends": "c15", **idle}, If_None_Match="*")
        self.assertIn("at most 16 in a chain", answer.json["detail"])
        self.assertIn("extends itself", json.dumps(self.refused({"extends": "c9"}, name="c1")["errors"]))
        for name in names[:0:-1]:
            self.assertEqual(self.daemon.request("DELETE", f"/v1/policies/{name}", None, {"If-Match": "*"}).status, 200)

    def test_of_many_changes_of_one_version_one_is_made(self):
        tag = self.daemon.get("/v1/policies/trusted").headers["etag"]
        answers = []
        threads = [threading.Thread(target=lambda cpu_ms=cpu_ms: answers.append(
            put(self.daemon, "trusted", {"extends": "base", "limits": {"cpu_ms": cpu_ms}}, If_Match=tag)))
            for cpu_ms in range(100, 112)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(answer.status for answer in answers), [200] + [412] * 11)
        made = next(answer for answer in answers if answer.status == 200).json["version"]
        self.assertEqual(self.daemon.get("/v1/policies/trusted").json["version"], made)


class SmallDisk(daemon.Daemon):
    """No file may grow beyond 400 KiB, until the test lifts that."""

    def _become(self):
        super()._become()
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def start(self):
        super().start()  # with the room that it takes from the first
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (400 << 10, resource.RLIM_INFINITY))
        return self


class Accidents(unittest.TestCase):
    def document(self, cpu_ms):
        return {"extends": "base", "description": "x" * 4000, "limits": {"cpu_ms": cpu_ms}}

    def test_a_change_that_cannot_be_kept_is_none(self):
        with SmallDisk() as running:
            version = None
            for cpu_ms in range(1000, 1400):
                answer = put(running, "default", self.document(cpu_ms))
                if answer.status != 200:
                    break
                version = answer.json["version"]
            self.assertEqual((answer.status, answer.json["code"]), (503, "store_failed"))
            self.assertEqual(running.get("/v1/policies/default").json["version"], version)
            self.assertEqual(running.run("return 1")["policy"]["version"], version)
            self.assertEqual(running.get("/v1/audit?target=default&limit=1").json["items"][0]["after"], version)
            resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            answer = put(running, "default", self.document(2000))
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual(running.run("return 1")["limits"]["cpu_ms"], 2000)
            wait_until(lambda: running.titles().count("sandbox-zygote: default") == 2, "the end of what was tried")

    def test_a_kill_leaves_policy_versions_and_audit_log_of_one_mind(self):
        with daemon.Daemon() as running:
            self.assertEqual(put(running, "gold", self.document(1), If_None_Match="*").status, 201)
            for number in range(KILLS):
                told = []
                thread = threading.Thread(target=self.put_until_it_dies, args=(running, number, told))
                thread.start()
                wait_until(lambda: len(told) > 2 * number, "changes")
                running.process.kill()
                running.process.wait()
                thread.join()
                running.start_again()
                live = running.get("/v1/policies/gold").json["version"]
                versions = [row["version"] for row in running.get("/v1/policies/gold/versions").json["items"]]
                self.assertEqual(versions[0], live)
                self.assertEqual(running.get("/v1/audit?target=gold&limit=1").json["items"][0]["after"], live)
                self.assertEqual(running.run("return 1", policy="gold")["policy"]["version"], live)
                # What was answered is kept; at most the one that was being made came after it.
                self.assertIn(told[-1], versions[:2])

    def put_until_it_dies(self, running, number, told):
        for cpu_ms in range(1000 * (number + 1), 1000 * (number + 2)):
            try:
                answer = put(running, "gold", self.document(cpu_ms))
            except OSError:
                return
            if answer.status != 200:
                return
            told.append(answer.json["version"])

    def test_a_document_that_was_put_and_lost_its_parent_does_not_keep_the_service_from_starting(self):
        with daemon.Daemon(policies={"silver": {"extends": "base", "limits": {"cpu_ms": 77}}}) as running:
            version = put(running, "gold", {"extends": "silver"}, If_None_Match="*").json["version"]
            running.process.send_signal(signal.SIGTERM)
            self.assertEqual(running.process.wait(daemon.PATIENCE_S), 0)
            (running.policy_dir / "silver.json").unlink()
            running.start_again()
            trouble = running.wait_for_log(lambda r: r["msg"].startswith("a policy that was put"), "the trouble")
            self.assertEqual((trouble["policy"], trouble["detail"]), ("gold", "the version that was live last goes on"))
            result = running.run("return 1", policy="gold")
            self.assertEqual((result["policy"]["version"], result["limits"]["cpu_ms"]), (version, 77))
            # Others can be changed; the folder cannot be taken over until this is mended.
            self.assertEqual(put(running, "strict", {"extends": "base"}).status, 200)
            running.process.send_signal(signal.SIGHUP)
            running.wait_for_log(lambda r: r["msg"].startswith("policies not reloaded"), "the refusal")
            self.assertEqual(running.request("DELETE", "/v1/policies/gold", None, {"If-Match": "*"}).status, 200)
            running.process.send_signal(signal.SIGHUP)
            running.wait_for_log(lambda r: r["msg"] == "policies reloaded", "the reload")


class WhoMayTest(unittest.TestCase):
    def test_changes_are_for_admins_and_carry_their_key(self):
        with daemon.Daemon(settings={"auth": "on"}) as running:
            admin = running.bearer(running.admin_key)
            key_id = running.admin_key.split("_")[1]
            running.request("POST", "/v1/tenants", {"id": "acme"}, admin)
            tenant = running.bearer(running.request("POST", "/v1/tenants/acme/keys", {}, admin).json["key"])
            document = {"name": "gold", "extends": "base"}
            for method, path, body in (("PUT", "/v1/policies/gold", document), ("POST", "/v1/policies/check", document),
                                       ("DELETE", "/v1/policies/strict", None), ("POST", "/v1/policies/strict/rollback", {}),
                                       ("GET", "/v1/policies/strict/versions", None), ("GET", "/v1/audit", None),
                                       ("GET", "/v1/policies/strict/advice", None)):
                self.assertEqual(running.request(method, path, body, {"If-Match": "*", **tenant}).status, 403, path)
                self.assertEqual(running.request(method, path, body, {"If-Match": "*"}).status, 401, path)
            self.assertEqual(running.request("GET", "/v1/policies/strict", None, tenant).json["name"], "strict")
            put = running.request("PUT", "/v1/policies/gold", document, {"If-None-Match": "*", **admin})
            self.assertEqual(put.status, 201, put)
            row = running.request("GET", "/v1/audit?target=gold", None, admin).json["items"][0]
            self.assertEqual((row["action"], row["actor"]), ("policy.put", key_id))
            row = running.request("GET", "/v1/policies/gold/versions", None, admin).json["items"][0]
            self.assertEqual((row["reason"], row["actor"]), ("put", key_id))


class WithoutLandlock(daemon.Daemon):
    """On a host that has no Landlock, or does as if: the system call that asks for it is not there."""

    def _become(self):
        super()._become()
        libc = ctypes.CDLL(None, use_errno=True)
        load_number, jump_if_equal, give_back = 0x20, 0x15, 0x06
        landlock_create_ruleset, allow, fail_with = 444, 0x7FFF0000, 0x00050000 | errno.ENOSYS
        steps = [(load_number, 0, 0, 0), (jump_if_equal, 0, 1, landlock_create_ruleset),
                 (give_back, 0, 0, fail_with), (give_back, 0, 0, allow)]
        code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
        program = ctypes.create_string_buffer(struct.pack("HP", len(steps), ctypes.addressof(code)))
        no_new_privs, set_seccomp, mode_filter = 38, 22, 2
        if libc.prctl(no_new_privs, 1, 0, 0, 0) != 0 or libc.prctl(set_seccomp, mode_filter, program, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "cannot take Landlock away")


class MissingLayerTest(unittest.TestCase):
    demanding = {"extends": "base", "isolation": {"require": ["landlock"]}}

    def test_what_the_host_lacks_is_for_admins_to_read(self):
        with WithoutLandlock(policies={"demanding": self.demanding}, settings={"auth": "on"}) as running:
            admin = running.bearer(running.admin_key)
            plan = running.request("PUT", "/v1/plans/wide", {"policies": ["demanding"]}, {"If-None-Match": "*", **admin})
            self.assertIn(plan.status, (200, 201), plan)
            running.request("POST", "/v1/tenants", {"id": "acme", "plan": "wide"}, admin)
            tenant = running.bearer(running.request("POST", "/v1/tenants/acme/keys", {}, admin).json["key"])
            run = {"code": "return 1", "policy": "demanding"}
            for key, told in ((admin, self.assertIn), (tenant, self.assertNotIn)):
                refused = running.request("POST", "/v1/runs", run, key)
                self.assertEqual((refused.status, refused.json["code"]), (503, "policy_unavailable"))
                told("landlock", refused.json["detail"])
                shown = running.request("GET", "/v1/policies/demanding", None, key).json
                self.assertTrue(shown["problem"])
                told("landlock", shown["problem"])
                listed = running.request("GET", "/v1/policies", None, key).json["items"]
                self.assertIn(shown["problem"], [policy["problem"] for policy in listed])

    def test_a_policy_that_requires_what_the_host_lacks_is_refused_and_its_runs_too(self):
        with WithoutLandlock(policies={"demanding": self.demanding}, settings={"health_interval_ms": 20}) as running:
            refused = running.post("/v1/runs", {"code": "return 1", "policy": "demanding"})
            self.assertEqual((refused.status, refused.json["code"]), (503, "policy_unavailable"))
            self.assertIn("landlock", refused.json["detail"])
            self.assertIn("landlock", running.get("/v1/policies/demanding").json["problem"])
            wait_until(lambda: running.get("/v1/health").json["checks"]["policy:demanding"][0]["status"] == "warn",
                              "the health check")
            self.assertEqual(running.run("return 1")["output"], 1)
            # It does not stand in the way of other changes, and cannot replace what works.
            put = running.request("PUT", "/v1/policies/strict", {"name": "strict", "extends": "base"},
                                  {"If-Match": "*"})
            self.assertEqual(put.status, 200, put)
            put = running.request("PUT", "/v1/policies/default", {"name": "default", **self.demanding},
                                  {"If-Match": "*"})
            self.assertEqual((put.status, put.json["code"]), (409, "policy_cannot_start"))
            self.assertIn("landlock", put.json["detail"])
            self.assertEqual(running.run("return 1")["output"], 1)
            checked = running.post("/v1/policies/check", {"name": "default", **self.demanding}).json
            self.assertEqual([row["layer"] for row in checked["missing_layers"]], ["landlock"])


if __name__ == "__main__":
    daemon.main()
