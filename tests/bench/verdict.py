"""What a run of kills has left: the database against what people sent, and what they were sent."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from msgspec import Struct, field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.models import addresses, deliveries, inbox, interactions
from tests.bench.botapi import Arrival
from tests.bench.people import Wanderer

NOT_HEARD = (
    "said", "entered", "ended", "asked", "replaced", "silent", "field", "subscribed", "unsubscribed", "stop", "handoff",
)  # fmt: skip
"""Kinds of interactions that follow the one of what a person sent."""
ON_THE_WIRE = 0.1
"""Seconds after a kill in which calls of the dead process may still be read; the next one needs longer to start."""
Key = tuple[int, str, bytes]
"""A message as both sides know it: chat, method, and the very bytes."""


class Verdict(Struct):
    """`lost` updates were accepted, but not recorded or not answered; repeats are calls of the ledger's made again."""

    updates: int = 0
    answered: int = 0
    lost: int = 0
    acted_twice: int = 0
    misplaced: int = 0
    dead_letters: int = 0
    silent: int = 0
    messages: int = 0
    repeated: int = 0
    repeated_edits: int = 0
    per_kill: list[int] = field(default_factory=list)
    most_at_once: int = 0
    oldest_repeat: float = 0
    unexplained: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def is_bad(self) -> bool:
        return bool(self.problems or self.dead_letters)


class Heard(Struct):
    """A turn in the log: what was heard, and the kinds of what it led to. `said` has the deliveries."""

    text: str
    kind: str
    detail: str = ""
    said: list[int] = field(default_factory=list)
    led_to: set[str] = field(default_factory=set)

    @property
    def is_silent(self) -> bool:
        return "silent" in self.led_to


class Owed(Struct, frozen=True):
    """A message of the ledger."""

    key: Key
    status: str


class Left(Struct):
    """What the database holds of these people. `heard` is by chat, in the order of the log."""

    inbox: Counter[int]
    dead: int
    heard: Mapping[int, list[Heard]]
    owed: Mapping[int, Owed]


async def judge(
    engine: AsyncEngine, *, people: Sequence[Wanderer], accepted: Sequence[int], arrivals: Sequence[Arrival],
    killed_at: Sequence[float],
) -> Verdict:  # fmt: skip
    """Compare all four: what was accepted, recorded, owed, and what arrived."""
    left = await _left(engine, {person.chat for person in people}, min(accepted, default=0))
    verdict = Verdict(updates=len(accepted), dead_letters=left.dead, messages=len(left.owed))
    _judge_inbox(verdict, accepted, left)
    unsent = _unsent(verdict, left, arrivals)
    for person in people:
        _judge_person(verdict, person, left.heard.get(person.chat, []), unsent)
    verdict.answered = max(0, len(accepted) - verdict.lost)
    _judge_repeats(verdict, left, arrivals, killed_at)
    return verdict


async def _left(engine: AsyncEngine, chats: set[int], first_id: int) -> Left:
    log = select(
        interactions.c.contact_id, interactions.c.kind, interactions.c.text, interactions.c.delivery_id
    ).order_by(interactions.c.id)
    ledger = select(
        deliveries.c.id, deliveries.c.address, deliveries.c.method, deliveries.c.payload, deliveries.c.status
    )
    async with engine.connect() as db:
        updates = (await db.execute(select(inbox.c.external_id, inbox.c.error))).all()
        ours = [(int(row.external_id), row.error) for row in updates if row.external_id.isdigit()]
        ours = [(update, error) for update, error in ours if update >= first_id]
        known = await db.execute(select(addresses.c.contact_id, addresses.c.external_id))
        chat_of = {row.contact_id: int(row.external_id) for row in known if row.external_id.isdigit()}
        heard: dict[int, list[Heard]] = defaultdict(list)
        for row in await db.execute(log):
            add_to(heard[chat_of.get(row.contact_id, 0)], row.kind, row.text, row.delivery_id)
        owed = {
            row.id: Owed((int(row.address), row.method, bytes(row.payload)), row.status)
            for row in await db.execute(ledger)
            if row.address.isdigit() and int(row.address) in chats
        }
    inbox_of = Counter(update for update, _ in ours)
    return Left(inbox_of, sum(error is not None for _, error in ours), heard, owed)


