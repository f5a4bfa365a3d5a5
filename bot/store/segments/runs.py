"""The runs of the recurring broadcasts that a segment names."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.segments.model import All, AnyOf, Got, Not, Segment
from bot.store.models import broadcasts


async def with_runs(db: AsyncConnection, segment: Segment) -> Segment:
    """*segment* with the `runs` of each broadcast that it names.

    Looked up first, since PostgreSQL knows how many people one broadcast has, and not those of a subquery: it would
    read the table of contacts from end to end for a broadcast that went to ten.
    """
    named = set(_named(segment))
    if not named:
        return segment
    of = select(broadcasts.c.parent_id, broadcasts.c.id).where(broadcasts.c.parent_id.in_(named))
    runs: dict[int, list[int]] = {}
    for parent, run in await db.execute(of.order_by(broadcasts.c.id)):
        runs.setdefault(parent, []).append(run)
    return _filled(segment, runs)


def _named(segment: Segment) -> Iterator[int]:
    match segment:
        case All(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                yield from _named(part)
        case Not(part=part):
            yield from _named(part)
        case Got(broadcast=int(number)):
            yield number


def _filled(segment: Segment, runs: dict[int, list[int]]) -> Segment:
    match segment:
        case All(parts=parts):
            return All(tuple(_filled(part, runs) for part in parts))
        case AnyOf(parts=parts):
            return AnyOf(tuple(_filled(part, runs) for part in parts))
        case Not(part=part):
            return Not(_filled(part, runs))
        case Got(broadcast=int(number)) if number in runs:
            return replace(segment, runs=tuple(runs[number]))
        case _:
            return segment
