"""What was not understood then, beside what the bot would make of it today: what it has learnt since is no work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.router import judge
from bot.engine.state import Library
from bot.engine.understanding.judgement import Judgement
from bot.library.examples import FOREIGN
from bot.services.insight import readings
from bot.services.insight.figures import MissedGroup, State

View = State | Literal["learnt"]
"""The groups in one state; of those that nobody has sorted, the ones that are understood by now are a view of their
own."""
VIEWS: tuple[View, ...] = ("open", "learnt", "example", "content", "ignored")
Cursor = tuple[int, str]
SCANNED, BATCH = 300, 100
"""Groups that one page judges at most, and how many at once: some 20 ms, before others have their turn."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A group, and what the bot would do with it today."""

    group: MissedGroup
    today: Judgement

    @property
    def is_learnt(self) -> bool:
        """It is understood by now; an example only when it is taken for what the officer said it is."""
        if self.group.state == "example":
            return self.today.action != "offer" and (self.today.topic or FOREIGN) == self.group.topic
        return self.today.action in ("enter", "danger")

    @property
    def guesses(self) -> Sequence[str]:
        """Topics that it may be about, the likeliest first."""
        likely = (*self.today.offered, self.today.topic, self.today.runner_up)
        return list(dict.fromkeys(topic for topic in likely if topic))


def seen(library: Library, group: MissedGroup) -> Seen:
    """*group* as of today."""
    return Seen(group, judge(library, group.sample))


async def page(
    db: AsyncConnection, library: Library, *, area: Sequence[str], view: View, limit: int, after: Cursor | None = None
) -> tuple[list[Seen], Cursor | None]:  # fmt: skip
    """Up to *limit* groups of a view, most messages first, and what to give as *after* for those that follow.

    A page may hold fewer, even none, and go on all the same: it looks at `SCANNED` groups at most.
    """
    found: list[Seen] = []
    looked = 0
    state: State = "open" if view == "learnt" else view
    while True:
        groups = await readings.missed(db, area=area, state=state, limit=BATCH, after=after)
        for group in groups:
            if len(found) == limit or looked == SCANNED:
                return found, after
            looked, after = looked + 1, group.after
            one = seen(library, group)
            if view not in ("open", "learnt") or one.is_learnt == (view == "learnt"):
                found.append(one)
        if len(groups) < BATCH:
            return found, None
