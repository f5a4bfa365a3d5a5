"""Whom a broadcast would reach by which route, on channels with windows and prices, and what that would cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import get_args

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.base import Reach, Route
from bot.engine.segments import Segment
from bot.engine.state import Library, Person
from bot.engine.templates import template_for, values_for
from bot.services.broadcasting.drafting import World
from bot.services.broadcasting.model import Broadcast
from bot.services.broadcasting.words import dong
from bot.services.routing import Offer, Window, edges, message_of, metered, offer_of, price_of, routes_in
from bot.services.templates import why_not
from bot.speech import _
from bot.store import templates
from bot.store.segments.windows import Spread, spread
from bot.store.waiting import LATER

ORDER = (*get_args(Route), LATER)
SOMEBODY = Person({"ten": "Nguyễn Thị Hoa"})
NAMELESS = Person()


@dataclass(frozen=True, slots=True)
class Planned:
    """So many people by one *route* ("later": when they write), at *price* each, in đồng; `cost` is that of all."""

    channel: str
    route: str
    people: int
    price: int
    cost: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """How things would be when the broadcast begins: windows close while it waits for its hours.

    `routes` add up to the people on these channels, `cost` is what they would come to. `unpaid`: at least so many of
    them the `budget` doesn't cover; `waiting` are those and whom no route leads to.
    """

    routes: Sequence[Planned]
    cost: int
    budget: int
    unpaid: int
    waiting: int

    @property
    def leaving(self) -> Mapping[str, int]:
        """How many would go out at once on each channel, money allowing."""
        found: Counter[str] = Counter()
        for one in self.routes:
            found[one.channel] += 0 if one.route == LATER else one.people
        return found


async def outlook(
    db: AsyncConnection, world: World, broadcast: Broadcast, segment: Segment, start: datetime
) -> Outlook | None:  # fmt: skip
    """None where no channel that is on has windows. *start* is when the broadcast would begin."""
    names = metered(world.channels)
    if not names:
        return None
    reaches = {name: reach for name in names if (reach := world.channels[name].capabilities.reach) is not None}
    limits = {name: edges(reach, start) for name, reach in reaches.items()}
    found = await spread(db, segment, at=world.at, channels=list(world.channels), edges=limits)
    offers = {name: await _offer(db, world, broadcast, name) for name in names}
    routes = _planned(found, reaches, offers, world.library, world.today)
    cost, budget = sum(one.cost for one in routes), broadcast.policy.budget
    unpaid = _unpaid(routes, budget)
    return Outlook(routes, cost, budget, unpaid, unpaid + sum(one.people for one in routes if one.route == LATER))


async def _offer(db: AsyncConnection, world: World, broadcast: Broadcast, channel: str) -> Offer:
    filed = await templates.of(db, channel) if message_of(broadcast.body) in world.library.templates else {}
    return offer_of(world.library, broadcast.body, broadcast.policy, channel, filed)


def _planned(
    found: Sequence[Spread], reaches: Mapping[str, Reach], offers: Mapping[str, Offer], library: Library, today: date
) -> list[Planned]:
    people: Counter[tuple[str, str]] = Counter()
    for one in found:
        route = _route_of(one, reaches[one.channel], offers[one.channel], library, today)
        people[one.channel, route or LATER] += one.people
    routes = [(name, route) for name in reaches for route in get_args(Route)]
    prices = {(name, route): price_of(reaches[name], route, offers[name]) for name, route in routes}
    ordered = sorted(people, key=lambda key: (list(reaches).index(key[0]), ORDER.index(key[1])))
    return [Planned(*key, people[key], prices.get(key, 0), people[key] * prices.get(key, 0)) for key in ordered]


def _route_of(one: Spread, reach: Reach, offer: Offer, library: Library, today: date) -> Route | None:
    """As the sender takes it for each of them (`bot.services.sending.fares`)."""
    window: Window = one.window  # type: ignore[assignment]  # one of these words
    for route in routes_in(reach, window, offer, has_phone=one.has_phone):
        template = offer.by(route)
        if template is None or values_for(library, template, SOMEBODY if one.has_name else NAMELESS, today) is not None:
            return route
    return None


def _unpaid(routes: Sequence[Planned], budget: int) -> int:
    """The least number, if the cheapest went first."""
    unpaid = 0
    for one in sorted((one for one in routes if one.price), key=lambda one: one.price):
        paid = min(one.people, budget // one.price)
        budget -= paid * one.price
        unpaid += one.people - paid
    return unpaid


async def warnings_of(db: AsyncConnection, world: World, broadcast: Broadcast, seen: Outlook | None) -> Sequence[str]:
    """What an approver should know of routes and money."""
    if seen is None:
        return []
    lines = [*_money(seen, broadcast), *_waiting(seen, broadcast)]
    return [*lines, *await _templates(db, world, broadcast)] if seen.waiting - seen.unpaid else lines


def _money(seen: Outlook, broadcast: Broadcast) -> Iterator[str]:
    if not seen.unpaid:
        return
    if not seen.budget:
        told = _("{count} người phải trả tiền mới nhắn được (hết {cost}), mà đợt gửi chưa có ngân sách.")
        yield told.format(count=seen.unpaid, cost=dong(seen.cost))
    else:
        told = _("Ngân sách {budget} không đủ: cần {cost}. Ít nhất {count} người chưa nhận được ngay.")
        yield told.format(budget=dong(seen.budget), cost=dong(seen.cost), count=seen.unpaid)


def _waiting(seen: Outlook, broadcast: Broadcast) -> Iterator[str]:
    if not seen.waiting:
        return
    if broadcast.policy.waits:
        told = _("{count} người nhận tin khi nào họ nhắn lại, nếu tin còn hạn.")
    else:
        told = _("{count} người sẽ không nhận được: đợt gửi này không chờ họ nhắn lại.")
    yield told.format(count=seen.waiting)


async def _templates(db: AsyncConnection, world: World, broadcast: Broadcast) -> list[str]:
    """Templates that content has for the message, and that can't be sent: why."""
    lines, message = [], message_of(broadcast.body)
    for channel in metered(world.channels) if message in world.library.templates else ():
        filed = await templates.of(db, channel)
        for by in ("template", "phone"):
            template = template_for(world.library, message, channel, by)
            if template is not None and (why := why_not(template, filed.get(template.id))):
                lines.append(why)
    return list(dict.fromkeys(lines))
