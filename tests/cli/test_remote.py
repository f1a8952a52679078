# SPDX-License-Identifier: Apache-2.0
"""sandboxctl against a live sandboxd, and the same verdict locally and remotely."""

import http.server
import json
import re
import threading
import unittest

import cli
from daemon import Daemon, SOURCE_DIR


class KeyRecorder(http.server.BaseHTTPRequestHandler):
    """Answers every GET with an empty list and keeps the Authorization line."""

    def do_GET(self):
        self.server.authorization = self.headers.get("Authorization")
        body = b'{"items": []}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


# What a text of somebody else may have in it: a terminal would obey it, or show it as something else.
HIDDEN = "\x1b[2J\u202eemca\u009b0m\u200b\x07"
HIDDEN_SHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202e]")


def everything(depth=1):
    """An object with every member that sandboxctl shows, each text of it hostile, and each list with one such item."""
    texts = """actor after at before code created_at date description detail disposition effect exit expires_at file id
        installed_at key last_used_at latest layer message month name next_cursor output owner plan pointer policy problem
        published_at range reason role sha256 since source started_at state status suspended_reason tenant time title to
        trace_id type unit until version words yanked_at"""
    body = {name: HIDDEN for name in texts.split()}
    if depth > 0:
        inner = everything(depth - 1)
        lists = "changed days diagnostics errors extends history isolation items logs missing_layers modules traceback versions"
        body.update({name: [inner] for name in lists.split()}, installed=inner, manifest=inner, total=inner,
                    checks={HIDDEN: [inner]}, valid=True, yanked=True)
    return body


