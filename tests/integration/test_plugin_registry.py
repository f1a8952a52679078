# SPDX-License-Identifier: Apache-2.0
"""The plugin registry over HTTP: publishing, versions, installs, runs by name, and what lasts."""

import hashlib
import json
import pathlib
import sqlite3
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import daemon
import fill_registry
import openapi
from daemon import Daemon

EXAMPLES = daemon.SOURCE_DIR / "plugins"


def package(code="return context", modules=None, **manifest):
    return {"manifest": manifest, "modules": {"main": code, **(modules or {})}}


def example(name):
    """A plugin of this repository, as it is published."""
    folder = EXAMPLES / name
    manifest = json.loads((folder / "plugin.json").read_text(encoding="utf-8"))
    return {"manifest": manifest, "modules": {module: (folder / file).read_text(encoding="utf-8")
                                              for module, file in manifest["modules"].items()}}


class RegistryTest(daemon.DaemonTest):
    daemon_options = {"settings": {"auth": "on"}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = openapi.Document(cls.daemon.get("/openapi.json").json)
        cls.key = {}
        for tenant in ("acme", "other"):
            cls.request("POST", "/v1/tenants", {"id": tenant, "plan": "enterprise"})
            cls.key[tenant] = cls.request("POST", f"/v1/tenants/{tenant}/keys", {}).json["key"]

    @classmethod
    def request(cls, method, path, body=None, tenant=None):
        key = cls.key[tenant] if tenant else cls.daemon.admin_key
        response = cls.daemon.request(method, path, body, cls.daemon.bearer(key))
        cls.document.check(method, path, response)
        return response

    def ask(self, method, path, body=None, expect=200, tenant=None):
        response = self.request(method, path, body, tenant)
        self.assertEqual(response.status, expect, response)
        return response

    def publish(self, plugin, version, content=None, expect=201, tenant="acme"):
        return self.ask("PUT", f"/v1/plugins/{plugin}/versions/{version}", content or package(f"return '{version}'"),
                        expect, tenant)

    def run_plugin(self, plugin, expect=200, tenant="acme", **envelope):
        return self.ask("POST", "/v1/runs", {"plugin": plugin, **envelope}, expect, tenant).json

    def version_of(self, plugin, **envelope):
        return self.run_plugin(plugin, **envelope)["plugin"]["version"]


class Publishing(RegistryTest):
    def test_a_version_is_published_once_and_never_changes(self):
        made = self.publish("acme/once", "1.0.0")
        self.assertEqual(made.headers["location"], "/v1/plugins/acme/once/versions/1.0.0")
        again = self.publish("acme/once", "1.0.0", expect=200)
        self.assertEqual(again.json["sha256"], made.json["sha256"])
        self.assertEqual([(answer.json["yanked"], answer.json["yanked_at"]) for answer in (made, again)],
                         [(False, None)] * 2)
        self.assertEqual(self.publish("acme/once", "1.0.0", package("return 2"), 409).json["code"], "version_exists")
        # Builds are not told apart by the order of versions, so they are not two versions.
        self.assertEqual(self.publish("acme/once", "1.0.0+rebuilt", expect=409).json["code"], "version_exists")
        self.assertEqual(self.run_plugin("acme/once")["output"], "1.0.0")

    def test_a_manifest_has_no_characters_that_are_not_seen(self):
        faults = self.publish("acme/hidden", "1.0.0", package(description="Pays \u202e001", author="\x9b2J"), 422).json
        self.assertEqual(sorted(fault["pointer"] for fault in faults["errors"]),
                         ["/manifest/author", "/manifest/description"])
        self.publish("acme/hidden", "1.0.0", package(description="Two\nlines, \U0001f469\u200d\U0001f4bb"))

    def test_a_tenant_claims_so_many_namespaces(self):
        self.request("POST", "/v1/tenants", {"id": "many", "plan": "enterprise"})
        self.key["many"] = self.request("POST", "/v1/tenants/many/keys", {}).json["key"]
        for number in range(20):
            self.publish(f"many{number}/tool", "1.0.0", tenant="many")
        refused = self.publish("many20/tool", "1.0.0", expect=409, tenant="many").json
        self.assertEqual(refused["code"], "registry_full")
        self.assertIn("many has 20 namespaces", refused["detail"])
        self.publish("many0/other", "1.0.0", tenant="many")

    def test_every_fault_of_a_manifest_is_told_with_its_place(self):
        faulty = package(licence="MIT", name="another", version="2.0.0", limits={"cpu": 1},
                         input={"anyOf": []}, entry="main")
        problem = self.publish("acme/faulty", "1.0.0", faulty, 422).json
        self.assertEqual(problem["code"], "invalid_plugin")
        self.assertEqual({fault["pointer"] for fault in problem["errors"]},
                         {"/manifest/licence", "/manifest/limits/cpu", "/manifest/input/anyOf"})
        mislabelled = package(name="another", version="2.0.0")
        problem = self.publish("acme/faulty", "1.0.0", mislabelled, 422).json
        self.assertEqual({fault["pointer"] for fault in problem["errors"]}, {"/manifest/name", "/manifest/version"})
        self.publish("acme/faulty", "1.0.0", {"manifest": {}}, 422)
        self.publish("acme/faulty", "1.0", expect=422)
        self.publish("Acme/faulty", "1.0.0", expect=404)
        self.ask("GET", "/v1/plugins/acme/faulty", expect=404, tenant="acme")

    def test_lua_text_with_an_error_is_not_published(self):
        problem = self.publish("acme/broken", "1.0.0", package("return require 'util'", {"util": "x = = 1"}), 422).json
        self.assertEqual(problem["code"], "invalid_plugin")
        self.assertEqual(problem["errors"][0]["line"], 1)
        self.assertIn("util", problem["errors"][0]["file"])
        self.ask("GET", "/v1/plugins/acme/broken", expect=404, tenant="acme")

    def test_a_namespace_is_its_first_publishers(self):
        self.publish("mine/tool", "1.0.0")
        self.publish("mine/tool", "1.1.0", expect=403, tenant="other")
        self.publish("mine/else", "1.0.0", expect=403, tenant="other")
        self.ask("DELETE", "/v1/plugins/mine/tool/versions/1.0.0", expect=403, tenant="other")
        self.publish("mine/tool", "1.2.0", tenant=None)  # an admin's key
        self.assertEqual(self.ask("GET", "/v1/plugins/mine/tool", tenant="other").json["owner"], "acme")

    def test_sources_are_shown_to_who_may_publish(self):
        self.publish("acme/secret", "1.0.0", package("return 'the recipe'", description="of the house"))
        path = "/v1/plugins/acme/secret/versions/1.0.0"
        self.assertEqual(self.ask("GET", path, tenant="acme").json["modules"],
                         [{"name": "main", "bytes": 19, "code": "return 'the recipe'"}])
        self.assertEqual(self.ask("GET", path).json["modules"][0]["code"], "return 'the recipe'")
        seen = self.ask("GET", path, tenant="other")
        self.assertEqual(seen.json["modules"], [{"name": "main", "bytes": 19}])
        self.assertEqual(seen.json["manifest"], {"description": "of the house"})
        self.assertEqual(self.run_plugin("acme/secret", tenant="other")["output"], "the recipe")

    def test_plugins_are_listed_by_name(self):
        for name in ("a", "b", "c"):
            self.publish(f"shelf/{name}", "1.0.0", package("return 1", description=f"the {name}"))
        first = self.ask("GET", "/v1/plugins?namespace=shelf&limit=2", tenant="acme").json
        self.assertEqual([item["name"] for item in first["items"]], ["shelf/a", "shelf/b"])
        self.assertEqual(first["items"][0]["description"], "the a")
        rest = self.ask("GET", f"/v1/plugins?namespace=shelf&cursor={first['next_cursor']}", tenant="acme").json
        self.assertEqual([item["name"] for item in rest["items"]], ["shelf/c"])
        self.assertIsNone(rest["next_cursor"])
        self.ask("GET", "/v1/plugins?nmespace=shelf", expect=422)

    def test_versions_are_shown_page_by_page(self):
        versions = ["1.0.0", "1.0.1", "1.10.0", "2.0.0-rc.1", "2.0.0"]
        for version in versions:
            self.publish("acme/paged", version)
        whole = self.ask("GET", "/v1/plugins/acme/paged").json
        self.assertEqual(([v["version"] for v in whole["versions"]], whole["next_cursor"]), (versions[::-1], None))
        seen, cursor = [], ""
        while cursor is not None:
            page = self.ask("GET", f"/v1/plugins/acme/paged?limit=2{cursor and '&cursor='}{cursor}").json
            seen += [v["version"] for v in page["versions"]]
            cursor = page["next_cursor"]
        self.assertEqual(seen, versions[::-1])
        self.ask("GET", "/v1/plugins/acme/paged?cursor=x", expect=422)
        self.ask("GET", "/v1/plugins/acme/paged?limit=0", expect=422)

    def test_installs_are_listed_and_bounded(self):
        tenant = self.request("POST", "/v1/tenants", {"id": "collector", "plan": "enterprise"}).json["id"]
        names = []
        with sqlite3.connect(self.daemon.state_dir / "sandboxd.db", timeout=daemon.PATIENCE_S) as store:
            store.executemany("INSERT INTO plugin_installs VALUES (?, ?, '^1', 1, 'test')",
                              [(tenant, f"acme/filler-{n:04}") for n in range(998)])
        for name in ("acme/wanted-a", "acme/wanted-b", "acme/wanted-c"):
            self.publish(name, "1.2.0")
            answer = self.request("PUT", f"/v1/tenants/{tenant}/plugins/{name}", {"version": "^1"})
            names.append((name, answer.status))
        self.assertEqual([status for _, status in names], [200, 200, 409])
        self.assertEqual(answer.json["code"], "registry_full")
        self.ask("PUT", f"/v1/tenants/{tenant}/plugins/acme/wanted-a", {"version": "1.2.0"})  # there already
        page = self.ask("GET", f"/v1/tenants/{tenant}/plugins?limit=998").json
        self.assertEqual((len(page["items"]), page["next_cursor"]), (998, "acme/filler-0997"))
        self.assertEqual(page["items"][0]["version"], None)
        rest = self.ask("GET", f"/v1/tenants/{tenant}/plugins?cursor={page['next_cursor']}").json
        self.assertEqual([(item["name"], item["range"], item["version"]) for item in rest["items"]],
                         [("acme/wanted-a", "1.2.0", "1.2.0"), ("acme/wanted-b", "^1", "1.2.0")])
        self.ask("GET", "/v1/tenants/nobody/plugins", expect=404)
        self.ask("GET", f"/v1/tenants/{tenant}/plugins", expect=404, tenant="acme")

    def test_the_examples_are_published_and_run(self):
        for folder in sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir()):
            with self.subTest(plugin=folder):
                content = example(folder)
                self.publish(f"examples/{folder}", content["manifest"]["version"], content, tenant=None)
                for file in sorted((EXAMPLES / folder / "tests").glob("*.json")):
                    for case in json.loads(file.read_text(encoding="utf-8")):
                        self.check_case(f"examples/{folder}", case)

    def check_case(self, plugin, case):
        envelope = {name: case[name] for name in ("context", "policy", "limits") if name in case}
        response = self.request("POST", "/v1/runs", {"plugin": plugin, **envelope}, "acme")
        expected = case["expect"]
        if expected.get("status") == "invalid_context":
            self.assertEqual((response.status, response.json.get("code")), (422, "invalid_context"), response)
            told = "\n".join(f"{fault['pointer']}: {fault['detail']}" for fault in response.json["errors"])
            self.assertRegex(told, expected.get("error", ""))
            return
        self.assertEqual(response.json["status"], expected.get("status", "ok"), response)
        if "output" in expected:
            self.assertEqual(response.json["output"], expected["output"])


