# SPDX-License-Identifier: Apache-2.0
"""A full disk: who is to be kept out is kept out, and the store is told when it can be."""

import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import cli
import daemon
import openapi
from daemon import Daemon


class FullDisk(unittest.TestCase):
    def setUp(self):
        if os.geteuid() != 0:
            daemon.lacks("root")
        self.disk = pathlib.Path(tempfile.mkdtemp(prefix="sandboxd-test-disk-"))
        self.addCleanup(os.rmdir, self.disk)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "none", self.disk], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", self.disk], check=True)
        self.server = Daemon(settings={"auth": "on", "state_dir": str(self.disk)})
        self.server.state_dir = self.disk
        self.server.start()
        self.addCleanup(self.server.stop)
        self.document = openapi.Document(self.server.get("/openapi.json").json)
        self.admin = self.server.admin_key

    def ask(self, method, path, body=None, key=None):
        response = self.server.request(method, path, body, self.server.bearer(key or self.admin))
        self.document.check(method, path, response)
        return response

    def fill(self):
        """Until the store can take nothing more, not even in what its own files have left."""
        with contextlib.suppress(OSError), open(self.disk / "filler", "wb") as out:
            while True:
                out.write(bytes(65536))
                out.flush()
        plan = {"policies": ["default"], "description": "x" * 2000}
        daemon.wait_until(lambda: self.ask("PUT", "/v1/plans/filler", plan).status == 503, "a store that takes nothing")

    def tenant(self, name):
        self.assertEqual(self.ask("POST", "/v1/tenants", {"id": name}).status, 201)
        return self.ask("POST", f"/v1/tenants/{name}/keys", {}).json

    def test_keys_are_revoked_and_tenants_suspended_without_the_disk_and_it_is_told_later(self):
        stolen, unpaid, stolen_too = self.tenant("robbed"), self.tenant("unpaid"), self.tenant("lost")
        self.fill()
        for method, path, body in (("DELETE", f"/v1/tenants/robbed/keys/{stolen['id']}", None),
                                   ("PATCH", "/v1/tenants/unpaid", {"suspended_reason": "the invoice of May is open"})):
            answer = self.ask(method, path, body)
            self.assertEqual((answer.status, answer.json["in_force"], answer.json["stored"]), (202, True, False), answer)
            self.assertIn("disk is full", answer.json["detail"])
        self.assertEqual(self.ask("GET", "/v1/runs", key=stolen["key"]).status, 401)
        self.assertEqual(self.ask("GET", "/v1/runs", key=unpaid["key"]).json["code"], "tenant_suspended")
        self.assertEqual(self.ask("PATCH", "/v1/tenants/unpaid", {"suspended_reason": None}).status, 503)
        lost = subprocess.run([str(cli.SANDBOXCTL), "key", "revoke", "lost", stolen_too["id"]], capture_output=True, text=True,
                              env={**os.environ, "SANDBOXCTL_URL": f"http://{self.server.host}:{self.server.port}",
                                   "SANDBOXCTL_API_KEY": self.admin}, check=True)
        self.assertIn("not on the disk", lost.stderr)
        self.assertEqual(self.ask("GET", "/v1/runs", key=stolen_too["key"]).status, 401)
        (self.disk / "filler").unlink()
        daemon.wait_until(lambda: sum(record["count"] for record in list(self.server.records)
                                      if record["msg"] == "denials are on the disk") == 3, "that they are stored")
        self.server.halt()
        self.server.start_again()
        self.assertEqual(self.ask("GET", "/v1/runs", key=stolen["key"]).status, 401)
        self.assertEqual(self.ask("GET", "/v1/runs", key=unpaid["key"]).json["code"], "tenant_suspended")
        self.assertEqual(self.ask("GET", "/v1/tenants/robbed/keys").json["items"], [])
        actions = [line["action"] for line in self.ask("GET", "/v1/audit").json["items"]]
        self.assertIn("key.revoke", actions)


if __name__ == "__main__":
    daemon.main()
