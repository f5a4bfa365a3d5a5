"""Officers answer people: who takes which conversation, what they write, and how it goes back to the bot.

What an officer writes is owed in the transaction that records it, and sent ahead of every broadcast. While somebody has
taken a conversation, what its person types is left to them (`bot.engine.held`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.channels.base import Channel
from bot.engine.content import lapses
from bot.engine.events import Said
from bot.engine.held import given_back, interrupted
from bot.engine.render import phrase
from bot.engine.state import Context, Library, Person
from bot.messages import Address, Outgoing
from bot.services.broadcasting.rendering import Lapsed
from bot.services.broadcasting.rights import DRAFTERS, Refused, officer_of
from bot.services.routing import Window, window_at
from bot.speech import _
from bot.store import audit, handoffs, ledger, officers, previews
from bot.store.handoffs import Handoff, Place
from bot.store.ids import Ids
from bot.store.standing import doors

LONGEST = 2000
"""Letters of an answer: more than a screenful, which nobody who asked a question reads."""
REASON = "officer"
"""Why a delivery is owed, in the ledger."""


@dataclass
class _Step:
    """One act under way: *changed* are the addresses that the process must read anew once it is committed."""

    db: AsyncConnection
    handoff: Handoff
    place: Place
    detail: dict[str, object] = field(default_factory=dict)


class Inbox:
    """Where people are answered. Each act raises `Refused`, which is in the audit log by then.

    *forget* is told which addresses a running conversation must read anew. Whether an officer may see the person at
    all is decided before: pages reach conversations through `access_handoff`.
    """

    def __init__(
        self, database: AsyncEngine, library: Callable[[], Library], channels: Mapping[str, Channel], ids: Ids, *,
        now: Callable[[], datetime], today: Callable[[], date], forget: Callable[[Address], None],
    ) -> None:  # fmt: skip
        self._database, self._library, self._channels, self._ids = database, library, channels, ids
        self._now, self._today, self._forget = now, today, forget

    async def claim(self, number: int, login: str, *, from_other: bool = False) -> None:
        """*login* answers this one. Taken by another it is refused, and told by whom, unless taken over knowingly."""
        async with self._step("claim", number, login) as step:
            self._check_open(step.handoff)
            if from_other and step.handoff.claimed_by not in ("", login):
                step.detail["from"] = step.handoff.claimed_by
            else:
                await self._check_free(step, login)
            await self._take(step, login)
            await handoffs.keep_session(step.db, step.handoff.contact_id, step.place.session, held=True)

    async def release(self, number: int, login: str) -> None:
        """Back into the queue: somebody else may answer, and until then the bot does."""
        async with self._step("release", number, login) as step:
            self._check_open(step.handoff)
            await self._check_free(step, login)
            await handoffs.change(step.db, number, claimed_by="", claimed_at=None)
            await handoffs.keep_session(step.db, step.handoff.contact_id, step.place.session, held=False)

    async def reply(self, number: int, login: str, text: str, *, message: str = "") -> None:
        """Send *text*; whoever answers has taken the conversation. *message* is the content that it was made from."""
        async with self._step("reply", number, login, letters=len(text), message=message) as step:
            self._check_open(step.handoff)
            await self._check_free(step, login)
            self._check_words(text, message)
            person = await self._person(step)
            said = phrase(self._library(), "officer-says", person.fields)
            await self._owe(step, Outgoing(f"**{said}**\n\n{text}" if said else text), login=login)
            await self._take(step, login)
            await handoffs.change(step.db, number, waiting_since=None)
            session = interrupted(step.place.session)
            await handoffs.keep_session(step.db, step.handoff.contact_id, session, held=True)

    async def fare(self, db: AsyncConnection, contact_id: int) -> int | None:
        """What an answer to this person would cost now, in đồng; None: nothing can be sent to them."""
        to = await handoffs.address_of(db, contact_id)
        channel = self._channels.get(to.channel) if to is not None else None
        if to is None or channel is None:
            return None
        reach, window = channel.capabilities.reach, await self._window(db, channel, to)
        if reach is None or window != "paid":
            return None if window == "closed" else 0
        return reach.prices["paid"]

    async def note(self, number: int, login: str, text: str) -> None:
        """Tell the other officers something; the person doesn't see it."""
        async with self._step("note", number, login) as step:
            if not text.strip():
                raise Refused(_("Ghi chú còn trống: viết vài chữ cho đồng nghiệp."))
            if len(text) > LONGEST:
                raise Refused(_("Ghi chú dài quá {most} ký tự: rút ngắn lại.").format(most=LONGEST))
            await handoffs.add_note(step.db, step.handoff, author=login, at=self._now(), text=text)

    async def close(self, number: int, login: str) -> None:
        """Done: the person is told so, and the bot answers again."""
        async with self._step("close", number, login) as step:
            self._check_open(step.handoff)
            await self._check_free(step, login)
            await handoffs.change(step.db, number, closed_at=self._now(), closed_by=login, waiting_since=None)
            context = Context(await self._person(step), self._today())
            sprint = given_back(self._library(), step.place.session, context)
            said = [event for event in sprint.events if isinstance(event, Said)]
            question = await self._owe(step, Outgoing(said[-1].text, said[-1].choices)) if said else 0
            await handoffs.keep_session(
                step.db, step.handoff.contact_id, sprint.session, held=False, question=question
            )  # fmt: skip

    async def reopen(self, number: int, login: str) -> None:
        """Go on with one that was closed; *login* answers it."""
        async with self._step("reopen", number, login) as step:
            if step.handoff.closed_at is None:
                raise Refused(_("Cuộc này đang mở: trả lời luôn được."))
            other = await handoffs.open_of(step.db, step.handoff.contact_id)
            if other is not None:
                raise Refused(_("Bà con đã hỏi lại: trả lời ở cuộc số {number}.").format(number=other))
            await self._take(step, login)
            await handoffs.change(step.db, number, closed_at=None, closed_by="")
            await handoffs.keep_session(step.db, step.handoff.contact_id, step.place.session, held=True)

    async def _take(self, step: _Step, login: str) -> None:
        if step.handoff.claimed_by != login:
            await handoffs.change(step.db, step.handoff.id, claimed_by=login, claimed_at=self._now())

    async def _person(self, step: _Step) -> Person:
        contact = step.handoff.contact_id
        return (await previews.people(step.db, [contact]))[contact]

    async def _owe(self, step: _Step, message: Outgoing, *, login: str = "") -> int:
        """Owe *message*, an officer's if *login* is given; the delivery that bears its choices."""
        to, contact = step.place.address, step.handoff.contact_id
        channel = self._channels.get(to.channel) if to is not None else None
        if to is None or channel is None:
            if login:
                raise Refused(_("Không nhắn được cho người này nữa: họ đã chặn bot, hoặc kênh của họ đang tắt."))
            return 0
        window = await self._window(step.db, channel, to)
        if window == "closed" and login:
            raise Refused(
                _("Người này lâu không nhắn nên kênh không nhận câu trả lời nữa: gọi cho họ, hoặc đợi họ nhắn lại.")
            )
        if window != "free" and not login:
            return 0  # what only the bot adds would be refused, or cost money that nobody granted
        calls = [(self._ids.next(), call.method, call.body) for call in channel.encode(to, message)]
        await ledger.owe(step.db, contact_id=contact, to=to, calls=calls, reason=REASON, at=self._now())
        sent = [key for key, _method, _body in calls]
        if login:
            await handoffs.log_answer(step.db, contact, at=self._now(), login=login, delivery_ids=sent)
        else:
            await handoffs.log_said(step.db, contact, at=self._now(), what="officer-done", delivery_ids=sent)
        return sent[-1]

    async def _window(self, db: AsyncConnection, channel: Channel, to: Address) -> Window:
        """What lets the platform take an answer to *to*; nothing is in the way on a channel without windows."""
        reach = channel.capabilities.reach
        if reach is None:
            return "free"
        found = await doors(db, channel=to.channel, at=[to.id])
        return window_at(reach, found[to.id].interacted_at if to.id in found else None, self._now())

    def _check_words(self, text: str, message: str) -> None:
        if not text.strip():
            raise Refused(_("Câu trả lời còn trống: viết cho bà con vài chữ."))
        if len(text) > LONGEST:
            told = _("Câu trả lời dài {length} ký tự, nhiều nhất {most}: rút ngắn, hoặc gửi làm hai lần.")
            raise Refused(told.format(length=len(text), most=LONGEST))
        library = self._library()
        used = library.messages.get(message)
        lapsed = lapses(used, library.facts, self._today()) if used else []
        if lapsed:
            told = _("Lời mẫu này hôm nay không nói được nữa (dữ kiện {lapse}): xóa đi rồi viết câu khác.")
            raise Refused(told.format(lapse=Lapsed(lapsed[0].fact, lapsed[0].reason)))

    def _check_open(self, handoff: Handoff) -> None:
        if handoff.closed_at is not None:
            raise Refused(_("Cuộc này đã đóng: bấm “Mở lại” rồi trả lời."))

    async def _check_free(self, step: _Step, login: str) -> None:
        other = step.handoff.claimed_by
        if other not in ("", login):
            told = _("{who} đang trả lời cuộc này. Nhắn cho họ một ghi chú, hoặc bấm “Nhận thay”.")
            raise Refused(told.format(who=await name_of(step.db, other)))

    @asynccontextmanager
    async def _step(self, action: str, number: int, login: str, **detail: object) -> AsyncIterator[_Step]:
        """One transaction for the act and its audit entry; turns of the person wait until it is over."""
        try:
            async with self._database.begin() as db:
                await officer_of(db, login, DRAFTERS)
                step = await self._begin(db, number)
                step.detail.update(detail)
                yield step
                await self._record(db, action, number, login, "done", step.detail)
        except Refused as refusal:
            async with self._database.begin() as db:
                await self._record(db, action, number, login, "refused", {"why": str(refusal)})
            raise
        for to in step.place.every_address:
            self._forget(to)

    async def _record(
        self, db: AsyncConnection, action: str, number: int, login: str, outcome: audit.Outcome,
        detail: Mapping[str, object],
    ) -> None:  # fmt: skip
        await audit.record(
            db, at=self._now(), actor=login, action=f"inbox.{action}", subject=f"handoff:{number}", outcome=outcome,
            detail=detail,
        )  # fmt: skip

    async def _begin(self, db: AsyncConnection, number: int) -> _Step:
        """Rows are locked in the order of turns: the person first. What is read after that is how things stand."""
        first = await handoffs.find(db, number)
        place = await handoffs.hold_person(db, first.contact_id) if first else None
        handoff = await handoffs.find(db, number, locked=True) if first else None
        if handoff is None or place is None:
            raise Refused(_("Cuộc này không còn: bà con đã xin xóa dữ liệu."))
        return _Step(db, handoff, place)


async def name_of(db: AsyncConnection, login: str) -> str:
    """How an officer is called; one who wrote in a platform's own chat tool ("zalo:<their id there>") by that."""
    channel, _sep, account = login.partition(":")
    if account:
        return _("cán bộ trong {channel} ({account})").format(channel=channel.title(), account=account)
    officer = await officers.find(db, login)
    return (officer.name or login) if officer else login


async def names_of(db: AsyncConnection, logins: Sequence[str]) -> Mapping[str, str]:
    """How these officers are called, by login."""
    return {login: await name_of(db, login) for login in dict.fromkeys(logins) if login}