class Liar(http.server.BaseHTTPRequestHandler):
    """Answers everything with hostile texts, as a server may that took them before it refused them."""

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.dumps(everything(), ensure_ascii=self.server.escaped).encode()
        self.send_response(self.server.status)
        self.server.if_match = self.headers.get("If-Match")
        if self.server.etag:
            self.send_header("ETag", self.server.etag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = answer

    def log_message(self, *_):
        pass


# Every verb that shows what the server says.
SHOWING = ["tenant list", "tenant create a", "tenant get a", "tenant update a --name b", "tenant delete a", "key list",
           "key revoke b", "subscription show a", "subscription upgrade a b", "subscription usage a", "plan list",
           "plan get a", "plan apply a empty.json", "cost daily", "cost top", "cost projection", "plugin list",
           "plugin get a/b", "plugin get a/b@1.0.0", "plugin publish greeter --namespace acme",
           "plugin install a/b --tenant c", "plugin installed --tenant c", "plugin uninstall a/b --tenant c",
           "plugin yank a/b@1.0.0", "runs list", "runs get a", "runs cancel a", "policy list", "policy get a",
           "policy apply policy.json", "policy apply policy.json --dry-run", "policy versions a", "policy rollback a",
           "policy delete a", "policy advice a", "health", "run --remote code.lua", "top -n 1"]


class Remote(cli.CliTest):
    def test_no_text_of_others_steers_the_terminal(self):
        self.write("empty.json", "{}")
        self.write("policy.json", '{"name": "a", "extends": "default"}')
        self.write("code.lua", "return 1")
        self.ctl("new", "greeter")
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                self.environment["SANDBOXCTL_URL"] = f"http://127.0.0.1:{server.server_port}"
                server.etag = '"1"'
                for server.status, server.escaped in ((200, True), (200, False), (422, True)):
                    for words in SHOWING:
                        for form in ([], ["--json"]):
                            with self.subTest(words=words, form=form, status=server.status):
                                done = self.ctl_done(*words.split(), *form)
                                self.assertGreaterEqual(done.returncode, 0)
                                for shown in (done.stdout, done.stderr):
                                    found = HIDDEN_SHOWN.search(shown)
                                    self.assertIsNone(found, found and repr(shown[max(0, found.start() - 40):found.end() + 20]))
            finally:
                server.shutdown()
                thread.join()

    def test_a_change_is_made_only_of_what_was_seen_however_long_its_tag_is(self):
        self.write("policy.json", '{"name": "a", "extends": "default"}')
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                self.environment["SANDBOXCTL_URL"] = f"http://127.0.0.1:{server.server_port}"
                server.status, server.escaped, server.etag = 200, True, '"' + "t" * 4000 + '"'
                for words in ("policy apply policy.json", "policy delete a"):
                    server.if_match = None
                    self.ctl(*words.split())
                    self.assertEqual(server.if_match, server.etag)
                server.etag, server.if_match = None, "not asked"
                self.assertIn("no ETag", self.ctl("policy", "apply", "policy.json", status=cli.FAILURE)[1])
                self.assertIsNone(server.if_match)  # the GET was the last request
            finally:
                server.shutdown()
                thread.join()

    def test_a_long_api_key_is_sent_whole(self):
        with http.server.HTTPServer(("127.0.0.1", 0), KeyRecorder) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                self.environment["SANDBOXCTL_URL"] = f"http://127.0.0.1:{server.server_port}"
                self.environment["SANDBOXCTL_API_KEY"] = "k" * 3000
                self.ctl("policy", "list")
            finally:
                server.shutdown()
                thread.join()
            self.assertEqual(server.authorization, "Bearer " + "k" * 3000)

    def test_policies_are_listed_and_shown(self):
        with Daemon() as daemon:
            self.environment["SANDBOXCTL_URL"] = f"http://{daemon.host}:{daemon.port}"
            self.assertIn("default", self.ctl("policy", "list")[0])
            self.assertEqual(self.ctl_json("policy", "get", "strict")["name"], "strict")
            self.assertIn("404", self.ctl("policy", "get", "missing", status=cli.NOT_FOUND)[1])
            problem = json.loads(self.ctl("policy", "get", "missing", "--json", status=cli.NOT_FOUND)[0])
            self.assertEqual(problem["status"], 404)

    def test_a_policy_is_previewed_applied_tuned_and_taken_back(self):
        with Daemon() as daemon:
            self.environment["SANDBOXCTL_URL"] = f"http://{daemon.host}:{daemon.port}"
            document = {"name": "gold", "description": "For gold plans", "extends": "default"}
            path = self.write("gold.json", json.dumps(document, indent=2))
            self.assertRegex(self.ctl("policy", "apply", path)[0], r"^gold  new -> sha256:[0-9a-f]{12}\n$")
            for size in range(10):
                daemon.run(f"local t = ('x'):rep({size} << 20) return #t", policy="gold")
            advice = self.ctl("policy", "advice", "gold")[0]
            self.assertIn("gold: the last 10 runs", advice)
            self.assertRegex(advice, r"memory_bytes .* 256 MiB +\d+ MiB +0\n")
            self.write("gold.json", json.dumps({**document, "limits": {"memory_bytes": "4MiB"}}, indent=2))
            preview, note = self.ctl("policy", "apply", path, "--dry-run")
            self.assertEqual(note, "a dry run: nothing was changed\n")
            self.assertRegex(preview, r"tighter  memory 256 MiB → 4 MiB: \d of the last 10 runs used more")
            self.assertEqual(daemon.run("return 1", policy="gold")["limits"]["memory_bytes"], 256 << 20)
            applied, note = self.ctl("policy", "apply", path)
            self.assertIn("tighter  memory 256 MiB → 4 MiB", applied)
            self.assertEqual(note, "")
            self.assertEqual(daemon.run("return 1", policy="gold")["limits"]["memory_bytes"], 4 << 20)
            shown = self.ctl("policy", "get", "gold")[0]
            self.assertRegex(shown, r"limits/memory_bytes +4 MiB +from gold\n")
            self.assertRegex(shown, r"ceilings/cpu_ms +20 s +from default\n")
            self.assertRegex(shown, r"lua/deny +from base\n +load\n")
            self.assertEqual(self.ctl("policy", "versions", "gold")[0].count("(live)"), 1)
            self.assertIn("looser   memory 4 MiB → 256 MiB", self.ctl("policy", "rollback", "gold")[0])
            self.assertRegex(self.ctl("policy", "delete", "gold")[0], r"^gold  sha256:[0-9a-f]{12} -> gone\n$")
            self.assertIn("404", self.ctl("policy", "delete", "gold", status=cli.NOT_FOUND)[1])
            self.assertIn("409", self.ctl("policy", "delete", "default", status=cli.FAILURE)[1])
            self.assertRegex(self.ctl("policy", "rollback", "gold")[0], r"^gold  new -> sha256:")
            self.assertIn("missing", self.ctl("policy", "rollback", "missing", status=cli.NOT_FOUND)[1])
            self.assertIn("nothing to go by", self.ctl("policy", "advice", "strict")[0])

    def test_faults_of_a_policy_come_back_with_their_place(self):
        with Daemon() as daemon:
            self.environment["SANDBOXCTL_URL"] = f"http://{daemon.host}:{daemon.port}"
            path = self.write("gold.json", '{"name": "gold", "extends": "bass",\n "limits": {"cpu": 1}}\n')
            found = self.ctl_any("policy", "apply", path, "--dry-run")
            self.assertIn(f'{path}:1:29: /extends: there is no policy "bass"; did you mean "base"?', found)
            self.assertIn(f"{path}:2:13: /limits/cpu: unknown member", found)

    def test_the_verdict_is_the_same_as_the_servers(self):
        """Byte for byte: output, error and instructions, for plugins, and for each way to fail."""
        programs = [
            "return {b = 1, a = {1, 2.5, 'x'}, e = {}}",
            "local function f() error({code = 42}) end f()",
            "error('plain')",
            "return +",
            "return {x = {function() end}}",
            "return string.rep('x', 2^21)",
            "while true do end",
            "local t = {} for i = 1, 1e9 do t[i] = {} end",
            "return tostring(print) .. tostring({})",
            "return math.random(1000000)",
        ]
        limits = {"instructions": 100000, "memory_bytes": 8 << 20}
        words = [word for name, value in limits.items() for word in ("--limit", f"{name}={value}")]
        with Daemon() as daemon:
            for code in programs:
                with self.subTest(code=code):
                    self.write("main.lua", code)
                    done = self.ctl_any("run", "main.lua", "-p", "strict", *words, "--seed", "7", "--json")
                    local = json.loads(done)
                    remote = daemon.run(code, None, policy="strict", limits=limits, options={"seed": 7})
                    for member in ("status", "output", "error"):
                        self.assertEqual(local[member], remote[member])
                    self.assertEqual(local["usage"]["instructions"], remote["usage"]["instructions"])
                    self.assertEqual(local["policy"], remote["policy"])

    def test_plugins_of_the_repository_have_the_same_output(self):
        with Daemon() as daemon:
            for folder in sorted((SOURCE_DIR / "plugins").glob("*/plugin.json")):
                manifest = json.loads(folder.read_text())
                if len(manifest["modules"]) > 1:
                    continue  # a request carries one chunk
                code = (folder.parent / manifest["modules"][manifest["entry"]]).read_text()
                for path in sorted((folder.parent / "tests").glob("*.json")):
                    cases = json.loads(path.read_text())
                    case = cases[0] if isinstance(cases, list) else cases
                    with self.subTest(plugin=folder.parent.name, case=path.name):
                        context = self.write("context.json", json.dumps(case.get("context")))
                        local = json.loads(self.ctl_any("run", folder.parent, "-c", f"@{context}", "--json"))
                        remote = daemon.run(code, case.get("context"))
                        self.assertEqual((local["status"], local["output"]),
                                         (remote["status"], remote["output"]))


if __name__ == "__main__":
    unittest.main()