class Running(RegistryTest):
    def test_a_run_names_a_plugin_and_the_result_its_version(self):
        made = self.publish("acme/adder", "1.0.0", package("return require('sum')(context)",
                                                           {"sum": "return function(c) return c.a + c.b end"})).json
        result = self.run_plugin("acme/adder", context={"a": 2, "b": 3})
        self.assertEqual((result["output"], result["plugin"]), (5, {"name": "acme/adder", "version": "1.0.0"}))
        self.assertEqual(result["code_sha256"], made["sha256"])
        listed = self.ask("GET", "/v1/runs?plugin=acme/adder", tenant="acme").json["items"]
        self.assertEqual([(run["id"], run["plugin"]) for run in listed], [(result["id"], result["plugin"])])
        advice = self.ask("GET", "/v1/policies/default/advice?plugin=acme/adder").json
        self.assertIn("acme/adder", json.dumps(advice))

    def test_the_installed_version_is_meant_else_the_latest(self):
        for version in ("1.0.0", "1.2.0", "1.10.0", "2.0.0", "3.0.0-rc.1"):
            self.publish("acme/versions", version)
        self.assertEqual(self.version_of("acme/versions"), "2.0.0")
        self.assertEqual(self.version_of("acme/versions", version="^1.0"), "1.10.0")
        self.assertEqual(self.version_of("acme/versions", version="1.2.0"), "1.2.0")
        self.assertEqual(self.version_of("acme/versions", version="3.0.0-rc.1"), "3.0.0-rc.1")
        install = "/v1/tenants/acme/plugins/acme/versions"
        self.assertEqual(self.ask("PUT", install, {"version": "~1.2"}, tenant="acme").json["version"], "1.2.0")
        self.assertEqual(self.version_of("acme/versions"), "1.2.0")
        self.assertEqual(self.version_of("acme/versions", tenant="other"), "2.0.0")
        self.publish("acme/versions", "1.2.5")
        self.assertEqual(self.version_of("acme/versions"), "1.2.5")
        seen = self.ask("GET", "/v1/plugins/acme/versions", tenant="acme").json
        self.assertEqual(seen["installed"], {"range": "~1.2", "version": "1.2.5"})
        self.assertEqual([row["version"] for row in seen["versions"]],
                         ["3.0.0-rc.1", "2.0.0", "1.10.0", "1.2.5", "1.2.0", "1.0.0"])
        self.ask("DELETE", install, expect=204, tenant="acme")
        self.ask("DELETE", install, expect=404, tenant="acme")
        self.assertEqual(self.version_of("acme/versions"), "2.0.0")

    def test_a_yanked_version_runs_only_where_it_is_named(self):
        for version in ("1.0.0", "1.1.0"):
            self.publish("acme/yanked", version)
        install = "/v1/tenants/acme/plugins/acme/yanked"
        self.assertEqual(self.ask("PUT", install, {}, tenant="acme").json["range"], "^1.1.0")
        self.ask("PUT", install, {"version": "1.1.0"}, tenant="acme")
        for _ in range(2):
            self.ask("DELETE", "/v1/plugins/acme/yanked/versions/1.1.0", expect=204, tenant="acme")
        self.assertEqual(self.version_of("acme/yanked"), "1.1.0")  # pinned
        self.assertEqual(self.version_of("acme/yanked", tenant="other"), "1.0.0")
        self.assertEqual(self.version_of("acme/yanked", tenant="other", version="1.1.0"), "1.1.0")
        self.assertEqual(self.version_of("acme/yanked", tenant="other", version="^1.0"), "1.0.0")
        # Nobody begins with it.
        self.ask("PUT", "/v1/tenants/other/plugins/acme/yanked", {"version": "1.1.0"}, 404, tenant="other")
        # Published again as it was, it stays yanked, and the answer says so.
        again = self.publish("acme/yanked", "1.1.0", expect=200).json
        self.assertTrue(again["yanked"])
        seen = self.ask("GET", "/v1/plugins/acme/yanked/versions/1.1.0").json
        self.assertEqual(again["yanked_at"], seen["yanked_at"])
        self.ask("DELETE", "/v1/plugins/acme/yanked/versions/1.0.0", expect=204, tenant="acme")
        self.assertEqual(self.run_plugin("acme/yanked", 422, "other")["code"], "unknown_plugin")
        self.ask("DELETE", "/v1/plugins/acme/yanked/versions/9.0.0", expect=404, tenant="acme")

    def test_what_is_not_there_is_told_by_place(self):
        self.publish("acme/here", "1.0.0")
        for envelope, code, pointer in (({"plugin": "acme/absent"}, "unknown_plugin", "/plugin"),
                                        ({"plugin": "acme/here", "version": "^2"}, "unknown_plugin", "/version"),
                                        ({"plugin": "acme/here", "version": "new"}, "invalid_request", "/version"),
                                        ({"plugin": "Here"}, "invalid_request", "/plugin"),
                                        ({"plugin": "acme/here", "code": "x"}, "invalid_request", "/plugin"),
                                        ({"code": "x", "version": "1.0.0"}, "invalid_request", "/version"),
                                        ({"plugin": "acme/here", "options": {"chunk_name": "x"}}, "invalid_request",
                                         "/options/chunk_name")):
            with self.subTest(envelope=envelope):
                problem = self.ask("POST", "/v1/runs", envelope, 422, "acme").json
                self.assertEqual((problem["code"], problem["errors"][0]["pointer"]), (code, pointer))
        self.ask("PUT", "/v1/tenants/acme/plugins/acme/absent", {}, 404, "acme")
        self.ask("PUT", "/v1/tenants/acme/plugins/acme/here", {"version": "newest"}, 422, "acme")
        self.ask("PUT", "/v1/tenants/nobody/plugins/acme/here", {}, 404)

    def test_declared_limits_lower_and_a_request_decides(self):
        self.publish("acme/limits", "1.0.0", package("while true do end", limits={"cpu_ms": 30, "wall_ms": "1h"}))
        limit = self.run_plugin("acme/limits")["error"]["limit"]
        self.assertEqual((limit["name"], limit["value"], limit["set_by"]), ("cpu_ms", 30, "plugin"))
        result = self.run_plugin("acme/limits", limits={"cpu_ms": 60})
        self.assertEqual((result["error"]["limit"]["value"], result["error"]["limit"]["set_by"]), (60, "request"))
        self.assertLess(result["limits"]["wall_ms"], 3600000)  # never raised

    def test_input_and_output_are_held_to_their_schemas(self):
        number = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "minimum": 0}},
                  "additionalProperties": False}
        code = "return context.n < 5 and {n = context.n} or {n = 'many'}"
        self.publish("acme/schemas", "1.0.0", package(code, input=number, output=number))
        self.assertEqual(self.run_plugin("acme/schemas", context={"n": 1})["output"], {"n": 1})
        problem = self.run_plugin("acme/schemas", 422, context={"n": -1, "m": 1})
        self.assertEqual(problem["code"], "invalid_context")
        self.assertEqual({fault["pointer"] for fault in problem["errors"]}, {"/context/n", "/context/m"})
        self.run_plugin("acme/schemas", 422)
        result = self.run_plugin("acme/schemas", context={"n": 7})
        self.assertEqual((result["status"], result["output"]), ("invalid_result", None))
        self.assertIn("$.n: expected a whole number, not a text", result["error"]["message"])
        self.assertEqual(self.ask("GET", f"/v1/runs/{result['id']}", tenant="acme").json["status"], "invalid_result")


