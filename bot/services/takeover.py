"""Somebody answers a person in the platform's own chat tool: the inbox says so, and the bot holds back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.engine.held import interrupted
from bot.messages import Address
from bot.services.conversation import Unavailable
from bot.services.receipts import moment_of
from bot.store import audit, handoffs, takeovers
from bot.store.db import FAULTS
from bot.store.handoffs import Place

QUEUE = "chung"
"""The queue of a conversation that nobody put into one."""


class Takeovers:
    """What people of ours write in a platform's chat tool. *forget* is told which addresses a running conversation
    must read anew."""

    def __init__(
        self, database: AsyncEngine, *, now: Callable[[], datetime], forget: Callable[[Address], None]
    ) -> None:  # fmt: skip
        self._database, self._now, self._forget = database, now, forget

    async def taken_over(self, to: Address, *, admin: str, text: str, message_id: str, at: float) -> bool:
        """*admin* (the platform's id of them) wrote *text* to the person at *to*; empty for a picture or a file.

        False when that changes nothing: told before, a message of ours, or a person whom we don't know: who only was
        written to becomes no contact. Raises `Unavailable`, with nothing recorded.
        """
        try:
            async with self._database.begin() as db:
                place = await self._place(db, to, text, message_id)
                if place is None:
                    return False
                contact_id, held = place
                login = f"{to.channel}:{admin}"
                await takeovers.log_words(db, contact_id, at=self._now(), login=login, text=text)
                moment = moment_of(at, self._now())
                if await takeovers.was_closed_after(db, contact_id, moment):
                    return True  # it comes late: an officer has given the person back to the bot since
                number, claimer = await self._take(db, contact_id, login, moment)
                await takeovers.hold(db, contact_id, interrupted(held.session))
                detail = {"message": message_id, "letters": len(text), "claimed_by": claimer}
                await audit.record(
                    db, at=self._now(), actor=login, action="inbox.takeover", subject=f"handoff:{number}",
                    detail=detail,
                )  # fmt: skip
        except FAULTS as error:
            raise Unavailable("the database can't be written") from error
        for address in held.every_address:
            self._forget(address)
        return True

    async def _place(
        self, db: AsyncConnection, to: Address, text: str, message_id: str
    ) -> tuple[int, Place] | None:  # fmt: skip
        """Whom it was written to and where the bot is with them, their turns waiting; None when there is nothing to do.

        Rows are locked in the order of turns: the person first. What is read after that is how things stand.
        """
        if message_id and not await takeovers.is_new(db, to.channel, f"echo:{message_id}", self._now()):
            return None
        contact_id = await takeovers.contact_at(db, to)
        if contact_id is None:
            return None
        place = await handoffs.hold_person(db, contact_id)
        if to not in place.every_address:  # they were forgotten while this waited
            return None
        return None if await _is_ours(db, contact_id, to, text, message_id) else (contact_id, place)

    async def _take(self, db: AsyncConnection, contact_id: int, login: str, at: datetime) -> tuple[int, str]:
        """The conversation's number and who answers it: an officer who has taken it keeps it."""
        number = await handoffs.open_of(db, contact_id)
        number = number or await takeovers.open_new(db, contact_id, queue=QUEUE, at=at)
        handoff = await handoffs.find(db, number, locked=True)
        assert handoff is not None  # the person is locked: nobody else can have taken it away
        if handoff.waiting_since is not None and handoff.waiting_since <= at:
            await handoffs.change(db, number, waiting_since=None)
        if handoff.claimed_by != login and not is_officers(handoff.claimed_by):
            await handoffs.change(db, number, claimed_by=login, claimed_at=at)
            return number, login
        return number, handoff.claimed_by


def is_officers(login: str) -> bool:
    """Whether it is the login of an officer: no account of a platform's, and not nobody's."""
    return bool(login) and ":" not in login


async def _is_ours(db: AsyncConnection, contact_id: int, to: Address, text: str, message_id: str) -> bool:
    """Whether the program sent it. A platform that named a person also for what we send would silence the bot.

    It may tell of a message before our own mark is written: one that is under way is known by its words.
    """
    words = msgspec.json.encode(text)[1:-1]
    for external_id, status, payload in await takeovers.lately_owed(db, contact_id, to):
        is_under_way = status == "claimed" and bool(text) and words in payload
        if is_under_way or (message_id and external_id == message_id):
            return True
    return False
