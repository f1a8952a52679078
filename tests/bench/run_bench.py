#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`./dev bench [ROW]... [--quick] [--docs]`: measures the service on this machine and says what it reaches.

Absolute figures drift by a factor of two on shared machines, so what is judged is a ratio within one run, of rounds
taken in turn. The whole takes some minutes, and S1, the soak, as much again. Writes bench.json and the plots; --docs
also rewrites the table and the plots in docs/.
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


def draw(bench, folder):
    """The plots that the rows found enough for: {file name: what it shows}."""
    drawn = {}
    if "by_connections" in bench.found and "floor" in bench.found:
        drawn["benchmarks.svg"] = "Runs a second over the number of connections"
        (folder / "benchmarks.svg").write_text(plot.lines(
            "Runs a second, a fresh confined process each", "connections", "runs / s",
            {"over HTTP": sorted(bench.found["by_connections"].items())},
            {"floor: fork, filter,": bench.found["floor"]}))
    if "soak" in bench.found:
        drawn["soak.svg"] = "Memory and files over the runs of the soak"
        samples = bench.found["soak"]
        names = {"sandboxd": "service_kib", "zygote": "zygote_kib", "store": "store_kib"}
        series = {name: [(sample["runs"], sample[figure] / 1024) for sample in samples if sample[figure] is not None]
                  for name, figure in names.items()}
        (folder / "soak.svg").write_text(plot.lines(
            "Memory, and the store's files", "runs", "MiB", {name: points for name, points in series.items() if points},
            linear_ticks=[bench.soak_runs * part // 4 for part in range(5)]))
    return drawn


def main():
    parser = argparse.ArgumentParser(prog="./dev bench")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(rows.ROWS))
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--quick", action="store_true", help="one short round: to see whether it runs, not how fast")
    parser.add_argument("--soak-runs", type=int, metavar="N", help="runs of S1, the soak, instead of a million")
    parser.add_argument("--docs", action="store_true", help="rewrite docs/benchmarks.md and its plot")
    options = parser.parse_args()
    names = [name.upper() for name in options.rows] or list(rows.ROWS)
    unknown = [name for name in names if name not in rows.ROWS]
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)}; there are {', '.join(rows.ROWS)}")
    if options.docs and (names != list(rows.ROWS) or options.quick or options.soak_runs):
        parser.error("--docs wants every row, and full rounds")
    bench = rows.Bench(options.build.resolve(), options.quick, options.soak_runs)
    found = measured(bench, names)
    print(report.as_text(found))
    options.out.mkdir(exist_ok=True)
    report.write_json(found, options.out / "bench.json")
    draw(bench, options.out)
    if options.docs:
        report.write_docs(found, ROOT / "docs/benchmarks.md", draw(bench, ROOT / "docs"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
