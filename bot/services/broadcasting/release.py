"""From draft to done: who may move a broadcast on, and what it takes. No officer releases their own words.

What is approved is a digest of everything that decides who is told what and when. It is taken when the broadcast is
submitted, the approver names it, and it is compared again before anything goes out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.channels.base import Channel
from bot.engine.state import Library
from bot.services.broadcasting import targeting
from bot.services.broadcasting.checking import (
    check_communes,
    check_draft,
    check_in_time,
    check_sayable,
    check_shelf,
    check_unchanged,
)  # fmt: skip
from bot.services.broadcasting.digest import digest_of
from bot.services.broadcasting.drafting import Draft, World, draft_of
from bot.services.broadcasting.hours import HANOI
from bot.services.broadcasting.model import ENDED, Broadcast, State, broadcast_from, to_json
from bot.services.broadcasting.rights import (
    APPROVERS,
    DRAFTERS,
    STATES,
    Outdated,
    Refused,
    Voided,
    check_area,
    check_second_person,
    check_seen,
    check_state,
    check_urgent,
    officer_of,
)  # fmt: skip
from bot.speech import _
from bot.store import audit, broadcasts
from bot.store.db import reading
from bot.store.officers import Officer, Role

CHANGEABLE: Sequence[State] = ("draft", "submitted", "approved", "scheduled")
ALIVE: Sequence[State] = tuple(state for state in STATES if state not in ENDED)
RETRIED = ("failed", "unknown")
"""Who blocked us or stopped is never tried again."""


class Desk:
    """Where officers work on broadcasts; the console and the command line are its windows.

    Every method takes the login of the officer who asks. `Refused` has lines to show them; the refusal is in the
    audit log by then, and nothing else has changed but that a broadcast whose content did is a draft again.
    """

    def __init__(
        self, database: AsyncEngine, library: Callable[[], Library], channels: Mapping[str, Channel],
        now: Callable[[], datetime], *, today: Callable[[], date] | None = None, via: str = "console",
    ) -> None:  # fmt: skip
        self._database, self._library, self._channels, self._now, self._via = database, library, channels, now, via
        self._today = today or (lambda: now().astimezone(HANOI).date())

    async def draft(self, draft: Draft, login: str) -> Broadcast:
        """A new broadcast. Nothing is kept of a draft with faults: all of them are told at once."""
        async with self._step("draft", login) as (db, world):
            officer = await officer_of(db, login, DRAFTERS)
            await check_draft(db, draft, world)
            check_urgent(officer, draft.urgent, draft.policy.gap)
            return await self._insert(draft, officer)

    async def edit(self, number: int, draft: Draft, login: str, *, version_seen: int) -> Broadcast:
        """Change a broadcast that has not begun. It is a draft again, and what was approved of it is void."""
        async with self._step("edit", login, number) as (db, world):
            officer, was = await self._whose(db, login, number)
            check_urgent(officer, draft.urgent or was.urgent, min(draft.policy.gap, was.policy.gap))
            check_state(was, CHANGEABLE)
            changed = _changes(was, draft, version_seen)
            await check_draft(db, draft, world)
            columns = {**changed, **_unapproved(was), **_with_author(was, login)}
            return await self._move(was, "edit", login, "draft", columns, changed)

    async def submit(self, number: int, login: str) -> Broadcast:
        """Hand a draft in for approval: its audience is counted, and its digest is what will be approved."""
        async with self._step("submit", login, number) as (db, world):
            officer, was = await self._whose(db, login, number)
            check_state(was, ("draft",))
            segment, audience = await check_draft(db, draft_of(was), world)
            await check_communes(db, officer, segment, world)
            digest = digest_of(
                world.library, was.body, str(segment), was.timing, was.policy, was.urgent, audience, was.version
            )  # fmt: skip
            told: Mapping[str, object] = {"digest": digest, "audience": audience}
            columns = {**told, **_with_author(was, login), "submitted_by": login, "reason": ""}
            return await self._move(was, "submit", login, "submitted", columns, {**told, **_money(was)})

    async def approve(self, number: int, login: str, *, digest_seen: str) -> Broadcast:
        """Sign what somebody else submitted. *digest_seen* is the digest beside what the approver has read."""
        async with self._step("approve", login, number) as (db, world):
            officer, was = await self._whose(db, login, number, APPROVERS)
            check_second_person(officer, was)
            check_state(was, ("submitted",))
            check_seen(was, digest_seen)
            await check_unchanged(db, was, world)
            check_sayable(was, world)
            check_in_time(was.timing, world.at)
            await check_communes(db, officer, await targeting.segment_of(db, world.library, was.segment), world)
            told = {"digest": was.digest, **_money(was)}
            return await self._move(was, "approve", login, "approved", {"approved_by": login}, told)

    async def send_back(self, number: int, login: str, *, reason: str) -> Broadcast:
        """Hand a broadcast that has not begun back to who wrote it: a draft again, its *reason* there to read."""
        async with self._step("send_back", login, number) as (db, _world):
            was = await self._in_state(db, login, number, ("submitted", "approved", "scheduled"), APPROVERS)
            if not reason.strip():
                raise Refused(_("Chưa nói vì sao trả lại: người soạn cần biết phải sửa gì."))
            columns = {**_unapproved(was), "reason": reason}
            return await self._move(was, "send_back", login, "draft", columns, {"reason": reason})

    async def schedule(self, number: int, login: str) -> Broadcast:
        """Release an approved broadcast: it goes out at its time, or at once if it has none."""
        async with self._step("schedule", login, number) as (db, world):
            was = await self._in_state(db, login, number, ("approved",))
            await check_unchanged(db, was, world)
            check_sayable(was, world)
            due = {"due_at": check_in_time(was.timing, world.at)}
            return await self._move(was, "schedule", login, "scheduled", due, due)

    async def pause(self, number: int, login: str, *, reason: str = "") -> Broadcast:
        """Hold a broadcast that is going out, or is about to."""
        async with self._step("pause", login, number) as (db, _world):
            was = await self._in_state(db, login, number, ("sending", "scheduled"))
            return await self._move(was, "pause", login, "paused", {"reason": reason}, {"reason": reason})

    async def resume(self, number: int, login: str) -> Broadcast:
        """Go on with a broadcast that was held, if it still says what was approved."""
        async with self._step("resume", login, number) as (db, world):
            was = await self._in_state(db, login, number, ("paused",))
            await check_unchanged(db, was, world)
            check_sayable(was, world)
            to: State = "scheduled" if was.started_at is None else "sending"
            return await self._move(was, "resume", login, to, {"reason": ""})

    async def cancel(self, number: int, login: str, *, reason: str = "") -> Broadcast:
        """End a broadcast. Whoever was not written to yet isn't: their deliveries are expired."""
        async with self._step("cancel", login, number) as (reader, world):
            was = await self._in_state(reader, login, number, ALIVE)
            async with self._database.begin() as db:
                await self._change(db, was, "cancelled", {"reason": reason, "ended_at": world.at})
                unsent = await broadcasts.close_open_chunks(db, number, status="expired", error=_("Đợt gửi đã bị hủy."))
                await self._record(db, "cancel", login, number, {"was": was.state, "reason": reason, "unsent": unsent})
                return await find_broadcast(db, number)

    async def retry(self, number: int, login: str, statuses: Sequence[str] = RETRIED) -> int:
        """Send a finished broadcast again to those of *statuses* (failed, unknown); how many they are."""
        async with self._step("retry", login, number) as (reader, world):
            was = await self._in_state(reader, login, number, ("done",), APPROVERS)
            if not statuses or not set(statuses) <= set(RETRIED):
                raise Refused(_("Chỉ gửi lại được tin ở tình trạng: {known}.").format(known=", ".join(RETRIED)))
            await check_unchanged(reader, was, world)
            check_sayable(was, world)
            check_shelf(was, world.at)
            async with self._database.begin() as db:
                await self._change(db, was, "sending", {"reason": "", "ended_at": None})
                queued = await broadcasts.retry(db, number, statuses=statuses)
                if not queued:
                    raise Refused(_("Đợt gửi {number} không có tin nào để gửi lại.").format(number=number))
                await self._record(db, "retry", login, number, {"statuses": statuses, "queued": queued})
                return queued

    async def _in_state(
        self, db: AsyncConnection, login: str, number: int, states: Sequence[State], roles: Sequence[Role] = DRAFTERS
    ) -> Broadcast:
        _officer, was = await self._whose(db, login, number, roles)
        check_state(was, states)
        return was

    async def _whose(
        self, db: AsyncConnection, login: str, number: int, roles: Sequence[Role] = DRAFTERS
    ) -> tuple[Officer, Broadcast]:
        officer, was = await officer_of(db, login, roles), await find_broadcast(db, number)
        check_area(officer, was)
        return officer, was

    async def _insert(self, draft: Draft, officer: Officer) -> Broadcast:
        at, row, login = self._now(), draft.to_row(), officer.login
        async with self._database.begin() as db:
            whose = {"authors": to_json((login,)), "area": to_json(officer.communes)}
            number = await broadcasts.insert(db, **row, **whose, created_at=at, changed_at=at)
            await self._record(db, "draft", login, number, {"version": 1, **row})
            return await find_broadcast(db, number)

    async def _move(
        self, was: Broadcast, action: str, login: str, to: State, columns: Mapping[str, object],
        told: Mapping[str, object] = {},
    ) -> Broadcast:  # fmt: skip
        """Change the row and write in the log that *login* did, with *told* beside it."""
        async with self._database.begin() as db:
            await self._change(db, was, to, columns)
            await self._record(db, action, login, was.id, {"version": was.version, **told})
            return await find_broadcast(db, was.id)

    async def _change(self, db: AsyncConnection, was: Broadcast, to: State, columns: Mapping[str, object]) -> None:
        """Change the row, if it is still as it was when all was checked."""
        values = {**columns, "changed_at": self._now()}
        if not await broadcasts.change_state(db, was.id, from_=(was.state,), seen=was.version, to=to, **values):
            told = _("Đợt gửi {number} vừa được người khác thay đổi: xem lại rồi làm lại.")
            raise Outdated(told.format(number=was.id))

    @asynccontextmanager
    async def _step(
        self, action: str, login: str, number: int | None = None
    ) -> AsyncIterator[tuple[AsyncConnection, World]]:
        """A connection to read with, so that nobody's turn waits while an audience is counted, and the world as it is.

        What is refused within is written down in a transaction of its own, once the work was rolled back.
        """
        world = World(self._library(), self._channels, self._now(), self._today())
        try:
            async with reading(self._database).connect() as db:
                yield db, world
        except Refused as refusal:
            async with self._database.begin() as db:
                if isinstance(refusal, Voided):
                    await void(db, refusal.broadcast, at=world.at, reason=str(refusal))
                await self._record(db, action, login, number, {"why": str(refusal)}, "refused")
            raise

    async def _record(
        self, db: AsyncConnection, action: str, login: str, number: int | None, detail: Mapping[str, object],
        outcome: audit.Outcome = "done",
    ) -> None:  # fmt: skip
        await audit.record(
            db, at=self._now(), actor=login, action=f"broadcast.{action}", subject=subject_of(number),
            outcome=outcome, detail={"via": self._via, **detail},
        )  # fmt: skip


