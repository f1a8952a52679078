# SPDX-License-Identifier: Apache-2.0
"""sandboxctl's verbs about tenants, keys, subscriptions, plans and costs, as an administrator uses them."""

import json
import unittest

import cli
from daemon import Daemon


class Accounts(cli.CliTest):
    def setUp(self):
        super().setUp()
        self.server = Daemon(settings={"auth": "on"})
        self.server.start()
        self.addCleanup(self.server.stop)
        self.environment["SANDBOXCTL_URL"] = f"http://{self.server.host}:{self.server.port}"
        self.environment["SANDBOXCTL_API_KEY_FILE"] = str(self.server.state_dir / "admin.key")

    def test_a_tenant_from_its_making_to_its_bill(self):
        shown = self.ctl("tenant", "create", "acme", "--name", "Acme Inc.", "--plan", "free")[0]
        self.assertRegex(shown, r"ID +acme\nPLAN +free\nSUSPENDED +-\n")
        self.assertIn("is, or was, a tenant", self.ctl("tenant", "create", "acme", status=cli.FAILURE)[1])
        key, told = self.ctl("key", "create", "acme", "--name", "shop")
        self.assertRegex(key, r"^sbx_[0-9a-z]{12}_[0-9A-Za-z]{40}\n$")
        self.assertIn("shown this once", told)
        key_id = key.split("_")[1]
        self.assertRegex(self.ctl("key", "list", "acme")[0], rf"{key_id} +tenant +acme +- +- +shop\n")
        self.assertEqual(len(self.ctl_json("key", "list")["items"]), 1)
        for _ in range(3):
            self.assertEqual(self.server.post("/v1/runs", {"code": "return 1"}, self.server.bearer(key.strip())).status, 200)
        self.assertIn("EARLIER", self.ctl("subscription", "upgrade", "acme", "enterprise")[0])
        self.assertRegex(self.ctl("subscription", "downgrade", "acme", "free")[0], r"plan +free\n")
        self.assertIn("no plan", self.ctl("subscription", "downgrade", "acme", "absent", status=cli.FAILURE)[1])
        self.ctl("subscription", "upgrade", "acme", "enterprise")
        self.assertRegex(self.ctl("subscription", "show", "acme")[0], r"plan +enterprise\n")
        self.assertRegex(self.ctl("subscription", "usage", "acme")[0], r"\ntotal +3 +0 .* 0\.0000\d\d\n")
        self.assertRegex(self.ctl("cost", "daily")[0], r"\ntotal +3 ")
        self.assertRegex(self.ctl("cost", "top", "-n", "1")[0], r"\nacme +3 ")
        self.assertRegex(self.ctl("cost", "projection")[0], r"month so far +0\.0000\d\d\n")
        self.ctl("tenant", "update", "acme", "--suspend", "unpaid")
        self.assertRegex(self.ctl("tenant", "list")[0], r"\nacme +enterprise +unpaid +\S+ +Acme Inc\.\n")
        self.assertIsNone(self.ctl_json("tenant", "update", "acme", "--resume")["suspended_reason"])
        self.ctl("key", "revoke", "acme", key_id)
        self.assertEqual(self.server.get("/v1/runs", self.server.bearer(key.strip())).status, 401)
        self.ctl("tenant", "delete", "acme")
        self.ctl("tenant", "get", "acme", status=cli.NOT_FOUND)

    def test_a_plan_is_edited_as_a_document(self):
        plan = json.loads(self.ctl("plan", "get", "pro")[0])
        plan["concurrent_runs"] = 99
        self.write("pro.json", json.dumps(plan))
        self.ctl("plan", "apply", "pro", "pro.json")
        self.assertRegex(self.ctl("plan", "list")[0], r"\npro +4 +99 ")
        self.write("pro.json", '{"priority": 1,}')
        self.assertIn("pro.json:1:", self.ctl("plan", "apply", "pro", "pro.json", status=cli.USAGE)[1])
        self.write("pro.json", '{"priority": 0}')
        self.assertIn("/priority", self.ctl("plan", "apply", "pro", "pro.json", status=cli.FAILURE)[1])

    def test_what_is_wrong_is_told_once_and_in_the_words_of_the_command(self):
        _, err = self.ctl("tenant", "create", "Acme", status=cli.FAILURE)
        self.assertEqual(err.count("expected a lower-case letter"), 1)
        for words in (("tenant", "delete", ""), ("key", "revoke", "acme", ""), ("plan", "get", ""),
                      ("subscription", "show", "")):
            _, err = self.ctl(*words, status=cli.USAGE)
            self.assertIn(f"argument {len(words) - 2} is empty", err)
        self.write("pro.json", '{"priority": 0, "name": "other"}')
        _, err = self.ctl("plan", "apply", "pro", "pro.json", status=cli.FAILURE)
        self.assertRegex(err, r"(?s): 2 faults, listed in errors; nothing was changed\n  /priority: .*\n  /name: ")

    def test_without_rights_the_exit_status_says_so(self):
        self.ctl("tenant", "create", "acme")
        self.write("acme.key", self.ctl("key", "create", "acme")[0])
        self.environment["SANDBOXCTL_API_KEY_FILE"] = str(self.folder / "acme.key")
        self.ctl("tenant", "list", status=cli.NOT_ALLOWED)
        self.ctl("key", "list", "other", status=cli.NOT_FOUND)
        self.ctl("key", "list", "acme")
        self.write("acme.key", "sbx_wrong")
        self.assertIn("401", self.ctl("plan", "list", status=cli.NOT_ALLOWED)[1])
        self.ctl("tenant", "update", "acme", status=cli.USAGE)


if __name__ == "__main__":
    unittest.main()
