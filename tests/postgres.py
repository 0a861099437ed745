"""A real PostgreSQL server for tests, in a temporary folder, reached over a socket in it."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")


def _programs() -> Path | None:
    """The folder with initdb and pg_ctl, of the newest version."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = [f for place in _PLACES for f in sorted(Path("/").glob(place[1:]))]
    return next((f for f in reversed(folders) if (f / "initdb").exists()), None)


def _is_root() -> bool:
    return hasattr(os, "getuid") and os.getuid() == 0


def _installed() -> Path | None:
    """`_programs`, after installing Debian's server where that is possible."""
    if (programs := _programs()) or not (_is_root() and shutil.which("apt-get")):
        return programs
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-qq"], ["install", "-qq", "--yes", "postgresql"]):
        subprocess.run(["apt-get", *words], env=environment, capture_output=True, check=False)
    return _programs()


@contextlib.contextmanager
def server() -> Iterator[str]:
    """The URL of a database of an own server; skips the test where there can be none."""
    programs = _installed()
    if programs is None:
        pytest.skip("no PostgreSQL server here, and it cannot be installed (needs Debian and root)")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path has 107 bytes
    # The server refuses to run as root.
    other_user = ["runuser", "-u", "postgres", "--"] if _is_root() else []
    if other_user:
        shutil.chown(folder, "postgres")
    data = str(folder / "data")

    def run(program: str, *words: str) -> None:
        subprocess.run(
            [*other_user, str(programs / program), *words],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
        )

    try:
        run("initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "-N")
        options = f"-c listen_addresses= -c fsync=off -k {folder}"
        log = str(folder / "log")
        run("pg_ctl", "-D", data, "-o", options, "-l", log, "--wait", "start")
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-D", data, "--mode", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
