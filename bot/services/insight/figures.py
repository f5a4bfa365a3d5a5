"""What insight tells, as values. Days are days in Hà Nội; people are counted once, messages each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

State = Literal["open", "example", "content", "ignored"]
"""What an officer made of a message that was not understood; open: nothing yet."""
STATES: tuple[State, ...] = ("open", "example", "content", "ignored")


@dataclass(frozen=True, slots=True)
class Span:
    """Days, both included. Numbers of different people are exact for a span that ends today or later."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class People:
    """Everybody we can talk to, as of `counted_at` (None: not counted yet); breakdowns by code, empty: not told.

    `stopped` are those who stopped broadcasts or all messages for now; `blocked` those with no address left where
    they can be reached. Who is on two channels is in both of `by_channel`.
    """

    total: int
    consented: int
    stopped: int
    blocked: int
    by_commune: Mapping[str, int]
    by_household: Mapping[str, int]
    by_channel: Mapping[str, int]
    by_language: Mapping[str, int]
    counted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Day:
    """One day: people `active` (who wrote or pressed) and `new` (for the first time); `heard` and `said` messages."""

    day: date
    active: int = 0
    new: int = 0
    heard: int = 0
    said: int = 0
    missed: int = 0
    handoffs: int = 0
    stopped: int = 0


@dataclass(frozen=True, slots=True)
class Activity:
    """Every day of a span, also the empty ones; `hours` are messages heard by hour of the day (24);
    `active_total` different people whose last message falls in the span."""

    days: Sequence[Day]
    hours: Sequence[int]
    active_total: int


@dataclass(frozen=True, slots=True)
class NodeNumbers:
    """One node of a dialog. `asked`: times its question was put to somebody; then they `answered`, `left` for another
    place without an answer, or were `dropped`: asked in the span, and no answer since. `missed` are messages there
    that were not understood; `choices` how often each was taken; `said` messages that began with its words."""

    asked: int = 0
    answered: int = 0
    left: int = 0
    dropped: int = 0
    missed: int = 0
    said: int = 0
    choices: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DialogNumbers:
    """`entered`, `finished` and `handed_off` are times, `people` different persons whose last entry falls in the span.
    `median_steps`: answers that a finished run took; None: none finished."""

    entered: int
    people: int
    finished: int
    handed_off: int
    median_steps: float | None
    nodes: Mapping[str, NodeNumbers]


@dataclass(frozen=True, slots=True)
class DialogShare:
    """One line of the list of dialogs: as `DialogNumbers`, with everybody who was `dropped` in it."""

    dialog: str
    entered: int
    people: int
    finished: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many `people` a section of the plan reached in 30 days, in how many `messages`."""

    people: int
    messages: int


@dataclass(frozen=True, slots=True)
class MissedGroup:
    """Messages with one `folded` form that were not understood; `count` of them, by so many `people`.

    `sample` is one as it was typed. `after`, given to `missed`, brings the groups that follow this one.
    """

    folded: str
    sample: str
    count: int
    people: int
    first_at: datetime
    last_at: datetime
    state: State
    topic: str
    decided_by: str
    decided_at: datetime | None

    @property
    def after(self) -> tuple[int, str]:
        """Its place in the list."""
        return self.count, self.folded


@dataclass(frozen=True, slots=True)
class BroadcastResult:
    """People who were `reached` (sent), and of them those who within 24 hours `answered` anything, `followed` into a
    dialog or answered in one, `stopped` messages. Who got two broadcasts in a day counts for the last of them."""

    reached: int
    answered: int
    followed: int
    stopped: int
