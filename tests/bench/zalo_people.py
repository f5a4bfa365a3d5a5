"""People of Zalo, spread over its windows, and what becomes of a broadcast to each of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.models import addresses, contacts
from tests.fakes.zalo import FakeZalo

FIRST_UID = 2_512_523_625_000_000_000
FIRST_PHONE = 84_912_000_000
PAGE = 2_000
HOURS = ((1, 47), (50, 165), (8 * 24, 40 * 24))
"""Since when people last wrote: they are answered for free, for money, or not at all. Edges are left alone, for the
fake's clock stands still while messages leave; tests of their own look at those."""
SHARES = ("free", "free", "free", "paid", "paid", "named", "never", "phone", "mute", "banned")
"""What the people are, in turn: those with a name can be sent a template by id, "never" wrote at all and have one too,
"phone" have no name but a number, "mute" have neither; "banned" wrote just now, and Zalo refuses them."""
BY_SHARE: Mapping[str, tuple[str, str]] = {
    "free": ("sent", "free"), "paid": ("sent", "paid"), "named": ("sent", "template"), "never": ("sent", "template"),
    "phone": ("sent", "phone"), "mute": ("expired", "later"), "banned": ("blocked", "free"),
}  # fmt: skip
"""What a broadcast with templates and money enough makes of each: status and route."""


class Citizen(Struct, frozen=True):
    """One person. `hours` since they wrote; None: they never did."""

    number: int
    share: str
    hours: float | None

    @property
    def uid(self) -> str:
        return str(FIRST_UID + self.number)

    @property
    def phone(self) -> str:
        """As Zalo writes it; "" when they shared none."""
        return str(FIRST_PHONE + self.number) if self.share == "phone" else ""

    @property
    def name(self) -> str:
        return "Nguyễn Thị Hoa" if self.share in ("named", "never") else ""


def crowd(count: int) -> Sequence[Citizen]:
    """So many people, spread evenly over all that somebody can be."""
    return [_citizen(number) for number in range(1, count + 1)]


def _citizen(number: int) -> Citizen:
    share = SHARES[number % len(SHARES)]
    first, last = HOURS[{"free": 0, "banned": 0, "paid": 1}.get(share, 2)]
    hours = first + (last - first) * ((number * 7919) % 1000) / 1000
    return Citizen(number, share, None if share == "never" else hours)


def join(zalo: FakeZalo, people: Sequence[Citizen], at: datetime) -> None:
    """Have the fake know them as they are."""
    for one in people:
        user = zalo.user(one.uid, phone=one.phone)
        user.is_banned = one.share == "banned"
        user.interacted_at = None if one.hours is None else at - timedelta(hours=one.hours)


async def populate(engine: AsyncEngine, people: Sequence[Citizen], at: datetime) -> None:
    """Have us know them: all of them agreed to broadcasts."""
    for start in range(0, len(people), PAGE):
        some = people[start : start + PAGE]
        async with engine.begin() as db:
            await db.execute(insert(contacts), [_contact(one, at) for one in some])
            await db.execute(insert(addresses), [_address(one, at) for one in some])


def _contact(one: Citizen, at: datetime) -> dict[str, object]:
    phone = f"0{one.phone.removeprefix('84')}" if one.phone else ""
    told = {"dong-y": "co", "da-chao": "1", "ten": one.name, "dien-thoai": phone}
    fields = json.dumps({name: value for name, value in told.items() if value}, ensure_ascii=False)
    return {"id": one.number, "created_at": at, "consent": "co", "name": one.name, "fields": fields}


def _address(one: Citizen, at: datetime) -> dict[str, object]:
    since = None if one.hours is None else at - timedelta(hours=one.hours)
    return {
        "channel": "zalo", "external_id": one.uid, "contact_id": one.number, "changed_at": at, "interacted_at": since
    }  # fmt: skip
