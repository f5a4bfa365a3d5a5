"""Reads what the database holds of a broadcast, and waits for its end."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.channels.telegram.encode import payloads_of
from bot.messages import Address, Outgoing
from bot.services.broadcasting.model import ENDED, Policy
from bot.store import broadcasts as store
from bot.store.db import reading
from bot.store.models import broadcasts, deliveries, renditions
from tests.bench.broadcast_api import Came
from tests.bench.broadcast_verdict import Key, Left, Row

LOOKS = 0.25
"""Seconds between two looks at another process's ledger: it can't tell us."""
_row = deliveries.c


async def left_of(engine: AsyncEngine, broadcast: int, came: Mapping[Key, Sequence[float]]) -> Left:
    """The broadcast's rows, each with the call that it stands for, and what the program says of them.

    A row whose process died before it could write down what it said stands for whatever of it *came* to its chat.
    """
    async with reading(engine).connect() as db:
        found = (await db.execute(select(broadcasts).where(broadcasts.c.id == broadcast))).one()
        said = await _said(db, broadcast)
        columns = (
            _row.id, _row.contact_id, _row.chunk_id, _row.address, _row.method, _row.payload, _row.status,
            _row.attempts, _row.rendition_id,
        )  # fmt: skip
        found_rows = await db.execute(select(*columns).where(_row.broadcast_id == broadcast))
        rows = [_read(one, said, came) for one in found_rows]
        counts = await store.counts(db, broadcast)
    policy = msgspec.json.decode(found.policy, type=Policy).unknown
    return Left(policy, found.state, found.recipients, found.is_planned, counts, rows)


async def _said(db: AsyncConnection, broadcast: int) -> Mapping[int, Outgoing]:
    kept = select(renditions.c.id, renditions.c.message).where(renditions.c.broadcast_id == broadcast)
    return {one.id: msgspec.json.decode(one.message, type=Outgoing) for one in await db.execute(kept)}


def _read(one: Any, said: Mapping[int, Outgoing], came: Mapping[Key, Sequence[float]]) -> Row:
    key: Key | None = None
    if one.payload:
        key = (int(one.address), one.method, bytes(one.payload))
    elif one.rendition_id in said:
        key = _key_of(one.address, said[one.rendition_id])
    else:
        key = next((may_be for what in said.values() if (may_be := _key_of(one.address, what)) in came), None)
    return Row(one.id, one.contact_id, one.chunk_id or 0, one.status, one.attempts, key)


def _key_of(address: str, what: Outgoing) -> Key:
    call = payloads_of(Address("telegram", address), what)[0]
    return int(address), call.method, call.body


def times_of(came: Sequence[Came]) -> Mapping[Key, Sequence[float]]:
    """When each message came, in order."""
    times: dict[Key, list[float]] = defaultdict(list)
    for one in came:
        times[one.chat, one.method, one.body].append(one.at)
    return times


async def until_ended(engine: AsyncEngine, numbers: Sequence[int], seconds: float) -> bool:
    """Wait until the broadcasts have ended; False when they have not within *seconds*."""
    until = time.perf_counter() + seconds
    open_still = select(broadcasts.c.id).where(broadcasts.c.id.in_(numbers), broadcasts.c.state.not_in(ENDED))
    while time.perf_counter() < until:
        async with reading(engine).connect() as db:
            if (await db.execute(open_still)).first() is None:
                return True
        await asyncio.sleep(LOOKS)
    return False
