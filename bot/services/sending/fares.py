"""How each person of a spell gets the message on a channel with windows and prices, within what may be spent.

What may cost something is reserved in the transaction that takes the spell up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.base import Reach, Route
from bot.engine.answers import phone_in
from bot.engine.content import Template
from bot.engine.templates import values_for
from bot.services.broadcasting.timing import expiry
from bot.services.routing import Offer, message_of, offer_of, price_of, routes_in, wakes_at, window_at
from bot.services.sending.deciding import Later, Never
from bot.services.sending.script import Script, person_of
from bot.speech import _
from bot.store import spending, templates
from bot.store.standing import Door, Standing, doors
from bot.store.waiting import LATER, UNPAID

A_MOMENT = timedelta(seconds=1)
NOWHERE = Door(None, "")
WAITING: Mapping[str, str] = {
    LATER: _("Chờ người này nhắn lại: lâu không nhắn nên kênh không cho gửi."),
    UNPAID: _("Chờ người này nhắn lại: ngân sách của đợt gửi không đủ cho tin này."),
}
NOT_WAITING: Mapping[str, str] = {
    LATER: _("Người này lâu không nhắn nên kênh không cho gửi."),
    UNPAID: _("Ngân sách của đợt gửi không đủ cho tin này."),
}


@dataclass(frozen=True, slots=True)
class Way:
    """How a message gets to one person. `cost` is reserved for it, `price` what it costs when the platform charges it,
    in đồng: of a free one more than is reserved. `opened` is when their window did, as far as we know."""

    route: Route
    cost: int
    price: int
    opened: datetime | None = None
    template: Template | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Going:
    """Somebody who is to get it now. `may_have_it`: an earlier try is in doubt."""

    address: str
    person: Standing
    may_have_it: bool


Booked = Mapping[int, Way | Later | Never]
"""By delivery."""


@dataclass(frozen=True, slots=True)
class Fares:
    """One broadcast on one channel."""

    channel: str
    reach: Reach
    script: Script

    async def lock(self, db: AsyncConnection) -> int:
        """What may still be spent, in đồng; nobody else spends it until the transaction ends."""
        broadcast = self.script.broadcast
        budget = broadcast.policy.budget
        return budget - await spending.spent_so_far(db, broadcast.id) if budget else 0

    async def book(
        self, db: AsyncConnection, people: Mapping[int, Going], *, left: int, at: datetime
    ) -> Booked | None:  # fmt: skip
        """The way to each of *people*, by their deliveries, or why there is none now.

        *left* is what `lock` told. None: it was no longer there to be spent.
        """
        found = await doors(db, channel=self.channel, at=[one.address for one in people.values()])
        offer, booked = await self._offer(db), dict[int, Way | Later | Never]()
        for key, one in people.items():
            way = self._way_to(one.person, found.get(one.address, NOWHERE), offer, at)
            booked[key] = held = self._held_back(one, way, left, at)
            left -= held.cost if isinstance(held, Way) else 0
        ways = {key: (way.route, way.cost) for key, way in booked.items() if isinstance(way, Way)}
        broadcast = self.script.broadcast
        is_booked = not ways or await spending.reserve(db, broadcast.id, ways, budget=broadcast.policy.budget)
        return booked if is_booked else None

    async def _offer(self, db: AsyncConnection) -> Offer:
        broadcast, library = self.script.broadcast, self.script.library
        if message_of(broadcast.body) not in library.templates:
            return Offer()
        filed = await templates.of(db, self.channel)
        return offer_of(library, broadcast.body, broadcast.policy, self.channel, filed)

    def _way_to(self, person: Standing, door: Door, offer: Offer, at: datetime) -> Way | None:
        """The cheapest; None when no route leads to *person*."""
        phone = phone_in(door.phone) or ""
        window = window_at(self.reach, door.interacted_at, at)
        for route in routes_in(self.reach, window, offer, has_phone=bool(phone)):
            price = price_of(self.reach, route, offer)
            way = Way(route, price, price, door.interacted_at)
            template = offer.by(route)
            if template is None:
                return way if route != "free" else replace(way, price=price_of(self.reach, "paid", offer))
            values = values_for(self.script.library, template, person_of(person), self.script.today)
            if values is not None:
                return replace(way, template=template, values=values, phone=phone)
        return None

    def _held_back(self, one: Going, way: Way | None, left: int, at: datetime) -> Way | Later | Never:
        if way is None:
            return self._wait(one, LATER, at)
        morning = wakes_at(self.reach, way.route, way.template, at)
        if morning is not None:
            return Later(morning, _("Hoãn: tin loại này không được gửi ban đêm."))
        return self._wait(one, UNPAID, at) if way.cost and way.cost > left else way

    def _wait(self, one: Going, route: str, at: datetime) -> Later | Never:
        """Until the broadcast is stale, or the person writes; or not at all, when it waits for nobody."""
        broadcast = self.script.broadcast
        if not broadcast.policy.waits:
            return Never("unknown" if one.may_have_it else "failed", _(NOT_WAITING[route]), route)
        until = expiry(broadcast.timing, broadcast.started_at or at)
        return Later(max(until, at + A_MOMENT), _(WAITING[route]), route)


def fares_of(channel: str, reach: Reach | None, script: Script | None) -> Fares | None:
    """None where nothing is counted: on a channel without windows, and for a message of its own."""
    return Fares(channel, reach, script) if reach is not None and script is not None else None
