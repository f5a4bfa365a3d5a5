"""A channel with windows and prices that sends nowhere: it refuses what is out of reach, and keeps books of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from bot.channels.base import OutOfReach, Payload, Reach, Route, Sent, Unknown
from bot.messages import Address
from tests.fakes.channel import FAST, FakeChannel

REACH = Reach(
    free=timedelta(hours=48), paid=timedelta(days=7), prices={"paid": 55, "template": 200, "phone": 300},
    night=time(22), morning=time(6, 5), by_day=frozenset({"phone"}),
)  # fmt: skip


@dataclass(frozen=True)
class Charge:
    """A message that the platform took, whatever became of its answer."""

    to: str
    route: Route
    cost: int
    at: datetime


class MeteredChannel(FakeChannel):
    """`opened` is when each person did something last, by the platform's own books; `free_quota` messages outside the
    free window cost nothing all the same; `is_strict`: it charges whatever it takes. `refused` were out of reach."""

    def __init__(self, now: Callable[[], datetime], *, reach: Reach = REACH, **more: Any) -> None:
        super().__init__(capabilities=replace(more.pop("capabilities", FAST), reach=reach), **more)
        self._now, self._reach = now, reach
        self.opened: dict[str, datetime] = {}
        self.books: list[Charge] = []
        self.refused: list[str] = []
        self.free_quota, self.is_strict = 0, False
        self._losing: set[str] = set()

    @property
    def charged(self) -> int:
        """All that the platform asks to be paid."""
        return sum(one.cost for one in self.books)

    def lose(self, *to: str) -> None:
        """The answers to the next calls to these get lost: the messages arrive, and are charged."""
        self._losing |= set(to)

    def by_template(self, to: Address, template: str, values: Mapping[str, str]) -> Payload:
        return Payload("template", json.dumps({"to": to.id, "text": template, "values": dict(values)}).encode())

    def by_phone(self, phone: str, template: str, values: Mapping[str, str], tracking: str) -> Payload:
        body = {"to": phone, "text": template, "values": dict(values), "tracking": tracking}
        return Payload("phone", json.dumps(body).encode())

    async def send_metered(self, payload: Payload) -> Sent:
        to = json.loads(payload.body)["to"]
        route, cost = self._terms(payload, to)
        message_id = await self.send(payload)
        if route == "paid" and self.free_quota:
            self.free_quota, cost = self.free_quota - 1, 0
        self.books.append(Charge(to, route, cost, self._now()))
        if to in self._losing:
            self._losing.remove(to)
            raise Unknown("no answer")
        return Sent(message_id, cost > 0)

    def _terms(self, payload: Payload, to: str) -> tuple[Route, int]:
        """By which route it goes, and what for. Raises what the platform refuses."""
        prices = self._reach.prices
        if payload.method == "template":
            return "template", prices["template"]
        if payload.method == "phone":
            return "phone", prices["phone"]
        opened = self.opened.get(to)
        if opened is None or self._now() - opened > self._reach.paid:
            self.refused.append(to)
            raise OutOfReach("User has not interacted with the OA in the past 7 days")
        if self._now() - opened > self._reach.free or self.is_strict:
            return "paid", prices["paid"]
        return "free", 0
