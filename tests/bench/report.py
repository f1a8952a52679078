# SPDX-License-Identifier: Apache-2.0
"""The bench's rows as text, as JSON, and inside docs/benchmarks.md."""

import json
import os
import pathlib
import platform

BEGIN, END = "<!-- table: written by ./dev bench --docs -->", "<!-- end of table -->"


class Row:
    """One line of the table. `reach` is (bound, 'at least' or 'at most'), or None for a figure that is only reported."""

    def __init__(self, number, what, value, reach=None, unit="", figures=None, note=""):
        self.number = number
        self.what = what
        self.value = value  # a number, or None if it could not be measured here
        self.reach = reach
        self.unit = unit
        self.figures = figures or {}
        self.note = note

    @property
    def verdict(self):
        if self.value is None:
            return "not measured"
        if self.reach is None:
            return ""
        bound, direction = self.reach
        return "reached" if (self.value >= bound if direction == "at least" else self.value <= bound) else "missed"

    def cells(self):
        value = "" if self.value is None else f"{self.value:.3g}{self.unit}"
        if self.value is not None and abs(self.value) >= 1000:
            value = f"{self.value:,.0f}{self.unit}"
        reach = f"{self.reach[1]} {self.reach[0]:g}{self.unit}" if self.reach else ""
        figures = ", ".join(f"{name} {number}" for name, number in self.figures.items())
        return [self.number, self.what, value, reach, self.verdict, "; ".join(filter(None, [figures, self.note]))]


HEADINGS = ["", "what", "measured", "to reach", "", "figures of this run"]


def machine():
    model = platform.processor() or platform.machine()
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    except OSError:
        pass
    return f"{len(os.sched_getaffinity(0))} cores of {model}, Linux {platform.release()}"


def as_text(rows):
    table = [HEADINGS] + [row.cells() for row in rows]
    widths = [max(len(line[column]) for line in table) for column in range(5)]
    return "\n".join("  ".join([*(cell.ljust(width) for cell, width in zip(line, widths)), line[5]]).rstrip()
                     for line in table)


def as_markdown(rows):
    lines = ["| " + " | ".join(heading or " " for heading in HEADINGS) + " |", "|" + "---|" * len(HEADINGS)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row.cells()) + " |" for row in rows]
    return "\n".join(lines)


def write_json(rows, path):
    document = {"machine": machine(), "rows": [
        {"row": row.number, "what": row.what, "value": row.value, "unit": row.unit,
         "reach": row.reach and {"bound": row.reach[0], "direction": row.reach[1]},
         "verdict": row.verdict, "figures": row.figures, "note": row.note} for row in rows]}
    path.write_text(json.dumps(document, indent=2) + "\n")


def write_docs(rows, path, pictures):
    """`pictures`: {file name: what it shows}."""
    text = path.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    if not rest or not after:
        raise SystemExit(f"{path} has no place for the table ({BEGIN})")
    shown = "".join(f"\n\n![{what}]({name})" for name, what in pictures.items())
    path.write_text(f"{before}{BEGIN}\n\nOn {machine()}.\n\n{as_markdown(rows)}{shown}\n\n{END}{after}")
