"""Every golden conversation over Zalo's webhook and a fake Zalo, whatever it makes of buttons and however people
choose."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.sql.functions import count

from bot.app import Parts
from bot.engine.events import Said
from bot.engine.transcript import Player
from bot.messages import Address, Choice
from bot.store.models import addresses, contacts, deliveries, topics
from tests.conftest import Clock
from tests.fakes.zalo import FakeUser, FakeZalo
from tests.fakes.zalo.rules import Buttons
from tests.hooks.zalo_script import NOT_ON_ZALO, Move, Way, do, moves_in
from tests.hooks.zalo_stage import on_stage

ROOT = Path(__file__).parent.parent
SCRIPTS = {path.stem: moves_in(path) for path in (ROOT / "transcripts").glob("*.txt")}
assert len(SCRIPTS) > 50, "the golden transcripts are gone"
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
TEN = time(10)
"""In the morning: officers are there, as in the transcripts."""


def day_of(moves: list[Move]) -> date:
    """The first day of a transcript."""
    return date.fromisoformat(dict(moves[0].headers).get("today", "2026-11-23"))


class Play:
    """A fake Zalo, the whole bot on its webhook, and one clock for both."""

    def __init__(self, zalo: FakeZalo, parts: Parts, clock: Clock) -> None:
        self.zalo, self.parts, self.clock = zalo, parts, clock

    async def whole(self, name: str, way: Way) -> None:
        """One transcript with a person of its own; what arrives is compared after every move."""
        moves, person = SCRIPTS[name], self.zalo.user(name=name)
        if any("earlier" in move.line for move in moves):  # only what was a tap can be tapped again
            way = "tap"
        player, offered = Player(self.parts.shelf.library, day_of(moves)), list[tuple[Choice, ...]]()
        arrived = 0
        for place, move in enumerate(moves):
            await self._take(move, player, person, is_first=not place)
            if move.line.split(" ")[0] in NOT_ON_ZALO:
                continue
            await do(person, move.line, offered, way)
            expected = [one for bubble in move.bubbles for one in bubble.seen(self.zalo.buttons == "accept")]
            arrived += len(expected)
            await self._reached(person, arrived)
            assert self._read(person)[arrived - len(expected) :] == expected, (name, move.line)
            said = [event for event in player.hear(move.line).events if isinstance(event, Said)]
            offered += [event.choices for event in said if event.choices]
        assert await self._owed(person) <= arrived, (name, "something more was said than the transcript has")

    def _read(self, person: FakeUser) -> list[tuple[str, tuple[str, ...]]]:
        ours = (shown for shown in person.shown if not shown.is_mine)
        return [(shown.text, tuple(button.title for button in shown.buttons)) for shown in ours]

    async def _reached(self, person: FakeUser, count: int) -> None:
        """Wait until *person* has so many messages of ours."""
        path = "/v3.0/oa/message/cs"
        while len(self._read(person)) < count:
            await self.zalo.until(path, self.zalo.count()[path] + 1)

    async def _owed(self, person: FakeUser) -> int:
        """How many messages the ledger holds for *person*: of who was forgotten only the last."""
        query = select(count()).select_from(deliveries).where(deliveries.c.address == person.uid)
        async with self.parts.database.connect() as db:
            return int((await db.execute(query)).scalar_one())

    async def _take(self, move: Move, player: Player, person: FakeUser, *, is_first: bool) -> None:
        """Make the headers true: the day, and what is known of the person."""
        for key, value in move.headers:
            player.set(key, value)
        self.clock.at = datetime.combine(player.today, TEN, HANOI)
        known = [key for key, _ in move.headers if key not in ("title", "today")]
        if not known:
            return
        here, number = Address("zalo", person.uid), int(person.uid) % 10**15
        row = {"fields": json.dumps(dict(player.person.fields)), "stop": player.person.stop}
        async with self.parts.database.begin() as db:
            if is_first:
                await db.execute(insert(contacts).values(id=number, created_at=self.clock(), **row))
                values = {"channel": here.channel, "external_id": here.id, "contact_id": number}
                await db.execute(insert(addresses).values(changed_at=self.clock(), **values))
            else:
                await db.execute(update(contacts).where(contacts.c.id == number).values(**row))
            await db.execute(delete(topics).where(topics.c.contact_id == number))
            for topic in player.person.topics:
                await db.execute(insert(topics).values(contact_id=number, topic=topic, since=self.clock()))
        self.parts.conversation.changed_elsewhere(here)


@pytest.fixture(params=get_args(Buttons))
async def play(request: pytest.FixtureRequest, sqlite_url: str, clock: Clock) -> AsyncIterator[Play]:
    async with on_stage(
        sqlite_url, clock, zalo_buttons=True, zalo_chat_gap=0, public_url="https://bot.example.vn",
        office_hours="T2-CN 00:00-23:59", today=None,
    ) as stage:  # fmt: skip
        stage.zalo.buttons, stage.zalo.rate_per_minute = request.param, 0
        stage.zalo.access_ttl = timedelta(days=3650)  # the transcripts are of many days, and are no matter of tokens
        yield Play(stage.zalo, stage.parts, clock)


@pytest.mark.parametrize("way", get_args(Way))
async def test_the_golden_conversations_go_as_they_did(play: Play, way: Way) -> None:
    for name in sorted(SCRIPTS, key=lambda name: (day_of(SCRIPTS[name]), name)):
        await play.whole(name, way)
    assert not play.zalo.unasserted
    assert all(charge.price == 0 for charge in play.zalo.books)
    refused = len(play.zalo.calls) - len(play.zalo.books)
    assert play.zalo.buttons == "accept" or refused < len(play.zalo.books) // 100, "buttons are tried again and again"
