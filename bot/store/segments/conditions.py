"""A segment as a condition on `contacts`: the same meaning as `bot.engine.segments.matches`.

Every part is written twice. As a condition on one contact (here) it costs one look-up for each candidate. As the set of
its contacts (`indexed`) it costs what the set is large. One set, the smallest by its kind, finds the candidates, and
conditions try them: so the cost follows the audience and not the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import ColumnElement, Select, and_, case, false, func, literal, not_, or_, select, true

from bot.engine.segments.matching import TALKING
from bot.engine.segments.model import (
    All,
    AnyOf,
    Claim,
    Did,
    Everyone,
    Got,
    Has,
    InDialog,
    Is,
    Not,
    Seen,
    Segment,
)
from bot.store.models import addresses, contacts, deliveries, interactions, sessions, topics
from bot.store.segments.indexed import ANYWHERE, Bounds, Found, deed_of, find_ids, fits_index, got, one_of, spanning
from bot.store.segments.json_text import text_under

Condition = ColumnElement[bool]


def condition(segment: Segment, at: datetime, bounds: Bounds = ANYWHERE) -> Condition:
    """Whether a row of `contacts` is in *segment* at the moment *at*.

    *bounds* may tell that the query looks at some ids only: the sets within then hold no others.
    """
    found = find_ids(segment, at, bounds)
    if found is None or found.is_column:
        return _holds(segment, at)
    among = contacts.c.id.in_(found.ids)
    rest = _beyond(segment, found)
    return among if rest is None else and_(among, _holds(rest, at))


def _beyond(segment: Segment, found: Found) -> Segment | None:
    """What of *segment* the ids in *found* don't say yet."""
    if found.says is segment:
        return None
    if isinstance(segment, All):
        parts = tuple(part for part in segment.parts if part is not found.says)
        return parts[0] if len(parts) == 1 else All(parts)
    return segment


def _holds(segment: Segment, at: datetime) -> Condition:
    match segment:
        case All(parts=parts):
            return and_(*(_holds(part, at) for part in parts))
        case AnyOf(parts=parts):
            return or_(*(_holds(part, at) for part in parts))
        case Not(part=part):
            return not_(_holds(part, at))
        case _:
            return _claim(segment, at)


def _claim(claim: Claim, at: datetime) -> Condition:
    """Never NULL, so that `not` turns it round."""
    match claim:
        case Everyone():
            return true()
        case Is():
            return _is(claim, at)
        case Has(name=name, values=values):
            value = func.coalesce(text_under(contacts.c.fields, name), "")
            return one_of(value, values) if values else value != ""
        case Seen():
            return _seen(claim, at)
        case Did():
            return _of_contact(select(literal(1)).where(deed_of(claim, at), *_hint(claim)), interactions)
        case Got():
            return _got(claim, at)
        case InDialog():
            return is_in_dialog(at)
        case _:
            assert_never(claim)


def _of_contact(rows: Select[Any], table: Any) -> Condition:
    return rows.where(table.c.contact_id == contacts.c.id).correlate(contacts).exists()


def _hint(claim: Did) -> tuple[Condition, ...]:
    """With a node the index leads to one person's rows; without, SQLite would read the whole dialog for each person,
    and may not use the index then: it needs this condition to."""
    return (fits_index(),) if claim.node or claim.deed == "xong" else ()


def _is(claim: Is, at: datetime) -> Condition:
    match claim.subject:
        case "kenh":
            active = and_(one_of(addresses.c.channel, claim.values), addresses.c.status == "active")
            return _of_contact(select(literal(1)).where(active), addresses)
        case "chu-de":
            return _topics(claim.values)
        case "dung-tin":
            return one_of(stop_at(at), claim.values)
        case "tieng":
            return one_of(contacts.c.language, (*claim.values, *([""] if "vi" in claim.values else [])))
        case subject:
            return one_of(COLUMNS[subject], claim.values)


COLUMNS = {
    "ho": contacts.c.household, "xa": contacts.c.commune, "dong-y": contacts.c.consent, "nguon": contacts.c.source,
}  # fmt: skip


def _topics(values: Sequence[str]) -> Condition:
    named = tuple(value for value in values if value)
    subscribed = _of_contact(select(literal(1)).where(one_of(topics.c.topic, named)), topics) if named else None
    if "" not in values:
        return subscribed if subscribed is not None else false()
    none = ~_of_contact(select(literal(1)).select_from(topics), topics)
    return none if subscribed is None else or_(subscribed, none)


def _seen(claim: Seen, at: datetime) -> Condition:
    if claim.which == "gap-dau":
        return and_(true(), *spanning(contacts.c.created_at, claim.when, at))
    if claim.when is None:
        return ~_of_contact(select(literal(1)).select_from(sessions), sessions)
    return _of_contact(select(literal(1)).where(*spanning(sessions.c.seen_at, claim.when, at)), sessions)


def _got(claim: Got, at: datetime) -> Condition:
    return _of_contact(select(literal(1)).where(got(claim, at)), deliveries)


def stop_at(at: datetime) -> ColumnElement[str]:
    """What a contact has stopped: a week that is over no longer is one."""
    over = and_(contacts.c.stop == "week", contacts.c.stopped_until.is_not(None), contacts.c.stopped_until <= at)
    return case((over, "none"), else_=contacts.c.stop)


def is_in_dialog(at: datetime) -> Condition:
    """Whether a question is open to the contact who was heard just now."""
    node = func.coalesce(text_under(sessions.c.state, "node"), "")
    now = and_(sessions.c.seen_at > at - TALKING, node != "")
    return _of_contact(select(literal(1)).where(now), sessions)
