# SPDX-License-Identifier: Apache-2.0
"""Keys and tenants over HTTP: who gets in, who sees what, and what lasts."""

import contextlib
import http.client
import itertools
import pathlib
import re
import signal
import sqlite3
import stat
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon
import openapi
from daemon import Daemon

ROUTES_SOURCE = daemon.SOURCE_DIR / "sandboxd" / "api" / "routes.c"
WITH_KEYS = {"settings": {"auth": "on"}}


class FirstStart(unittest.TestCase):
    def test_the_first_start_writes_a_key_and_never_tells_it(self):
        with Daemon(**WITH_KEYS) as server:
            path = server.state_dir / "admin.key"
            key = path.read_text(encoding="ascii").strip()
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
            self.assertRegex(key, r"^sbx_[0-9a-z]{12}_[0-9A-Za-z]{40}$")
            self.assertEqual(server.get("/v1/stats", {"Authorization": f"Bearer {key}"}).status, 200)
            record = server.wait_for_log(lambda r: "admin" in r["msg"], "the key's path")
            self.assertEqual(record["path"], str(path))
            server.get("/v1/stats", {"Authorization": f"Bearer {key}x"})
            self.assertNotIn(key[-40:], server.log_text)
            self.assertNotIn(key[-40:].encode(), (server.state_dir / "sandboxd.db-wal").read_bytes())

    def test_later_starts_leave_the_key_as_it_is(self):
        server = Daemon(**WITH_KEYS)
        with server:
            key = server.admin_key
            server.halt()
            server.start_again()
            self.assertEqual(server.admin_key, key)
            self.assertEqual(server.get("/v1/stats", server.bearer(key)).status, 200)

    def test_without_auth_no_key_is_made(self):
        with Daemon() as server:
            self.assertFalse((server.state_dir / "admin.key").exists())
            self.assertEqual(server.get("/v1/stats").status, 200)


class Keys(daemon.DaemonTest):
    daemon_options = WITH_KEYS

    def test_without_a_good_key_nothing_is_done(self):
        bad = self.daemon.admin_key[:-1] + "!"
        for header, told in ((None, False), ("Bearer ", True), ("Basic abc", True), (f"Bearer {bad}", True),
                             ("Bearer sbx_000000000000_" + "0" * 40, True)):
            headers = {} if header is None else {"Authorization": header}
            response = self.daemon.post("/v1/runs", {"code": "return 1"}, headers)
            self.assertEqual((response.status, response.json["code"]), (401, "unauthenticated"), header)
            self.assertEqual(response.headers["www-authenticate"].startswith("Bearer realm="), True)
            self.assertEqual("invalid_token" in response.headers["www-authenticate"], told)

    def test_open_routes_ask_for_no_key(self):
        for path in ("/livez", "/readyz", "/openapi.json"):
            self.assertEqual(self.daemon.get(path).status, 200, path)

    def test_pages_of_other_hosts_may_call_with_a_key(self):
        headers = {**self.daemon.bearer(self.daemon.admin_key), "Origin": "https://example.org", "Host": "example.org"}
        self.assertEqual(self.daemon.post("/v1/runs", {"code": "return 1"}, headers).status, 200)


class Attempts(daemon.DaemonTest):
    daemon_options = WITH_KEYS

    def test_bad_keys_are_limited_and_good_ones_go_on(self):
        statuses = [self.daemon.get("/v1/stats", {"Authorization": "Bearer x"}) for _ in range(60)]
        refused = [response for response in statuses if response.status == 429]
        self.assertGreater(len(refused), 10)
        self.assertEqual({response.status for response in statuses}, {401, 429})
        self.assertIn(int(refused[-1].headers["retry-after"]), (1, 2, 3))
        self.assertEqual(self.daemon.get("/v1/stats", self.daemon.bearer(self.daemon.admin_key)).status, 200)


class MetricsListener(unittest.TestCase):
    def test_the_listener_of_its_own_asks_for_no_key(self):
        with Daemon(settings={"auth": "on", "metrics_listen": "127.0.0.1:0"}) as server:
            self.assertEqual(server.get("/v1/health").status, 401)
            record = server.wait_for_log(lambda r: r["msg"] == "listening" and not r["address"].endswith(f":{server.port}"),
                                         "the second listener")
            port = int(record["address"].rpartition(":")[2])
            with daemon.Connection("127.0.0.1", port) as metrics:
                self.assertEqual(metrics.request("GET", "/metrics").status, 200)
                self.assertEqual(metrics.request("GET", "/v1/health").status, 200)
                self.assertEqual(metrics.request("GET", "/v1/stats").status, 404)


