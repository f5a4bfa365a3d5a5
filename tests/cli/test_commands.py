"""The command line, run as people run it but in this process: what it prints, and its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import insert
from typer.testing import CliRunner, Result

from bot.cli.commands import commands
from bot.cli.shell import Shell
from bot.config import Settings, SettingsError
from bot.store.db import open_database
from bot.store.models import interactions
from tests.conftest import run_apart

Run = Callable[..., Result]
DIALOG = """\
dialog: menu
title: Trang chính
nodes:
  hoi:
    ask: Bà con muốn xem gì?
    choices:
      - {label: Vay vốn, go: vay}
      - {label: Thôi, go: het}
  vay: {set: {quan-tam: vay}, next: het}
  het: {end: true}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A library of one dialog, and a database that is not there yet."""
    for name in ("dialogs", "content", "locales"):
        (tmp_path / name).mkdir()
    (tmp_path / "dialogs/menu.yaml").write_text(DIALOG, encoding="utf-8")
    return Settings(
        database_url=f"sqlite:///{tmp_path}/var/bot.db", dialogs=tmp_path / "dialogs",
        content=tmp_path / "content", locales=tmp_path / "locales",
    )  # fmt: skip


@pytest.fixture
def run(settings: Settings, clock: Callable[[], datetime]) -> Run:
    """Run a command: `run("talk", "--events", typed="1")`."""

    def run_command(*arguments: str, typed: str = "", settings: Settings = settings) -> Result:
        shell = Shell(now=clock, load_settings=lambda: settings)
        return CliRunner().invoke(commands, list(arguments), obj=shell, input=typed)

    return run_command


def test_a_fault_in_the_settings_is_told_and_nothing_runs(clock: Callable[[], datetime]) -> None:
    def load() -> Settings:
        raise SettingsError("BOT_PORTT: …")

    for command in (["run"], ["talk"], ["check"], ["log"], ["migrate"], ["settings"], ["catalogue", "check"]):
        result = CliRunner().invoke(commands, command, obj=Shell(clock, load))
        assert (result.exit_code, result.stdout, result.stderr) == (1, "", "BOT_PORTT: …\n")


def test_help_comes_without_loading_what_commands_need() -> None:
    heavy = "sqlalchemy", "aiohttp", "pydantic", "babel", "yaml", "telegram"
    code = f"import sys, bot.__main__; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_talk_asks_and_answers(run: Run) -> None:
    result = run("talk", typed="xin chao\n1\n/quit\n")
    assert result.exit_code == 0
    assert "Bà con muốn xem gì?" in result.stdout
    assert "1. Vay vốn" in result.stdout
    assert "quan-tam" not in result.stdout
    assert "* quan-tam = vay" in run("talk", "--events", typed="1\n").stdout


def test_talk_records_what_the_tests_play(run: Run, tmp_path: Path) -> None:
    tape = tmp_path / "talk.txt"
    options = ("--record", str(tape), "--lang", "en", "--household", "ngheo", "--today", "2027-01-01")
    assert run("talk", *options, typed="[1]\n[7]\n").exit_code == 0
    assert tape.read_text(encoding="utf-8").startswith(
        "# today: 2027-01-01\n# lang: en\n# ho: ngheo\n\n> /start\n< Bà con muốn xem gì?\n  [1] 1. Vay vốn\n"
        "  [2] 2. Thôi\n\n> [1]\n* quan-tam = vay\n"
    )


@pytest.mark.parametrize(
    "options", [("--dialog", "nowhere"), ("--household", "rich"), ("--today", "tomorrow"), ("--dialog", "")]
)
def test_talk_refuses_what_is_not_there(run: Run, options: tuple[str, str]) -> None:
    result = run("talk", *options)
    assert result.exit_code == (1 if options[1] else 0)
    assert len(result.stderr.splitlines()) == (1 if options[1] else 0)


def test_a_broken_dialog_is_told_by_file_and_line(run: Run, settings: Settings) -> None:
    (settings.dialogs / "menu.yaml").write_text(DIALOG.replace("go: vay", "go: nowhere"), encoding="utf-8")
    for command in (("talk",), ("check",), ("catalogue", "check"), ("catalogue", "update")):
        result = run(*command)
        assert result.exit_code == 1
        assert "dialogs/menu.yaml:7: " in result.stderr + result.stdout


def test_migrate_makes_the_database_and_then_has_nothing_to_do(run: Run) -> None:
    assert run("migrate").exit_code == 0
    assert run("migrate").exit_code == 0
    assert run("log").exit_code == 0


def test_migrate_leaves_a_damaged_database_alone(run: Run, settings: Settings) -> None:
    file = settings.dialogs.parent / "var/bot.db"
    file.parent.mkdir()
    file.write_bytes(b"not a database at all" * 1000)
    result = run("migrate")
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert file.read_bytes() == b"not a database at all" * 1000


def test_log_before_the_first_run_says_so_and_makes_nothing(run: Run, settings: Settings) -> None:
    result = run("log")
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert not (settings.dialogs.parent / "var").exists()


async def _add_interaction(url: str, at: datetime) -> None:
    database = open_database(url)
    async with database.begin() as connection:
        row = {"contact_id": 7, "at": at, "kind": "chose", "dialog": "menu", "node": "hoi", "text": "Vay vốn"}
        await connection.execute(insert(interactions).values(row))
    await database.dispose()


def test_log_shows_what_happened_on_either_database(
    run: Run, settings: Settings, database_url: str, clock: Callable[[], datetime]
) -> None:
    there = settings.model_copy(update={"database_url": database_url})
    run_apart(_add_interaction(database_url, clock()))
    table = run("log", settings=there).stdout
    assert "23/11 10:00:00" in table
    assert "Vay vốn" in table
    [line] = run("log", "--json", "--contact", "7", "--since", "2026-11-23T10:00", settings=there).stdout.splitlines()
    told = json.loads(line)
    assert (told["kind"], told["text"], told["at"]) == ("chose", "Vay vốn", "2026-11-23T03:00:00+00:00")
    assert run("log", "--json", "--since", "2026-11-23T10:01", settings=there).stdout == ""
    assert run("log", "--contact", "telegram:nobody", settings=there).exit_code == 1
    assert run("log", "--since", "soon", settings=there).exit_code == 1


def test_catalogue_is_made_and_then_asks_for_translations(run: Run, settings: Settings) -> None:
    assert run("catalogue", "check").exit_code == 1
    assert run("catalogue", "update").exit_code == 0
    assert (settings.locales / "en/LC_MESSAGES/bot.po").exists()
    missing = run("catalogue", "check")
    assert missing.exit_code == 1
    assert "Bà con muốn xem gì?" in missing.stdout


def test_settings_tell_every_value_but_secrets(run: Run) -> None:
    told = json.loads(run("settings", "--json").stdout)
    assert told["BOT_PORT"] == "8080"
    assert told["BOT_TRUSTED_PROXY"] == "false"
    assert "BOT_PORT" in run("settings").stdout
