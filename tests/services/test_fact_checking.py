"""Facts vouched for or withheld: at once here, soon in other processes, and back again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date

import pytest

from bot.engine.content import Message
from bot.engine.rulings import Rulings, digest_of, ruled
from bot.engine.state import Library
from bot.services.broadcasting.model import Body
from bot.services.broadcasting.rights import Refused
from bot.services.fact_checking import FactDesk, FactWatch
from bot.store import audit, officers
from tests.conftest import Clock
from tests.services.bot import MAI
from tests.services.campaign import Campaign, people, released
from tests.services.office import RATE
from tests.shipped import library_of

FALLBACK = "Điều này đang được kiểm tra lại"
LIBRARY = replace(
    library_of({
        "menu": """
dialog: menu
title: Trang chính
nodes:
  hoi: {say: [tin.lai], ask: Chuyện gì?, choices: [{label: Lãi suất, go: hoi}]}
"""
    }),
    facts={"lai": RATE}, messages={"tin.lai": Message("tin.lai", "Lãi {lai.muc} một năm.", ("I",), "menu", ("lai",))},
)  # fmt: skip


class Books:
    """What a `Shelf` does, for a library that stands in no file."""

    def __init__(self, library: Library = LIBRARY) -> None:
        self.read, self.library = library, library

    def rule(self, rulings: Rulings) -> None:
        self.library = ruled(self.read, rulings)


class Process:
    """A bot and the desk of its console, with a library that both share."""

    def __init__(self, campaign: Campaign, clock: Clock, pause: float = 0.02) -> None:
        self.campaign, self.books = campaign, Books()
        self.desk = FactDesk(
            campaign.database, lambda: self.books.library, self._rule, now=clock, today=lambda: date(2026, 11, 23)
        )
        self.watch = FactWatch(self.desk, pause=pause)

    def _rule(self, rulings: Rulings) -> None:
        self.books.rule(rulings)
        self.campaign.library = self.campaign.bot.library = self.books.library

    async def answer(self) -> str:
        """What Mai is told of the rate now."""
        texts = self.campaign.channel.texts
        before = len(texts("mai"))
        await self.campaign.bot.say(MAI, "menu")
        await self.campaign.channel.reached("mai", before + 1)
        return " ".join(texts("mai")[before:])

    async def tells(self, words: str) -> None:
        """Wait until Mai is told *words*: another process looks every few moments."""
        for _ in range(200):
            if words in await self.answer():
                return
            await asyncio.sleep(0.02)
        raise AssertionError(words)


@asynccontextmanager
async def process(url: str, clock: Clock, worker: int = 1) -> AsyncIterator[Process]:
    campaign = Campaign(url, clock, library=LIBRARY, worker=worker)
    one = Process(campaign, clock)
    await one.watch.start()
    await campaign.start()
    try:
        yield one
    finally:
        await one.watch.close()
        await campaign.close()


async def officers_come(one: Process, clock: Clock) -> None:
    async with one.campaign.database.begin() as db:
        for login, role in (("binh", "approver"), ("an", "officer")):
            await officers.add(db, login=login, role=role, at=clock())  # type: ignore[arg-type]


async def test_a_withheld_fact_is_not_said_from_the_next_turn_on_and_said_again_when_undone(
    database_url: str, clock: Clock
) -> None:
    async with process(database_url, clock) as one:
        await officers_come(one, clock)
        assert "6%" in await one.answer()
        await one.desk.withhold("lai", "binh", reason="Ngân hàng báo sai mức")
        assert FALLBACK in await one.answer()
        await one.desk.undo("lai", "binh", kind="withheld")
        assert "6%" in await one.answer()


async def test_another_process_hears_of_it_and_one_that_starts_knows_it(postgres_url: str, clock: Clock) -> None:
    async with process(postgres_url, clock) as here, process(postgres_url, clock, worker=2) as there:
        await officers_come(here, clock)
        assert "6%" in await there.answer()
        await here.desk.withhold("lai", "binh", reason="Ngân hàng báo sai mức")
        await there.tells(FALLBACK)
        async with process(postgres_url, clock, worker=3) as later:
            assert FALLBACK in await later.answer()
        await here.desk.undo("lai", "binh", kind="withheld")
        await there.tells("6%")


async def test_what_was_ruled_survives_a_restart_on_one_file(sqlite_url: str, clock: Clock) -> None:
    async with process(sqlite_url, clock) as one:
        await officers_come(one, clock)
        await one.desk.withhold("lai", "binh", reason="Ngân hàng báo sai mức")
    async with process(sqlite_url, clock) as again:
        assert FALLBACK in await again.answer()


async def test_a_broadcast_that_tells_it_pauses_by_itself(database_url: str, clock: Clock) -> None:
    async with process(database_url, clock) as one:
        await officers_come(one, clock)
        await people(database_url, clock, "mai", "lan")
        await one.desk.withhold("lai", "binh", reason="Ngân hàng báo sai mức")
        number = await released(database_url, clock, body=Body(("tin.lai",)), library=LIBRARY)
        await one.campaign.ends(number, "paused")
        assert one.campaign.channel.texts("mai") == []


async def test_a_check_changes_nothing_that_was_approved(database_url: str, clock: Clock) -> None:
    """It only moves the review day: the broadcast goes out."""
    async with process(database_url, clock) as one:
        await officers_come(one, clock)
        await people(database_url, clock, "mai", "lan")
        await one.desk.check("lai", "binh", months=12, digest_seen=digest_of(RATE))
        number = await released(database_url, clock, body=Body(("tin.lai",)), library=LIBRARY)
        assert await one.campaign.ends(number) == {"sent": 2}


async def test_one_click_moves_the_review_day_and_an_edit_loses_it(database_url: str, clock: Clock) -> None:
    async with process(database_url, clock) as one:
        await officers_come(one, clock)
        assert await one.desk.check("lai", "binh", months=6, digest_seen=digest_of(RATE)) == date(2027, 5, 23)
        assert one.books.library.facts["lai"].review == date(2027, 5, 23)
        edited = replace(RATE, versions=(replace(RATE.versions[0], law="Nghị định 2"),))
        one.books.read = replace(LIBRARY, facts={"lai": edited})
        await one.desk.refresh()
        assert one.books.library.facts["lai"].review == RATE.review
        with pytest.raises(Refused, match="vừa được sửa"):
            await one.desk.check("lai", "binh", months=6, digest_seen=digest_of(RATE))
        one.books.read = LIBRARY
        await one.desk.refresh()
        assert one.books.library.facts["lai"].review == date(2027, 5, 23)  # the very text that was checked


async def test_undoing_a_check_brings_the_one_before_it_back(database_url: str, clock: Clock) -> None:
    async with process(database_url, clock) as one:
        await officers_come(one, clock)
        for months in (3, 12):
            await one.desk.check("lai", "binh", months=months, digest_seen=digest_of(RATE))
        reviews = []
        for _ in range(2):
            await one.desk.undo("lai", "binh", kind="checked")
            reviews.append(one.books.library.facts["lai"].review)
        assert reviews == [date(2027, 2, 23), RATE.review]
        with pytest.raises(Refused, match="Không còn gì để thu lại"):
            await one.desk.undo("lai", "binh", kind="checked")


async def test_only_approvers_vouch_and_every_try_is_in_the_log(database_url: str, clock: Clock) -> None:
    async with process(database_url, clock) as one:
        await officers_come(one, clock)
        with pytest.raises(Refused, match="không làm được việc này"):
            await one.desk.check("lai", "an", months=6, digest_seen=digest_of(RATE))
        with pytest.raises(Refused, match="Ghi lý do"):
            await one.desk.withhold("lai", "binh", reason="sai")
        with pytest.raises(Refused, match="Không có dữ kiện"):
            await one.desk.withhold("khong-co", "binh", reason="Ngân hàng báo sai mức")
        with pytest.raises(Refused, match="Chọn hạn soát lại"):
            await one.desk.check("lai", "binh", months=60, digest_seen=digest_of(RATE))
        await one.desk.check("lai", "binh", months=6, digest_seen=digest_of(RATE))
        async with one.campaign.database.connect() as db:
            assert await audit.verify(db) is None
            entries = [(entry.actor, entry.action, entry.outcome) for entry in await audit.recent(db, limit=10)]
        assert entries.count(("binh", "fact.check", "done")) == 1
        assert sum(outcome == "refused" for _, _, outcome in entries) == 4