class AccountsTest(daemon.DaemonTest):
    """Asks as one of several keys, and holds every answer to the document."""

    daemon_options = WITH_KEYS

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = openapi.Document(cls.daemon.get("/openapi.json").json)

    def ask(self, method, path, body=None, expect=None, key=None):
        headers = self.daemon.bearer(key or self.daemon.admin_key)
        response = self.daemon.request(method, path, body, headers)
        self.document.check(method, path, response)
        if expect is not None:
            self.assertEqual(response.status, expect, response)
        return response

    def make_tenant(self, tenant, plan="pro"):
        """A new tenant and a key of it."""
        self.ask("POST", "/v1/tenants", {"id": tenant, "plan": plan}, 201)
        return self.make_key(f"/v1/tenants/{tenant}/keys")

    def make_key(self, path, **wish):
        return self.ask("POST", path, wish, 201).json["key"]


class LateBodies(AccountsTest):
    def told_to_go_on(self, method, path, key, body):
        """A connection whose headers were accepted, and which has its body still to send."""
        connection = self.daemon.raw_socket()
        connection.sendall((f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
                            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                            "Expect: 100-continue\r\n\r\n").encode())
        self.assertTrue(connection.recv(1000).startswith(b"HTTP/1.1 100"))
        return connection

    def status_of(self, connection, body):
        with connection:
            connection.sendall(body)
            response = http.client.HTTPResponse(connection)
            response.begin()
            return response.status

    def test_a_body_that_comes_after_its_key_was_revoked_does_nothing(self):
        self.make_tenant("late")
        for method, path, body in (("POST", "/v1/tenants/late/keys", b"{}"), ("POST", "/v1/runs", b'{"code":"return 1"}')):
            made = self.ask("POST", "/v1/tenants/late/keys", {}, 201).json
            connection = self.told_to_go_on(method, path, made["key"], body)
            self.ask("DELETE", f"/v1/tenants/late/keys/{made['id']}", expect=204)
            keys = self.ask("GET", "/v1/tenants/late/keys").json
            self.assertEqual(self.status_of(connection, body), 401, path)
            self.assertEqual(self.ask("GET", "/v1/tenants/late/keys").json, keys)

    def test_a_body_that_comes_after_its_tenant_was_suspended_does_nothing(self):
        key = self.make_tenant("paused")
        connection = self.told_to_go_on("POST", "/v1/runs", key, b'{"code":"return 1"}')
        self.ask("PATCH", "/v1/tenants/paused", {"suspended_reason": "unpaid"}, 200)
        self.assertEqual(self.status_of(connection, b'{"code":"return 1"}'), 403)


