"""`bot broadcast`, run as officers run it: from options to what is kept, shown and refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, func, select
from typer.testing import CliRunner, Result

from bot.cli.commands import commands
from bot.cli.shell import Shell
from bot.config import Settings
from bot.store import broadcasts, models, officers
from bot.store.db import open_database
from tests.conftest import Clock, run_apart
from tests.services.broadcasts import NOON, add_messages, add_person

Run = Callable[..., Result]
MESSAGE = ("--message", "vay-von.muc-ngheo", "--segment", "ho = ngheo")


async def _furnish(url: str) -> None:
    """Officers of every role, and three people who agreed to broadcasts, two of them of poor households."""
    database = open_database(url)
    async with database.begin() as db:
        for login, role in (("lan", "officer"), ("binh", "approver"), ("an", "admin"), ("tu", "staff")):
            await officers.add(db, login=login, role=role, at=NOON)  # type: ignore[arg-type]
    for number, household in ((1, "ngheo"), (2, "ngheo"), (3, "khac")):
        await add_person(database, number, ho=household, xa="09700")
    await database.dispose()


def furnished(url: str) -> Settings:
    """The shipped library, Telegram switched on, and a database with officers and people."""
    run_apart(_furnish(url))
    return Settings(database_url=url, telegram_token="1:token")  # type: ignore[arg-type]


@pytest.fixture
def settings(sqlite_url: str) -> Settings:
    """On SQLite, as most of the tests: what differs between databases is below the command line."""
    return furnished(sqlite_url)


@pytest.fixture
def run(settings: Settings, clock: Clock) -> Run:
    """Run a subcommand on SQLite."""
    return runner(settings, clock)


def runner(settings: Settings, clock: Clock) -> Run:
    """Runs a subcommand: `run("show", "1")`; a refusal has to be asked for with `fails=True`."""

    def run_command(*arguments: str, fails: bool = False) -> Result:
        shell = Shell(now=clock, load_settings=lambda: settings)
        result = CliRunner().invoke(commands, ["broadcast", *arguments], obj=shell)
        assert result.exit_code == (1 if fails else 0), (result.output, result.exception)
        return result

    return run_command


def draft(run: Run, *options: str, name: str = "Vay vốn", login: str = "lan") -> dict[str, object]:
    made: dict[str, object] = json.loads(run("draft", "--as", login, "--name", name, "--json", *options).stdout)
    return made


def rows_in(settings: Settings, table: Table) -> int:
    found: list[int] = []

    async def count() -> None:
        database = open_database(settings.database_url)
        async with database.connect() as db:
            found.append((await db.execute(select(func.count()).select_from(table))).scalar_one())
        await database.dispose()

    run_apart(count())
    return found[0]


def test_from_a_draft_to_the_release_by_two_people(database_url: str, clock: Clock) -> None:
    run = runner(furnished(database_url), clock)
    assert draft(run, *MESSAGE, "--at", "2026-11-24 09:00")["state"] == "draft"
    submitted = json.loads(run("submit", "1", "--as", "lan", "--json").stdout)
    assert (submitted["state"], submitted["audience"]) == ("submitted", 2)
    digest = submitted["digest"][:16]
    assert digest in run("show", "1").stdout
    assert digest in run("preview", "1").stdout
    assert "“lan”" in run("approve", "1", "--as", "lan", "--digest", digest, fails=True).stderr
    assert "“tu”" in run("approve", "1", "--as", "tu", "--digest", digest, fails=True).stderr
    run("approve", "1", "--as", "binh", "--digest", "0" * 16, fails=True)
    assert "nháp" in run("send-back", "1", "--as", "binh", "--reason", "Thêm giờ").stdout
    assert "Thêm giờ" in run("show", "1").stdout
    digest = json.loads(run("submit", "1", "--as", "lan", "--json").stdout)["digest"][:16]
    assert "đã duyệt" in run("approve", "1", "--as", "binh", "--digest", digest).stdout
    assert "09:00 24/11/2026" in run("schedule", "1", "--as", "lan").stdout
    assert "tạm dừng" in run("pause", "1", "--as", "lan", "--reason", "Chờ chút").stdout
    assert "Chờ chút" in run("show", "1").stdout
    assert "đã lên lịch" in run("resume", "1", "--as", "lan").stdout
    assert "đã hủy" in run("cancel", "1", "--as", "lan").stdout
    [listed] = run("list", "--json").stdout.splitlines()
    assert json.loads(listed)["state"] == "cancelled"
    assert "Vay vốn" in run("list").stdout
    assert run("list", "--json", "--state", "draft").stdout == ""
    run("list", "--state", "sent", fails=True)


def test_options_become_what_is_kept(run: Run) -> None:
    kept = draft(
        run, *MESSAGE, "--at", "2026-12-01 09:00", "--hours", "08:00-17:00", "--shelf-life", "24", "--grace", "2",
        "--not-after", "2026-12-31", "--on-holidays", "--rule", "FREQ=WEEKLY;COUNT=3", "--gap", "12", "--growth", "0.2",
        "--unknown", "resend", "--urgent", login="an",
    )  # fmt: skip
    assert kept["timing"] == {
        "at": "2026-12-01T09:00:00+07:00", "opens": "08:00", "closes": "17:00", "shelf_life": 24, "grace": 2,
        "not_after": "2026-12-31T00:00:00+07:00", "on_holidays": True, "rule": "FREQ=WEEKLY;COUNT=3",
    }  # fmt: skip
    assert kept["policy"] == {"gap": 12, "growth": 0.2, "unknown": "resend"}
    assert (kept["body"], kept["urgent"]) == ({"messages": ["vay-von.muc-ngheo"]}, True)


def test_an_officers_words_come_from_files(run: Run, tmp_path: Path) -> None:
    for language, text in (("vi", "Mời {ten} ra {noi-hoi}.\n"), ("en", "{ten}, come to {noi-hoi}.\n")):
        (tmp_path / f"moi.{language}.md").write_text(text, encoding="utf-8")
    files = [f"--text={language}={tmp_path}/moi.{language}.md" for language in ("vi", "en")]
    kept = draft(run, *files, "--source", "Thông báo 1", "--segment", "ho = ngheo")
    assert kept["body"] == {
        "text": {"vi": "Mời {ten} ra {noi-hoi}.", "en": "{ten}, come to {noi-hoi}."}, "source": "Thông báo 1"
    }  # fmt: skip
    shown = run("show", "1").stdout
    assert "cách đợt trước ít nhất 4 giờ" in shown  # who approves signs the rules too
    assert "Mời {ten} ra {noi-hoi}." in shown
    assert "Mời Người 1 ra UBND xã Ba Vì." in run("preview", "1").stdout


def test_everything_wrong_is_told_at_once_and_nothing_is_kept(run: Run, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "vi.md").write_bytes(b"M\xff")
    told = run(
        "draft", "--as", "lan", "--text", f"vi={tmp_path}/vi.md", "--text", f"en={tmp_path}/no.md",
        "--segment", "hoo = ngheo", "--at", "soon", "--hours", "7", "--unknown", "maybe", "--gap", "-1", fails=True,
    ).stderr  # fmt: skip
    for words in ("vi.md", "byte thứ 2", "no.md", "Cột 1", "--at", "--hours", "--unknown", "Tên", "gap", "nguồn"):
        assert words in told, words
    assert rows_in(settings, models.broadcasts) == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--message", "vay-von.muc-ngeo", "--segment", "ho = ngheo"), "'vay-von.muc-ngheo'"),
        ((*MESSAGE, "--dialog", "vay-von"), "đúng một trong ba"),
        ((*MESSAGE, "--at", "2026-11-01 09:00"), "đã qua"),
        ((*MESSAGE, "--rule", "FREQ=WEEKLY"), "at"),
        (("--message", "vay-von.muc-ngheo", "--segment", "tat-ca"), "everyone"),
        (("--message", "vay-von.muc-ngheo", "--segment", "ho = can-ngheo"), "empty"),
        (("--message", "vay-von.muc-ngheo", "--segment", "@khong-co"), "khong-co"),
        ((*MESSAGE, "--urgent"), "quản trị"),
        (("--text", "tin.md", "--segment", "ho = ngheo"), "vi=tin.vi.md"),
    ],
)
def test_wrong_input_names_the_remedy(run: Run, settings: Settings, options: tuple[str, ...], words: str) -> None:
    assert words in run("draft", "--as", "lan", "--name", "Thử", *options, fails=True).stderr
    assert rows_in(settings, models.broadcasts) == 0


def test_what_is_rarely_meant_must_be_confirmed(run: Run) -> None:
    options = ("--message", "vay-von.can-than", "--segment", "tat-ca", "--confirm", "everyone")
    assert draft(run, *options)["policy"] == {"confirmed": ["everyone"]}


def test_an_edit_changes_what_is_given_and_voids_the_approval(run: Run) -> None:
    draft(run, *MESSAGE, "--gap", "12")
    run("submit", "1", "--as", "lan")
    edited = json.loads(run("edit", "1", "--as", "lan", "--shelf-life", "5", "--json").stdout)
    assert (edited["state"], edited["version"], edited["digest"]) == ("draft", 2, "")
    assert (edited["timing"], edited["policy"], edited["name"]) == ({"shelf_life": 5}, {"gap": 12}, "Vay vốn")
    replaced = json.loads(run("edit", "1", "--as", "lan", "--dialog", "vay-von", "--json").stdout)
    assert replaced["body"] == {"dialog": "vay-von"}
    run("edit", "9", "--as", "lan", "--name", "Khác", fails=True)
    shell_error = CliRunner().invoke(commands, ["broadcast", "edit", "--as", "lan"])
    assert shell_error.exit_code == 2


def test_a_follow_up_is_a_segment_and_a_daily_rule(run: Run) -> None:
    options = ("--message", "vay-von.can-than", "--confirm", "empty", "--follow-up", "vay-von", "--days", "2")
    kept = draft(run, *options, "--segment", "ho = ngheo")
    assert kept["segment"] == "(xong vay-von 2 ngay truoc) va (ho = ngheo)"
    assert kept["timing"] == {"at": "2026-11-24T09:00:00+07:00", "rule": "FREQ=DAILY;COUNT=90"}
    assert kept["policy"] == {"most": 200, "confirmed": ["empty"]}
    assert "@" in run("draft", "--as", "lan", *options, "--segment", "@ten", fails=True).stderr


def test_the_preview_says_who_when_and_what(run: Run) -> None:
    draft(run, *MESSAGE)
    told = run("preview", "1").stdout
    for words in ("2 người nhận được", "Ba Vì", "telegram", "vay-ho-ngheo", "Hộ nghèo vay làm ăn", "10:00 23/11/2026"):
        assert words in told, words
    whole = json.loads(run("preview", "1", "--json").stdout)
    assert whole["people"]["total"] == 2
    assert [sample["contact_id"] for sample in whole["samples"]] == [1, 2]
    late = json.loads(run("preview", "1", "--json", "--today", "2030-01-01").stdout)
    assert late["faults"]


async def _send(url: str) -> None:
    """The first broadcast as the sender leaves it: one message failed, one arrived."""
    database = open_database(url)
    async with database.begin() as db:
        assert await broadcasts.change_state(
            db, 1, from_=("scheduled",), to="done", started_at=NOON - timedelta(seconds=2), ended_at=NOON,
            is_planned=True, recipients=2,
        )  # fmt: skip
    await add_messages(database, 1, 1, {"sent": 1})
    await add_messages(database, 1, 2, {"failed": 1}, error="[chat] not found")
    await database.dispose()


def released(run: Run, settings: Settings) -> None:
    draft(run, *MESSAGE)
    digest = json.loads(run("submit", "1", "--as", "lan", "--json").stdout)["digest"]
    run("approve", "1", "--as", "binh", "--digest", digest)
    run("schedule", "1", "--as", "binh")
    run_apart(_send(settings.database_url))


def test_status_and_recipients_tell_what_became_of_everybody(database_url: str, clock: Clock) -> None:
    settings = furnished(database_url)
    run = runner(settings, clock)
    released(run, settings)
    told = json.loads(run("status", "1", "--json").stdout)
    assert (told["state"], told["total"], told["done"], told["counts"]) == ("done", 2, 2, {"sent": 1, "failed": 1})
    assert told["failures"] == [{"status": "failed", "reason": "[chat] not found", "count": 1}]
    for options in ((), ("--follow",)):
        shown = run("status", "1", *options).stdout
        assert "2/2" in shown
        assert "[chat] not found" in shown
    failed = [json.loads(line) for line in run("recipients", "1", "--status", "failed", "--json").stdout.splitlines()]
    assert [(row["contact_id"], row["status"]) for row in failed] == [(2, "failed")]
    first = run("recipients", "1", "--limit", "1").stdout
    assert "Ba Vì" in first
    place = first.split("--after ")[1].strip()
    [rest] = run("recipients", "1", "--after", place, "--json").stdout.splitlines()
    assert json.loads(rest)["contact_id"] == 2
    run("recipients", "1", "--after", "x", fails=True)
    run("recipients", "9", fails=True)


def test_retry_queues_what_failed_again(run: Run, settings: Settings) -> None:
    released(run, settings)
    run("retry", "1", "--as", "binh", "--status", "sent", fails=True)
    assert "gửi lại 1 tin" in run("retry", "1", "--as", "binh").stdout
    assert json.loads(run("status", "1", "--json").stdout)["counts"] == {"sent": 1, "queued": 1}


def test_a_test_goes_to_oneself_and_to_nobody_else(database_url: str, clock: Clock) -> None:
    settings = furnished(database_url)
    run = runner(settings, clock)
    draft(run, *MESSAGE)
    test = ("test-send", "1", "--as", "lan", "--household", "ngheo")
    for asked in ((), ("--to", "telegram:3")):
        [line] = run(*test, *asked, fails=True).stderr.splitlines()
        assert "bot user address lan telegram:" in line
    written = CliRunner().invoke(
        commands, ["user", "address", "lan", "telegram:3", "--as", "an"], obj=Shell(clock, lambda: settings)
    )
    assert (written.exit_code, "telegram:3" in written.stdout) == (0, True)
    assert "telegram:3" in run(*test).stdout
    clock.advance(seconds=1)  # ids begin anew with each command
    assert json.loads(run(*test, "--to", "telegram:3", "--json").stdout) == {"id": 1, "to": "telegram:3"}
    assert rows_in(settings, models.deliveries) == 2
    [line] = run(*test, "--to", "telegram:1", fails=True).stderr.splitlines()  # a household that would get it
    assert ("Cán bộ" in line, "bot user address lan" in line) == (True, True)
    assert rows_in(settings, models.deliveries) == 2


def test_what_isnt_there_is_told_in_one_line(run: Run, clock: Callable[[], datetime], tmp_path: Path) -> None:
    for command in (("show", "7"), ("preview", "7"), ("status", "7"), ("submit", "7", "--as", "lan")):
        assert len(run(*command, fails=True).stderr.splitlines()) == 1
    nowhere = Shell(clock, lambda: Settings(database_url=f"sqlite:///{tmp_path}/none.db"))
    result = CliRunner().invoke(commands, ["broadcast", "list"], obj=nowhere)
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert not (tmp_path / "none.db").exists()
