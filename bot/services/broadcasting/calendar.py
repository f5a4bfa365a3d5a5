"""Which broadcast goes out on which day: what went, what is set, and the slots to come of those that recur. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bot.services.broadcasting.hours import HANOI
from bot.services.broadcasting.model import Broadcast
from bot.services.broadcasting.recurrence import BadRule, rule_of

MOST = 200
"""Slots of one broadcast that a stretch of days shows: an hourly one has 744 in a month, which no page needs."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A broadcast at a moment. `kind`: it began then; it is set to begin then; or one slot of a recurring one."""

    at: datetime
    kind: Literal["began", "set", "slot"]
    broadcast: Broadcast


def by_day(
    broadcasts: Iterable[Broadcast], first: datetime, last: datetime, now: datetime
) -> Mapping[date, list[Entry]]:
    """The entries of each day in Hà Nội from *first* on, before *last*, in the order of the clock."""
    found = [entry for one in broadcasts for entry in _entries(one, first, last, now) if first <= entry.at < last]
    days: dict[date, list[Entry]] = {}
    for entry in sorted(found, key=lambda entry: (entry.at, entry.broadcast.id)):
        days.setdefault(entry.at.astimezone(HANOI).date(), []).append(entry)
    return days


def _entries(one: Broadcast, first: datetime, last: datetime, now: datetime) -> Iterator[Entry]:
    if one.started_at is not None:
        yield Entry(one.started_at, "began", one)
    elif one.timing.rule:
        yield from (Entry(slot, "slot", one) for slot in _slots(one, max(first, now), last))
    elif one.due_at or one.timing.at or one.slot:
        yield Entry(one.due_at or one.timing.at or one.slot or now, "set", one)


def _slots(one: Broadcast, first: datetime, last: datetime) -> Iterator[datetime]:
    try:
        rule = rule_of(one.timing)
    except BadRule:
        return
    shown = 0
    for slot in rule.slots():
        if slot >= last or shown == MOST:
            return
        if slot >= first:
            shown += 1
            yield slot
