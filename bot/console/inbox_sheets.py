"""What the pages of the inbox show: the queue, one conversation with its person, and what is new in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.console.access import access_contact
from bot.console.visit import Visit
from bot.engine.state import Person
from bot.services.broadcasting.words import dong
from bot.services.canned import canned_answers
from bot.services.handoff import LONGEST, names_of
from bot.services.office_hours import moment_words
from bot.services.retelling import conversation
from bot.speech import _
from bot.store import handoffs, previews
from bot.store.handoffs import Handoff, Shelf

SHOWN = 100
"""Conversations in the list: more than a day's work; who is in danger and then who waits longest stands first."""
GLANCE = 1.0
"""Seconds between two looks at an open conversation."""
SHELVES: Mapping[Shelf, str] = {
    "waiting": _("Đang chờ"), "mine": _("Của tôi"), "open": _("Đang mở"), "closed": _("Đã đóng"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation in the list. `late_since` is set once the promise to answer is broken; `claimer` is a name."""

    handoff: Handoff
    late_since: datetime | None
    claimer: str
    queue: str


async def queue_sheet(visit: Visit, db: AsyncConnection) -> dict[str, Any]:
    """The list: which shelf, whose commune, who waits."""
    on, place = _shelf(visit.query.get("on", "")), visit.query.get("xa", "")
    mine = visit.officer.communes
    communes = (place,) if place and (not mine or place in mine) else mine
    found = await handoffs.listing(db, on, login=visit.login, communes=communes, limit=SHOWN)
    names = await names_of(db, [one.claimed_by for one in found])
    counts = await handoffs.waiting_by_commune(db)
    places = sorted(code for code in counts if code and (not mine or code in mine))
    return {
        "rows": [_row(visit, one, names) for one in found], "on": on, "shelves": SHELVES, "shown": SHOWN,
        "xa": place, "communes": {code: counts[code].waiting for code in places}, "next_opening": next_opening(visit),
    }  # fmt: skip


async def one_sheet(visit: Visit, db: AsyncConnection, handoff: Handoff) -> dict[str, Any]:
    """One conversation: what was said, who answers, what is known of the person, and the queue beside it."""
    library, person = visit.site.library(), await person_of(db, handoff)
    retold = await conversation(db, handoff.contact_id, name=handoff.name)
    noted = await handoffs.notes_about(db, handoff.contact_id)
    names = await names_of(db, [handoff.claimed_by, handoff.closed_by, *(one.author for one in noted)])
    followed = await handoffs.following(db, handoff.contact_id)
    return {
        **await queue_sheet(visit, db), "handoff": handoff, "row": _row(visit, handoff, names), "names": names,
        "seen": await seen_now(db, handoff), "lines": retold.lines, "older": retold.older, "notes": noted,
        "person": person,
        "contact": await access_contact(db, visit.officer, handoff.contact_id),
        "addresses": await handoffs.addresses_of(db, handoff.contact_id),
        "earlier": await handoffs.earlier(db, handoff.contact_id, but=handoff.id),
        "topics": [library.dialogs[one].title if one in library.dialogs else one for one in followed],
        "canned": canned_answers(library, person, visit.site.today()), "words": "", "longest": LONGEST,
        "text": "", "message": "", "note": "", "errors": {}, "problems": (),
        "fare": await visit.site.inbox.fare(db, handoff.contact_id), "dong": dong,
    }  # fmt: skip


async def news(visit: Visit, handoff: Handoff) -> AsyncIterator[tuple[str, str]]:
    """The conversation anew whenever something in it changes: what was said, and who answers.

    The page says how it was when it was shown (`seen`): nothing that came since is missed.
    """
    seen = visit.query.get("seen", "")
    while True:
        async with visit.site.reading.connect() as db:
            here = await handoffs.find(db, handoff.id, communes=visit.officer.communes)
            if here is None:
                return  # the person asked to be forgotten
            now = await seen_now(db, here)
            sheet = await one_sheet(visit, db, here) if now != seen else None
        if sheet is not None:
            yield "talk", visit.site.pages.render(visit, "_inbox_talk.html", sheet)
        seen = now
        await asyncio.sleep(GLANCE)


async def seen_now(db: AsyncConnection, handoff: Handoff) -> str:
    """How the conversation stands, as a short word that changes with it."""
    return sha256(repr(await handoffs.glance(db, handoff)).encode()).hexdigest()[:16]


async def person_of(db: AsyncConnection, handoff: Handoff) -> Person:
    """Who it is with, as texts depend on them."""
    return (await previews.people(db, [handoff.contact_id]))[handoff.contact_id]


def next_opening(visit: Visit) -> str:
    """When somebody is there again, in words; "" while the office is open."""
    now, holidays = visit.site.now(), visit.site.library().holidays
    opening = visit.site.hours.opening(now, holidays)
    return "" if opening is None or opening <= now else moment_words(opening, now, visit.say)


def _row(visit: Visit, handoff: Handoff, names: Mapping[str, str]) -> Row:
    library, late = visit.site.library(), None
    if handoff.closed_at is None and handoff.waiting_since is not None:
        promised = visit.site.hours.promised(handoff.waiting_since, library.holidays)
        late = promised if promised is not None and promised < visit.site.now() else None
    queue = library.dialogs.get(handoff.queue)
    return Row(handoff, late, names.get(handoff.claimed_by, ""), visit.say(queue.title) if queue else "")


def _shelf(asked: str) -> Shelf:
    shelves: Sequence[Shelf] = tuple(SHELVES)
    return next((one for one in shelves if one == asked), "waiting")
