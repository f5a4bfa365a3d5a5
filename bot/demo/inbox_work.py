"""How the officers of the made-up city answer people: on their rounds, through the inbox, and not everybody at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.demo.clock import Clock
from bot.demo.ear import Ear
from bot.demo.habits import thanks
from bot.demo.people import Citizen
from bot.demo.staff import AREA_OFFICER, CITY_OFFICER, PLACES
from bot.demo.talks import Talks
from bot.demo.words import ANSWERS, NOTES
from bot.engine.state import Library
from bot.messages import Address
from bot.services.broadcasting.hours import HANOI
from bot.services.broadcasting.rights import Refused
from bot.services.handoff import Inbox
from bot.store import handoffs
from bot.store.db import reading
from bot.store.handoffs import Handoff
from bot.store.ids import Ids

ROUNDS = (timedelta(hours=8, minutes=20), timedelta(hours=14, minutes=10))
"""When officers sit down to it, on working days."""
GATHER = timedelta(hours=20)
"""Who asked later than that has to wait for the next round: so that there is always somebody waiting."""
AWAY = timedelta(hours=26)
"""Before the end officers had no time for it: so there are people whose wait is over what they were promised."""
AT_ONCE = 200
ANSWERED, NOTED, CLAIMED = 0.8, 0.15, 0.1
"""Shares of those who wait: who gets an answer this time; about whom a note is made; who is only taken."""


class InboxWork:
    """One round after another. `answered` is called with everybody who heard from an officer."""

    def __init__(
        self, database: AsyncEngine, library: Library, ears: Mapping[str, Ear], ids: Ids, clock: Clock, talks: Talks,
        people: Mapping[Address, Citizen], answered: Callable[[Citizen], None], random: Random,
    ) -> None:  # fmt: skip
        self._database, self._library, self._clock, self._talks = database, library, clock, talks
        self._people, self._answered, self._random = people, answered, random
        self._touched: list[Address] = []
        self._inbox = Inbox(
            database, lambda: library, ears, ids, now=clock, today=lambda: clock().astimezone(HANOI).date(),
            forget=self._touched.append,
        )  # fmt: skip

    async def round(self) -> None:
        """Everybody who waits is looked at, and what was answered before is closed."""
        here = [commune.code for commune in self._library.communes.values() if commune.name in PLACES]
        for login, communes in ((AREA_OFFICER, here), (CITY_OFFICER, [])):
            if login == AREA_OFFICER and not communes:  # a library of other places: nobody looks after them
                continue
            async with reading(self._database).connect() as db:
                found = await handoffs.listing(db, "open", login=login, communes=communes, limit=AT_ONCE)
            for one in found:
                if one.claimed_by in ("", login):
                    await self._look_at(one, login)
        await self._hear_of_it()

    async def _look_at(self, one: Handoff, login: str) -> None:
        random, chance = self._random, self._random.random()
        try:
            if one.waiting_since is None:
                await self._inbox.close(one.id, login)
            elif one.waiting_since > self._clock() - GATHER:
                return
            elif chance < ANSWERED:
                if random.random() < NOTED:
                    await self._inbox.note(one.id, login, random.choice(NOTES))
                await self._inbox.reply(one.id, login, random.choice(ANSWERS))
            elif chance < ANSWERED + CLAIMED:
                await self._inbox.claim(one.id, login)
        except Refused:  # they blocked the bot meanwhile: it stands in the audit log
            return
        self._clock.wind(timedelta(seconds=random.randint(40, 200)))

    async def _hear_of_it(self) -> None:
        """People read it; some say thanks, which the officer sees."""
        heard = [self._people[address] for address in dict.fromkeys(self._touched) if address in self._people]
        self._touched.clear()
        await self._talks.look_again(heard)
        for one in heard:
            if one.known is not None and one.known.held and self._random.random() < 0.3:
                one.in_mind = thanks(one)
                self._answered(one)


def rounds_between(start: datetime, until: datetime, days_off: Mapping[date, str]) -> list[datetime]:
    """When officers go round from midnight *start* on, up to *until*: not on weekends and holidays."""
    found = []
    for number in range((until - start).days + 1):
        day = start + timedelta(days=number)
        if day.weekday() < 5 and day.date() not in days_off:
            found += [day + at for at in ROUNDS if day + at < until - AWAY]
    return found
