"""`bot user` and `bot audit`: officers come and go, and the log says who let them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from bot.cli.commands import commands
from bot.cli.shell import Shell
from bot.config import Settings
from bot.store.db import open_database
from tests.conftest import run_apart
from tests.library.packs import SOUND, write

Run = Callable[..., Result]


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    write(tmp_path, SOUND)
    (tmp_path / "locales").mkdir()
    return Settings(
        database_url=database_url, dialogs=tmp_path / "dialogs", content=tmp_path / "content",
        locales=tmp_path / "locales",
    )  # fmt: skip


@pytest.fixture
def run(settings: Settings, clock: Callable[[], datetime]) -> Run:
    """Run a command: `run("user", "list")`."""

    def run_command(*arguments: str, settings: Settings = settings) -> Result:
        return CliRunner().invoke(commands, list(arguments), obj=Shell(clock, lambda: settings))

    return run_command


def officers(run: Run) -> list[dict[str, object]]:
    return [json.loads(line) for line in run("user", "list", "--json").stdout.splitlines()]


def log(run: Run, *options: str) -> list[tuple[str, str, str, str]]:
    lines = [json.loads(line) for line in run("audit", "list", "--json", *options).stdout.splitlines()]
    return [(line["actor"], line["action"], line["subject"], line["outcome"]) for line in lines]


def refusal(result: Result) -> str:
    assert (result.exit_code, result.stdout) == (1, "")
    [line] = result.stderr.splitlines()
    return line


def test_officers_are_added_changed_and_kept_out(run: Run) -> None:
    assert run("user", "list").stdout.startswith("Chưa có cán bộ nào")
    assert run("user", "add", "dung", "--role", "admin", "--name", "Dũng [x]").exit_code == 0
    added = run("user", "add", "an", "--role", "officer", "--communes", "09661", "--as", "dung", "--json")
    assert json.loads(added.stdout)["communes"] == ["09661"]
    assert "/console/setup/" in json.loads(added.stdout)["link"]
    assert "/console/setup/" in run("user", "link", "an", "--as", "dung").stdout
    assert run("user", "role", "an", "--role", "approver", "--as", "dung").exit_code == 0
    assert run("user", "disable", "an", "--as", "dung").exit_code == 0
    assert [(one["login"], one["role"], one["communes"], one["is_active"]) for one in officers(run)] == [
        ("an", "approver", ["09661"], False), ("dung", "admin", [], True),
    ]  # fmt: skip
    assert run("user", "enable", "an", "--as", "dung").exit_code == 0
    assert run("user", "role", "an", "--role", "staff", "--communes", "all", "--as", "dung").exit_code == 0
    assert (officers(run)[0]["communes"], officers(run)[0]["is_active"]) == ([], True)
    table = run("user", "list").stdout
    assert "Dũng [x]" in table
    assert "cả thành phố" in table
    assert log(run) == [
        ("system", "user.add", "user:dung", "done"), ("system", "user.invite", "user:dung", "done"),
        ("dung", "user.add", "user:an", "done"), ("dung", "user.invite", "user:an", "done"),
        ("dung", "user.invite", "user:an", "done"), ("dung", "user.role", "user:an", "done"),
        ("dung", "user.disable", "user:an", "done"),
        ("dung", "user.enable", "user:an", "done"), ("dung", "user.role", "user:an", "done"),
    ]  # fmt: skip


def test_an_admin_writes_down_where_an_officer_reads_tests(run: Run) -> None:
    run("user", "add", "dung", "--role", "admin")
    run("user", "add", "an", "--role", "officer", "--as", "dung")
    assert "“an” từ nay gửi tới telegram:7" in run("user", "address", "an", " telegram:7", "--as", "dung").stdout
    assert run("user", "address", "an", "telegram:7", "--as", "dung").exit_code == 0, "their own, once more"
    assert [one["address"] for one in officers(run)] == ["telegram:7", ""]
    assert json.loads(run("user", "address", "an", "zalo:7", "--json").stdout)["address"] == "zalo:7"
    assert "không còn địa chỉ" in run("user", "address", "an", "", "--as", "dung").stdout
    for login in ("an", "dung"):
        assert run("user", "address", login, "").exit_code == 0, "nowhere is nobody's"
    assert [one["address"] for one in officers(run)] == ["", ""]
    assert log(run).count(("dung", "user.address", "user:an", "done")) == 3


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("add", "An", "--role", "officer"), "chữ thường"),
        (("add", "", "--role", "officer"), "chữ thường"),
        (("add", "an", "--role", "boss"), "vai trò “boss”"),
        (("add", "dung", "--role", "officer"), "Đã có cán bộ “dung”"),
        (("add", "an", "--role", "officer", "--communes", "09661, 1"), "mã 1"),
        (("add", "an", "--role", "officer", "--as", "ai"), "Không có cán bộ “ai”"),
        (("add", "an", "--role", "admin", "--as", "xem"), "“xem” là người xem"),
        (("role", "ai", "--role", "admin"), "Không có cán bộ “ai”"),
        (("role", "xem", "--role", "admin", "--as", "xem"), "cần quản trị"),
        (("disable", "ai"), "Không có cán bộ “ai”"),
        (("address", "ai", "telegram:5"), "Không có cán bộ “ai”"),
        (("address", "xem", "telegram:5", "--as", "xem"), "cần quản trị"),
        (("address", "xem", "0912345678", "--as", "dung"), "ví dụ telegram:100000001"),
        (("address", "xem", "telegram:7"), "telegram:7 đã là địa chỉ của “dung”"),
        (("address", "xem", "telegram:" + "7" * 72), "quá 80 chữ"),
    ],
)
def test_what_cannot_be_is_refused_and_logged(run: Run, arguments: tuple[str, ...], line: str) -> None:
    run("user", "add", "dung", "--role", "admin")
    run("user", "add", "xem", "--role", "staff")
    run("user", "address", "dung", "telegram:7")
    before = officers(run)
    assert line in refusal(run("user", *arguments))
    assert officers(run) == before
    [(_actor, action, _subject, _outcome)] = log(run, "--refused")
    assert action == f"user.{arguments[0]}"


def test_the_log_is_shown_and_verified(run: Run, settings: Settings) -> None:
    assert "chưa có dòng nào" in run("audit", "list").stdout
    for login in ("dung", "chi"):
        run("user", "add", login, "--role", "admin")
    table = run("audit", "list", "--subject", "user:chi").stdout
    assert "user:chi" in table
    assert "user:dung" not in table
    whole = json.loads(run("audit", "verify", "--json").stdout)
    assert (whole["sound"], whole["broken"]) == (True, None)
    assert whole["head"] in run("audit", "verify", "--known", whole["head"]).stdout
    run_apart(_tamper(settings.database_url))
    broken = run("audit", "verify")
    assert (broken.exit_code, "dòng số 1" in broken.stdout) == (1, True)
    assert run("audit", "verify", "--known", "0" * 64).exit_code == 1


async def _tamper(url: str) -> None:
    database = open_database(url)
    trigger = "audit_no_update" if database.dialect.name == "sqlite" else "audit_only_grows ON audit"
    async with database.begin() as db:
        await db.execute(text(f"DROP TRIGGER {trigger}"))
        await db.execute(text("UPDATE audit SET actor = 'ai' WHERE id = 1"))
    await database.dispose()


def test_without_a_database_nothing_is_made(run: Run, settings: Settings, tmp_path: Path) -> None:
    nowhere = settings.model_copy(update={"database_url": f"sqlite+aiosqlite:///{tmp_path}/none/bot.db"})
    commands = (("user", "list"), ("user", "add", "an", "--role", "staff"), ("audit", "list"), ("audit", "verify"))
    for command in commands:
        assert "chạy lệnh migrate" in refusal(run(*command, settings=nowhere))
    assert not (tmp_path / "none").exists()
