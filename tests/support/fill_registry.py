# SPDX-License-Identifier: Apache-2.0
"""Many published plugins at once, straight into the store of a sandboxd that is stopped: for benches and for tests of
what does not fit through HTTP in a test's time. What is written is what publishing writes."""

import hashlib
import json
import sqlite3
import time

CODE = "return context.a + context.b -- plugin {number}"


def fill(state_dir, count, versions=1, namespace="filled"):
    """Adds namespace/p0 ... p<count - 1>, each in `versions` versions 1.0.0, 1.1.0, ...; gives their names."""
    now_ms = int(time.time() * 1000)
    names = [f"{namespace}/p{number}" for number in range(count)]
    contents, rows = [], []
    for number, name in enumerate(names):
        for minor in range(versions):
            manifest = {"description": f"plugin {number}, {minor}", "input": {"type": "object"}}
            text = json.dumps({"manifest": manifest, "modules": {"main": CODE.format(number=number)}},
                              sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            sha256 = hashlib.sha256(text.encode()).hexdigest()
            contents.append((sha256, text))
            rows.append((name, f"1.{minor}.0", sha256, len(CODE), now_ms, manifest["description"], "filled"))
    database = sqlite3.connect(state_dir / "sandboxd.db")
    with database:
        database.execute("INSERT OR IGNORE INTO plugin_namespaces (name, tenant_id, created_ms, actor) "
                         "VALUES (?, '', ?, 'filled')", (namespace, now_ms))
        database.executemany("INSERT OR IGNORE INTO plugin_contents (sha256, content) VALUES (?, ?)", contents)
        database.executemany("INSERT INTO plugin_versions (plugin, version, sha256, code_bytes, published_ms, "
                             "description, actor) VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    database.close()
    return names
