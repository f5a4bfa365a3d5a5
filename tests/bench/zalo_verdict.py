"""A broadcast over Zalo's windows against what was planned, what the ledger says, and what the fake charged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.services.broadcasting.outlook import Outlook
from bot.store.models import broadcasts, deliveries
from tests.bench.zalo_people import BY_SHARE, Citizen
from tests.fakes.zalo import FakeZalo
from tests.fakes.zalo.books import Charge
from tests.fakes.zalo.clock import is_night

KINDS = {"free": "cs", "paid": "cs", "template": "template", "phone": "phone"}
Row = Any


class Verdict(Struct):
    """`routes` counts (route, status, cost in đồng); `problems` is everything that does not add up."""

    recipients: int = 0
    routes: dict[str, int] = field(default_factory=dict)
    planned: int = 0
    spent: int = 0
    charged: int = 0
    budget: int = 0
    woken: int = 0
    problems: list[str] = field(default_factory=list)


async def rows_of(engine: AsyncEngine, number: int) -> Sequence[Row]:
    """What the ledger says of everybody."""
    d = deliveries.c
    columns = (
        d.id, d.contact_id, d.address, d.status, d.attempts, d.route, d.cost, d.reserved, d.external_id, d.error
    )  # fmt: skip
    wanted = select(*columns).where(d.broadcast_id == number)
    async with engine.connect() as db:
        return (await db.execute(wanted.order_by(d.contact_id))).all()


async def spent_of(engine: AsyncEngine, number: int) -> int:
    """What the broadcast says it cost."""
    async with engine.connect() as db:
        return int((await db.execute(select(broadcasts.c.spent).where(broadcasts.c.id == number))).scalar_one())


def judge(
    rows: Sequence[Row], people: Sequence[Citizen], zalo: FakeZalo, *, spent: int, budget: int,
    expected: Mapping[int, tuple[str, str]],
) -> Verdict:  # fmt: skip
    """Everybody once, as *expected* (contact -> status, route), and every message charged as the ledger says."""
    books = {charge.message_id: charge for charge in zalo.books}
    verdict = Verdict(len(rows), spent=spent, budget=budget)
    told = Counter(f"{row.route or '-'}, {row.status}, {row.cost}" for row in rows)
    verdict.routes = dict(sorted(told.items()))
    verdict.problems += _missing([row.contact_id for row in rows], people)
    wrong = [row for row in rows if not _is_as(row, expected.get(row.contact_id))]
    verdict.problems += [f"{row.contact_id} is {row.status}, {row.route or '-'}: {row.error}" for row in wrong[:5]]
    for row in rows:
        charge = books.get(row.external_id) if row.status == "sent" else None
        verdict.charged += charge.price if charge else 0
        verdict.problems += _differs(row, charge)
    if not verdict.charged == spent == sum(row.cost for row in rows):
        verdict.problems.append(f"charged {verdict.charged}, spent {spent}, rows {sum(row.cost for row in rows)}")
    if spent > budget:
        verdict.problems.append(f"spent {spent} of {budget}")
    if any(row.reserved for row in rows):
        verdict.problems.append("something is still reserved")
    return verdict


def _missing(contacts: Sequence[int], people: Sequence[Citizen]) -> list[str]:
    """Who has no row, but for those whom another broadcast found gone before this one's audience was read."""
    gone = {one.number for one in people if one.share == "banned"}
    missing = {one.number for one in people} - set(contacts) - gone
    return [f"{len(contacts)} rows, {len(missing)} missing"] if missing or len(set(contacts)) < len(contacts) else []


def _is_as(row: Row, expected: tuple[str, str] | None) -> bool:
    """Who refused another broadcast a moment ago isn't tried at all, so has no route."""
    return expected in (None, (row.status, row.route)) or (expected == ("blocked", "free") and row.status == "blocked")


def _differs(row: Row, charge: Charge | None) -> list[str]:
    if row.status == "sent" and charge is None:
        return [f"{row.contact_id}: sent as {row.external_id!r}, which Zalo never took"]
    if charge is not None and (charge.price != row.cost or charge.kind != KINDS.get(row.route)):
        return [f"{row.contact_id}: {row.route} at {row.cost}, and Zalo says {charge.kind} at {charge.price}"]
    return [f"{row.contact_id}: {row.status}, and cost {row.cost}"] if charge is None and row.cost else []


def as_planned(outlook: Outlook, people: Sequence[Citizen], prices: Mapping[str, int]) -> list[str]:
    """What of the plan is not how people are."""
    routes = Counter(BY_SHARE[one.share][1] for one in people)
    told = {one.route: one.people for one in outlook.routes}
    problems = [] if told == routes else [f"planned {told}, and people are {dict(routes)}"]
    cost = sum(prices.get(route, 0) * count for route, count in routes.items())
    return problems if outlook.cost == cost else [*problems, f"planned at {outlook.cost}, which is {cost}"]


def by_night(zalo: FakeZalo, sleeping: Sequence[str] = ("phone",)) -> list[str]:
    """Messages that reached somebody at night, of the kinds that may not."""
    woken = Counter(charge.kind for charge in zalo.books if charge.kind in sleeping and is_night(charge.at))
    return [f"{count} messages by {kind} at night" for kind, count in woken.items()]
