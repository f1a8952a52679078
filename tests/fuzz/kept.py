#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What long runs of a fuzz target found is kept in tests/fuzz/corpus/NAME.tar.xz: of all inputs the fewest and
shortest that reach the same code. One archive a target, since its inputs are thousands and much alike."""

import io
import pathlib
import subprocess
import sys
import tarfile
import tempfile

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"
LONGEST_INPUT = 4096


def archive_of(name):
    return CORPUS / f"{name}.tar.xz"


def unpack(name, folder):
    """Adds the kept inputs to the folder; none, if nothing is kept for the target."""
    folder.mkdir(parents=True, exist_ok=True)
    if not archive_of(name).exists():
        return
    with tarfile.open(archive_of(name)) as archive:
        for member in archive:
            (folder / pathlib.PurePath(member.name).name).write_bytes(archive.extractfile(member).read())


def pack(name, folder):
    # Without owners and times, so that the same inputs make the same archive.
    with tarfile.open(archive_of(name), "w:xz", preset=9) as archive:
        for path in sorted(folder.iterdir()):
            data = path.read_bytes()
            member = tarfile.TarInfo(path.name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))


def keep(name, program, folders):
    """Keeps what is needed of the folders' inputs to reach all the code that they reach together."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([program, "-merge=1", f"-max_len={LONGEST_INPUT}", scratch, *folders], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        pack(name, pathlib.Path(scratch))
        return len(list(pathlib.Path(scratch).iterdir()))


def main():
    destination = pathlib.Path(sys.argv[1])
    for archive in CORPUS.glob("*.tar.xz"):
        name = archive.name.removesuffix(".tar.xz")
        unpack(name, destination / name)


if __name__ == "__main__":
    main()
