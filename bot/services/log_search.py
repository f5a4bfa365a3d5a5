"""Looking something up in the log: as much of it as a page can wait for, and from where to go on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.words import fold
from bot.store import searching
from bot.store.searching import SLACK, Criteria

HANOI = timezone(timedelta(hours=7))
STEP = 2_000
"""Lines of the log looked at in one statement, and folded at once: some 10 ms in which nobody is answered."""
BUDGET = 100_000
"""Lines looked at for one page: half a second where every one must be folded. A button goes on from there."""
CHANNELS = ("telegram", "webchat", "zalo", "zalobot")
"""Channels that addresses may be on though they are switched off now."""
MOST_PEOPLE, MOST_NAMESAKES = 100, 5_000
"""People that one search follows; names that are compared without their diacritics to find them."""
_VARYING = frozenset("aeiouyd ")
"""Letters that diacritics change; between them LIKE takes anything, so that it works on either database."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for. *first* and *last* are days in Hà Nội, both included; the rest may be empty."""

    first: date
    last: date
    who: str = ""
    words: str = ""
    commune: str = ""
    dialog: str = ""
    node: str = ""
    broadcast: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Lines that fit, the newest first. *next* is where to go on from (None: that was all); *is_cut* says that the
    search stopped there because it had looked long enough, at what was said at *reached*."""

    lines: Sequence[RowMapping]
    next: int | None = None
    is_cut: bool = False
    reached: datetime | None = None


def like_of(words: str) -> str:
    """A LIKE pattern for every spelling of *words*, and for more: what it finds is compared folded."""
    letters = "".join("%" if letter in _VARYING else letter for letter in fold(words))
    return "%" + "%".join(filter(None, letters.split("%"))) + "%"


def has_words(text: str, words: str) -> bool:
    """Whether *text* has *words* in it, from the beginning of a word on, whatever case and diacritics."""
    return f" {fold(words)}" in f" {fold(text)}"


@dataclass(frozen=True, slots=True)
class Search:
    """One search, with its bounds found: lines with ids from *low* to before *high*."""

    asked: Asked
    criteria: Criteria
    low: int
    high: int

    async def page(
        self, db: AsyncConnection, *, before: int | None = None, limit: int = 50, budget: int = BUDGET
    ) -> Found:
        """Up to *limit* lines, older than the line *before*."""
        high = self.high if before is None else min(before, self.high)
        if self.criteria.contacts is not None:  # an index leads to what they wrote: no windows
            return await self._of_people(db, high, limit)
        lines: list[RowMapping] = []
        stop = max(self.low, high - budget)
        while high > stop and len(lines) <= limit:
            low = max(stop, high - STEP)
            most = STEP if self.asked.words else limit + 1 - len(lines)
            rows = await searching.window(db, self.criteria, low=low, high=high, limit=most)
            lines += [row for row in rows if self._fits(row)]
            high = low
        if len(lines) > limit:
            return Found(lines[:limit], lines[limit - 1]["id"])
        if high > self.low:
            return Found(lines, high, True, await searching.moment_of(db, high))
        return Found(lines)

    async def _of_people(self, db: AsyncConnection, high: int, limit: int) -> Found:
        lines: list[RowMapping] = []
        while len(lines) <= limit:
            rows = await searching.window(db, self.criteria, low=self.low, high=high, limit=STEP)
            lines += [row for row in rows if self._fits(row)]
            if len(rows) < STEP:
                break
            high = rows[-1]["id"]
        return Found(lines[:limit], lines[limit - 1]["id"] if len(lines) > limit else None)

    def _fits(self, row: RowMapping) -> bool:
        return not self.asked.words or has_words(row["text"], self.asked.words)


async def search_for(
    db: AsyncConnection, asked: Asked, *, area: Sequence[str], channels: Sequence[str] = ()
) -> Search:  # fmt: skip
    """Find the bounds of what is asked by who works for *area* (none is the whole city). *channels* are those that are
    on: an id is looked for there."""
    since, until = _midnight(asked.first), _midnight(asked.last + timedelta(days=1))
    communes = [code for code in area if code == asked.commune] if area and asked.commune else list(area)
    if asked.commune and not area:
        communes = [asked.commune]
    criteria = Criteria(
        since, until, None, communes, asked.dialog, asked.node, asked.broadcast,
        like_of(asked.words) if asked.words else "",
    )  # fmt: skip
    if area and asked.commune and not communes:  # not theirs
        return Search(asked, replace(criteria, contacts=()), 0, 0)
    if asked.who:
        criteria = replace(criteria, contacts=await _people(db, asked.who, area, channels))
    low = await searching.first_since(db, since - SLACK)
    high = await searching.first_since(db, until + SLACK)
    return Search(asked, criteria, low, high)


async def _people(db: AsyncConnection, who: str, area: Sequence[str], channels: Sequence[str]) -> Sequence[int]:
    """By number, by address ("telegram:100000001" or its id alone), else by name."""
    channel, _colon, number = who.rpartition(":")
    where = (channel.strip(),) if channel else (*CHANNELS, *channels)
    found = await searching.people_numbered(db, number.strip(), channels=where) if number else ()
    if found or not fold(who):
        return found
    named = await searching.people_named(db, like_of(who), area=area, limit=MOST_NAMESAKES)
    return [row.id for row in named if has_words(row.name, who)][:MOST_PEOPLE]


async def batches(
    connect: Callable[[], AbstractAsyncContextManager[AsyncConnection]], search: Search, *, size: int = 1000
) -> AsyncIterator[tuple[Sequence[RowMapping], float]]:
    """All that *search* finds, *size* lines at a time, with the share of the log that is behind us.

    Each batch is read by itself: a file may take minutes, and no database should have to remember so long.
    """
    before: int | None = None
    while True:
        async with connect() as db:
            found = await search.page(db, before=before, limit=size)
        here = found.next if found.next is not None else search.low
        yield found.lines, (search.high - here) / max(1, search.high - search.low)
        if found.next is None:
            return
        before = found.next


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), HANOI)