async def void(db: AsyncConnection, broadcast: Broadcast, *, at: datetime, reason: str) -> bool:
    """Send back to draft what is no longer what was approved, before it begins; whether it still was as given."""
    columns = {**_unapproved(broadcast), "reason": reason, "changed_at": at}
    return await broadcasts.change_state(
        db, broadcast.id, from_=(broadcast.state,), seen=broadcast.version, to="draft", **columns
    )  # fmt: skip


async def find_broadcast(db: AsyncConnection, number: int) -> Broadcast:
    """The broadcast of this number; `Refused` when there is none."""
    row = await broadcasts.find(db, number)
    if row is None:
        raise Refused(_("Không có đợt gửi số {number}.").format(number=number))
    return broadcast_from(row)


def subject_of(number: int | None) -> str:
    """How the audit log names a broadcast; one that never came to be is "new"."""
    return f"broadcast:{number or 'new'}"


def _changes(was: Broadcast, draft: Draft, version_seen: int) -> Mapping[str, object]:
    """The columns that *draft* changes, if who wrote it has seen the last version."""
    if version_seen != was.version:
        told = _("Đợt gửi {number} đã có bản mới hơn (bản {version}): xem lại rồi sửa.")
        raise Outdated(told.format(number=was.id, version=was.version))
    before = draft_of(was).to_row()
    changed = {name: value for name, value in draft.to_row().items() if value != before[name]}
    if not changed:
        raise Refused(_("Bản sửa không khác gì bản đang có của đợt gửi {number}.").format(number=was.id))
    return changed


def _unapproved(was: Broadcast) -> Mapping[str, object]:
    """The columns of a new version that nobody has submitted yet."""
    return {
        "version": was.version + 1, "digest": "", "submitted_by": "", "approved_by": "", "audience": 0,
        "due_at": None, "reason": "",
    }  # fmt: skip


def _money(was: Broadcast) -> Mapping[str, object]:
    """What it may cost, for the log, where it may cost anything."""
    return {"budget": was.policy.budget} if was.policy.budget else {}


def _with_author(was: Broadcast, login: str) -> Mapping[str, object]:
    return {"authors": to_json(tuple(dict.fromkeys((*was.authors, login))))}
