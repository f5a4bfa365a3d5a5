"""People on a channel with windows, who wrote to it so many hours ago, and what the ledger says of each."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update

from bot.engine.content import Template
from bot.engine.state import Library
from bot.messages import Address
from bot.services.broadcasting.model import Body
from bot.store import templates
from bot.store.db import open_database
from bot.store.models import addresses, broadcasts, chunks, contacts, deliveries
from bot.store.templates import Detail, Filed
from tests.conftest import Clock
from tests.fakes.metered import MeteredChannel
from tests.services.campaign import Campaign, people
from tests.shipped import shipped

MESSAGE = "phong-trao.dong-long"
"""Shipped, for everyone, without a fact that could lapse."""
TOLD = Body(messages=(MESSAGE,))
CARRIER = Template("77", "fake", MESSAGE, "care", frozenset({"template", "phone"}), "Hà Nội chung tay.")
LONG_AGO = 24 * 30


def with_template(template: Template = CARRIER) -> Library:
    """The shipped library, where MESSAGE has a template on the channel of the tests."""
    return replace(shipped(), templates={MESSAGE: (template,)})


async def approve(url: str, template: Template = CARRIER, state: str = "approved") -> None:
    """As if the platform had told that."""
    engine = open_database(url)
    async with engine.begin() as db:
        at = datetime(2026, 11, 1, tzinfo=UTC)
        await templates.file(db, template.channel, {template.id: Filed(state, Detail(), at)})
    await engine.dispose()


async def wrote(url: str, clock: Clock, channel: MeteredChannel, **hours: float) -> None:
    """People by name, each with how many hours ago they wrote; who is LONG_AGO never did."""
    await people(url, clock, *hours, fields=json.dumps({"dong-y": "co"}))
    engine = open_database(url)
    async with engine.begin() as db:
        for name, ago in hours.items():
            at = clock.at - timedelta(hours=ago) if ago < LONG_AGO else None
            if at is not None:
                channel.opened[name] = at
            here = addresses.c.external_id == name
            await db.execute(update(addresses).where(here).values(interacted_at=at))
    await engine.dispose()


async def shares_phone(url: str, **phones: str) -> None:
    """The numbers that people shared."""
    engine = open_database(url)
    async with engine.begin() as db:
        for name, phone in phones.items():
            theirs = select(addresses.c.contact_id).where(addresses.c.external_id == name).scalar_subquery()
            fields = json.dumps({"dien-thoai": phone, "dong-y": "co"})
            await db.execute(update(contacts).where(contacts.c.id == theirs).values(fields=fields))
    await engine.dispose()


async def writes(campaign: Campaign, channel: MeteredChannel, name: str) -> None:
    """Somebody writes, and their conversation is over again."""
    await campaign.bot.say(Address("fake", name), "menu")
    channel.opened[name] = campaign.clock.at
    campaign.clock.advance(seconds=600)


async def ledger(campaign: Campaign, number: int) -> Mapping[str, tuple[str, str, int]]:
    """(status, route, cost) by address; what is reserved counts as cost."""
    d = deliveries.c
    async with campaign.database.connect() as db:
        rows = await db.execute(
            select(d.address, d.status, d.route, d.cost + d.reserved).where(d.broadcast_id == number).order_by(d.id)
        )
        return {row[0]: (row[1], row[2], row[3]) for row in rows}


async def spent(campaign: Campaign, number: int) -> int:
    """What the broadcast has cost; it is what its deliveries cost, always."""
    d, b = deliveries.c, broadcasts.c
    costs = select(func.coalesce(func.sum(d.cost + d.reserved), 0)).where(d.broadcast_id == number)
    both = select(b.spent, costs.scalar_subquery()).where(b.id == number)  # as they are at one moment
    async with campaign.database.connect() as db:
        total, costly = (await db.execute(both)).one()
    assert total == costly
    return int(total)


async def comes_to(campaign: Campaign, number: int, wanted: Mapping[str, tuple[str, str, int]]) -> None:
    """Wait until the ledger says *wanted*."""
    found: Mapping[str, tuple[str, str, int]] = {}
    for _ in range(2000):
        found = await ledger(campaign, number)
        if {name: found.get(name) for name in wanted} == dict(wanted):
            return
        await asyncio.sleep(0.01)
    raise AssertionError(found)


async def at_rest(campaign: Campaign) -> None:
    """Wait until nothing is on its way, and nobody holds a chunk: only then the next look wakes what waits in it."""
    window = campaign.broadcaster.senders["fake"].window
    await campaign.passed(lambda: window.free == window.size)
    held = select(func.count()).where(chunks.c.state == "claimed")
    for _ in range(2000):
        async with campaign.database.connect() as db:
            if not (await db.execute(held)).scalar_one():
                return
        await asyncio.sleep(0.005)
    raise AssertionError("a chunk stays in hand")
