"""What became of a broadcast's messages by the route that they took, for channels with windows and prices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.services.broadcasting.progress import PENDING
from bot.services.broadcasting.words import ROUTES
from bot.speech import _
from bot.store.spending import Spent

ORDER = ("free", "paid", "template", "phone", "unpaid", "later", "")


@dataclass(frozen=True, slots=True)
class RouteLine:
    """Messages by one route: how many were sent, wait, or ended otherwise; `cost` is what they came to, in đồng."""

    words: str
    sent: int
    waiting: int
    others: int
    cost: int


def lines_of(routes: Iterable[Spent]) -> Sequence[RouteLine]:
    """One line for each route, in the order in which they cost more; whose route isn't known yet come last."""
    found: dict[str, list[Spent]] = {}
    for one in routes:
        found.setdefault(one.route, []).append(one)
    ordered = sorted(found, key=lambda route: ORDER.index(route) if route in ORDER else len(ORDER))
    return [_line(route, found[route]) for route in ordered]


def _line(route: str, parts: Sequence[Spent]) -> RouteLine:
    sent = sum(one.people for one in parts if one.status == "sent")
    waiting = sum(one.people for one in parts if one.status in PENDING)
    return RouteLine(
        route_words(route), sent, waiting, sum(one.people for one in parts) - sent - waiting,
        sum(one.cost for one in parts),
    )  # fmt: skip


def route_words(route: str) -> str:
    """The route as officers read it."""
    return _(ROUTES[route]) if route in ROUTES else _("chưa tới lượt")
