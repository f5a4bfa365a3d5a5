"""Whom a broadcast is for: its query, or the saved segment that it names, as it is now."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.segments import Segment, SegmentError, names_of, parse
from bot.engine.segments.model import All, Is, Not
from bot.engine.state import Library
from bot.services.broadcasting.digest import digest_of
from bot.services.broadcasting.model import Broadcast
from bot.speech import _
from bot.store import segments

SAVED = "@"
"""A segment that begins so is the name of a saved one."""


async def segment_of(db: AsyncConnection, library: Library, text: str) -> Segment:
    """The segment that *text* is, or names. `SegmentError` when it can't be understood, or isn't there (any more)."""
    names, query = names_of(library), text.strip()
    if not query.startswith(SAVED):
        return parse(query, names)
    name = query.removeprefix(SAVED)
    found = await segments.find(db, name)
    if found is None:
        raise SegmentError(1, "segment", _("không có nhóm đã lưu “{name}”").format(name=name), word=name)
    return parse(found.query, names)


async def size_of(db: AsyncConnection, segment: Segment, channels: Iterable[str], at: datetime) -> int:
    """How many people of *segment* can be written to."""
    return await segments.count(db, segment, at=at, channels=tuple(channels))


async def outside(
    db: AsyncConnection, segment: Segment, communes: Collection[str], channels: Iterable[str], at: datetime
) -> int:
    """How many of them live elsewhere than in *communes*, or nobody knows where."""
    elsewhere = All((segment, Not(Is("xa", tuple(communes)))))
    return await size_of(db, elsewhere, channels, at)


async def fingerprint(db: AsyncConnection, library: Library, broadcast: Broadcast) -> str:
    """`digest_of` *broadcast* as it and all that it uses are now; "" when nobody can say whom it is for any more.

    Other than `broadcast.digest`: something changed since it was submitted.
    """
    try:
        segment = await segment_of(db, library, broadcast.segment)
    except SegmentError:
        return ""
    return digest_of(
        library, broadcast.body, str(segment), broadcast.timing, broadcast.policy, broadcast.urgent,
        broadcast.audience, broadcast.version,
    )  # fmt: skip
