"""What nobody could read is counted and listed, the latest first, page by page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store import unread
from bot.store.models import inbox

START = datetime(2026, 11, 23, 3, tzinfo=UTC)


async def keep(db: AsyncConnection, channel: str, key: str, minute: int, error: str | None, raw: bytes | None) -> None:
    at = START + timedelta(minutes=minute)
    row = {"channel": channel, "external_id": key, "received_at": at, "error": error, "raw": raw}
    await db.execute(insert(inbox).values(row))


async def test_only_what_was_not_understood_is_listed(database: AsyncEngine) -> None:
    async with database.begin() as db:
        await keep(db, "zalo", "read", 0, None, None)
        await keep(db, "zalo", "odd", 1, "unknown event", b'{"a": 1}')
        await keep(db, "telegram", "odd", 2, "no JSON", b"\xff\x00")
        await keep(db, "zalo", "gone", 3, "unknown event", None)
    async with database.connect() as db:
        assert await unread.counts(db) == {"zalo": 1, "telegram": 1}  # an emptied one is nothing to look at
        found = await unread.listing(db, limit=10)
        assert [(one.channel, one.external_id) for one in found] == [
            ("zalo", "gone"), ("telegram", "odd"), ("zalo", "odd"),
        ]  # fmt: skip
        assert [one.text for one in found] == ["", "\\xff\x00", '{"a": 1}']
        assert [one.external_id for one in await unread.listing(db, channel="zalo", limit=10)] == ["gone", "odd"]


async def test_pages_join_without_a_gap_also_where_many_came_in_one_moment(database: AsyncEngine) -> None:
    async with database.begin() as db:
        for number in range(7):
            await keep(db, "zalo", f"e{number}", number // 3, "odd", b"x")
    seen, before = [], None
    async with database.connect() as db:
        while page := await unread.listing(db, before=before, limit=2):
            seen += [one.external_id for one in page]
            before = page[-1].place
    assert seen == ["e6", "e5", "e4", "e3", "e2", "e1", "e0"]
