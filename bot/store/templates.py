"""What a platform said last of the templates that content uses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.account_models import templates
from bot.store.upserts import insert_into


class Wanted(Struct, frozen=True):
    """A parameter as the platform has it. `most` 0: it didn't tell a limit."""

    name: str
    is_needed: bool
    most: int = 0


class Detail(Struct, frozen=True, omit_defaults=True):
    """What the platform told beside the state. Prices are in đồng for one message; None: it told none."""

    name: str = ""
    tag: str = ""
    parameters: tuple[Wanted, ...] = ()
    price_by_id: int | None = None
    price_by_phone: int | None = None
    reason: str = ""


class Filed(Struct, frozen=True):
    """One template at the platform: "approved", "pending", "rejected", "disabled", or in the platform's own word."""

    state: str
    detail: Detail
    checked_at: datetime


_detail = msgspec.json.Decoder(Detail).decode


async def of(db: AsyncConnection, channel: str) -> Mapping[str, Filed]:
    """Every template that *channel* was ever asked about, by its id."""
    rows = await db.execute(select(templates).where(templates.c.channel == channel))
    return {row.id: Filed(row.state, _detail(row.detail), row.checked_at) for row in rows}


async def file(db: AsyncConnection, channel: str, found: Mapping[str, Filed]) -> None:
    """Put down what *channel* told of templates."""
    if not found:
        return
    made = insert_into(templates, db.dialect)
    told = {name: made.excluded[name] for name in ("state", "detail", "checked_at")}
    rows = [
        {"channel": channel, "id": key, "state": one.state, "checked_at": one.checked_at,
         "detail": msgspec.json.encode(one.detail).decode()}
        for key, one in sorted(found.items())  # in one order, so that two processes don't wait for each other
    ]  # fmt: skip
    await db.execute(made.on_conflict_do_update(index_elements=["channel", "id"], set_=told), rows)


async def turn(db: AsyncConnection, channel: str, template: str, *, state: str, at: datetime) -> bool:
    """It is in another state, as an event told; whether the template was known. An event older than what we know
    changes nothing."""
    row = templates.c
    known = (row.channel == channel, row.id == template)
    await db.execute(update(templates).where(*known, row.checked_at <= at).values(state=state, checked_at=at))
    return (await db.execute(select(row.id).where(*known))).first() is not None
