"""Reading insight: every function reads roll-ups only, so that it costs the same whatever the length of the log.

*area* are codes of communes; empty is the whole city.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.broadcasting.hours import HANOI
from bot.services.broadcasting.model import body_from
from bot.services.insight.figures import (
    Activity,
    BroadcastResult,
    Coverage,
    Day,
    DialogNumbers,
    DialogShare,
    MissedGroup,
    NodeNumbers,
    People,
    Span,
    State,
)
from bot.services.insight.folding import Sections
from bot.services.insight.metrics import OF_BROADCAST, Metric
from bot.store import broadcasts
from bot.store.insight import forms, log, reading
from bot.store.insight.writing import read_cursor

LATELY = 30
"""Days that coverage of the plan looks back over, today included."""
_OF_DAY: Mapping[Metric, str] = {
    Metric.ACTIVE: "active", Metric.NEW: "new", Metric.HEARD: "heard", Metric.SAID: "said", Metric.MISSED: "missed",
    Metric.HANDOFF: "handoffs", Metric.STOPPED: "stopped",
}  # fmt: skip
"""The fields of a `Day`."""
_OF_NODE: Mapping[Metric, str] = {
    Metric.ASKED: "asked", Metric.ANSWERED: "answered", Metric.LEFT: "left", Metric.OPEN: "dropped",
    Metric.STUCK: "missed", Metric.SPOKEN: "said",
}  # fmt: skip
"""The fields of `NodeNumbers`."""


async def people(db: AsyncConnection, *, area: Sequence[str]) -> People:
    """Everybody we can talk to, as counted last."""
    by: dict[str, Counter[str]] = defaultdict(Counter)
    communes: Counter[str] = Counter()
    for dimension, commune, key, n in await reading.heads(db, area=area):
        by[dimension][key] += n
        if dimension == "all":
            communes[commune] += n
    standing = by["standing"]
    return People(
        by["all"][""], standing["consented"], standing["stopped"], standing["blocked"], dict(communes),
        dict(by["household"]), dict(by["channel"]), dict(by["language"]), await reading.counted_at(db),
    )  # fmt: skip


async def activity(db: AsyncConnection, span: Span, *, area: Sequence[str]) -> Activity:
    """What happened day by day."""
    found = await reading.by_day(db, (*_OF_DAY, Metric.LAST), first=span.first, last=span.last, area=area)
    told: dict[date, dict[str, int]] = defaultdict(dict)
    for metric, day, n in found:
        if metric != Metric.LAST:
            told[day][_OF_DAY[Metric(metric)]] = n
    days = [Day(day, **told[day]) for day in _days(span)]
    hours = {int(hour): n for hour, n in await _keys(db, Metric.HOUR, span, area)}
    total = sum(n for metric, _, n in found if metric == Metric.LAST)
    return Activity(days, [hours.get(hour, 0) for hour in range(24)], total)


def _days(span: Span) -> Iterable[date]:
    return (span.first + timedelta(days=number) for number in range((span.last - span.first).days + 1))


async def _keys(db: AsyncConnection, metric: Metric, span: Span, area: Sequence[str]) -> Sequence[tuple[str, int]]:
    found = await reading.by_key(db, (metric,), first=span.first, last=span.last, area=area)
    return [(key, n) for _, key, n in found]


async def topics(db: AsyncConnection, span: Span, *, area: Sequence[str]) -> Sequence[tuple[str, int]]:
    """Dialogs by people whose last entry falls in the span, most first."""
    return sorted(await _keys(db, Metric.ENTRANT, span, area), key=lambda one: (-one[1], one[0]))


async def dialogs(db: AsyncConnection, span: Span, *, area: Sequence[str]) -> Sequence[DialogShare]:
    """Every dialog in which something happened in the span, most entered first: one read for all of the list."""
    shares = [
        DialogShare(
            name, of[Metric.ENTERED], of[Metric.ENTRANT], of[Metric.FINISHED], of[Metric.WAITING]
        )
        for name, of in (await _by_dialog(db, span, area)).items()
    ]  # fmt: skip
    return sorted(shares, key=lambda one: (-one.entered, one.dialog))


async def _by_dialog(db: AsyncConnection, span: Span, area: Sequence[str]) -> Mapping[str, Counter[str]]:
    metrics = (Metric.ENTERED, Metric.ENTRANT, Metric.FINISHED, Metric.WAITING, Metric.HANDED)
    by: dict[str, Counter[str]] = defaultdict(Counter)
    for metric, key, n in await reading.by_key(db, metrics, first=span.first, last=span.last, area=area):
        by[key][metric] = n
    return by


async def dialog(db: AsyncConnection, dialog_id: str, span: Span, *, area: Sequence[str]) -> DialogNumbers:
    """The numbers of one dialog and of each of its nodes."""
    of = (await _by_dialog(db, span, area)).get(dialog_id, Counter())
    metrics = (*_OF_NODE, Metric.CHOICE, Metric.STEPS)
    found = await reading.by_key(db, metrics, first=span.first, last=span.last, area=area, subject=dialog_id)
    steps = {int(key): n for metric, key, n in found if metric == Metric.STEPS}
    return DialogNumbers(
        of[Metric.ENTERED], of[Metric.ENTRANT], of[Metric.FINISHED], of[Metric.HANDED], _median(steps), _nodes(found)
    )


def _nodes(found: Iterable[tuple[str, str, int]]) -> Mapping[str, NodeNumbers]:
    numbers: dict[str, dict[str, int]] = defaultdict(dict)
    choices: dict[str, dict[str, int]] = defaultdict(dict)
    for metric, key, n in found:
        if metric == Metric.CHOICE:
            node, _, choice = key.partition("/")
            choices[node][choice] = n
        elif metric != Metric.STEPS:
            numbers[key][_OF_NODE[Metric(metric)]] = n
    nodes = numbers.keys() | choices.keys()
    return {node: NodeNumbers(**numbers[node], choices=choices[node]) for node in sorted(nodes)}


def _median(counts: Mapping[int, int]) -> float | None:
    """The middle of all values, each as often as *counts* says; of an even number, the middle of the middle two."""
    total = sum(counts.values())
    if not total:
        return None
    ordered = sorted(counts)
    middle = [_value_at(ordered, counts, (total - 1) // 2), _value_at(ordered, counts, total // 2)]
    return sum(middle) / 2


def _value_at(ordered: Sequence[int], counts: Mapping[int, int], place: int) -> int:
    for value in ordered:
        place -= counts[value]
        if place < 0:
            return value
    raise AssertionError("a place beyond the last value")


async def coverage(db: AsyncConnection, *, area: Sequence[str], today: date) -> Mapping[str, Coverage]:
    """People and messages by section of the plan, in the last 30 days; sections that reached nobody are not in it."""
    first = today - timedelta(days=LATELY - 1)
    by: dict[str, Counter[str]] = defaultdict(Counter)
    metrics = (Metric.SECTION, Metric.TOLD)
    for metric, key, n in await reading.by_key(db, metrics, first=first, last=today, area=area):
        by[key][metric] = n
    return {section: Coverage(of[Metric.SECTION], of[Metric.TOLD]) for section, of in sorted(by.items())}


async def told_by_broadcasts(db: AsyncConnection, *, today: date, sections: Sections) -> Mapping[str, int]:
    """Messages by section of the plan that broadcasts which began in the last 30 days have brought to people.

    `coverage` knows what was said in conversations; what a broadcast says stands in no log. Whom a message of several
    doesn't concern is told the others, and counted here for all.
    """
    since = datetime.combine(today - timedelta(days=LATELY - 1), time(), HANOI)
    told: Counter[str] = Counter()
    for number, body in await broadcasts.bodies_since(db, since):
        carried = {section for message in body_from(body).messages for section in sections.get(message, ())}
        if carried:
            sent = (await broadcasts.counts(db, number)).get("sent", 0)
            told.update(dict.fromkeys(carried, sent))
    return {section: n for section, n in sorted(told.items()) if n}


async def missed(
    db: AsyncConnection, *, area: Sequence[str], state: State = "open", limit: int = 50,
    after: tuple[int, str] | None = None,
) -> Sequence[MissedGroup]:  # fmt: skip
    """Groups that were not understood, most messages first; *after* is `MissedGroup.after` of the last one seen."""
    rows = await forms.groups(db, area=area, state=state, limit=limit, after=after)
    return [_group(row) for row in rows]


async def missed_group(db: AsyncConnection, folded: str, *, area: Sequence[str]) -> MissedGroup | None:
    """One group, in whatever state; None when nobody in the area typed it."""
    row = await forms.group(db, folded, area=area)
    return None if row is None else _group(row)


def _group(row: RowMapping) -> MissedGroup:
    return MissedGroup(
        row["folded"], row["sample"], int(row["n"]), int(row["people"]), row["first_at"], row["last_at"],
        row["state"] or "open", row["topic"] or "", row["decided_by"] or "", row["decided_at"],
    )  # fmt: skip


async def decide_missed(
    db: AsyncConnection, folded: str, *, state: State, topic: str, by: str, at: datetime
) -> None:  # fmt: skip
    """What an officer made of a group; open takes a decision back. The audit entry is the caller's."""
    await forms.decide(db, folded, state=state, topic=topic, by=by, at=at)


async def broadcast_result(db: AsyncConnection, number: int) -> BroadcastResult:
    """What came of a broadcast so far. Who was reached is told by its chunks."""
    reached = (await broadcasts.counts(db, number)).get("sent", 0)
    found = await reading.by_key(db, OF_BROADCAST, first=None, last=None, area=(), subject=str(number))
    of = Counter({metric: n for metric, _, n in found})
    return BroadcastResult(reached, of[Metric.REPLIED], of[Metric.FOLLOWED], of[Metric.QUIT])


async def behind(db: AsyncConnection) -> timedelta | None:
    """How far the roll-ups are behind the log: the time between what was folded last and what was logged last.

    None when all is folded. Where nothing was folded yet, it is all that the log covers.
    """
    newest, cursor = await log.newest(db), await read_cursor(db)
    if newest is None or (cursor is not None and cursor.interaction_id >= newest[0]):
        return None
    since = cursor.at if cursor is not None else None
    since = since or await log.oldest(db) or newest[1]
    return max(newest[1] - since, timedelta(0))
