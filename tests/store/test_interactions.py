"""Reading the log: the newest lines that fit, oldest first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.interactions import find_contact, recent
from bot.store.models import addresses, contacts, interactions


@pytest.fixture
async def log(database: AsyncEngine, clock: Callable[[], datetime]) -> AsyncEngine:
    """Ten lines, one a minute: contact 1 on the even ones about loans, contact 2 on the odd ones about insurance."""
    async with database.begin() as connection:
        await connection.execute(insert(contacts), [{"id": n, "created_at": clock()} for n in (1, 2)])
        address = {"channel": "telegram", "external_id": "77", "contact_id": 2, "changed_at": clock()}
        await connection.execute(insert(addresses).values(address))
        rows = [
            {
                "contact_id": n % 2 + 1, "at": clock() + timedelta(minutes=n), "kind": "text",
                "dialog": ("vay-von", "bhyt")[n % 2], "text": str(n),
            }
            for n in range(10)
        ]  # fmt: skip
        await connection.execute(insert(interactions), rows)
    return database


async def test_the_newest_come_oldest_first(log: AsyncEngine) -> None:
    async with log.connect() as connection:
        assert [one.text for one in await recent(connection, limit=3)] == ["7", "8", "9"]
        assert [one.text for one in await recent(connection, contact_id=2, limit=2)] == ["7", "9"]
        assert [one.text for one in await recent(connection, dialog="vay-von", limit=2)] == ["6", "8"]


async def test_since_is_a_moment(log: AsyncEngine, clock: Callable[[], datetime]) -> None:
    async with log.connect() as connection:
        found = await recent(connection, since=clock() + timedelta(minutes=8))
    assert [one.text for one in found] == ["8", "9"]
    assert found[0].to_dict()["at"] == (clock() + timedelta(minutes=8)).isoformat()


async def test_a_contact_is_found_by_address(log: AsyncEngine) -> None:
    async with log.connect() as connection:
        assert await find_contact(connection, "telegram:77") == 2
        assert await find_contact(connection, "telegram:78") is None
