"""Counting a month's messages, where a plan allows only so many."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.base import Channel
from bot.channels.webchat import WebChat
from bot.channels.zalobot.channel import ZaloBotChannel
from bot.services.allowance import Allowance, month_of, shortages
from bot.store.ids import Ids
from bot.store.models import deliveries
from tests.conftest import Clock


async def owe(database: AsyncEngine, ids: Ids, status: str, sent_at: datetime | None, channel: str = "zalobot") -> None:
    row = {"channel": channel, "address": "mai", "reason": "reply", "method": "sendMessage", "payload": b"{}"}
    moment = sent_at or datetime(2026, 11, 23, tzinfo=UTC)
    async with database.begin() as db:
        values = row | {"id": ids.next(), "contact_id": 1, "status": status, "due_at": moment, "sent_at": sent_at}
        await db.execute(insert(deliveries).values(**values))


async def test_only_what_the_account_sent_this_month_counts(database: AsyncEngine, clock: Clock) -> None:
    ids = Ids(1, clock)
    clock.at = datetime(2026, 10, 25, tzinfo=UTC)  # planned a week before the month began
    await owe(database, ids, "sent", datetime(2026, 10, 31, 16, 59, tzinfo=UTC))  # 23:59 in Hà Nội
    await owe(database, ids, "sent", datetime(2026, 10, 31, 17, 0, tzinfo=UTC))
    clock.at = now = datetime(2026, 11, 23, 3, tzinfo=UTC)
    await owe(database, ids, "sent", now)
    await owe(database, ids, "sent", now, channel="telegram")
    for status in ("queued", "failed", "expired", "unknown"):
        await owe(database, ids, status, None)
    account = ZaloBotChannel("1:x")
    allowance = Allowance(database, account, clock)
    await allowance.look()
    assert account.used == 2
    assert account.health()["month"] == {"sent": 2, "allowed": 3000}
    clock.at = datetime(2026, 11, 30, 17, tzinfo=UTC)
    await allowance.look()
    assert account.used == 0


async def test_who_plans_more_than_is_left_is_told_before_anything_is_sent(database: AsyncEngine, clock: Clock) -> None:
    await owe(database, Ids(1, clock), "sent", clock())
    channels: dict[str, Channel] = {"zalobot": ZaloBotChannel("1:x", quota=10), "webchat": WebChat()}
    async with database.connect() as db:
        assert await shortages(db, channels, {"zalobot": 9, "webchat": 5000, "telegram": 5000}, clock()) == []
        [told] = await shortages(db, channels, {"zalobot": 10}, clock())
        assert await shortages(db, {"zalobot": ZaloBotChannel("1:x", quota=0)}, {"zalobot": 10**6}, clock()) == []
    assert "còn 9 trong 10 tin" in told


async def test_it_counts_by_itself_and_stops(database: AsyncEngine, clock: Clock) -> None:
    account = ZaloBotChannel("1:x")
    account.used = 7
    allowance = Allowance(database, account, clock)
    await allowance.close()
    await allowance.start()
    await allowance.close()
    await allowance.look()
    assert account.used == 0


@pytest.mark.parametrize(
    ("now", "began"),
    [
        (datetime(2026, 11, 30, 16, 59, tzinfo=UTC), datetime(2026, 10, 31, 17, tzinfo=UTC)),
        (datetime(2026, 11, 30, 17, 0, tzinfo=UTC), datetime(2026, 11, 30, 17, tzinfo=UTC)),
    ],
)
def test_a_month_begins_at_midnight_in_hanoi(now: datetime, began: datetime) -> None:
    assert month_of(now) == began
