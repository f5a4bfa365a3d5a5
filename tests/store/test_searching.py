"""The log is searched by its keys: no statement of a search reads all of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.services.log_search import Asked, search_for
from bot.store.db import open_database
from bot.store.models import addresses, contacts, interactions
from bot.store.searching import BIGGEST, first_since, people_numbered

START = datetime(2026, 11, 1, tzinfo=UTC)


async def fill(database: AsyncEngine, count: int = 60) -> None:
    """A line an hour, of two people."""
    async with database.begin() as db:
        for number in (1, 2):
            await db.execute(insert(contacts).values(id=number, created_at=START, name="Mai", commune=f"{number}"))
            row = {"channel": "telegram", "external_id": f"10{number}", "contact_id": number, "changed_at": START}
            await db.execute(insert(addresses).values(row))
        for hour in range(count):
            at = START + timedelta(hours=hour)
            await db.execute(
                insert(interactions).values(contact_id=1 + hour % 2, at=at, kind="text", text=f"lời {hour}")
            )


@pytest.mark.parametrize("asked", [
    {}, {"words": "loi"}, {"who": "101"}, {"who": "Mai"}, {"who": "telegram:101", "words": "loi"}, {"commune": "1"},
    {"dialog": "vay", "node": "hoi"}, {"broadcast": 3},
])  # fmt: skip
async def test_no_search_reads_the_whole_log(sqlite_url: str, asked: dict[str, Any]) -> None:
    database = open_database(sqlite_url)
    await fill(database)
    statements: list[tuple[str, Any]] = []
    event.listen(
        database.sync_engine,
        "before_cursor_execute",
        lambda _c, _cur, sql, values, *_: statements.append((sql, values)),
    )
    async with database.connect() as db:
        search = await search_for(db, Asked(date(2026, 11, 2), date(2026, 11, 3), **asked), area=())
        await search.page(db)
        searched = [one for one in statements if "FROM interactions" in one[0]]
        assert searched
        for sql, values in searched:
            plan = (await db.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)).all()
            assert not [step for step in plan if str(step.detail).startswith("SCAN interactions")], (sql, plan)
    await database.dispose()


async def test_the_first_line_since_a_moment_is_found_by_halving(database: AsyncEngine) -> None:
    async with database.connect() as db:
        assert await first_since(db, START) == 0
    await fill(database)
    async with database.connect() as db:
        ids = [row[0] for row in await db.execute(text("SELECT id FROM interactions ORDER BY id"))]
        for hour in (0, 1, 30, 59):
            assert await first_since(db, START + timedelta(hours=hour)) == ids[hour]
            assert await first_since(db, START + timedelta(hours=hour, minutes=-1)) == ids[hour]
        assert await first_since(db, START + timedelta(days=9)) == ids[-1] + 1


@pytest.mark.parametrize(("number", "found"), [
    ("1", [1]), ("102", [2]), ("9" * 30, []), (f"{BIGGEST + 1}", []), ("x", []), ("", []),
])  # fmt: skip
async def test_people_are_found_by_their_number_or_their_address(
    database: AsyncEngine, number: str, found: list[int]
) -> None:
    await fill(database, 0)
    async with database.connect() as db:
        assert await people_numbered(db, number, channels=("telegram",)) == found
