"""How broadcasts of the made-up city go out: planned, decided and marked as in life; only the platform is made up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.channels.base import Rejected as Refusal
from bot.channels.base import SendError, Unknown, Unreachable
from bot.demo.clock import Clock
from bot.demo.ear import Ear
from bot.demo.people import Citizen
from bot.demo.talks import Talks
from bot.demo.words import FAILURES
from bot.engine.state import Library
from bot.messages import Address
from bot.services.broadcasting.hours import HANOI
from bot.services.broadcasting.model import broadcast_from
from bot.services.broadcasting.rendering import NothingToSay
from bot.services.broadcasting.timing import expiry
from bot.services.outcomes import broadcast_outcome_of
from bot.services.sending.agenda import Agenda
from bot.services.sending.deciding import Later, Never
from bot.services.sending.planner import Planner
from bot.services.sending.script import Script
from bot.services.sending.spell import Taken, take_up
from bot.speech import _
from bot.store import broadcasts, handout, renditions, standing
from bot.store.db import reading
from bot.store.handout import Claim, Mark
from bot.store.ids import Ids

EACH = timedelta(milliseconds=40)
"""Between two messages: the 25 a second that Telegram lets through."""
LEASE = timedelta(minutes=10)
AGAIN = timedelta(minutes=10)
"""After so long whoever was put off is looked at again."""
BLOCKED, FAILED, DOUBTED = 0.012, 0.006, 0.0015
"""Shares of messages that end so, where people are reached through a platform."""


class Post:
    """`reached` is called with everybody who got a message, and when. `halts` holds how many messages of a
    broadcast may still go out before an officer stops it."""

    def __init__(
        self, database: AsyncEngine, library: Library, ears: Mapping[str, Ear], ids: Ids, clock: Clock, talks: Talks,
        people: Mapping[Address, Citizen], reached: Callable[[Citizen], None],
    ) -> None:  # fmt: skip
        self._database, self._clock, self._ids, self._talks = database, clock, ids, talks
        self._ears, self._people, self._reached = ears, people, reached
        self._agenda = Agenda(database, lambda: library, now=clock, today=lambda: clock().astimezone(HANOI).date())
        self._planner = Planner(database, lambda: library, channels=tuple(ears), ids=ids, now=clock, pause=0)
        self.halts: dict[int, int] = {}
        self._said: dict[int, tuple[int, bytes]] = {}
        self._closed: list[tuple[str, str]] = []

    async def go_out(self) -> None:
        """Begin what is due, and send all that may be sent now."""
        is_busy = True
        while is_busy:
            await self._send_own()
            is_busy = await self._planner.step()
            for script in await self._agenda.in_turn():
                is_busy |= await self._send_some(script)

    async def wanted_at(self) -> datetime | None:
        """When there is something to do next."""
        async with reading(self._database).connect() as db:
            rows = await broadcasts.listing(db, states=("scheduled", "sending", "paused"))
        moments = []
        for one in map(broadcast_from, rows):
            if one.state == "scheduled" and one.due_at is not None:
                moments.append(one.due_at)
            elif one.state == "sending":
                moments.append(self._clock() + AGAIN)
            elif one.started_at is not None:
                moments.append(expiry(one.timing, one.started_at))
        return min(moments, default=None)

    async def _send_some(self, script: Script) -> bool:
        """A chunk on each channel; whether there was any."""
        is_busy = False
        for channel in self._ears:
            if self.halts.get(script.broadcast.id, 1) < 1:
                return False
            async with self._database.begin() as db:
                claim = await handout.claim(
                    db, channel=channel, broadcast_id=script.broadcast.id, worker=0, lease=LEASE, at=self._clock(),
                )  # fmt: skip
                if claim is None:
                    continue
                await self._agenda.served(db, script.broadcast)
            await self._send(script, claim)
            is_busy = True
        return is_busy

    async def _send_own(self) -> None:
        """Officers' answers: each is a message of its own, and arrives."""
        async with self._database.begin() as db:
            for channel in self._ears:
                while (claim := await self._claim_own(db, channel)) is not None:
                    await handout.finish(db, [self._arrived(row, claim) for row in claim.rows])
                    await handout.release(db, chunk_id=claim.chunk_id, epoch=claim.epoch)

    async def _claim_own(self, db: AsyncConnection, channel: str) -> Claim | None:
        at = self._clock()
        return await handout.claim(db, channel=channel, broadcast_id=None, worker=0, lease=LEASE, at=at)

    def _arrived(self, row: handout.Row, claim: Claim) -> Mark:
        self._clock.wind(EACH)
        number = "" if claim.channel == "webchat" else str(row.id % 10**9)
        return Mark(row.id, claim.chunk_id, claim.epoch, "sent", 1, self._clock(), number)

    async def _send(self, script: Script, claim: Claim) -> None:
        """All of a chunk that is due, or as much as may go out."""
        number, left = script.broadcast.id, len(claim.rows)
        if number in self.halts:
            left = min(left, self.halts[number])
            self.halts[number] -= left
        async with self._database.begin() as db:
            rows = claim.rows[:left]
            spell = await take_up(db, claim, rows, script.broadcast, self._clock()) if rows else None
        marks = [self._mark(one, script, claim) for one in spell.taken] if spell and spell.is_on else []
        await self._talks.settle()  # those whom it invited: their messages stand in the rows that are marked now
        async with self._database.begin() as db:
            await self._keep(db, marks)
            await handout.release(db, chunk_id=claim.chunk_id, epoch=claim.epoch)

    def _mark(self, one: Taken, script: Script, claim: Claim) -> Mark:
        mark = Mark(one.row.id, claim.chunk_id, claim.epoch, "sent", one.row.attempts)
        match one.decision:
            case Later(until=until, why=why):
                return replace(mark, status="queued", error=why, due_at=until)
            case Never(status=status, why=why):
                return replace(mark, status=status, error=why)
        citizen = self._people[Address(claim.channel, one.row.address)]
        rendition, why = self._told(one, script, citizen)
        if why:
            return replace(mark, status="failed", error=why)
        self._clock.wind(EACH)
        error = _answer(citizen)
        if error is not None:
            outcome = broadcast_outcome_of(error, 1, 0, resends=False)
            if outcome.address_status:
                citizen.is_gone = True
                self._closed.append((claim.channel, one.row.address))
            return replace(mark, status=outcome.status, error=outcome.error, attempts=1)
        self._reached(citizen)
        number = "" if claim.channel == "webchat" else str(one.row.id % 10**9)
        return replace(mark, attempts=1, sent_at=self._clock(), external_id=number, rendition_id=rendition)

    def _told(self, one: Taken, script: Script, citizen: Citizen) -> tuple[int | None, str]:
        """The rendition that says it (None: their own row does), or why there is nothing to say."""
        dialog = script.broadcast.body.dialog
        if dialog:
            planned = self._talks.invite(citizen, dialog, one.row.id)
            return None, "" if planned.invitation else _("Hội thoại không bắt đầu được.")
        assert one.person is not None
        try:
            words = script.words_for(one.person)
        except NothingToSay:
            return None, _("Trong đợt gửi không có tin nào dành cho diện hộ này.")
        if script.is_new(words):
            self._said[words.id] = (script.broadcast.id, words.kept)
        return words.id, ""

    async def _keep(self, db: AsyncConnection, marks: list[Mark]) -> None:
        await renditions.keep(db, self._said)
        await handout.finish(db, marks)
        await standing.close_addresses(db, self._closed, at=self._clock())
        self._said.clear()
        self._closed.clear()


def _answer(citizen: Citizen) -> SendError | None:
    """What the platform says of a message to *citizen*; None when it arrived. A page of ours always takes it."""
    chance = citizen.random.random() if citizen.address.channel != "webchat" else 1.0
    if chance < BLOCKED:
        return Unreachable("Forbidden: bot was blocked by the user")
    if chance < BLOCKED + FAILED:
        return Refusal(citizen.random.choice(FAILURES))
    return Unknown("the connection broke before an answer came") if chance < BLOCKED + FAILED + DOUBTED else None
