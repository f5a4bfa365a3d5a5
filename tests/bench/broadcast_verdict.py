"""What a broadcast has left: its rows and its own counts, against who was to get it and what they got. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise

from msgspec import Struct, field

ON_THE_WIRE = 0.1
"""Seconds after a kill in which calls of the dead process may still be read; the next one needs longer to start."""
ENDED = ("sent", "unknown")
"""What may have become of a message here: the stand-in refuses none, and nobody stops or blocks us."""
SHOWN = 5
Key = tuple[int, str, bytes]
"""A message as both sides know it: chat, method, and the very bytes."""


class Row(Struct, frozen=True):
    """One delivery of the broadcast. *key* is None when nobody knows what it said, as of one that is unknown."""

    id: int
    contact: int
    chunk: int
    status: str
    attempts: int
    key: Key | None


class Left(Struct, frozen=True):
    """What the database holds of one broadcast; `counts` is what the program says of it."""

    policy: str
    state: str
    recipients: int
    is_planned: bool
    counts: Mapping[str, int]
    rows: Sequence[Row]


class Verdict(Struct):
    """`repeats` are calls beyond the first for a row, `doubtful` the rows that no one can be sure of, or that were.

    `by_stop` has for each stop how many messages came before it and are unknown, or came again after it.
    """

    policy: str = ""
    audience: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    repeated: int = 0
    repeats: int = 0
    resent: int = 0
    doubtful: int = 0
    unlisted: int = 0
    unexplained: int = 0
    by_stop: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def judge(
    left: Left, audience: Collection[int], came: Mapping[Key, Sequence[float]], stopped_at: Sequence[float]
) -> Verdict:
    """Everybody of *audience* has one row, which ended, and is true; *came* has when each message came, in order."""
    verdict = Verdict(left.policy, len(audience), dict(Counter(row.status for row in left.rows)))
    _judge_rows(verdict, left, audience)
    _judge_counts(verdict, left)
    _judge_sends(verdict, left, came)
    _judge_repeats(verdict, left, came, stopped_at)
    return verdict


def strays(lefts: Iterable[Left], came: Mapping[Key, Sequence[float]]) -> list[str]:
    """Messages that came, and that no row of any broadcast owes."""
    owed = {row.key for left in lefts for row in left.rows}
    unasked = [key for key in came if key not in owed]
    return [_told(len(unasked), "messages came that no row owes", [key[0] for key in unasked])] if unasked else []


def overdrawn(verdicts: Sequence[Verdict], stops: int, most: int) -> list[str]:
    """Where more than *most* messages (the window) are doubtful for each of so many *stops*."""
    problems = []
    doubtful = sum(verdict.doubtful for verdict in verdicts)
    if doubtful > most * stops:
        problems.append(f"{doubtful} messages are unknown or were tried again: at most {most} for each stop may be")
    for stop, count in enumerate(map(sum, zip(*(verdict.by_stop for verdict in verdicts), strict=True)), 1):
        if count > most:
            problems.append(f"stop {stop} left {count} messages in doubt that had come: at most {most} may be")
    return problems


def _judge_rows(verdict: Verdict, left: Left, audience: Collection[int]) -> None:
    """One row for everybody, none for others, each at its end."""
    rows = Counter(row.contact for row in left.rows)
    missing = [contact for contact in audience if contact not in rows]
    verdict.lost += len(missing)
    _add(verdict, "people of the audience have no row", missing)
    _add(verdict, "people have several rows", [contact for contact, count in rows.items() if count > 1])
    _add(verdict, "rows are of people outside of the audience", [one for one in rows if one not in set(audience)])
    open_still = [row.id for row in left.rows if row.status not in ENDED]
    verdict.lost += len(open_still)
    _add(verdict, f"rows are neither of {ENDED}", open_still)
    _add(verdict, "rows say nothing", [row.id for row in left.rows if row.key is None and row.status == "sent"])
    if not left.is_planned or left.state != "done":
        verdict.problems.append(f"the broadcast is {left.state}, planned: {left.is_planned}; it should be done")


def _judge_counts(verdict: Verdict, left: Left) -> None:
    """The counts by status add up to the audience, and are those of the rows."""
    told = {status: count for status, count in left.counts.items() if count}
    if told != verdict.statuses:
        verdict.problems.append(f"the program counts {told}, the rows are {verdict.statuses}")
    if sum(told.values()) != verdict.audience or left.recipients != verdict.audience:
        verdict.problems.append(
            f"counts add up to {sum(told.values())}, the broadcast says {left.recipients}: it is {verdict.audience}"
        )


def _judge_sends(verdict: Verdict, left: Left, came: Mapping[Key, Sequence[float]]) -> None:
    """What is called sent has come."""
    untrue = [row.id for row in left.rows if row.status == "sent" and row.key is not None and not came.get(row.key)]
    verdict.lost += len(untrue)
    _add(verdict, "rows are called sent, and never came", untrue)


def _judge_repeats(
    verdict: Verdict, left: Left, came: Mapping[Key, Sequence[float]], stopped_at: Sequence[float]
) -> None:
    """Who got it again: only after a stop, only when it may be, and the row says so."""
    by_stop: Counter[int] = Counter()
    again, hidden = [], []
    for row in left.rows:
        times = came.get(row.key, ()) if row.key is not None else ()
        is_doubtful = row.status == "unknown" or row.attempts > 1
        verdict.doubtful += is_doubtful
        verdict.resent += row.attempts > 1
        if len(times) > 1:
            again.append(row.contact)
            verdict.repeats += len(times) - 1
            hidden += [] if is_doubtful else [row.id]
        stops = [_stop_within(before, after, stopped_at) for before, after in pairwise(times)]
        verdict.unexplained += stops.count(None)
        if row.status == "unknown" and times:
            stops.append(_stop_within(times[-1], float("inf"), stopped_at))
        by_stop.update(stop for stop in stops if stop is not None)
    verdict.repeated, verdict.unlisted = len(again), len(hidden)
    verdict.by_stop = [by_stop[stop] for stop in range(len(stopped_at))]
    _add(verdict, "people got it again, and the row doesn't say so", hidden)
    if left.policy == "ask":
        _add(verdict, "people got it again, though staff are to be asked first", again)
    if verdict.unexplained:
        verdict.problems.append(f"{verdict.unexplained} messages came again without a stop in between")


def _stop_within(before: float, after: float, stopped_at: Sequence[float]) -> int | None:
    """The stop after a message came and before it came again; None when there was none."""
    stop = bisect_right(stopped_at, before - ON_THE_WIRE)
    return stop if stop < len(stopped_at) and stopped_at[stop] < after else None


def _add(verdict: Verdict, what: str, found: Sequence[int]) -> None:
    if found:
        verdict.problems.append(_told(len(found), what, found))


def _told(count: int, what: str, found: Sequence[int]) -> str:
    return f"{count} {what}: {', '.join(map(str, found[:SHOWN]))}{' …' if count > SHOWN else ''}"
