#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Documents point at what is there: relative links and their anchors, paths and ./dev verbs in code spans."""

import re

import sources

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
SPAN = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"(?:base|docs|plugins|policies|runtime|sandboxctl|sandboxd|subprojects|tests|deploy)/[\w./-]*\w")
VERB = re.compile(r"\./dev (\w+)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def anchors(text):
    """The anchors that a renderer makes of the headings."""
    made = set()
    for heading in re.findall(r"^#+ +(.+?) *#*$", FENCE.sub("", text), re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", heading.lower())
        made.add(plain.replace(" ", "-"))
    return made


def check_link(path, target):
    if re.match(r"[a-z]+:", target):
        return None
    name, _, anchor = target.partition("#")
    file = (sources.ROOT / path.parent / name).resolve() if name else sources.ROOT / path
    if not file.exists():
        return f"{path}: the link {target} leads nowhere"
    if anchor and file.suffix == ".md" and anchor not in anchors(file.read_text()):
        return f"{path}: {target}: there is no such heading"
    return None


def check(path, verbs):
    text = (sources.ROOT / path).read_text()
    for match in LINK.finditer(FENCE.sub("", text)):
        finding = check_link(path, match.group(1) or match.group(2))
        if finding:
            yield finding
    for span in SPAN.findall(FENCE.sub("", text)):
        if PATH.fullmatch(span) and not (sources.ROOT / span).exists():
            yield f"{path}: `{span}` does not exist"
    for verb in VERB.findall(text):
        if verb not in verbs:
            yield f"{path}: ./dev has no verb {verb}"


def main():
    front = (sources.ROOT / "dev").read_text()
    verbs = set(re.findall(r"^verb_(\w+)\(\)", front, re.MULTILINE))
    paths = sources.files(".md")
    sources.finish([finding for path in paths for finding in check(path, verbs)], len(paths))


if __name__ == "__main__":
    main()
