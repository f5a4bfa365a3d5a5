"""`bot demo`: a made-up city in a fresh database, the same for the same seed, marked as such, and all sums right."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import text
from typer.testing import CliRunner, Result

from bot.app import assemble
from bot.channels.pretend import Pretend
from bot.cli.commands import commands
from bot.cli.shell import Shell
from bot.config import Settings
from bot.store.db import open_database
from tests.conftest import Clock, run_apart

Run = Callable[..., Result]
AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
"""As the fixture `clock` has it."""
SMALL = ("--people", "150", "--days", "30")
STATES = {"draft", "submitted", "approved", "scheduled", "paused", "done", "cancelled", "expired"}
CITY = (
    "SELECT id, contact_id, at, kind, dialog, node, detail, text FROM interactions ORDER BY id",
    "SELECT id, household, commune, language, name, consent, stop FROM contacts ORDER BY id",
    "SELECT id, contact_id, broadcast_id, status, sent_at, payload FROM deliveries ORDER BY id",
    "SELECT id, name, state, recipients FROM broadcasts ORDER BY id",
)
"""All that a seed decides. What officers sign in with is new each time."""


def demo(url: str, clock: Callable[[], datetime], *arguments: str) -> Result:
    settings = Settings(database_url=url, web_secret="of the tests")  # type: ignore[arg-type]
    return CliRunner().invoke(commands, ["demo", *arguments], obj=Shell(clock, lambda: settings))


def rows_of(url: str, *queries: str) -> list[list[tuple[object, ...]]]:
    found: list[list[tuple[object, ...]]] = []

    async def read() -> None:
        engine = open_database(url)
        async with engine.connect() as db:
            for query in queries:
                found.append([tuple(row) for row in await db.execute(text(query))])
        await engine.dispose()

    run_apart(read())
    return found


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Result]:
    """A small city, for who only looks at it."""
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('city') / 'bot.db'}"
    result = demo(url, Clock(AT), *SMALL, "--json")
    assert result.exit_code == 0, result.stderr
    return url, result


def test_the_city_has_everything_and_its_sums_are_right(filled: tuple[str, Result]) -> None:
    url, _result = filled
    [people], states, marked, [waiting], [lost], sums = rows_of(
        url, "SELECT count(*), count(DISTINCT commune) FROM contacts",
        "SELECT DISTINCT state FROM broadcasts", "SELECT name FROM markers",
        "SELECT count(*) FROM handoffs WHERE closed_at IS NULL",
        "SELECT count(*) FROM deliveries WHERE status = 'claimed'",
        "SELECT b.recipients, count(d.id) FROM broadcasts b LEFT JOIN deliveries d ON d.broadcast_id = b.id"
        " GROUP BY b.id, b.recipients",
    )  # fmt: skip
    assert 100 < int(str(people[0])) <= 150
    assert int(str(people[1])) > 40
    assert {state for (state,) in states} == STATES
    assert marked == [("synthetic",)]
    assert waiting[0], "somebody waits for an officer"
    assert lost == (0,), "every answer arrived, or says why not"
    assert all(recipients == rows for recipients, rows in sums)


def test_what_cannot_be_is_not_in_it(filled: tuple[str, Result], clock: Callable[[], datetime]) -> None:
    url, _result = filled
    late, mixed, silent = rows_of(
        url, f"SELECT count(*) FROM interactions WHERE at > '{clock():%Y-%m-%d %H:%M:%S}'",
        "SELECT count(*) FROM deliveries d JOIN contacts c ON c.id = d.contact_id"
        " WHERE d.broadcast_id IS NOT NULL AND d.status = 'sent' AND c.consent = ''",
        "SELECT count(*) FROM contacts c WHERE NOT EXISTS (SELECT 1 FROM interactions i WHERE i.contact_id = c.id)",
    )  # fmt: skip
    assert (late, mixed, silent) == ([(0,)], [(0,)], [(0,)])


def test_the_same_seed_makes_the_same_city_and_another_another(
    filled: tuple[str, Result], clock: Callable[[], datetime], tmp_path: Path
) -> None:
    again, other = (f"sqlite+aiosqlite:///{tmp_path / name}" for name in ("again.db", "other.db"))
    assert demo(again, clock, *SMALL, "--seed", "1").exit_code == 0
    assert demo(other, clock, *SMALL, "--seed", "2").exit_code == 0
    assert rows_of(again, *CITY) == rows_of(filled[0], *CITY)
    assert rows_of(other, CITY[0]) != rows_of(again, CITY[0])


def test_officers_sign_in_with_what_was_told(filled: tuple[str, Result], clock: Callable[[], datetime]) -> None:
    url, result = filled
    told = json.loads(result.stdout)
    assert set(told["secrets"]) == {"quan-tri", "thu-ha", "minh-duc", "thanh-lich", "van-nam", "kim-oanh"}
    code = demo(url, clock, "--code", "thu-ha").stdout.strip()
    assert code == pyotp.TOTP(told["secrets"]["thu-ha"]).at(clock())
    assert told["password"] not in str(rows_of(url, "SELECT password FROM credentials"))


def test_codes_are_told_only_where_people_are_made_up(sqlite_url: str, clock: Callable[[], datetime]) -> None:
    refused = demo(sqlite_url, clock, "--code", "thu-ha")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "dữ liệu thử" in refused.stderr


async def test_nothing_of_a_made_up_city_leaves_for_a_real_platform(
    filled: tuple[str, Result], clock: Callable[[], datetime], tmp_path: Path
) -> None:
    url = f"sqlite+aiosqlite:///{shutil.copy(filled[0].partition(':///')[2], tmp_path / 'bot.db')}"
    settings = Settings(database_url=url, telegram_token="1:real", web_secret="of the tests")  # type: ignore[arg-type]
    async with AsyncExitStack() as stack:
        parts = await assemble(settings, now=clock, stack=stack)
        assert isinstance(parts.channels["telegram"], Pretend)
        assert parts.pollers == {}
        page = await stack.enter_async_context(TestClient(TestServer(parts.application)))
        assert "bịa ra" in await (await page.get("/")).text()


def test_a_database_with_people_is_refused_and_stays_as_it_was(
    database_url: str, clock: Callable[[], datetime]
) -> None:  # fmt: skip
    async def admit() -> None:
        engine = open_database(database_url)
        async with engine.begin() as db:
            await db.execute(text("INSERT INTO contacts (id, created_at) VALUES (1, '2026-11-01 00:00:00+00:00')"))
        await engine.dispose()

    run_apart(admit())
    refused = demo(database_url, clock, *SMALL)
    assert refused.exit_code == 1
    [line] = refused.stderr.splitlines()
    assert "BOT_DATABASE_URL=" in line
    assert rows_of(database_url, "SELECT name FROM markers", "SELECT count(*) FROM officers") == [[], [(0,)]]


def test_the_city_can_be_made_on_postgresql(postgres_url: str, clock: Callable[[], datetime]) -> None:
    result = demo(postgres_url, clock, "--people", "40", "--days", "10", "--json")
    assert result.exit_code == 0, result.stderr
    [[count]] = rows_of(postgres_url, "SELECT count(*) FROM contacts")
    assert int(str(count[0])) > 20
