"""Somebody in danger: in the log, ahead of everybody in the queue, and there until an officer has closed it."""

from __future__ import annotations

from bot.engine.walk import URGENT
from bot.store import handoffs as queue
from bot.store.handoffs import Crowd
from bot.store.models import contacts, handoffs, interactions
from tests.conftest import Clock
from tests.services.bot import LAN, MAI, running
from tests.services.test_handoff import at_desk
from tests.shipped import shipped

CRY = "chồng em đang cầm dao đuổi đánh em"


async def test_a_cry_for_help_is_logged_as_such_and_waits_in_its_own_queue(database_url: str, clock: Clock) -> None:
    async with running(database_url, clock, library=shipped()) as bot:
        await bot.say(MAI, CRY)
        [row] = await bot.rows(handoffs)
        assert (row.queue, row.waiting_since is not None) == (URGENT, True)
        [heard] = [row for row in await bot.rows(interactions) if row.kind == "alarmed"]
        assert (heard.detail, heard.text) == ("bao-luc", CRY)
        assert any("113" in text for text in bot.channel.texts("mai"))


async def test_who_asked_before_becomes_urgent_and_stays_so_whatever_they_ask_next(
    database_url: str, clock: Clock
) -> None:
    async with running(database_url, clock, library=shipped()) as bot:
        for words in (
            "gặp cán bộ",
            "1",
            "hỏi chuyện vay",
            CRY,
            "Tôi không gặp nguy",
            "gặp cán bộ",
            "1",
            "vay được không",
        ):
            await bot.say(MAI, words)
        [row] = await bot.rows(handoffs)
        assert row.queue == URGENT


async def test_who_is_in_danger_stands_before_who_waits_longer_until_they_are_answered(
    database_url: str, clock: Clock
) -> None:
    async with at_desk(database_url, clock) as (desk, _campaign, first):
        clock.advance(seconds=600)
        await desk.bot.say(LAN, "chào")
        await desk.bot.say(LAN, CRY)
        assert [one.is_urgent for one in await listed(desk)] == [True, False]
        async with desk.bot.database.connect() as db:
            assert sum((await queue.waiting_by_commune(db)).values(), Crowd()) == Crowd(waiting=2, urgent=1)
        urgent = next(one.id for one in await listed(desk) if one.is_urgent)
        await desk.inbox.reply(urgent, "an", "Em đang ở đâu?")
        assert [one.id for one in await listed(desk)] == [first]
        await desk.inbox.close(urgent, "an")
        async with desk.bot.database.connect() as db:
            closed = await queue.find(db, urgent)
            assert closed is not None
            assert not closed.is_urgent


async def listed(desk: object) -> list[queue.Handoff]:
    bot = desk.bot  # type: ignore[attr-defined]
    async with bot.database.connect() as db:
        return list(await queue.listing(db, "waiting", login="an", communes=(), limit=10))


async def test_nothing_of_the_danger_stands_in_the_profile(sqlite_url: str, clock: Clock) -> None:
    async with running(sqlite_url, clock, library=shipped()) as bot:
        await bot.say(MAI, CRY)
        [person] = await bot.rows(contacts)
        assert "bao-luc" not in str(person.fields)
        assert URGENT not in str(person.fields)
