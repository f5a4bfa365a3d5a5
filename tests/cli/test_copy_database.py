"""`bot copy-database` as people run it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import insert
from typer.testing import CliRunner, Result

from bot.cli.commands import commands
from bot.cli.shell import Shell
from bot.config import Settings
from bot.store.db import open_database
from bot.store.models import contacts, workers
from bot.store.schema import metadata
from tests import postgres
from tests.conftest import run_apart

Copy = Callable[..., Result]


@pytest.fixture
def copy(database_url: str, clock: Callable[[], datetime]) -> Copy:
    """Run `bot copy-database` from a database with three contacts."""
    run_apart(_fill(database_url, clock()))

    def run(to: str, *options: str, source: str = database_url) -> Result:
        shell = Shell(now=clock, load_settings=lambda: Settings(database_url=source))
        return CliRunner().invoke(commands, ["copy-database", "--to", to, *options], obj=shell)

    return run


async def _fill(url: str, at: datetime) -> None:
    database = open_database(url)
    async with database.begin() as db:
        await db.execute(insert(contacts), [{"id": n, "created_at": at} for n in (1, 2, 3)])
    await database.dispose()


async def _start_worker(url: str, at: datetime) -> None:
    database = open_database(url)
    async with database.begin() as db:
        await db.execute(insert(workers).values(id=0, started_at=at, seen_at=at))
    await database.dispose()


def test_a_copy_is_counted_compared_and_not_made_twice(copy: Copy, tmp_path: Path) -> None:
    to = f"sqlite:///{tmp_path}/new/copy.db"
    done = copy(to)
    assert done.exit_code == 0
    assert "3 dòng" in done.stdout
    again = copy(to)
    assert (again.exit_code, again.stdout) == (1, "")
    assert "contacts" in again.stderr
    back = copy(f"sqlite:///{tmp_path}/back.db", "--json", source=to)
    told = json.loads(back.stdout)
    assert (told["rows"], set(told["tables"]), told["source_in_use"]) == (3, set(metadata.tables), False)
    assert (told["tables"]["contacts"]["rows"], len(told["tables"]["contacts"]["digest"])) == (3, 64)


def test_a_bot_that_runs_on_the_source_is_pointed_out(
    copy: Copy, database_url: str, clock: Callable[[], datetime], tmp_path: Path
) -> None:
    run_apart(_start_worker(database_url, clock()))
    assert "bot có thể đang chạy" in copy(f"sqlite:///{tmp_path}/copy.db").stdout


def test_what_can_not_be_copied_to_is_told_in_one_line(
    copy: Copy, tmp_path: Path, postgres_server: postgres.Server
) -> None:
    (tmp_path / "noise.db").write_bytes(b"not a database at all" * 100)
    servers = (f"postgresql://nobody@/x?host={tmp_path}", postgres_server.url("nowhere"))
    for to in ("mysql://host/bot", "copy.db", f"sqlite:///{tmp_path}/noise.db", *servers):
        result = copy(to)
        assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (1, "", 1), result.output
    assert (tmp_path / "noise.db").read_bytes() == b"not a database at all" * 100


def test_a_source_that_is_not_there_is_not_made(copy: Copy, tmp_path: Path) -> None:
    result = copy(f"sqlite:///{tmp_path}/copy.db", source=f"sqlite:///{tmp_path}/nowhere/bot.db")
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert not (tmp_path / "nowhere").exists()