def add_to(turns: list[Heard], kind: str, text: str, delivery: int | None, detail: str = "") -> None:
    """The next row of a contact's log: it begins a turn, or belongs to the last one."""
    if kind not in NOT_HEARD:
        turns.append(Heard(text, kind, detail))
    elif turns:
        turns[-1].led_to.add(kind)
        if delivery is not None:
            turns[-1].said.append(delivery)


def _judge_inbox(verdict: Verdict, accepted: Sequence[int], left: Left) -> None:
    """Each accepted update has its one row, and no other has one."""
    missing = set(accepted) - set(left.inbox)
    unasked = set(left.inbox) - set(accepted)
    twice = len(accepted) - len(set(accepted))
    if missing:
        verdict.problems.append(f"{len(missing)} accepted updates have no row in the inbox: {sorted(missing)[:5]}")
    if unasked or twice:
        verdict.problems.append(f"{len(unasked)} rows of updates never accepted, {twice} updates accepted twice")


def _unsent(verdict: Verdict, left: Left, arrivals: Sequence[Arrival]) -> set[int]:
    """Messages of the ledger that are not marked as sent, or never arrived."""
    arrived = Counter((arrival.chat, arrival.method, arrival.body) for arrival in arrivals)
    unsent = set()
    states: Counter[str] = Counter()
    for delivery, owed in sorted(left.owed.items()):
        has_arrived = arrived[owed.key] > 0
        arrived[owed.key] -= has_arrived
        if owed.status != "sent" or not has_arrived:
            unsent.add(delivery)
            states[f"{owed.status}, {'arrived' if has_arrived else 'never arrived'}"] += 1
    verdict.problems += [f"{count} messages are {state}" for state, count in states.items()]
    return unsent


def _judge_person(verdict: Verdict, person: Wanderer, turns: Sequence[Heard], unsent: set[int]) -> None:
    """The log has all they sent once, in their order, and each led to a message sent, or a silence on purpose."""
    sent = person.texts
    verdict.acted_twice += max(0, len(turns) - len(sent))
    verdict.lost += max(0, len(sent) - len(turns))
    if len(turns) != len(sent):
        verdict.problems.append(f"chat {person.chat} sent {len(sent)} updates, the log has {len(turns)}")
    for text, turn in zip(sent, turns, strict=False):
        if text and text != turn.text:
            verdict.misplaced += 1
            verdict.problems.append(f"chat {person.chat} sent {text!r}, the log has {turn.text!r} there")
    for turn in turns:
        verdict.silent += turn.is_silent
        if not turn.is_silent and (not turn.said or unsent.intersection(turn.said)):
            verdict.lost += 1
            verdict.problems.append(f"chat {person.chat}: {turn.kind} {turn.text!r} was not answered")


def _judge_repeats(verdict: Verdict, left: Left, arrivals: Sequence[Arrival], killed_at: Sequence[float]) -> None:
    """Calls beyond the ledger's. Allowed are those in flight at a kill: it came between the call and its repeat."""
    owed = Counter(one.key for one in left.owed.values())
    seen: dict[Key, list[float]] = defaultdict(list)
    per_kill: Counter[int] = Counter()
    for arrival in arrivals:
        key = (arrival.chat, arrival.method, arrival.body)
        seen[key].append(arrival.at)
    for key, times in seen.items():
        extra = max(0, len(times) - owed[key])
        verdict.repeated += extra
        verdict.repeated_edits += extra * (key[1] == "editMessageText")
        struck = _struck(times, killed_at)[:extra]
        verdict.unexplained += extra - len(struck)
        per_kill.update(kill for _, kill in struck)
        verdict.oldest_repeat = max((verdict.oldest_repeat, *(age for age, _ in struck)))
    if verdict.unexplained:
        verdict.problems.append(f"{verdict.unexplained} messages were sent again without a kill in between")
    verdict.per_kill = [per_kill[kill] for kill in range(len(killed_at))]
    verdict.most_at_once = max(verdict.per_kill, default=0)


def _struck(times: Sequence[float], killed_at: Sequence[float]) -> list[tuple[float, int]]:
    """The calls at *times* that a kill came after, before the next one: how long after, and which; soonest first.

    The same words may be owed to a person twice, and rightly be sent twice: the call right before a kill is the one
    that was in flight.
    """
    found = []
    for before, again in pairwise(times):
        kill = bisect_right(killed_at, before - ON_THE_WIRE)
        if kill < len(killed_at) and killed_at[kill] < again:
            found.append((max(0.0, killed_at[kill] - before), kill))
    return sorted(found)
