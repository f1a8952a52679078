#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`./dev bench [ROW]... [--quick] [--docs]`: measures the service on this machine and says what it reaches.

Absolute figures drift by a factor of two on shared machines, so what is judged is a ratio within one run, of rounds
taken in turn. The whole takes some minutes. Writes bench.json and bench.svg; --docs also rewrites the table and the
plot in docs/.
"""

import argparse
import pathlib
import sys
import time

import plot
import report
import rows

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def say(text):
    print(text, file=sys.stderr, flush=True)


def measured(bench, names):
    found = []
    for name in names:
        began = time.monotonic()
        say(f"{name} ...")
        for row in rows.ROWS[name](bench):
            found.append(row)
            say("  " + "; ".join(filter(None, row.cells()[1:])))
        say(f"{name}: {time.monotonic() - began:.0f} s")
    return found


def draw(bench, path):
    if "by_connections" not in bench.found or "floor" not in bench.found:
        return False
    path.write_text(plot.lines(
        "Runs a second, a fresh confined process each", "connections", "runs / s",
        {"over HTTP": sorted(bench.found["by_connections"].items())},
        {"floor: fork, filter,": bench.found["floor"]}))
    return True


def main():
    parser = argparse.ArgumentParser(prog="./dev bench")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(rows.ROWS))
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--quick", action="store_true", help="one short round: to see whether it runs, not how fast")
    parser.add_argument("--docs", action="store_true", help="rewrite docs/benchmarks.md and its plot")
    options = parser.parse_args()
    names = [name.upper() for name in options.rows] or list(rows.ROWS)
    unknown = [name for name in names if name not in rows.ROWS]
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)}; there are {', '.join(rows.ROWS)}")
    bench = rows.Bench(options.build.resolve(), options.quick)
    found = measured(bench, names)
    print(report.as_text(found))
    options.out.mkdir(exist_ok=True)
    report.write_json(found, options.out / "bench.json")
    drawn = draw(bench, options.out / "bench.svg")
    if options.docs:
        if names != list(rows.ROWS) or options.quick:
            parser.error("--docs wants every row, and full rounds")
        if drawn:
            draw(bench, ROOT / "docs/benchmarks.svg")
        report.write_docs(found, ROOT / "docs/benchmarks.md", "benchmarks.svg" if drawn else None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
