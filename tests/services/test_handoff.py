"""Officers answer people: through the ledger, one at a time, while the bot keeps to its commands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import pytest

from bot.engine.state import Library
from bot.services.broadcasting.rights import Refused
from bot.services.handoff import Inbox
from bot.services.office_hours import DEFAULT, Absence, office_hours_in
from bot.services.sending.planner import Planner
from bot.store import audit, officers
from bot.store.ids import Ids
from bot.store.inbox_models import notes
from bot.store.models import deliveries, handoffs, interactions, sessions
from bot.store.turns import Turns
from tests.conftest import Clock
from tests.services.bot import MAI, TREES, Bot, rows_of
from tests.services.campaign import Campaign, people, released, sending
from tests.shipped import library_of

AT_NIGHT = "Bây giờ ngoài giờ làm việc"


STOPPING = library_of({
    "menu": """
dialog: menu
title: Trang chính
nodes:
  hoi: {ask: Chuyện gì?, choices: [{label: Gặp cán bộ, go: gap}, {label: Dừng hết, go: dung}]}
  gap: {handoff: chung, next: hoi}
  dung: {stop: all, next: hoi}
"""
})  # fmt: skip


class Desk:
    """An inbox beside a bot that runs, with the officers an and binh."""

    def __init__(self, bot: Bot, clock: Clock) -> None:
        self.bot = bot
        self.inbox = Inbox(
            bot.database, lambda: TREES, {"fake": bot.channel}, Ids(7, clock), now=clock,
            today=lambda: date(2026, 11, 23), forget=bot.conversation.changed_elsewhere,
        )  # fmt: skip
        self._clock = clock

    async def open(self) -> int:
        """Mai asks for an officer; the number of the conversation."""
        async with self.bot.database.begin() as db:
            for login in ("an", "binh"):
                await officers.add(db, login=login, role="officer", name=login.title(), at=self._clock())
        await self.bot.say(MAI, "chào")
        await self.bot.say(MAI, "Gặp cán bộ")
        [row] = await self.bot.rows(handoffs)
        return int(row.id)

    async def heard(self) -> list[str]:
        """What the log says Mai did, in order."""
        return [row.kind for row in await self.bot.rows(interactions)]

    async def waits(self) -> bool:
        [row] = await self.bot.rows(handoffs)
        return row.waiting_since is not None and row.closed_at is None


@asynccontextmanager
async def at_desk(url: str, clock: Clock, library: Library = TREES) -> AsyncIterator[tuple[Desk, Campaign, int]]:
    async with sending(url, clock, library=library) as campaign:
        desk = Desk(campaign.bot, clock)
        yield desk, campaign, await desk.open()


async def test_an_answer_is_owed_in_the_ledger_and_arrives(database_url: str, clock: Clock) -> None:
    async with at_desk(database_url, clock) as (desk, campaign, number):
        before = len(campaign.channel.texts("mai"))
        await desk.inbox.reply(number, "an", "Chào bác, hồ sơ của bác đã tới xã.")
        await campaign.channel.reached("mai", before + 1)
        assert campaign.channel.texts("mai")[-1] == "**Cán bộ trả lời:**\n\nChào bác, hồ sơ của bác đã tới xã."
        [row] = [row for row in await desk.bot.rows(deliveries) if row.reason == "officer"]
        assert (row.contact_id != 0, row.broadcast_id) == (True, None)
        assert not await desk.waits()
        logged = [row for row in await desk.bot.rows(interactions) if row.kind == "answered"]
        assert [(one.detail, one.delivery_id) for one in logged] == [("an", row.id)]


async def test_an_answer_goes_out_ahead_of_a_broadcast_that_was_owed_before(sqlite_url: str, clock: Clock) -> None:
    """Nothing is sending yet: the broadcast is planned first, the answer is owed after it, and still leaves first."""
    campaign = Campaign(sqlite_url, clock)
    await campaign.bot.start()
    desk = Desk(campaign.bot, clock)
    number = await desk.open()
    names = [f"n{each}" for each in range(30)]
    await people(sqlite_url, clock, *names)
    await released(sqlite_url, clock)
    planner = Planner(
        campaign.database, lambda: TREES, channels=("fake",), ids=Ids(55, clock), now=clock, pause=0.02
    )  # fmt: skip
    planner.start()
    for _ in range(1000):  # the planner is at work: it says so nowhere but in the ledger
        if len([row for row in await desk.bot.rows(deliveries) if row.broadcast_id]) == len(names):
            break
        await asyncio.sleep(0.01)
    await planner.close()
    await desk.inbox.reply(number, "an", "Chào bác.")
    before = len(campaign.channel.calls)
    try:
        await campaign.broadcaster.start()
        await campaign.channel.reached_any(before + 1)
        assert campaign.channel.calls[before].to == "mai"
    finally:
        await campaign.close()


async def test_two_officers_dont_answer_at_once_and_the_second_is_told_who(database_url: str, clock: Clock) -> None:
    async with at_desk(database_url, clock) as (desk, _campaign, number):
        results = await asyncio.gather(
            desk.inbox.claim(number, "an"), desk.inbox.claim(number, "binh"), return_exceptions=True
        )
        [refusal] = [one for one in results if one is not None]
        assert isinstance(refusal, Refused)
        [row] = await desk.bot.rows(handoffs)
        assert row.claimed_by.title() in str(refusal)
        second = "binh" if row.claimed_by == "an" else "an"
        for act in (desk.inbox.reply(number, second, "Chào bác."), desk.inbox.close(number, second)):
            with pytest.raises(Refused, match="đang trả lời cuộc này"):
                await act
        await desk.inbox.claim(number, second, from_other=True)
        assert [row.claimed_by for row in await desk.bot.rows(handoffs)] == [second]
        async with desk.bot.database.connect() as db:
            assert await audit.verify(db) is None
            entries = [(one.action, one.outcome) for one in await audit.recent(db, limit=100)]
        assert entries.count(("inbox.claim", "refused")) == 1
        assert ("inbox.reply", "refused") in entries


async def test_what_is_written_to_an_officer_is_left_to_them(database_url: str, clock: Clock) -> None:
    """No help ladder, no topics, no answer to the question that was open before the officer wrote."""
    async with at_desk(database_url, clock) as (desk, campaign, number):
        before, missed = len(campaign.channel.texts("mai")), (await desk.heard()).count("missed")
        await desk.inbox.reply(number, "an", "Nhà mình có mấy người?")
        await campaign.channel.reached("mai", before + 1)
        for words in ("1", "bốn người ạ", "tôi muốn vay vốn"):
            await desk.bot.say(MAI, words)
        assert len(campaign.channel.texts("mai")) == before + 1
        assert (await desk.heard())[-6:] == ["text", "silent"] * 3
        assert (await desk.heard()).count("missed") == missed
        assert await desk.waits()


async def test_commands_and_the_questions_that_they_open_still_work(database_url: str, clock: Clock) -> None:
    async with at_desk(database_url, clock) as (desk, campaign, number):
        before = len(campaign.channel.texts("mai"))
        await desk.inbox.reply(number, "an", "Chào bác.")
        await desk.bot.say(MAI, "menu")
        await campaign.channel.reached("mai", before + 2)
        await desk.bot.say(MAI, "1")  # the question is newer than what the officer wrote
        await campaign.channel.reached("mai", before + 3)
        assert "Tên là gì?" in campaign.channel.texts("mai")[-1]
        assert [one for one in await desk.heard() if one in ("command", "chose")][-2:] == ["command", "chose"]


async def test_forgetting_outranks_an_officer_and_leaves_nothing(database_url: str, clock: Clock) -> None:
    async with at_desk(database_url, clock) as (desk, _campaign, number):
        await desk.inbox.claim(number, "an")
        await desk.inbox.note(number, "binh", "Đã gọi điện hôm qua.")
        await desk.bot.say(MAI, "menu")
        await desk.bot.say(MAI, "Xóa")
        for table in (handoffs, notes, sessions):
            assert not await desk.bot.rows(table)
        with pytest.raises(Refused, match="xin xóa dữ liệu"):
            await desk.inbox.reply(number, "an", "Chào bác.")


async def test_who_stops_everything_no_longer_waits_for_an_officer(database_url: str, clock: Clock) -> None:
    async with at_desk(database_url, clock, STOPPING) as (desk, campaign, number):
        await desk.inbox.claim(number, "an")
        await desk.bot.say(MAI, "menu")
        await desk.bot.say(MAI, "Dừng hết")
        [row] = await desk.bot.rows(handoffs)
        assert (row.closed_at is not None, row.waiting_since) == (True, None)
        assert [row.held for row in await desk.bot.rows(sessions)] == [False]
        with pytest.raises(Refused, match="đã đóng"):
            await desk.inbox.reply(number, "an", "Chào bác.")
        before = len(campaign.channel.texts("mai"))
        await desk.bot.say(MAI, "xyzzy")  # the bot answers again, at once
        await campaign.channel.reached("mai", before + 1)


async def test_closing_tells_the_person_and_the_bot_answers_again(database_url: str, clock: Clock) -> None:
    async with at_desk(database_url, clock) as (desk, campaign, number):
        before = len(campaign.channel.texts("mai"))
        await desk.inbox.reply(number, "an", "Chào bác.")
        await desk.inbox.close(number, "an")
        await campaign.channel.reached("mai", before + 2)
        assert "Cán bộ đã trả lời xong" in campaign.channel.texts("mai")[-1]
        await desk.bot.tap(MAI, 1)  # "Trang chính" stands under it
        assert (await desk.heard())[-1] != "silent"
        await desk.bot.say(MAI, "xyzzy")
        assert "missed" in await desk.heard()
        with pytest.raises(Refused, match="Mở lại"):
            await desk.inbox.reply(number, "an", "Còn nữa.")
        await desk.inbox.reopen(number, "an")
        await desk.inbox.reply(number, "an", "Còn nữa.")


async def test_who_asks_twice_waits_once_and_since_the_first_time(database_url: str, clock: Clock) -> None:
    async with at_desk(database_url, clock) as (desk, _campaign, _number):
        [first] = await desk.bot.rows(handoffs)
        clock.advance(seconds=600)
        await desk.bot.say(MAI, "Gặp cán bộ")
        [again] = await desk.bot.rows(handoffs)
        assert (again.id, again.waiting_since) == (first.id, first.waiting_since)


async def test_an_empty_or_overlong_answer_is_refused_in_words(database_url: str, clock: Clock) -> None:
    async with at_desk(database_url, clock) as (desk, _campaign, number):
        for text, told in (("  ", "còn trống"), ("dài " * 600, "nhiều nhất 2000")):
            with pytest.raises(Refused, match=told):
                await desk.inbox.reply(number, "an", text)
        assert not [row for row in await desk.bot.rows(deliveries) if row.reason == "officer"]


class Gate:
    """Turns whose commit is held back: what an officer does in between must not be lost."""

    def __init__(self, inner: Turns) -> None:
        self.inner, self.open, self.written = inner, asyncio.Event(), asyncio.Event()
        self.open.set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def transact(self, wanted: Any, plan: Any) -> None:
        await self.inner.transact(wanted, plan)
        self.written.set()
        await self.open.wait()


async def test_a_claim_during_a_turn_counts_from_the_next_one(sqlite_url: str, clock: Clock) -> None:
    """On SQLite the conversation remembers people: a turn under way must not bring back what it knew before."""
    gates: list[Gate] = []

    def gated(turns: Turns) -> Any:
        gates.append(Gate(turns))
        return gates[0]

    bot = Bot(sqlite_url, clock, wrap=gated)
    await bot.start()
    desk = Desk(bot, clock)
    number, gate = await desk.open(), gates[0]
    gate.open.clear()
    gate.written.clear()
    under_way = asyncio.create_task(bot.say(MAI, "xyzzy"))
    await gate.written.wait()
    await desk.inbox.claim(number, "an")
    gate.open.set()
    await under_way
    await bot.say(MAI, "xyzzy nữa")
    assert (await desk.heard())[-2:] == ["text", "silent"]
    await bot.close()


@pytest.mark.parametrize(("days", "seconds", "told"), [
    (5, 0, "sáng thứ Hai, 30/11, từ 8:00"),  # Saturday at ten
    (0, 2 * 3600, "chiều nay, từ 13:30"),  # Monday at noon
    (73, 8 * 3600, "sáng thứ Năm, 11/2, từ 8:00"),  # the evening before Tết's first day off
    (0, 0, ""),
])  # fmt: skip
async def test_out_of_hours_the_person_is_told_when_somebody_reads_it(
    database_url: str, clock: Clock, days: float, seconds: float, told: str
) -> None:
    clock.advance(days=days, seconds=seconds)
    bot = Bot(database_url, clock, away=Absence(office_hours_in(DEFAULT), lambda: TREES, clock))
    await bot.start()
    await bot.say(MAI, "chào")
    await bot.say(MAI, "Gặp cán bộ")
    await bot.channel.reached("mai", 2)
    last = bot.channel.texts("mai")[-1]
    assert (AT_NIGHT in last, told in last) == (bool(told), True)
    await bot.close()
    assert await rows_of_handoffs(database_url)


async def rows_of_handoffs(url: str) -> Mapping[int, Any]:
    from bot.store.db import open_database

    engine = open_database(url)
    try:
        return {row.id: row for row in await rows_of(engine, handoffs)}
    finally:
        await engine.dispose()
