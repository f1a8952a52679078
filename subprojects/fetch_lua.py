#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts Lua's source archive into subprojects/packagecache, where meson looks before it asks upstream's site.

Tried in this order: the archive already in place; a copy in the user's cache folder; upstream's site; the source
package of a newer Debian suite, which carries upstream's own archive. Debian is asked through apt with this
machine's own mirror, proxy and keyring, but with lists and caches in a temporary folder, so the machine's apt
stays as it is. Whatever the source, the archive's SHA-256 must be the one pinned in lua.wrap.
"""

import configparser
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
SUITES = ("testing", "unstable", "stable-backports", "stable")
PACKAGE = "lua5.4"
KEYRINGS = ("/usr/share/keyrings/debian-archive-keyring.pgp", "/usr/share/keyrings/debian-archive-keyring.gpg")


def sha256_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_wrap():
    wrap = configparser.ConfigParser(interpolation=None)
    wrap.read(HERE / "lua.wrap")
    return wrap["wrap-file"]


def keep(source, target, pinned):
    """Copies source to target if it is the pinned archive; the rename makes the copy whole or absent."""
    if not source.is_file() or sha256_of(source) != pinned:
        return False
    if source != target:
        target.parent.mkdir(parents=True, exist_ok=True)
        half = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.copyfile(source, half)
        half.rename(target)
    return True


def from_upstream(url, folder):
    path = folder / "upstream.tar.gz"
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            path.write_bytes(answer.read(8 << 20))
    except OSError as error:
        print(f"fetch_lua: {url} is out of reach ({error}); trying Debian's mirrors", file=sys.stderr)
        return None
    return path


def host_repositories():
    """The URIs of this machine's Debian repositories."""
    listing = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Identifier: Packages"],
        capture_output=True, text=True, check=True).stdout
    found = []
    for line in listing.splitlines():
        uri, _, release = line.partition(" ")
        # The security archive holds no newer suites, and other vendors' archives no Debian ones.
        if "security" not in release and uri.rstrip("/").endswith("debian") and uri not in found:
            found.append(uri)
    return found


def apt(folder, *arguments):
    settings = {
        "Dir::Etc::SourceList": folder / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "",  # the temporary folder is ours alone
    }
    options = [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]
    return subprocess.run(["apt-get", "-q", *options, *arguments], cwd=folder, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)


def from_debian(uri, suite, folder, pinned):
    (folder / "lists" / "partial").mkdir(parents=True)
    (folder / "cache" / "archives" / "partial").mkdir(parents=True)
    keyring = next((path for path in KEYRINGS if pathlib.Path(path).exists()), None)
    option = f"[signed-by={keyring}] " if keyring else ""  # without one, apt's own trusted keys
    (folder / "sources.list").write_text(f"deb-src {option}{uri} {suite} main\n")
    update = apt(folder, "update")
    # --tar-only: the package's own description may have left the mirror already, and we do not need it.
    source = apt(folder, "source", "--download-only", "--tar-only", PACKAGE)
    for path in folder.glob("*.orig.tar.*"):
        if sha256_of(path) == pinned:
            return path
        print(f"fetch_lua: {suite}: {path.name} is another version", file=sys.stderr)
        return None
    print(f"fetch_lua: {suite}: {(source.stderr or update.stderr).strip().splitlines()[-1:]}", file=sys.stderr)
    return None


def sources(url, pinned, scratch):
    """Yields downloaded candidates, each only when the one before did not do."""
    yield url, from_upstream(url, scratch)
    if shutil.which("apt-get"):
        for number, uri in enumerate(host_repositories()):
            for suite in SUITES:
                folder = scratch / f"{number}-{suite}"
                folder.mkdir()
                yield f"Debian {suite}", from_debian(uri, suite, folder, pinned)


def drop_outdated(unpacked):
    """Meson unpacks once, and would go on with the build files of that day: makes it unpack again."""
    for ours in (HERE / "packagefiles" / "lua").iterdir():
        theirs = unpacked / ours.name
        if unpacked.is_dir() and (not theirs.exists() or theirs.read_bytes() != ours.read_bytes()):
            shutil.rmtree(unpacked)


def main():
    wrap = read_wrap()
    drop_outdated(HERE / wrap["directory"])
    url, name, pinned = wrap["source_url"], wrap["source_filename"], wrap["source_hash"]
    target = HERE / "packagecache" / name
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "sandboxd" / name
    if keep(target, target, pinned) or keep(cache, target, pinned):
        return 0
    with tempfile.TemporaryDirectory(prefix="fetch-lua-") as folder:
        for label, path in sources(url, pinned, pathlib.Path(folder)):
            if path and keep(path, target, pinned):
                print(f"fetch_lua: {name} from {label}")
                keep(target, cache, pinned)
                return 0
    print(f"fetch_lua: {name} was found nowhere. Put it into {target.parent} by hand (SHA-256 {pinned}).",
          file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
