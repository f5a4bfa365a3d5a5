"""Sending the rows of a spell: at the account's pace, replies first, and one message a moment to each chat."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.channels.base import Channel, Metered, Payload, SendError, Sent
from bot.messages import Address, Incoming, Kind
from bot.services.broadcasting.rendering import Lapsed, NothingToSay
from bot.services.outcomes import broadcast_outcome_of, counts_as_try
from bot.services.pacing import Pace
from bot.services.sending.aftermath import Aside, after, shuts
from bot.services.sending.agenda import Agenda
from bot.services.sending.deciding import Later, Never
from bot.services.sending.fares import Way
from bot.services.sending.holding import Holding
from bot.services.sending.outbox import Learnt, Outbox
from bot.services.sending.script import Script, addressed, message_from
from bot.services.sending.spell import Spell, Taken
from bot.services.sending.window import Window
from bot.speech import _
from bot.store.handout import Mark
from bot.store.spending import Bill
from bot.store.standing import Standing

log = structlog.get_logger()
FRESH = timedelta(seconds=5)
"""How long what was read of people and broadcast holds, beside what a full window takes: an account may be told to
rest for an hour, and who stopped meanwhile is not written to after it."""


class Talks(Protocol):
    """What else must know of a broadcast's message: `bot.services.conversation.Conversation`."""

    async def invite(self, incoming: Incoming) -> Payload | None: ...

    def address_changed(self, to: Address, status: str) -> None: ...

    def question_sent(self, to: Address, delivery: int, message_id: str) -> None: ...

    def flush(self) -> None: ...