class Lasting(unittest.TestCase):
    def test_what_was_answered_lasts_through_a_kill_in_the_middle(self):
        """kill -9 among publishes and installs: the store opens clean, and nothing acknowledged is lost."""
        with Daemon(settings={"auth": "off"}) as server:
            server.post("/v1/tenants", {"id": "acme"})
            for turn in range(3):
                published, installed = self.publish_until_killed(server, turn)
                server.start_again()
                for plugin, sha256 in published.items():
                    seen = server.get(f"/v1/plugins/{plugin}").json
                    self.assertEqual(seen["versions"][0]["sha256"], sha256)
                for plugin in installed:
                    result = server.post("/v1/runs", {"plugin": plugin})
                    self.assertEqual(result.json["output"], plugin)
                self.assertGreater(len(installed), 0)

    @staticmethod
    def publish_until_killed(server, turn):
        published, installed, enough = {}, [], threading.Event()

        def work(number):
            with server.new_connection() as connection:
                try:
                    for count in range(10000):
                        plugin = f"n{number}/p{turn}-{count}"
                        answer = connection.request("PUT", f"/v1/plugins/{plugin}/versions/1.0.0",
                                                    package(f"return '{plugin}'"))
                        if answer.status == 201:
                            published[plugin] = answer.json["sha256"]
                        if connection.request("PUT", f"/v1/tenants/acme/plugins/{plugin}", {}).status == 200:
                            installed.append(plugin)
                        if len(installed) > 20:
                            enough.set()
                except (OSError, daemon.http.client.HTTPException):
                    pass  # it was killed

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        enough.wait(daemon.PATIENCE_S)
        server.halt(daemon.signal.SIGKILL)
        for thread in threads:
            thread.join()
        return published, installed

    def test_contents_that_are_not_in_memory_are_read_from_the_store(self):
        with Daemon(settings={"auth": "off", "plugins": {"cache_bytes": "1MiB"}}) as server:
            filler = "-- " + "x" * 200000 + "\n"
            for number in range(12):
                answer = server.request("PUT", f"/v1/plugins/big/p{number}/versions/1.0.0",
                                        package(filler + f"return {number}"))
                self.assertEqual(answer.status, 201, answer)
            for _ in range(2):
                for number in range(12):
                    self.assertEqual(server.post("/v1/runs", {"plugin": f"big/p{number}"}).json["output"], number)
            server.halt()
            server.start_again()
            self.assertEqual(server.post("/v1/runs", {"plugin": "big/p3"}).json["output"], 3)


