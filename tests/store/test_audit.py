"""The audit log: chained, append-only, and a change that was forced upon it is found."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store import audit

Now = Callable[[], datetime]
TRIGGERS = {
    "sqlite": ("DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"),
    "postgresql": ("DROP TRIGGER audit_only_grows ON audit",),
}


async def write(database: AsyncEngine, now: Now, subject: str, *, actor: str = "an") -> None:
    async with database.begin() as db:
        detail = {"why": '“chữ” \\ " và\nxuống dòng', "at": now(), "count": 3}
        await audit.record(db, at=now(), actor=actor, action="broadcast.submit", subject=subject, detail=detail)


async def fault(database: AsyncEngine) -> int | None:
    async with database.connect() as db:
        return await audit.verify(db)


async def test_a_log_is_sound_from_its_first_entry_on(database: AsyncEngine, clock: Now) -> None:
    assert await fault(database) is None
    for number in range(3):
        await write(database, clock, f"broadcast:{number}")
    assert await fault(database) is None
    async with database.connect() as db:
        entries = await audit.recent(db, limit=2)
        assert [entry.subject for entry in entries] == ["broadcast:1", "broadcast:2"]
        assert entries[1].previous == entries[0].digest
        assert entries[1].digest == await audit.head(db)
        assert await audit.recent(db, subject="broadcast:0", actor="an", outcome="done")
        assert not await audit.recent(db, outcome="refused")
    assert entries[0].to_dict()["detail"] == {
        "why": "“chữ” \\ \" và\nxuống dòng", "at": str(clock()), "count": 3,
    }  # fmt: skip


@pytest.mark.parametrize("act", ["UPDATE audit SET actor = 'binh'", "DELETE FROM audit"])
async def test_the_database_refuses_to_change_an_entry(database: AsyncEngine, clock: Now, act: str) -> None:
    await write(database, clock, "broadcast:1")
    with pytest.raises(DBAPIError, match="only grows"):
        async with database.begin() as db:
            await db.execute(text(act))


@pytest.mark.parametrize(
    ("act", "found"),
    [
        ("UPDATE audit SET actor = 'binh' WHERE id = 3", 3),
        ("UPDATE audit SET detail = '{}' WHERE id = 3", 3),
        ("UPDATE audit SET outcome = 'refused' WHERE id = 1", 1),
        ("UPDATE audit SET previous = '' WHERE id = 2", 2),
        ("DELETE FROM audit WHERE id = 3", 4),
        ("DELETE FROM audit WHERE id = 1", 2),
        ("UPDATE audit SET id = 99 WHERE id = 2", 3),
    ],
)
async def test_what_was_changed_all_the_same_is_found(database: AsyncEngine, clock: Now, act: str, found: int) -> None:
    for number in range(5):
        await write(database, clock, f"broadcast:{number}")
    async with database.begin() as db:
        for drop in TRIGGERS[database.dialect.name]:
            await db.execute(text(drop))
        await db.execute(text(act))
    assert await fault(database) == found


async def test_an_end_taken_off_is_found_by_who_noted_it_down(database: AsyncEngine, clock: Now) -> None:
    for number in range(3):
        await write(database, clock, f"broadcast:{number}")
    async with database.begin() as db:
        noted = await audit.head(db)
        assert await audit.holds(db, noted)
        for drop in TRIGGERS[database.dialect.name]:
            await db.execute(text(drop))
        await db.execute(text("DELETE FROM audit WHERE id = 3"))
        assert await audit.verify(db) is None
        assert not await audit.holds(db, noted)


async def test_entries_written_at_once_make_one_chain(database: AsyncEngine, clock: Now) -> None:
    await asyncio.gather(*(write(database, clock, f"broadcast:{number}") for number in range(12)))
    assert await fault(database) is None
    async with database.connect() as db:
        assert len(await audit.recent(db)) == 12


async def test_an_entry_of_work_rolled_back_leaves_no_gap_in_the_chain(database: AsyncEngine, clock: Now) -> None:
    async with database.connect() as db:
        await audit.record(db, at=clock(), actor="an", action="broadcast.submit", subject="broadcast:1")
        await db.rollback()
    await write(database, clock, "broadcast:2")
    assert await fault(database) is None


async def test_whatever_a_stranger_calls_themselves_is_kept(database: AsyncEngine, clock: Now) -> None:
    await write(database, clock, "user:" + "y" * 500, actor="x" * 500)
    assert await fault(database) is None
