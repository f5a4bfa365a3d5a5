"""`bot insight` as people run it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert
from typer.testing import CliRunner, Result

from bot.cli.commands import commands
from bot.cli.shell import Shell
from bot.config import Settings
from bot.store.db import open_database
from bot.store.models import contacts, interactions
from tests.conftest import run_apart

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, clock: Callable[[], datetime]) -> Run:
    """Run `bot insight` over a log of three rows, the last an hour after the first."""
    run_apart(_fill(database_url, clock()))

    def run(*words: str) -> Result:
        shell = Shell(now=clock, load_settings=lambda: Settings(database_url=database_url))
        return CliRunner().invoke(commands, ["insight", *words], obj=shell)

    return run


async def _fill(url: str, at: datetime) -> None:
    database = open_database(url)
    rows = [{"contact_id": 1, "at": at + timedelta(minutes=30 * n), "kind": "text"} for n in range(3)]
    async with database.begin() as db:
        await db.execute(insert(contacts).values(id=1, created_at=at))
        await db.execute(insert(interactions), rows)
    await database.dispose()


def test_status_tells_how_far_the_numbers_are_behind_and_a_rebuild_makes_up_for_it(run: Run) -> None:
    before = run("status")
    assert before.exit_code == 0
    assert "0 trong 3" in before.stdout
    assert "60 phút" in before.stdout
    assert "chưa lần nào" in before.stdout
    done = run("rebuild")
    assert (done.exit_code, done.stdout.strip()) == (0, "Đã đếm lại 3 dòng nhật ký.")
    after = run("status")
    assert "3 trong 3" in after.stdout
    assert "đủ tới dòng mới nhất" in after.stdout
    assert "23/11/2026 10:00" in after.stdout


def test_both_speak_json(run: Run, clock: Callable[[], datetime]) -> None:
    assert json.loads(run("status", "--json").stdout) == {
        "logged": 3, "folded": 0, "behind": 3600.0, "counted_at": None,
    }  # fmt: skip
    assert json.loads(run("rebuild", "--json").stdout) == {"rows": 3}
    assert json.loads(run("status", "--json").stdout) == {
        "logged": 3, "folded": 3, "behind": None, "counted_at": clock().isoformat(),
    }  # fmt: skip


def test_without_a_database_it_says_what_to_do(clock: Callable[[], datetime]) -> None:
    shell = Shell(now=clock, load_settings=lambda: Settings(database_url="sqlite+aiosqlite:////nowhere/bot.db"))
    refused = CliRunner().invoke(commands, ["insight", "status"], obj=shell)
    assert refused.exit_code == 1
    assert "migrate" in refused.stderr
