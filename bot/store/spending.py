"""What broadcasts cost: reserved before a message may leave, settled with its outcome (delivery.md rule 3).

`broadcasts.spent` is at every commit the sum of `cost` and `reserved` over its deliveries. A kill leaves what may have
left reserved, and whoever finds it in doubt counts it as cost: so the books never say less than the platform charged,
and a budget that was not passed when reserving is never passed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.models import broadcasts, chunks, deliveries


class Bill(Struct, frozen=True):
    """What a message's try came to, in đồng: by which `route` it went, its `cost`, and what had been `reserved`."""

    route: str
    cost: int = 0
    reserved: int = 0


class Spent(Struct, frozen=True):
    """How many deliveries of a broadcast are in *status* by *route*, and what they cost, or may have, in đồng."""

    route: str
    status: str
    people: int
    cost: int


async def spent_so_far(db: AsyncConnection, broadcast_id: int) -> int:
    """In đồng. Nobody else reserves for this broadcast until the transaction ends."""
    row = select(broadcasts.c.spent).where(broadcasts.c.id == broadcast_id).with_for_update()
    return int((await db.execute(row)).scalar_one())


async def reserve(
    db: AsyncConnection, broadcast_id: int, ways: Mapping[int, tuple[str, int]], *, budget: int
) -> bool:  # fmt: skip
    """Reserve what deliveries may cost (id -> route, đồng); false, and nothing changed, when *budget* doesn't cover it.

    In the transaction that takes them up: what isn't reserved at a commit hasn't left.
    """
    b, d, total = broadcasts.c, deliveries.c, sum(cost for _route, cost in ways.values())
    if total:
        within = update(broadcasts).where(b.id == broadcast_id, b.spent + total <= budget)
        if not (await db.execute(within.values(spent=b.spent + total))).rowcount:
            return False
    taken = update(deliveries).where(d.id == bindparam("key"))
    taken = taken.values(route=bindparam("by"), reserved=d.reserved + bindparam("more"))
    await db.execute(taken, [{"key": key, "by": route, "more": cost} for key, (route, cost) in ways.items()])
    return True


async def settle(db: AsyncConnection, bills: Mapping[int, Bill]) -> None:
    """Write what deliveries came to, by id; what they cost less than was reserved is there to be spent again.

    Written twice it counts once: the answer to a commit may get lost.
    """
    d = deliveries.c
    rows, changes = [], Counter[int]()
    held = select(d.id, d.broadcast_id, d.reserved).where(d.id.in_(bills))
    for key, broadcast, reserved in await db.execute(held):
        bill = bills[key]
        if bill.reserved and not reserved:
            continue
        rows.append({"key": key, "by": bill.route, "more": bill.cost})
        changes[broadcast] += bill.cost - reserved
    if not rows:
        return
    settled = update(deliveries).where(d.id == bindparam("key"))
    await db.execute(settled.values(route=bindparam("by"), cost=d.cost + bindparam("more"), reserved=0), rows)
    for broadcast, change in sorted(changes.items()):
        await _change(db, broadcast, change)


async def give_back(db: AsyncConnection, *, chunk_id: int, broadcast_id: int) -> None:
    """Nothing of a chunk, which is the caller's own, is in flight: what is still reserved for it never left."""
    d = deliveries.c
    held = d.chunk_id == chunk_id, d.reserved > 0
    reserved = (await db.execute(select(func.coalesce(func.sum(d.reserved), 0)).where(*held))).scalar_one()
    if reserved:
        await db.execute(update(deliveries).where(*held).values(reserved=0, route=""))
        await _change(db, broadcast_id, -int(reserved))


async def take_as_spent(db: AsyncConnection, chunk_id: int) -> None:
    """Who held a chunk died: what was reserved for what may have left may have been charged."""
    d = deliveries.c
    held = d.chunk_id == chunk_id, d.reserved > 0
    await db.execute(update(deliveries).where(*held).values(cost=d.cost + d.reserved, reserved=0))


async def by_route(db: AsyncConnection, number: int, *, channels: Collection[str]) -> Sequence[Spent]:
    """What became of a broadcast's deliveries on *channels*, those with windows: in the order of routes and statuses.

    The route is empty while it isn't known.
    """
    if not channels:
        return []
    d = deliveries.c
    query = (
        select(d.route, d.status, func.count(), func.sum(d.cost + d.reserved))
        .select_from(chunks.join(deliveries, d.chunk_id == chunks.c.id))
        .where(chunks.c.broadcast_id == number, chunks.c.channel.in_(channels))
        .group_by(d.route, d.status)
        .order_by(d.route, d.status)
    )
    return [Spent(route, status, people, int(cost)) for route, status, people, cost in await db.execute(query)]


async def _change(db: AsyncConnection, broadcast_id: int, change: int) -> None:
    if change:
        here = broadcasts.c.id == broadcast_id
        await db.execute(update(broadcasts).where(here).values(spent=broadcasts.c.spent + change))
