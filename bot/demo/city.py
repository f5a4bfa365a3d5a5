"""The made-up city, day by day: whoever is next does what they do, and the clock goes on to the one after."""

from __future__ import annotations

import heapq
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from itertools import count

from bot.demo import habits
from bot.demo.clock import Clock
from bot.demo.people import Citizen, Move, moment_in
from bot.demo.post import Post
from bot.demo.talks import Talks
from bot.engine.state import Library
from bot.messages import Address
from bot.services.broadcasting.hours import HANOI

THINKING = (4, 40)
"""Seconds that somebody takes to read and answer."""
COMES_BACK = 0.08
"""The chance that who was here comes again, each time."""
ANSWERS, LEAVES = 0.14, 0.006
"""Shares of those who got a broadcast who write within hours, and of those who want no more."""
HESITATES = timedelta(minutes=90)
"""How long it takes them, on average."""
LATER = timedelta(days=9)
"""The middle of how long somebody stays away."""
Act = Callable[[], Awaitable[None]]
Deed = Citizen | Act | None
"""Whose turn it is, or what an officer does; None is the post."""


class City:
    """What happens is in `heap`, by time. An act of officers finds everything written that was said before."""

    def __init__(self, library: Library, people: Mapping[Address, Citizen], clock: Clock, until: datetime) -> None:
        self._library, self._people, self._clock, self._until = library, people, clock, until
        self._heap: list[tuple[datetime, int, Deed]] = []
        self._order = count()
        self._visits: dict[Address, int] = {}
        self._asked: datetime | None = None
        for one in people.values():
            self._later(one.joined, one)

    def plan(self, at: datetime, act: Act) -> None:
        """Have officers do *act* at that time; not at all when that is after the end."""
        self._later(at, act)

    def reached(self, one: Citizen) -> None:
        """*one* got a broadcast: some write, some have had enough."""
        random, chance = one.random, one.random.random()
        if chance > LEAVES + ANSWERS:
            return
        if chance < LEAVES:
            one.in_mind = habits.enough(one)
        elif not one.shown or random.random() < 0.3:
            one.in_mind = habits.thanks(one)
        self.soon(one)

    def soon(self, one: Citizen) -> None:
        """*one* has something to say, and gets to it some time later."""
        random = one.random
        self._visits[one.address] = 1
        self._later(self._clock() + timedelta(seconds=random.expovariate(1 / HESITATES.seconds)), one)

    async def live(self, talks: Talks, post: Post, told: Callable[[datetime], None]) -> None:
        """From the first day to the last. *told* hears each day begin."""
        day = self._clock().date()
        while self._heap:
            at, _number, deed = heapq.heappop(self._heap)
            self._clock.wind_to(at)
            if isinstance(deed, Citizen):
                self._turn(deed, talks)
                if talks.is_full:
                    await talks.write()
            else:
                await self._act(deed, talks, post, at)
            if self._clock().date() > day:
                day = self._clock().date()
                told(self._clock())
        self._clock.wind_to(self._until)
        await talks.settle()

    async def _act(self, act: Act | None, talks: Talks, post: Post, at: datetime) -> None:
        if act is None and at != self._asked:
            return  # another time was set since
        await talks.settle()
        if act is not None:
            await act()
        await post.go_out()
        wanted = await post.wanted_at()
        if wanted is not None and (act is None or wanted != self._asked):
            self._later(wanted, None)
        self._asked = wanted

    def _later(self, at: datetime, deed: Deed) -> None:
        if at < self._until:
            heapq.heappush(self._heap, (at, next(self._order), deed))

    def _turn(self, one: Citizen, talks: Talks) -> None:
        """One thing that *one* sends, and when the next one comes."""
        if one.is_gone:
            return
        is_first = one.known is None
        began = self._visits.get(one.address)
        move = self._move(one, is_first=is_first, goes_on=began is not None)
        if move is None:
            self._visits.pop(one.address, None)
            self._come_again(one)
            return
        self._visits[one.address] = (began or 0) + 1
        talks.hear(one, move)
        self._later(self._clock() + timedelta(seconds=one.random.uniform(*THINKING)), one)

    def _move(self, one: Citizen, *, is_first: bool, goes_on: bool) -> Move | None:
        if one.in_mind is not None:
            said, one.in_mind = one.in_mind, None
            return said
        if is_first:
            return habits.first_move(one, self._library)
        return habits.next_move(one, self._library) if goes_on else habits.coming_back(one, self._library)

    def _come_again(self, one: Citizen) -> None:
        random = one.random
        if random.random() < COMES_BACK:
            away = timedelta(days=1 + int(random.expovariate(1 / LATER.days)))
            here = self._clock().astimezone(HANOI)
            midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
            self._later(moment_in(random, midnight + away), one)