class Dispatch:
    """Of one channel account. Each row that is taken up ends as a mark in the outbox, or its slot is freed."""

    def __init__(
        self, channel: Channel, pace: Pace, window: Window, agenda: Agenda, outbox: Outbox, talks: Talks,
        now: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._channel, self._pace, self._window = channel, pace, window
        self._metered = channel if channel.capabilities.reach is not None and isinstance(channel, Metered) else None
        self._agenda, self._outbox, self._talks, self._now = agenda, outbox, talks, now
        self._sending: set[asyncio.Task[None]] = set()
        self._failures = 0
        self._fresh = FRESH + timedelta(seconds=2 * window.size / channel.capabilities.rate)

    async def send(self, spell: Spell, holding: Holding, script: Script | None) -> bool:
        """Send what may be sent of *spell*; false when nothing more of the chunk may leave."""
        handled = 0
        try:
            if not spell.is_on:
                return False
            invitations = await self._invitations(spell, script)
            for one in spell.taken:
                payload = self._payload(one, script, invitations)
                if isinstance(payload, Aside):
                    self._mark(one, holding, payload)
                    handled += 1
                elif await self._its_turn(holding, spell):
                    self._leave(one, payload, holding, script)
                    handled += 1
                else:
                    return False
        except Lapsed as lapse:
            await self._stop(script, lapse)
            return False
        finally:
            for _row in spell.taken[handled:]:
                holding.settle_one()
            self._window.give_back(len(spell.taken) - handled)
        return True

    async def _its_turn(self, holding: Holding, spell: Spell) -> bool:
        """Wait for a send time; false when the chunk is lost meanwhile, or must be looked at again first."""
        is_mine = holding.may_send and await self._pace.broadcast_time() and holding.may_send
        return is_mine and self._now() - spell.at < self._fresh

    async def _stop(self, script: Script | None, lapse: Lapsed) -> None:
        if script is not None:
            await self._agenda.pause(script, _("Dừng vì nội dung hết hiệu lực: {lapse}.").format(lapse=lapse))

    async def _invitations(self, spell: Spell, script: Script | None) -> Mapping[int, Payload | None]:
        """Begin the dialog with everybody of *spell* who has not been invited before, all in one batch of turns."""
        if script is None or not script.broadcast.body.dialog:
            return {}
        new = [one for one in spell.taken if one.is_now and one.person is not None and not one.row.payload]
        for person in {one.person for one in new if one.person is not None}:
            script.words_for(person)  # raises Lapsed
        dialog = script.broadcast.body.dialog
        asked = (self._talks.invite(_invitation(one, self._channel.name, dialog)) for one in new)
        return dict(zip((one.row.id for one in new), await asyncio.gather(*asked), strict=True))

    def _payload(
        self, one: Taken, script: Script | None, invitations: Mapping[int, Payload | None]
    ) -> Payload | Aside:  # fmt: skip
        """The call that carries the message, or why it doesn't go out now. Raises `Lapsed`."""
        match one.decision:
            case Later(until=until, why=why, route=route):
                return Aside("queued", why, until, route)
            case Never(status=status, why=why, route=route):
                return Aside(status, why, route=route)
        if (aside := self._too_soon(one)) is not None:
            return aside
        if one.row.payload:
            if script is not None and one.person is not None:
                script.words_for(one.person)  # raises Lapsed: it was written down while it held
            return Payload(one.row.method, one.row.payload)
        if one.row.id in invitations:
            return invitations[one.row.id] or Aside("failed", _("Hội thoại không bắt đầu được."))
        if one.person is None or script is None:
            return Aside("failed", _("Không có gì để gửi."))
        return self._encoded(one, one.person, script)

    def _too_soon(self, one: Taken) -> Aside | None:
        """Put off who got another message a moment ago: the platform takes one a second for each chat."""
        wait = self._pace.gap_ends(one.row.address) - asyncio.get_running_loop().time()
        if wait <= 0:
            return None
        why = _("Hoãn: vừa có câu trả lời gửi tới người này.")
        return Aside("queued", why, self._now() + timedelta(seconds=wait))

    def _encoded(self, one: Taken, person: Standing, script: Script) -> Payload | Aside:
        if one.said is not None:
            message = message_from(one.said)
        else:
            try:
                words = script.words_for(person)
            except NothingToSay:
                return Aside("failed", _("Trong đợt gửi không có tin nào dành cho diện hộ này."))
            message = words.message
            if script.is_new(words):
                self._outbox.keep(words.id, script.broadcast.id, words.kept)
        to = Address(self._channel.name, one.row.address)
        if self._metered is not None and one.way is not None and one.way.template is not None:
            return _by_template(self._metered, to, one.way, one.row.id)
        payloads = self._channel.encode(to, addressed(message, person.name))
        return payloads[0] if len(payloads) == 1 else Aside("failed", _("Tin dài quá một lần gửi."))

    def _mark(self, one: Taken, holding: Holding, aside: Aside, tries: int = 0, learnt: Learnt | None = None) -> None:
        chunk, epoch, attempts = holding.claim.chunk_id, holding.claim.epoch, one.row.attempts + tries
        bill = self._bill(one, holding, aside.route, aside.cost)
        mark = Mark(one.row.id, chunk, epoch, aside.status, attempts, error=aside.why[:500], due_at=aside.due_at,
                    bill=bill)  # fmt: skip
        self._outbox.mark(mark, holding, self._window, learnt)

    def _bill(self, one: Taken, holding: Holding, route: str, cost: int) -> Bill | None:
        """What a try came to; None where nothing is counted."""
        if self._metered is None or holding.claim.broadcast_id is None:
            return None
        return Bill(route, cost, one.way.cost if one.way is not None else 0)

    def _leave(self, one: Taken, payload: Payload, holding: Holding, script: Script | None) -> None:
        """Its send time has come; while it waited for that, a reply or another broadcast may have gone before it."""
        if (aside := self._too_soon(one)) is not None:
            self._mark(one, holding, aside)
            return
        self._pace.sent_to(one.row.address, asyncio.get_running_loop().time())
        task = asyncio.get_running_loop().create_task(self._call(one, payload, holding, script))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _call(self, one: Taken, payload: Payload, holding: Holding, script: Script | None) -> None:
        try:
            if self._metered is None:
                sent = Sent(await self._channel.send(payload))
            else:
                sent = await self._metered.send_metered(payload)
        except SendError as error:
            await self._failed(one, error, holding, script)
        except Exception as error:  # whatever broke the channel: nobody knows whether the message left
            log.exception("sending broke", delivery=one.row.id)
            route, cost = (one.way.route, one.way.cost) if one.way is not None else ("", 0)
            self._mark(one, holding, Aside("unknown", repr(error), None, route, cost), tries=1)
            if script is not None:
                await self._agenda.judge(script, is_bad=True, is_rejected=False)
        else:
            self._failures = 0
            self._sent(one, sent, holding, script)
            if script is not None:
                await self._agenda.judge(script, is_bad=False, is_rejected=False)
                if one.way is not None and sent.is_charged and one.way.price > one.way.cost:
                    await self._agenda.charged(script, one.way.price)

    def _sent(self, one: Taken, sent: Sent, holding: Holding, script: Script | None) -> None:
        row, claim, way = one.row, holding.claim, one.way
        rendition = row.rendition_id
        if rendition is None and script is not None and one.person is not None and not row.payload:
            rendition = script.rendition_for(one.person)
        bill = self._bill(one, holding, way.route, way.price if sent.is_charged else 0) if way is not None else None
        mark = Mark(row.id, claim.chunk_id, claim.epoch, "sent", row.attempts + 1, self._now(), sent.id,
                    "" if row.attempts == 0 else _("Đã gửi lại."), rendition_id=rendition, bill=bill)  # fmt: skip
        self._outbox.mark(mark, holding, self._window)
        if script is not None and script.broadcast.body.dialog:
            self._talks.question_sent(Address(self._channel.name, row.address), row.id, sent.id)

    async def _failed(self, one: Taken, error: SendError, holding: Holding, script: Script | None) -> None:
        row = one.row
        resends = script is not None and script.broadcast.policy.unknown == "resend"
        outcome = broadcast_outcome_of(error, row.attempts + 1, self._failures, resends=resends)
        if outcome.rests_account:
            self._rest(outcome.again.total_seconds())
        if outcome.address_status:
            self._talks.address_changed(Address(self._channel.name, row.address), outcome.address_status)
            self._talks.flush()  # the conversation remembers people too; the mark below closes the address for certain
        aside = after(error, outcome, one.way, self._channel.capabilities.reach, self._now())
        shut = one.way.opened if one.way is not None and shuts(error, one.way) else None
        learnt = Learnt(row.address, bool(outcome.address_status), shut) if outcome.address_status or shut else None
        self._mark(one, holding, aside, tries=not outcome.rests_account and counts_as_try(error), learnt=learnt)
        if script is not None and aside.status != "queued":
            is_bad = aside.status in ("failed", "unknown")
            await self._agenda.judge(script, is_bad=is_bad, is_rejected=outcome.is_rejected)

    def _rest(self, seconds: float) -> None:
        """Hold the account. What was in flight together fails together: that is one failure in a row, or a blink of
        the network would keep silent for as long as an hour's outage."""
        if not self._pace.silent_for():
            self._failures += 1
        self._pace.silence(seconds)


def _by_template(channel: Metered, to: Address, way: Way, delivery: int) -> Payload:
    """The call for an approved template; by phone, the platform tells of it by the number of the delivery."""
    assert way.template is not None
    if way.route == "phone":
        return channel.by_phone(way.phone, way.template.id, way.values, str(delivery))
    return channel.by_template(to, way.template.id, way.values)


def _invitation(one: Taken, channel: str, dialog: str) -> Incoming:
    return Incoming(
        Address(channel, one.row.address), f"invite:{one.row.id}", Kind.INVITED, dialog, receipt=str(one.row.id)
    )
