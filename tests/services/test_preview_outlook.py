"""What an officer sees of routes and money before approving: how people are spread over the windows at the start."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.base import Channel
from bot.engine.content import Parameter, Template
from bot.engine.state import Library
from bot.services.broadcasting.digest import digest_of
from bot.services.broadcasting.drafting import Draft, World, examine
from bot.services.broadcasting.model import Body, Broadcast, Policy, Timing, to_json
from bot.services.broadcasting.outlook import Outlook
from bot.services.broadcasting.preview import Preview, preview
from bot.store import templates
from bot.store.models import addresses, contacts
from bot.store.templates import Detail, Filed
from tests.fakes.channel import FAST, FakeChannel
from tests.fakes.metered import MeteredChannel
from tests.services.broadcasts import NOON, add_broadcast, add_person
from tests.services.reaching import CARRIER, MESSAGE, TOLD, with_template
from tests.shipped import shipped

ZALO = replace(CARRIER, channel="zalo")
NAMED = replace(ZALO, text="Chào <ten>.", parameters=(Parameter("ten", "{ten}", 20),), by=frozenset({"template"}))
BY_PHONE = replace(ZALO, id="78", by=frozenset({"phone"}))
TODAY = date(2026, 11, 23)


def world(library: Library | None = None, at: datetime = NOON, **channels: Channel) -> World:
    on: Mapping[str, Channel] = channels or {
        "telegram": FakeChannel("telegram"),
        "zalo": MeteredChannel(lambda: NOON, name="zalo", capabilities=replace(FAST, rate=0.01)),
    }
    return World(library or shipped(), on, at, TODAY)


async def seen(database: AsyncEngine, broadcast: Broadcast, given: World | None = None) -> Preview:
    async with database.connect() as db:
        return await preview(db, given or world(), broadcast)


async def outlook(database: AsyncEngine, broadcast: Broadcast, given: World | None = None) -> Outlook:
    told = (await seen(database, broadcast, given)).outlook
    assert told is not None
    return told


def counts(told: Outlook) -> dict[str, int]:
    return {one.route: one.people for one in told.routes}


async def on_zalo(
    database: AsyncEngine, number: int, hours: float | None, *, phone: str = "", name: str = "An"
) -> None:
    """Somebody who wrote so many hours before NOON; None: never."""
    await add_person(database, number, channel="zalo")
    async with database.begin() as db:
        at = NOON - timedelta(hours=hours) if hours is not None else None
        await db.execute(update(addresses).where(addresses.c.contact_id == number).values(interacted_at=at))
        fields = {"dong-y": "co", **({"dien-thoai": phone} if phone else {}), **({"ten": name} if name else {})}
        mine = contacts.c.id == number
        await db.execute(update(contacts).where(mine).values(name=name, fields=json.dumps(fields)))


async def approve(database: AsyncEngine, *approved: Template, detail: Detail | None = None) -> None:
    async with database.begin() as db:
        filed = {one.id: Filed("approved", detail or Detail(), NOON) for one in approved}
        await templates.file(db, "zalo", filed)


async def six(database: AsyncEngine) -> None:
    """One for each way to be reached."""
    await on_zalo(database, 1, 1)
    await on_zalo(database, 2, 47.95)  # within the slack: may have to be paid for
    await on_zalo(database, 3, 160)
    await on_zalo(database, 4, 170)
    await on_zalo(database, 5, None, phone="0912345678", name="")
    await on_zalo(database, 6, None, phone="12", name="")


async def test_it_counts_people_by_route_and_what_they_cost(database: AsyncEngine) -> None:
    await six(database)
    await approve(database, NAMED, BY_PHONE)
    library = replace(shipped(), templates={MESSAGE: (NAMED, BY_PHONE)})
    policy = Policy(budget=10_000, phone=True)
    told = await outlook(database, await add_broadcast(database, TOLD, "tat-ca", policy=policy), world(library))
    assert counts(told) == {"free": 1, "paid": 2, "template": 1, "phone": 1, "later": 1}
    assert (told.cost, told.budget, told.unpaid, told.waiting) == (2 * 55 + 200 + 300, 10_000, 0, 1)


async def test_the_windows_are_those_of_the_moment_at_which_it_begins(database: AsyncEngine) -> None:
    await on_zalo(database, 1, 20)
    evening = datetime(2026, 11, 24, 14, tzinfo=UTC)  # nine in the evening: it begins at seven the next morning
    broadcast = await add_broadcast(database, TOLD, "tat-ca", timing=Timing(at=evening))
    assert counts(await outlook(database, broadcast)) == {"paid": 1}


async def test_who_has_another_channel_first_is_not_paid_for(database: AsyncEngine) -> None:
    await on_zalo(database, 1, 100)
    async with database.begin() as db:
        values = {"channel": "telegram", "external_id": "1", "contact_id": 1, "changed_at": NOON}
        await db.execute(addresses.insert().values(values))
    told = await outlook(database, await add_broadcast(database, TOLD, "tat-ca"))
    assert (told.routes, told.cost) == ([], 0)


@pytest.mark.parametrize(("policy", "unpaid", "warned"), [
    (Policy(), 3, "chưa có ngân sách"), (Policy(budget=120), 1, "không đủ"), (Policy(budget=165), 0, ""),
    (Policy(waits=False), 3, "không chờ họ nhắn lại"),
])  # fmt: skip
async def test_what_the_budget_does_not_cover_is_said(
    database: AsyncEngine, policy: Policy, unpaid: int, warned: str
) -> None:
    for number in (1, 2, 3):
        await on_zalo(database, number, 60)
    told = await seen(database, await add_broadcast(database, TOLD, "tat-ca", policy=policy))
    assert told.outlook is not None
    assert (told.outlook.unpaid, told.outlook.waiting) == (unpaid, unpaid)
    assert bool(told.warnings) == bool(warned)
    assert warned in " ".join(told.warnings)


async def test_a_template_that_is_not_approved_is_said_and_reaches_nobody(database: AsyncEngine) -> None:
    await on_zalo(database, 1, None)
    told = await seen(database, await add_broadcast(database, TOLD, "tat-ca"), world(with_template(ZALO)))
    assert told.outlook is not None
    assert counts(told.outlook) == {"later": 1}
    assert "Mẫu 77" in " ".join(told.warnings)


async def test_the_price_that_the_platform_told_is_the_price(database: AsyncEngine) -> None:
    await on_zalo(database, 1, None)
    await approve(database, ZALO, detail=Detail(price_by_id=120))
    told = await outlook(database, await add_broadcast(database, TOLD, "tat-ca"), world(with_template(ZALO)))
    assert [(one.price, one.cost) for one in told.routes] == [(120, 120)]


async def test_when_it_ends_depends_on_those_who_need_not_write_first(database: AsyncEngine) -> None:
    for number in range(1, 6):
        await on_zalo(database, number, 1 if number == 1 else None)
    told = await seen(database, await add_broadcast(database, TOLD, "tat-ca"))
    assert told.ends == NOON


async def test_an_area_is_told_of_its_own_people(database: AsyncEngine) -> None:
    await on_zalo(database, 1, 60)
    await on_zalo(database, 2, 60)
    async with database.begin() as db:
        await db.execute(update(contacts).where(contacts.c.id == 2).values(commune="09700"))
    broadcast = await add_broadcast(database, TOLD, "tat-ca")
    async with database.connect() as db:
        told = await preview(db, world(), broadcast, area=("09700",))
    assert told.outlook is not None
    assert counts(told.outlook) == {"paid": 1}


async def test_without_a_channel_that_has_windows_there_is_nothing_to_tell(database: AsyncEngine) -> None:
    await add_person(database, 1)
    told = await seen(database, await add_broadcast(database, TOLD, "tat-ca"), world(telegram=FakeChannel("telegram")))
    assert told.outlook is None


@pytest.mark.parametrize(("carriers", "approved", "words"), [
    ((), (), "chưa có mẫu"), ((BY_PHONE,), (), "Mẫu 78"), ((BY_PHONE,), (BY_PHONE,), ""),
])  # fmt: skip
async def test_templates_by_phone_can_only_be_chosen_where_there_are_some(
    database: AsyncEngine, carriers: tuple[Template, ...], approved: tuple[Template, ...], words: str
) -> None:
    await on_zalo(database, 1, 1)
    await approve(database, *approved)
    library = replace(shipped(), templates={MESSAGE: carriers})
    draft = Draft("Thử", TOLD, "kenh = zalo", policy=Policy(phone=True))
    async with database.connect() as db:
        found = await examine(db, draft, world(library))
    faults = [fault.text for fault in found.faults if fault.field == "phone"]
    assert bool(faults) == bool(words)
    assert words in " ".join(faults)


async def test_a_budget_has_bounds(database: AsyncEngine) -> None:
    async with database.connect() as db:
        for budget in (-1, 10**10):
            draft = Draft("Thử", TOLD, "kenh = zalo", policy=Policy(budget=budget))
            faults = (await examine(db, draft, world())).faults
            assert "budget" in [fault.field for fault in faults]


def test_another_template_is_another_broadcast_and_none_leaves_the_digest_as_it_was() -> None:
    def digest(library: Library) -> str:
        return digest_of(library, TOLD, "tat-ca", Timing(), Policy(), False, 1, 1)

    plain, carried = digest(shipped()), digest(with_template(ZALO))
    assert plain != carried != digest(with_template(replace(ZALO, text="Khác.")))
    assert carried == digest(with_template(replace(ZALO, path="elsewhere.yaml", line=9)))
    other = replace(shipped(), templates={"khac": (ZALO,)})
    assert digest(other) == plain


def test_a_policy_without_money_is_kept_as_before() -> None:
    assert to_json(Policy()) == "{}"
    assert to_json(Body(messages=(MESSAGE,))) == '{"messages":["phong-trao.dong-long"]}'
