"""`bot import` as people run it: a look first, then the same again with --apply."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner, Result

from bot.cli.commands import commands
from bot.cli.shell import Shell
from bot.config import Settings
from bot.store import officers
from bot.store.db import open_database
from bot.store.models import contacts
from tests.conftest import run_apart

Run = Callable[..., Result]
GOOD = "kênh;mã;tên;đồng ý\ntelegram;1000001;Lan;Phiếu số 12 ngày 03/11/2026\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "danh-sach.csv"
    path.write_text(GOOD, encoding="utf-8-sig")
    return path


@pytest.fixture
def run(database_url: str, clock: Callable[[], datetime]) -> Run:
    """Run `bot import` on a database with one officer, lan."""
    run_apart(_add_officer(database_url, clock()))

    def run_command(*arguments: str, url: str = database_url) -> Result:
        shell = Shell(now=clock, load_settings=lambda: Settings(database_url=url))
        return CliRunner().invoke(commands, ["import", *arguments], obj=shell)

    return run_command


async def _add_officer(url: str, at: datetime) -> None:
    database = open_database(url)
    async with database.begin() as db:
        await officers.add(db, login="lan", role="officer", at=at)
    await database.dispose()


def contacts_in(url: str) -> int:
    counted: list[int] = []

    async def count() -> None:
        database = open_database(url)
        async with database.connect() as db:
            counted.append(await db.scalar(select(func.count()).select_from(contacts)) or 0)
        await database.dispose()

    run_apart(count())
    return counted[0]


def test_a_look_first_then_the_real_thing(run: Run, file: Path, database_url: str) -> None:
    looked = run(str(file))
    assert looked.exit_code == 0
    assert "1 người mới" in looked.stdout
    assert "--apply" in looked.stdout
    assert contacts_in(database_url) == 0
    done = run(str(file), "--apply", "--as", "lan", "--json")
    told = json.loads(done.stdout)
    assert (told["new"], told["applied"], told["errors"]) == (1, True, [])
    assert contacts_in(database_url) == 1
    assert "Giữ nguyên 1 người" in run(str(file)).stdout


def test_faults_are_told_by_line_and_column_and_end_with_code_1(run: Run, file: Path, database_url: str) -> None:
    file.write_text(
        GOOD + "telegram;1000002;Hoa;\n" + "telegram;abc;Mai;Phiếu 3 ngày 03/11/2026\n" * 60, encoding="utf-8"
    )
    for options in ((), ("--apply", "--as", "lan")):
        result = run(str(file), *options)
        assert result.exit_code == 1
        assert "Dòng 3, cột “đồng ý”: " in result.stdout
        assert "… và 11 lỗi nữa." in result.stdout
    told = json.loads(run(str(file), "--json").stdout)
    assert told["faults"] == len(told["errors"]) == 61
    assert {"line": 4, "column": "mã"}.items() <= told["errors"][1].items()
    assert contacts_in(database_url) == 0


@pytest.mark.parametrize("options", [("--apply",), ("--apply", "--as", "ai-do")])
def test_nobody_writes_unnamed(run: Run, file: Path, database_url: str, options: tuple[str, ...]) -> None:
    result = run(str(file), *options)
    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (1, "", 1)
    assert contacts_in(database_url) == 0


def test_a_file_or_database_that_is_not_there_is_told(run: Run, file: Path, tmp_path: Path) -> None:
    missing = run(str(tmp_path / "khong-co.csv"))
    nowhere = run(str(file), url=f"sqlite:///{tmp_path}/nowhere/bot.db")
    for result in (missing, nowhere):
        assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (1, "", 1)
    assert not (tmp_path / "nowhere").exists()
