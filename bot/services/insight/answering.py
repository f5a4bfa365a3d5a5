"""What came of broadcasts: what people did within a day after one reached them, counted once for each person. Pure.

Somebody whom two broadcasts reached within a day counts for the last before what they did. Which was the last is known
once it is written down what became of messages that may have left before: until then these entries wait
(`bot.store.insight.log.unmarked_since`), so that folding as it comes and folding anew count the same.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from bot.services.insight.counting import Count
from bot.services.insight.folding import day_of
from bot.services.insight.metrics import OF_BROADCAST, Metric
from bot.store.conversations import HEARD
from bot.store.insight.log import BEGINNINGS, Entry, Told
from bot.store.insight.writing import Mark, MarkKey

WITHIN = timedelta(hours=24)
"""An answer after that is to something else."""
_HEARD = frozenset(HEARD)
_BEGINNINGS = frozenset(BEGINNINGS)


def decidable(entries: Sequence[Entry], unmarked: datetime | None) -> Sequence[Entry]:
    """Those of *entries* before the first that a message may have preceded of which it isn't written down yet."""
    if unmarked is None:
        return entries
    until = next((index for index, entry in enumerate(entries) if entry.at >= unmarked), len(entries))
    return entries[:until]


def beginnings_missing(entries: Iterable[Entry], told: Collection[int]) -> Mapping[int, int]:
    """Contacts, of those who were *told* anything, whose turn began before *entries*: with its first row in them."""
    begun, missing = set[int](), dict[int, int]()
    for entry in entries:
        if entry.contact_id not in begun and entry.contact_id in told:
            begun.add(entry.contact_id)
            if entry.kind not in _BEGINNINGS:
                missing[entry.contact_id] = entry.id
    return missing


def marks_for(told: Mapping[int, Sequence[Told]]) -> Iterator[MarkKey]:
    """The marks that say who of those who were *told* something has been counted for it."""
    for contact, messages in told.items():
        for broadcast in {str(one.broadcast_id) for one in messages}:
            yield from ((contact, metric, broadcast) for metric in OF_BROADCAST)


def fold_answers(
    count: Count, entries: Iterable[Entry], told: Mapping[int, Sequence[Told]], begun: Mapping[int, str]
) -> None:  # fmt: skip
    """Count *entries* for the broadcasts in *told*; *begun* says how the turns began that had begun before."""
    turns = dict(begun)
    for entry in entries:
        if entry.kind in _BEGINNINGS:
            turns[entry.contact_id] = entry.kind
        of = told.get(entry.contact_id)
        metrics = _means(entry, turns.get(entry.contact_id, "")) if of else ()
        broadcast = _last_before(of, entry.at) if of and metrics else None
        if broadcast is not None:
            for metric in metrics:
                _count_once(count, entry, metric, str(broadcast))


def _means(entry: Entry, began: str) -> Sequence[Metric]:
    """What an entry tells of a broadcast: a dialog that somebody was invited to is none that they entered."""
    if entry.kind in ("chose", "typed"):
        return (Metric.REPLIED, Metric.FOLLOWED)
    if entry.kind in _HEARD:
        return (Metric.REPLIED,)
    if entry.kind == "entered" and began in _HEARD:
        return (Metric.FOLLOWED,)
    if entry.kind == "stop" and entry.detail != "none":
        return (Metric.QUIT,)
    return ()


def _last_before(told: Sequence[Told], at: datetime) -> int | None:
    index = bisect_right(told, at, key=lambda one: one.at)
    return told[index - 1].broadcast_id if index and at - told[index - 1].at < WITHIN else None


def _count_once(count: Count, entry: Entry, metric: Metric, broadcast: str) -> None:
    if count.mark(entry.contact_id, metric, broadcast) is None:
        day = day_of(entry.at)
        count.add(metric, day, "", subject=broadcast)
        count.keep(entry.contact_id, metric, broadcast, Mark(day, ""))
