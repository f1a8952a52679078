# SPDX-License-Identifier: Apache-2.0
"""Secrets: one of its own in every place where a caller can put one, looked for in everything that is kept."""

import pathlib
import sqlite3
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import system_python

system_python.need("google.protobuf", "python3-protobuf")

import daemon
from collector import Collector
from daemon import wait_until

# What is published is kept in the store as it is. Everything else in there is of runs, or of who did what.
PUBLISHED = ("plugin_contents", "plugin_versions", "policy_documents", "policy_versions", "plans", "tenants", "api_keys",
             "subscriptions")

# What a secret may stand in, that is none of ours.
FORMS = ("Authorization: Bearer %s", "Proxy-Authorization: Basic %s", "Authorization: ApiKey %s",
         'Authorization: Digest username="u", response="%s"', "Cookie: a=1; session=%s", '{"password":"ab\\"%s"}',
         "password = 'it\\'s %s'", '{"password":{"value":"%s"}}', '{"tokens":["x","%s"]}', "password:\n%s",
         "postgres://u:S3/%s@host/db", "https://u:a@%s@host/", "pwd=%s", "passphrase: %s", "session_id=%s", "accessKey: %s",
         "ghp_0123456789abcdef_%s", "sent bearer  %s to")


class Places:
    """Gives out secrets, and remembers where each was put."""

    def __init__(self):
        self.place_of = {}

    def _note(self, secret, place):
        self.place_of[secret] = place
        return secret

    def plain(self, place):
        """Known by nothing but where it stands."""
        return self._note(f"hunter2x{len(self.place_of):03d}x", place)

    def key(self, place):
        """Known by its form."""
        return "sbx_0123456789_" + self._note(f"swordfish{len(self.place_of):03d}x", f"{place}, as a key")

    def both(self, place):
        return f"token={self.plain(place)} {self.key(place)}"

    def forms(self, place):
        """Everything that the documentation promises to know, one a line."""
        return "\n".join(form % self.plain(f"{place}: {form}") for form in FORMS)

    def given(self, place, secret):
        """One that the service made."""
        return self._note(secret, place)