class Tenants(AccountsTest):
    def test_a_tenant_is_made_changed_suspended_and_deleted(self):
        made = self.ask("POST", "/v1/tenants", {"id": "acme", "name": "Acme Inc."}, 201)
        self.assertEqual(made.headers["location"], "/v1/tenants/acme")
        self.assertEqual((made.json["plan"], made.json["suspended"]), ("free", False))
        self.assertEqual(self.ask("GET", "/v1/tenants/acme", expect=200).json, made.json)
        self.assertEqual(self.ask("POST", "/v1/tenants", {"id": "acme"}, 409).json["code"], "taken")
        key = self.make_key("/v1/tenants/acme/keys", name="shop")
        self.ask("POST", "/v1/runs", {"code": "return 1"}, 200, key)
        changed = self.ask("PATCH", "/v1/tenants/acme", {"suspended_reason": "unpaid"}, 200).json
        self.assertEqual((changed["name"], changed["suspended"]), ("Acme Inc.", True))
        refused = self.ask("POST", "/v1/runs", {"code": "return 1"}, 403, key).json
        self.assertEqual(refused["code"], "tenant_suspended")
        self.assertIn("unpaid", refused["detail"])
        self.ask("PATCH", "/v1/tenants/acme", {"suspended_reason": None, "name": "Acme"}, 200)
        self.ask("POST", "/v1/runs", {"code": "return 1"}, 200, key)
        self.ask("DELETE", "/v1/tenants/acme", expect=204)
        self.ask("POST", "/v1/runs", {"code": "return 1"}, 401, key)
        self.ask("GET", "/v1/tenants/acme", expect=404)
        self.ask("DELETE", "/v1/tenants/acme", expect=404)
        self.ask("PATCH", "/v1/tenants/acme", {"name": "x"}, 404)
        self.ask("GET", "/v1/tenants/acme/keys", expect=404)
        self.ask("GET", "/v1/tenants/acme/subscription", expect=404)
        self.assertEqual(self.ask("POST", "/v1/tenants", {"id": "acme"}, 409).json["code"], "taken")

    def test_a_tenant_deleted_while_its_request_comes_in_runs_nothing(self):
        key = self.make_tenant("leaver", "free")
        body = b'{"code": "return 1"}'
        head = f"POST /v1/runs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n" \
               f"Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n"
        with self.daemon.raw_socket() as connection, connection.makefile("rb") as answer:
            connection.sendall(head.encode())
            self.assertIn(b" 100 ", answer.readline())  # its key was good
            answer.readline()
            self.ask("DELETE", "/v1/tenants/leaver", expect=204)
            connection.sendall(body)
            said = answer.read()
        self.assertTrue(said.startswith(b"HTTP/1.1 401 "), said)
        self.assertIn(b'"unauthenticated"', said)

    def test_tenants_are_listed_page_by_page(self):
        for number in range(5):
            self.make_tenant(f"page-{number}")
        seen, cursor = [], ""
        while cursor is not None:
            page = self.ask("GET", f"/v1/tenants?limit=2&cursor={cursor}", expect=200).json
            seen += [tenant["id"] for tenant in page["items"]]
            cursor = page["next_cursor"]
        self.assertEqual([tenant for tenant in seen if tenant.startswith("page-")], [f"page-{n}" for n in range(5)])
        self.assertEqual(seen, sorted(set(seen)))

    def test_what_is_wrong_with_a_body_is_told(self):
        problem = self.ask("POST", "/v1/tenants", {"id": 5, "nmae": "x"}, 422).json
        self.assertEqual([error["pointer"] for error in problem["errors"]], ["/id", "/nmae"])
        self.assertIn('did you mean \"name\"', problem["errors"][1]["detail"])
        self.ask("POST", "/v1/tenants", {"id": "Acme"}, 422)
        self.assertEqual(self.ask("POST", "/v1/tenants", {"plan": "absent"}, 422).json["code"], "unknown_plan")
        self.ask("POST", "/v1/tenants", b"{", 400)
        self.ask("POST", "/v1/tenants", [], 422)
        self.ask("POST", "/v1/keys", {"expires_at": "tomorrow"}, 422)
        self.ask("POST", "/v1/keys", {"expires_at": "2020-01-01T00:00:00Z"}, 422)
        self.ask("GET", "/v1/tenants?limit=0", expect=422)
        for path in ("/v1/tenants?limit=1&limit=2", "/v1/runs?tenant=&status=ok&tenant=acme", "/v1/plugins?cursor=&cursor="):
            name = path.rsplit("&", 1)[1].split("=")[0]
            self.assertIn(f'"{name}" is given twice', self.ask("GET", path, expect=422).json["detail"])

    def test_an_empty_text_is_a_slip_and_not_a_wish(self):
        self.make_tenant("empty")
        for path, method, member in (("/v1/tenants", "POST", "id"), ("/v1/tenants", "POST", "name"),
                                     ("/v1/tenants", "POST", "plan"), ("/v1/tenants/empty", "PATCH", "name"),
                                     ("/v1/tenants/empty", "PATCH", "suspended_reason"),
                                     ("/v1/tenants/empty/keys", "POST", "expires_at"),
                                     ("/v1/tenants/empty/subscription", "PUT", "plan")):
            [fault] = self.ask(method, path, {member: ""}, 422).json["errors"]
            self.assertEqual(fault["pointer"], "/" + member)
            self.assertIn("it is empty", fault["detail"])
        for body in ({}, {"id": None}):
            self.assertRegex(self.ask("POST", "/v1/tenants", body, 201).json["id"], "^[0-9a-f-]{36}$")

    def test_texts_have_no_characters_that_are_not_seen(self):
        self.make_tenant("plain")
        for path, method, member in (("/v1/tenants", "POST", "id"), ("/v1/tenants", "POST", "name"),
                                     ("/v1/tenants/plain", "PATCH", "name"),
                                     ("/v1/tenants/plain", "PATCH", "suspended_reason"),
                                     ("/v1/tenants/plain/keys", "POST", "name"), ("/v1/keys", "POST", "name"),
                                     ("/v1/plans/hidden", "PUT", "description")):
            for character in "\u202e\u2066\u200b\ufeff\u009b\x1b":
                [fault] = self.ask(method, path, {member: f"Ac{character}me"}, 422).json["errors"]
                self.assertEqual(fault["pointer"], "/" + member)
                self.assertIn(f"U+{ord(character):04X}", fault["detail"])
        for name in ("Caf\u00e9", "\u05e9\u05dc\u05d5\u05dd", "\u0645\u06cc\u200c\u062e", "\U0001f469\u200d\U0001f4bb"):
            self.assertEqual(self.ask("PATCH", "/v1/tenants/plain", {"name": name}, 200).json["name"], name)

    def test_keys_are_listed_without_secrets_and_revoked_at_once(self):
        self.make_tenant("keys")
        made = self.ask("POST", "/v1/tenants/keys/keys", {"name": "one", "expires_at": "2099-01-01T00:00:00Z"}, 201)
        key = made.json["key"]
        self.ask("POST", "/v1/runs", {"code": "return 1"}, 200, key)
        listed = self.ask("GET", "/v1/tenants/keys/keys", expect=200, key=key)
        self.assertNotIn(key[-40:], listed.body.decode())
        one = next(item for item in listed.json["items"] if item["id"] == made.json["id"])
        self.assertEqual((one["name"], one["role"], one["expires_at"]), ("one", "tenant", "2099-01-01T00:00:00.000Z"))
        self.assertIsNotNone(one["last_used_at"])
        self.ask("DELETE", made.headers["location"], expect=204, key=key)
        self.ask("GET", "/v1/tenants/keys/keys", expect=401, key=key)
        self.ask("DELETE", made.headers["location"], expect=404)

    def test_admins_keys_are_made_and_revoked_likewise(self):
        made = self.ask("POST", "/v1/keys", {"name": "second"}, 201)
        self.assertEqual(made.json["role"], "admin")
        self.assertEqual(len(self.ask("GET", "/v1/keys", expect=200, key=made.json["key"]).json["items"]), 2)
        self.ask("DELETE", made.headers["location"], expect=204)
        self.ask("GET", "/v1/keys", expect=401, key=made.json["key"])

    def test_a_subscription_is_upgraded_and_remembered(self):
        key = self.make_tenant("growing", "free")
        self.assertEqual(self.ask("GET", "/v1/tenants/growing/subscription", expect=200, key=key).json["plan"], "free")
        for plan in ("pro", "pro", "enterprise"):
            self.ask("PUT", "/v1/tenants/growing/subscription", {"plan": plan}, 200)
        now = self.ask("GET", "/v1/tenants/growing/subscription", expect=200, key=key).json
        self.assertEqual((now["plan"], [past["plan"] for past in now["history"]]), ("enterprise", ["pro", "free"]))
        self.ask("PUT", "/v1/tenants/growing/subscription", {"plan": "absent"}, 422)
        self.ask("PUT", "/v1/tenants/growing/subscription", {}, 422)
        self.ask("PUT", "/v1/tenants/absent/subscription", {"plan": "pro"}, 404)

    def test_plans_are_documents(self):
        names = [plan["name"] for plan in self.ask("GET", "/v1/plans", expect=200).json["items"]]
        self.assertLessEqual({"free", "pro", "enterprise"}, set(names))
        plan = {"requests": {"per_minute": 5, "per_day": None}, "policies": ["strict"], "prices_micros": {"run": 7}}
        self.ask("PUT", "/v1/plans/bronze", plan, 200)
        shown = self.ask("GET", "/v1/plans/bronze", expect=200).json
        self.assertEqual({name: shown[name] for name in plan}, plan)
        problem = self.ask("PUT", "/v1/plans/bronze", {"requests": {"per_week": 1}, "priority": 0}, 422).json
        self.assertEqual([error["pointer"] for error in problem["errors"]], ["/requests/per_week", "/priority"])
        self.ask("PUT", "/v1/plans/Bronze", {}, 422)
        problem = self.ask("PUT", "/v1/plans/bronze", {"policies": ["strict", "absent"]}, 422).json
        self.assertEqual((problem["code"], problem["errors"][0]["pointer"]), ("invalid_plan", "/policies/1"))
        self.assertIn('there is no policy "absent"', problem["errors"][0]["detail"])
        self.assertEqual(self.ask("GET", "/v1/plans/bronze", expect=200).json["policies"], ["strict"])
        self.ask("GET", "/v1/plans/absent", expect=404)

    def test_every_change_is_in_the_audit_log_with_its_key(self):
        self.make_tenant("audited")
        rows = self.ask("GET", "/v1/audit?target=audited", expect=200).json["items"]
        self.assertEqual([row["action"] for row in rows], ["tenant.create"])
        self.assertEqual(rows[0]["actor"], self.daemon.admin_key.split("_")[1])


