# SPDX-License-Identifier: Apache-2.0
"""Makes a C file of the Lua sources that the validator needs: ours, and from luacheck whatever they require.

usage: embed.py LUACHECK_FOLDER OUR_FOLDER output.c
"""

import pathlib
import re
import sys

REQUIRE = re.compile(rb'require\s*\(?\s*"((?:luacheck|validator)[\w.]*)"')
REPLACED = {"luacheck.builtin_standards"}  # by boot.lua


def path_of(name, folders):
    package, *parts = name.split(".")
    whole = folders[package].joinpath(*parts)
    return whole / "init.lua" if whole.is_dir() else whole.with_name(whole.name + ".lua")


def gather(folders):
    # luacheck.stages requires its parts by names that it puts together.
    stages = [f"luacheck.stages.{path.stem}" for path in sorted((folders["luacheck"] / "stages").glob("*.lua"))
              if path.stem != "init"]
    wanted, chunks = ["validator.boot", *stages], {}
    while wanted:
        name = wanted.pop()
        if name not in chunks and name not in REPLACED:
            chunks[name] = path_of(name, folders).read_bytes()
            wanted += [found.decode() for found in REQUIRE.findall(chunks[name])]
    return dict(sorted(chunks.items()))


def main():
    luacheck, ours, output = map(pathlib.Path, sys.argv[1:])
    chunks = gather({"luacheck": luacheck, "validator": ours})
    with open(output, "w", encoding="ascii") as file:
        file.write('#include "runtime/lua/validator_chunks.h"\n\n')
        for number, text in enumerate(chunks.values()):
            file.write(f"static const unsigned char chunk_{number}[] = {{\n")
            for start in range(0, len(text), 24):
                file.write("".join(f"{byte}," for byte in text[start:start + 24]) + "\n")
            file.write("};\n")
        file.write("\nconst struct validator_chunk validator_chunks[] = {\n")
        for number, (name, text) in enumerate(chunks.items()):
            file.write(f'    {{"{name}", chunk_{number}, {len(text)}}},\n')
        file.write(f"}};\nconst unsigned validator_chunk_count = {len(chunks)};\n")
    # So that a newer source, ours or luacheck's, makes the file anew.
    folders = {"luacheck": luacheck, "validator": ours}
    depfile = pathlib.Path(f"{output}.d")
    depfile.write_text(f"{output}: {' '.join(str(path_of(name, folders)) for name in chunks)}\n", encoding="utf-8")


main()