class SecretsTest(unittest.TestCase):
    maxDiff = None

    def headers(self, place, **more):
        """Secrets in every header that means something to somebody, and in one that does not."""
        put = self.put
        return {"Authorization": f"Bearer {put.key(f'Authorization {place}')}",
                "Cookie": f"session={put.plain('Cookie')}", "X-Api-Key": put.plain("X-Api-Key"),
                "Proxy-Authorization": f"Basic {put.plain('Proxy-Authorization')}",
                "User-Agent": f"{put.both('User-Agent')} https://u:a@{put.plain('a URL in User-Agent')}@host/", "Referer": f"http://x/?{put.plain('Referer')}",
                "X-Request-Id": put.key("X-Request-Id"), "traceparent": put.key("traceparent"),
                "tracestate": f"a={put.key('tracestate')}", "baggage": f"a={put.plain('baggage')}",
                "Idempotency-Key": put.plain("Idempotency-Key"), "If-None-Match": f'"{put.plain("If-None-Match")}"',
                "X-Forwarded-For": put.plain("X-Forwarded-For"), "Accept": put.plain("Accept"),
                "X-Whatever": put.plain("another header"), **more}

    def ask(self, method, path, body=None, headers=None, expect=None):
        answer = self.running.request(method, path, body, self.admin if headers is None else headers)
        if expect is not None:
            self.assertEqual(answer.status, expect, answer)
        return answer

    def accounts(self):
        put = self.put
        self.ask("POST", "/v1/tenants", {"id": "acme", "name": put.plain("a tenant's name")}, expect=201)
        self.ask("POST", "/v1/tenants", {"id": "acme 2", "name": put.plain("a tenant that is not made")}, expect=422)
        self.ask("POST", "/v1/tenants", {"id": "acme2", put.plain("an unknown member"): 1}, expect=422)
        self.ask("PATCH", "/v1/tenants/acme", {"suspended_reason": put.both("a reason to suspend")}, expect=200)
        self.ask("PATCH", "/v1/tenants/acme", {"suspended_reason": None}, expect=200)
        made = self.ask("POST", "/v1/tenants/acme/keys", {"name": put.plain("a key's name")},
                        {**self.admin, "Idempotency-Key": put.plain("Idempotency-Key of a key")}, expect=201)
        put.given("a tenant's key", made.json["key"].rpartition("_")[2])
        self.ask("PUT", "/v1/plans/gold", {put.plain("a plan's member"): put.plain("a plan's value")}, expect=422)
        self.ask("PUT", "/v1/plans/gold", {"extends": put.both("a plan's base")}, expect=422)
        return self.running.bearer(made.json["key"])

    def policies(self):
        put, new = self.put, {**self.admin, "If-None-Match": "*"}
        document = {"name": "mine", "extends": "default", "description": put.both("a policy's description")}
        self.ask("PUT", "/v1/policies/mine", document, new, expect=201)
        document["description"] = put.both("a policy's next description")
        self.ask("PUT", "/v1/policies/mine", document, {**self.admin, "If-Match": "*"}, expect=200)
        self.ask("PUT", "/v1/policies/mine", document, {**self.admin, "If-Match": f'"{put.plain("If-Match")}"'}, expect=412)
        for document in ({**document, "extends": put.plain("a policy's base")},
                         {**document, put.plain("a policy's member"): put.plain("a policy's value")},
                         {**document, "limits": {put.plain("a limit's name"): put.plain("a limit's value")}},
                         {**document, "isolation": put.plain("a policy's isolation")},
                         '{"name": "mine", ' + put.plain("a policy that is no JSON")):
            self.ask("PUT", "/v1/policies/mine", document, {**self.admin, "If-Match": "*"}, expect=422)
            self.ask("POST", "/v1/policies/check", document, expect=200)
        self.ask("POST", "/v1/policies/mine/rollback", {"version": put.plain("a version to go back to")})

    def plugins(self):
        put = self.put
        log = "".join(f"log.{level}('{put.both(f'what a plugin logs at {level}')}')\n" for level in
                      ("debug", "info", "warn", "error"))
        log += f"log.info([==[{put.forms('what a plugin logs')}]==])\n"
        source = f"-- {put.both('a source')}\n{log}error('it is ' .. context.api_key)"
        package = {"manifest": {"description": put.both("a manifest")}, "modules": {"main": source}}
        self.ask("PUT", "/v1/plugins/acme/logs/versions/1.0.0", package, expect=201)
        path = "/v1/plugins/acme/faulty/versions/1.0.0"
        for package in ({"manifest": {put.plain("a manifest's member"): put.plain("its value")}, "modules": {"main": ""}},
                        {"manifest": {}, "modules": {"main": f"local = {put.plain('a source with a fault')}"}},
                        {"manifest": {}, "modules": {"main": ""}, "README.md": put.both("a README")},
                        {"manifest": {}, "modules": {put.plain("a module's name"): "return +"}}):
            self.ask("PUT", path, package, expect=422)
        self.ask("PUT", "/v1/tenants/acme/plugins/acme/logs", {"range": put.plain("a range")}, expect=422)

    def runs(self, tenant):
        put = self.put
        context = {"password": put.plain("a password in the context"), "list": [put.key("a list in the context")],
                   "nested": {"api_key": put.plain("a key in the context"), "other": put.plain("anything in the context")}}
        large = {**context, "filler": "x" * 70000}
        bodies = [
            {"code": f"-- {put.plain('a comment')}\nreturn '{put.both('an output')}'", "context": context},
            {"code": f"log.info('{put.both('a log')}') return context", "context": context},
            {"code": "error(context.password)", "context": context},
            {"code": "error('it is ' .. context.nested.api_key .. '!')", "context": context},
            {"code": "error({code = context.password})", "context": context},
            {"code": "load('error(1)', '=' .. context.password)()", "context": context},
            {"code": "load('local function ' .. context.password .. '() error(1) end ' .. context.password .. '()')()",
             "context": context},
            {"code": "error(context.password)", "context": large},
            {"code": "load('error(1)', '=' .. context.password)()", "context": large},
            {"code": "require(context.password)", "context": context},
            {"code": f"error('token: {put.plain('an error')}')"},
            {"code": f"error('{put.key('an error')}')"},
            *({"code": f"error([==[{form % put.plain(f'an error: {form}')}]==], 0)"} for form in FORMS),
            {"code": f"local function f() error('Bearer {put.plain('an error deeper down')}') end f()"},
            {"code": f"this is no Lua: password='{put.plain('a syntax error')}'"},
            {"code": "error('x')", "options": {"chunk_name": put.key("a chunk's name")}},
            {"code": "return function() end", "context": context},
            {"code": "while true do end", "context": context, "limits": {"cpu_ms": 5}},
            {"plugin": "acme/logs", "context": {"api_key": put.plain("a plugin's context")}},
        ]
        for body in bodies:
            self.ask("POST", "/v1/runs", body, tenant, expect=200)
        refused = [
            {"code": "return 1", "policy": put.both("a policy that there is not")},
            {"code": "return 1", put.both("an unknown member"): 1}, {"code": 1, "context": context},
            {"code": "return 1", "limits": {put.plain("an unknown limit"): put.plain("its value")}},
            {"code": "return 1", "limits": {"cpu_ms": put.plain("a limit's value")}},
            {"plugin": f"acme/logs@{put.plain('a version')}"}, {"plugin": put.plain("a plugin")},
            '{"code": "' + put.plain("a body that is no JSON"),
        ]
        for body in refused:
            self.assertGreaterEqual(self.ask("POST", "/v1/runs", body, tenant).status, 400)
        self.ask("POST", "/v1/runs", put.plain("a body"), {**tenant, "Content-Type": f"text/{put.plain('a media type')}"},
                 expect=415)
        self.ask("POST", "/v1/validate", {"code": f"return '{put.plain('validated code')}'"}, tenant, expect=200)

    def keys(self, tenant):
        """Headers that let nobody in, and all others of a request that is let in or not."""
        put, good = self.put, tenant["Authorization"]
        for authorization in (good[:-8] + put.plain("a key with another end")[:8], f"Bearer {put.plain('a malformed key')}",
                              f"Basic {put.plain('Basic')}", put.plain("no scheme"), f"Bearer  {put.plain('two blanks')}",
                              f"Bearer sbx_{put.plain('a short key')}_", f"Bearer {put.key('an unknown key')}, x"):
            self.ask("GET", "/v1/runs", None, {"Authorization": authorization}, expect=401)
        traced = {"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"}
        for headers in (self.headers("that is replaced", **tenant), self.headers("that is replaced", **self.admin, **traced),
                        self.headers("of nobody"), self.headers("of nobody", **traced)):
            for method, path in (("POST", "/v1/runs"), ("GET", "/v1/runs"), ("GET", "/readyz"), ("GET", "/nowhere"),
                                 ("BREW", "/v1/runs")):
                self.ask(method, path, {"code": "error('x')"} if method == "POST" else None, headers)

    def paths(self):
        put = self.put
        for path in ("/v1/runs?cursor={plain}", "/v1/runs?{plain}=1", "/v1/runs?status={plain}", "/v1/runs?since={plain}",
                     "/v1/runs?tenant={plain}", "/v1/runs?trace_id={plain}", "/livez?{plain}", "/metrics?{plain}={key}",
                     "/v1/audit?target={plain}", "/v1/costs/daily?from={plain}", "/v1/plugins?{plain}", "/x?{plain}#{key}",
                     "/v1/runs/{key}", "/v1/policies/{key}?token={plain}", "/{key}", "/nowhere/token={plain}",
                     "/v1/tenants/{key}", "/v1/plugins/acme/{key}/versions/{key}", "http://user:{plain}@host/livez"):
            self.ask("GET", path.format(plain=put.plain(path), key=put.key(path)))
        with self.running.raw_socket() as raw:
            raw.sendall(f"GET /{put.key('a raw path')} HTTP/1.1\r\nHost: {put.plain('Host')}\r\n"
                        f"Transfer-Encoding: {put.plain('Transfer-Encoding')}\r\n\r\n".encode())
            while raw.recv(65536):
                pass

    def check(self, where, text):
        found = [f"{place}: {text[max(0, at - 150):at + 50]!r}" for secret, place in self.put.place_of.items()
                 if (at := text.find(secret)) != -1]
        self.assertEqual(found, [], where)

    def check_store(self):
        store = sqlite3.connect(f"file:{self.running.state_dir}/sandboxd.db?mode=ro", uri=True)
        tables = [name for name, in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        self.assertLessEqual({"runs", "audit_log", "replies", *PUBLISHED}, set(tables))
        for table in set(tables) - set(PUBLISHED):
            self.check(f"the table {table}", "\n".join(str(row) for row in store.execute(f"SELECT * FROM {table}")))
        store.close()

    def check_plugins_log(self, stream):
        """A plain word of a plugin's own log has no mark by which it could be known; these have."""
        text = stream.read_text(encoding="utf-8")
        self.assertEqual(text.count("token=[redacted] [redacted]"), 5)
        self.check("what plugins log", text)

    def test_no_secret_gets_into_a_log_a_span_or_the_history(self):
        self.put = Places()
        with Collector() as collector:
            environment = collector.environment(
                OTEL_TRACES_SAMPLER="always_on",
                OTEL_EXPORTER_OTLP_HEADERS=f"authorization=Bearer%20{self.put.key('the header for the collector')}")
            self.running = daemon.Daemon(settings={"auth": "on"}, environment=environment)
            stream = self.running.scratch / "plugins.log"
            self.running._arguments += ["--log-level", "trace", "--log-plugin-file", str(stream)]
            with self.running:
                self.admin = self.running.bearer(self.put.given("an admin's key", self.running.admin_key))
                tenant = self.accounts()
                self.policies()
                self.plugins()
                self.runs(tenant)
                self.keys(tenant)
                self.paths()
                self.ask("GET", "/openapi.json", None, {"X-Request-Id": "the-last"}, expect=200)
                self.running.wait_for_log(lambda record: record.get("request_id") == "the-last", "the end")
                for path in ("/v1/runs?limit=1000", "/v1/audit?limit=1000", "/v1/stats", "/metrics", "/v1/health"):
                    self.check(path, self.ask("GET", path, expect=200).body.decode())
                self.check_store()
                wait_until(lambda: any(span.attributes.get("sandbox.request_id") == "the-last" for span in collector.spans),
                           "the spans")
                self.check_plugins_log(stream)
            self.check("the log", self.running.log_text)
            self.check("the spans", b"\n".join(collector.bodies).decode("utf-8", "replace"))
            self.assertIn("[redacted]", self.running.log_text)


if __name__ == "__main__":
    daemon.main()