class Isolation(AccountsTest):
    """Every route as every role: nothing of another tenant is seen, changed or guessed."""

    # What makes a route that needs a body get past its body, so that its answer tells of the key.
    bodies = {("POST", "/v1/runs"): {"code": "return 1"}, ("POST", "/v1/validate"): {"code": "return 1"}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keys = {}

    def setUp(self):
        if not self.keys:
            self.keys.update({name: self.make_tenant(name) for name in ("mine", "theirs")})
        self.run_id = self.ask("POST", "/v1/runs", {"code": "return 1"}, 200, self.keys["theirs"]).json["id"]

    def place(self, path):
        return re.sub(r"\{(\w+)\}", lambda name: "theirs" if name[1] == "id" else "absent", path) \
            if "/runs/" not in path else path.replace("{id}", self.run_id)

    def test_a_tenants_key_opens_what_is_for_tenants_and_nothing_of_another_one(self):
        for method, path, operation in self.document.operations():
            with self.subTest(method=method, path=path):
                roles = {role for way in operation.get("security", [{"key": ["none"]}]) for role in way["key"]}
                body = self.bodies.get((method, path), {}) if "requestBody" in operation else None
                status = self.ask(method, self.place(path), body, key=self.keys["mine"]).status
                nobody = self.daemon.request(method, self.place(path), body).status
                if not operation["security"]:
                    self.assertEqual((status, nobody), (200, 200))
                    continue
                self.assertEqual(nobody, 401)
                if "tenant" not in roles:
                    self.assertEqual(status, 403)
                elif "{id}" in path:
                    self.assertEqual(status, 404)
                else:
                    self.assertNotIn(status, (401, 403))

    def test_the_answer_for_anothers_thing_is_the_one_for_nothing(self):
        for theirs, nothing in (("/v1/tenants/theirs/keys", "/v1/tenants/nobody/keys"),
                                (f"/v1/runs/{self.run_id}", "/v1/runs/0193d2a4-0000-7000-8000-000000000000"),
                                ("/v1/runs?tenant=theirs", "/v1/runs?tenant=nobody")):
            answers = [self.ask("GET", path, expect=404, key=self.keys["mine"]).json for path in (theirs, nothing)]
            self.assertEqual(*({name: answer[name] for name in ("code", "title", "detail")} for answer in answers))

    def test_runs_are_seen_by_their_tenant_and_by_admins(self):
        mine = self.ask("POST", "/v1/runs", {"code": "return 2"}, 200, self.keys["mine"]).json["id"]
        listed = self.ask("GET", "/v1/runs?limit=1000", expect=200, key=self.keys["mine"]).json["items"]
        self.assertEqual({run["tenant"] for run in listed}, {"mine"})
        self.assertIn(mine, [run["id"] for run in listed])
        self.assertEqual(self.ask("GET", f"/v1/runs/{mine}", expect=200, key=self.keys["mine"]).json["tenant"], "mine")
        everybodys = {run["tenant"] for run in self.ask("GET", "/v1/runs?limit=1000", expect=200).json["items"]}
        self.assertLessEqual({"mine", "theirs"}, everybodys)

    def test_an_admin_runs_in_the_name_of_a_tenant_and_nobody_else_does(self):
        run = {"code": "return 1", "tenant": "theirs"}
        done = self.ask("POST", "/v1/runs", run, 200)
        self.assertIn('"minute";q=', done.headers["ratelimit-policy"])
        self.assertEqual(self.ask("GET", f"/v1/runs/{done.json['id']}", expect=200, key=self.keys["theirs"]).json["plan"], "pro")
        self.ask("POST", "/v1/runs", run, 200, self.keys["theirs"])
        self.ask("POST", "/v1/runs", run, 404, self.keys["mine"])
        self.ask("POST", "/v1/runs", {**run, "tenant": "nobody"}, 404)
        self.ask("PATCH", "/v1/tenants/theirs", {"suspended_reason": "unpaid"}, 200)
        self.assertEqual(self.ask("POST", "/v1/runs", run, 403).json["code"], "tenant_suspended")
        self.ask("PATCH", "/v1/tenants/theirs", {"suspended_reason": None}, 200)

    def test_a_run_is_cancelled_by_its_own_tenant(self):
        results = []

        def spin():
            with self.daemon.new_connection() as connection:
                results.append(connection.request("POST", "/v1/runs", {"code": "while true do end"},
                                                  self.daemon.bearer(self.keys["theirs"])))

        thread = threading.Thread(target=spin)
        thread.start()
        run = daemon.wait_until(lambda: self.ask("GET", "/v1/stats").json["runs"]["in_flight"], "the run")[0]
        self.ask("DELETE", f"/v1/runs/{run['id']}", expect=404, key=self.keys["mine"])
        self.ask("DELETE", f"/v1/runs/{run['id']}", expect=202, key=self.keys["theirs"])
        thread.join()
        self.assertEqual(results[0].json["status"], "cancelled")


class Kill(unittest.TestCase):
    """SIGKILL in the middle of changes: whatever was answered is there, and the store is sound."""

    def change(self, server, worker, done):
        """Makes tenants and keys, moves and revokes them, until the server is gone; notes what was answered."""
        with server.new_connection() as connection, contextlib.suppress(OSError, http.client.HTTPException):
            ask = lambda method, path, body=None: connection.request(method, path, body, self.admin)
            for number in itertools.count():
                tenant = f"t{worker}-{number}"
                if ask("POST", "/v1/tenants", {"id": tenant}).status == 201:
                    done["tenants"][tenant] = "free"
                keys = [ask("POST", f"/v1/tenants/{tenant}/keys", {}).json for _ in range(2)]
                done["keys"].update(key["key"] for key in keys)
                revoked = keys[0]
                # Being revoked, it may be either; once that is answered, it is gone.
                done["keys"].discard(revoked["key"])
                if ask("DELETE", f"/v1/tenants/{tenant}/keys/{revoked['id']}").status == 204:
                    done["revoked"].add(revoked["key"])
                done["tenants"].pop(tenant)
                if ask("PUT", f"/v1/tenants/{tenant}/subscription", {"plan": "pro"}).status == 200:
                    done["tenants"][tenant] = "pro"

    def test_nothing_that_was_answered_is_lost(self):
        server = Daemon(**WITH_KEYS)
        with server:
            self.admin = server.bearer(server.admin_key)
            done = {"tenants": {}, "keys": set(), "revoked": set()}
            for round_ in range(3):
                before = len(done["revoked"])
                threads = [threading.Thread(target=self.change, args=(server, f"{round_}-{n}", done)) for n in range(4)]
                for thread in threads:
                    thread.start()
                daemon.wait_until(lambda: len(done["revoked"]) >= before + 15, "some changes")
                server.halt(signal.SIGKILL)
                for thread in threads:
                    thread.join()
                server.start_again()
            for tenant, plan in done["tenants"].items():
                self.assertEqual(server.get(f"/v1/tenants/{tenant}", self.admin).json["plan"], plan)
            for key in done["keys"]:
                self.assertEqual(server.get("/v1/plans", server.bearer(key)).status, 200)
            for key in list(done["revoked"])[:15]:
                self.assertEqual(server.get("/v1/plans", server.bearer(key)).status, 401)
            with contextlib.closing(sqlite3.connect(server.state_dir / "sandboxd.db")) as store:
                self.assertEqual(store.execute("PRAGMA integrity_check").fetchone(), ("ok",))


class Document(unittest.TestCase):
    def test_every_route_says_whom_it_is_for_and_the_document_says_the_same(self):
        source = ROUTES_SOURCE.read_text(encoding="utf-8")
        routes = re.findall(r'\{METHOD_(\w+), "([^"]+)",[^}]*?ACCESS_(\w+)', source)
        self.assertEqual(len(routes), source.count("{METHOD_"))
        with Daemon() as server:
            paths = server.get("/openapi.json").json["paths"]
        for method, path, access in routes:
            operation = paths[path][method.lower()]
            roles = sorted(role for way in operation["security"] for role in way["key"])
            expected = {"OPEN": [], "ADMIN": ["admin"]}.get(access, ["admin", "tenant"])
            self.assertEqual(roles, expected, (method, path))
            if access != "OPEN":
                self.assertLessEqual({"401", "403", "429"}, operation["responses"].keys(), (method, path))


if __name__ == "__main__":
    daemon.main()
