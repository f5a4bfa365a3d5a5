"""Rows for the tests of broadcasts: people who may be written to, broadcasts, and what became of their messages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.services.broadcasting.model import Body, Broadcast, Policy, State, Timing, broadcast_from, to_json
from bot.store import broadcasts
from bot.store.models import addresses, chunks, contacts, deliveries

NOON = datetime(2026, 11, 23, 3, tzinfo=UTC)
"""23 November 2026, ten in the morning in Hà Nội."""
AT_ONCE, USUAL = Timing(), Policy()


async def add_person(
    database: AsyncEngine, number: int, *, channel: str = "telegram", status: str = "active", **fields: str
) -> None:
    """A contact of this number with one address of the same, who agreed to broadcasts unless `dong_y` says else."""
    told = {"ten": f"Người {number}", "dong-y": fields.pop("dong_y", "co"), **fields}
    row = {
        "id": number, "created_at": NOON - timedelta(days=30), "household": told.get("ho", ""),
        "commune": told.get("xa", ""), "language": told.get("lang", ""), "name": told["ten"],
        "consent": told["dong-y"], "stop": told.pop("stop", "none"), "fields": json.dumps(told),
    }  # fmt: skip
    address = {"channel": channel, "external_id": str(number), "contact_id": number, "status": status}
    async with database.begin() as db:
        await db.execute(insert(contacts).values(row))
        await db.execute(insert(addresses).values(**address, changed_at=NOON))


async def add_broadcast(
    database: AsyncEngine, body: Body, segment: str, *, state: State = "draft", timing: Timing = AT_ONCE,
    policy: Policy = USUAL, **columns: object,
) -> Broadcast:  # fmt: skip
    """A broadcast put straight into the database, whoever may have drafted it."""
    row = {"name": "Thử", "state": state, "body": to_json(body), "segment": segment, "timing": to_json(timing)}
    async with database.begin() as db:
        number = await broadcasts.insert(
            db, **row, policy=to_json(policy), authors='["lan"]', created_at=NOON, changed_at=NOON, **columns
        )  # fmt: skip
        found = await broadcasts.find(db, number)
    assert found is not None
    return broadcast_from(found)


async def add_messages(
    database: AsyncEngine, broadcast: int, contact: int, statuses: Mapping[str, int], *, state: str = "done",
    sent_at: datetime = NOON, error: str = "",
) -> None:  # fmt: skip
    """A chunk of deliveries of *broadcast* to *contact* with these statuses, as the sender leaves one."""
    counts = json.dumps(statuses) if state == "done" else "{}"
    async with database.begin() as db:
        values = {"broadcast_id": broadcast, "channel": "telegram", "state": state, "counts": counts}
        chunk = (await db.execute(insert(chunks).values(values).returning(chunks.c.id))).scalar_one()
        rows = [
            {"id": chunk * 1000 + index, "contact_id": contact, "channel": "telegram", "address": str(contact),
             "reason": "broadcast", "broadcast_id": broadcast, "chunk_id": chunk, "method": "", "payload": b"",
             "status": status, "due_at": NOON, "sent_at": sent_at if status == "sent" else None,
             "error": error if status == "failed" else ""}
            for index, status in enumerate(name for name, count in statuses.items() for _ in range(count))
        ]  # fmt: skip
        await db.execute(insert(deliveries), rows)
