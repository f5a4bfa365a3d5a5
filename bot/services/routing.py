"""By which route a message gets to somebody on a channel with windows and prices, and what that may cost. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from bot.channels.base import Channel, Reach, Route
from bot.engine.content import Template
from bot.engine.state import Library
from bot.services.broadcasting.hours import HANOI
from bot.services.broadcasting.model import Body, Policy
from bot.services.templates import usable_for
from bot.store.templates import Filed

SLACK = timedelta(minutes=5)
"""The platform's clock isn't ours, and a message may be a minute on its way: whoever's free window is about to end
counts as one who has to be paid for, and what may not arrive at night stops leaving so much sooner."""
Window = Literal["free", "paid", "closed"]
"""What lets a platform take an answer to somebody: they did something just now, some days ago, or too long ago."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The approved templates that carry the message of a broadcast: by people's ids, and by their phone numbers.

    `prices` are what the platform told of these templates, in đồng; what it didn't tell is as the settings say.
    """

    template: Template | None = None
    phone: Template | None = None
    prices: Mapping[Route, int] = field(default_factory=dict)

    def by(self, route: Route) -> Template | None:
        """The one that goes by *route*; None for a route that needs none."""
        return {"template": self.template, "phone": self.phone}.get(route)


def metered(channels: Mapping[str, Channel]) -> tuple[str, ...]:
    """The names of the channels that have windows and prices."""
    return tuple(name for name, channel in channels.items() if channel.capabilities.reach is not None)


def message_of(body: Body) -> str:
    """The one content message that is all that *body* says; "" when it says anything else: no template carries that."""
    return body.messages[0] if len(body.messages) == 1 else ""


def offer_of(library: Library, body: Body, policy: Policy, channel: str, filed: Mapping[str, Filed]) -> Offer:
    """What may carry *body* to people on *channel* whose window is closed; *filed* is what the platform said last."""
    message = message_of(body)
    template = usable_for(library, message, channel, "template", filed)
    phone = usable_for(library, message, channel, "phone", filed) if policy.phone else None
    prices: dict[Route, int] = {}
    if template is not None and (price := filed[template.id].detail.price_by_id) is not None:
        prices["template"] = price
    if phone is not None and (price := filed[phone.id].detail.price_by_phone) is not None:
        prices["phone"] = price
    return Offer(template, phone, prices)


def edges(reach: Reach, at: datetime) -> tuple[datetime, datetime]:
    """Who did something since the first of these moments is written to for free *at* that time, since the second for
    money."""
    return at - reach.free + SLACK, at - reach.paid


def window_at(reach: Reach, interacted_at: datetime | None, at: datetime) -> Window:
    """The window of somebody who did something last at *interacted_at* (None: never, that we know of)."""
    if interacted_at is None:
        return "closed"
    free, paid = edges(reach, at)
    return "free" if interacted_at > free else "paid" if interacted_at > paid else "closed"


def routes_in(reach: Reach, window: Window, offer: Offer, *, has_phone: bool) -> Sequence[Route]:
    """Every route that leads to somebody with that window, the cheapest first; none: they have to write."""
    if window == "free":
        return ("free",)
    routes: list[Route] = ["paid"] if window == "paid" else []
    if offer.template is not None:
        routes.append("template")
    if offer.phone is not None and has_phone:
        routes.append("phone")
    return sorted(routes, key=lambda route: price_of(reach, route, offer))


def price_of(reach: Reach, route: Route, offer: Offer) -> int:
    """In đồng, when the platform charges it."""
    return 0 if route == "free" else offer.prices.get(route, reach.prices.get(route, 0))


def wakes_at(reach: Reach, route: Route, template: Template | None, at: datetime) -> datetime | None:
    """When what may not leave in the night of *at* may; None when it may leave at once."""
    is_by_day = route in reach.by_day or (template is not None and template.tag == "promotion")
    return morning_after(reach, at) if is_by_day else None


def morning_after(reach: Reach, at: datetime) -> datetime | None:
    """The end of the platform's night that *at* lies in, or that is about to begin; None by day."""
    here = at.astimezone(HANOI).replace(tzinfo=None)
    if here >= datetime.combine(here.date(), reach.night) - SLACK:
        return datetime.combine(here.date() + timedelta(days=1), reach.morning, HANOI)
    if here < datetime.combine(here.date(), reach.morning):
        return datetime.combine(here.date(), reach.morning, HANOI)
    return None