class Many(unittest.TestCase):
    def test_ten_thousand_plugins_are_found_from_the_first_run_on(self):
        with Daemon(settings={"auth": "off"}) as server:
            content = package("return 1", description="x", author="\u00e4")
            published = server.request("PUT", "/v1/plugins/one/first/versions/1.0.0", content).json["sha256"]
            server.halt()
            names = fill_registry.fill(server.state_dir, 10000, versions=2)
            server.start_again()
            for name in (names[0], names[4999], names[-1]):
                for _ in range(2):  # from the store, then from memory
                    result = server.post("/v1/runs", {"plugin": name, "context": {"a": 2, "b": 3}}).json
                    self.assertEqual((result["output"], result["plugin"]), (5, {"name": name, "version": "1.1.0"}))
            seen = server.get(f"/v1/plugins/{names[7]}").json
            self.assertEqual([row["version"] for row in seen["versions"]], ["1.1.0", "1.0.0"])
            page = server.get("/v1/plugins?limit=1000&cursor=filled/p9").json
            self.assertEqual(page["items"][0]["name"], "filled/p90")
            # What the filling writes is what publishing would have: the same hash, so the same content.
            text = json.dumps({"manifest": content["manifest"], "modules": content["modules"]}, sort_keys=True,
                              separators=(",", ":"), ensure_ascii=False)
            self.assertEqual(hashlib.sha256(text.encode()).hexdigest(), published)


if __name__ == "__main__":
    daemon.main()
