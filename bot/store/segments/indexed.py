"""Parts of a segment as sets of contacts that an index yields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, literal_column, select, union

from bot.engine.segments.matching import DEEDS, DONE, span_of
from bot.engine.segments.model import All, AnyOf, Did, Got, Is, Segment, When
from bot.store.models import PROGRESS, contacts, deliveries, interactions, topics

RANKS = {"xong": 1, "da-tra-loi": 1, "da-nhan": 2, "xa": 2, "chu-de": 3, "da-toi": 4, "ho": 5}
"""Which kind of set is likely to be the smallest: a dialog's last node before its first, one of 126 communes before
one of five kinds of household. A wrong guess costs time and nothing else."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Ids above `after` and up to `until`; None is no bound."""

    after: int | None = None
    until: int | None = None

    def of(self, column: ColumnElement[int]) -> list[ColumnElement[bool]]:
        above = [column > self.after] if self.after is not None else []
        return above + ([column <= self.until] if self.until is not None else [])


ANYWHERE = Bounds()


@dataclass(frozen=True, slots=True)
class Found:
    """`ids` selects no contact less than those in the part `says`, which is all that a condition need not repeat.

    `is_column`: what it asks is a column of `contacts` itself, whose index serves as it is.
    """

    ids: Any
    rank: int
    says: Segment
    is_column: bool = False


def find_ids(segment: Segment, at: datetime, bounds: Bounds) -> Found | None:
    """The smallest set, by its kind, that every contact of *segment* is in; None when no index yields one."""
    match segment:
        case All(parts=parts):
            found = [each for part in parts if (each := find_ids(part, at, bounds)) is not None]
            return min(found, key=lambda each: each.rank) if found else None
        case AnyOf(parts=parts):
            return _union(segment, [find_ids(part, at, bounds) for part in parts])
        case Is(subject="xa" | "ho" | "chu-de"):
            return _is(segment, bounds)
        case Did():
            ids = select(interactions.c.contact_id).where(deed_of(segment, at), fits_index())
            return Found(ids.where(*bounds.of(interactions.c.contact_id)), RANKS[segment.deed], segment)
        case Got(broadcast=int()):
            ids = select(deliveries.c.contact_id).where(got(segment, at), *bounds.of(deliveries.c.contact_id))
            return Found(ids, RANKS["da-nhan"], segment)
        case _:
            return None


def _union(segment: AnyOf, found: Sequence[Found | None]) -> Found | None:
    sets = [each for each in found if each is not None]
    if len(sets) < len(found):
        return None
    is_whole = all(each.says is part for each, part in zip(sets, segment.parts, strict=True))
    rank = max(each.rank for each in sets)
    # of a superset nothing has been said: `says` is then a part that the segment doesn't have
    return Found(union(*(each.ids for each in sets)), rank, segment if is_whole else AnyOf(()))


def _is(claim: Is, bounds: Bounds) -> Found | None:
    if claim.subject == "chu-de":
        if "" in claim.values:
            return None
        ids = select(topics.c.contact_id).where(one_of(topics.c.topic, claim.values))
        return Found(ids.where(*bounds.of(topics.c.contact_id)), RANKS["chu-de"], claim)
    same = contacts.alias("same")  # in a subquery of its own it must not be taken for the contact asked about
    column = same.c.commune if claim.subject == "xa" else same.c.household
    ids = select(same.c.id).where(one_of(column, claim.values), *bounds.of(same.c.id))
    return Found(ids, RANKS[claim.subject], claim, is_column=True)


def got(claim: Got, at: datetime) -> ColumnElement[bool]:
    """The deliveries that show it: they left."""
    row = deliveries.c
    parts = [row.broadcast_id.is_not(None), row.status == "sent", *spanning(row.sent_at, claim.when, at)]
    if claim.broadcast is not None:
        parts.append(row.broadcast_id.in_((claim.broadcast, *claim.runs)))
    return and_(*parts)


def deed_of(claim: Did, at: datetime) -> ColumnElement[bool]:
    """The interactions that show the deed."""
    row = interactions.c
    parts = [row.dialog == claim.dialog, one_of(row.kind, DEEDS[claim.deed]), *spanning(row.at, claim.when, at)]
    if claim.deed == "xong":
        parts += [row.node == "", row.detail == DONE]  # the end of a dialog is written without a node
    elif claim.node:
        parts.append(row.node == claim.node)
    if claim.choices:
        parts.append(one_of(row.detail, claim.choices))
    return and_(*parts)


def fits_index() -> ColumnElement[bool]:
    """What the partial index of deeds holds, word for word: SQLite knows it by that only."""
    return literal_column(PROGRESS.replace("kind", "interactions.kind"))


def spanning(column: ColumnElement[Any], when: When | None, at: datetime) -> list[ColumnElement[bool]]:
    """That the moment in *column* is in *when*; a NULL is in none."""
    span = span_of(when, at)
    since = [column >= span.since] if span.since is not None else []
    return since + ([column < span.until] if span.until is not None else [])


def one_of(column: ColumnElement[str], values: Iterable[str]) -> ColumnElement[bool]:
    """That *column* has one of *values*."""
    listed = list(values)
    return column == listed[0] if len(listed) == 1 else column.in_(listed)
