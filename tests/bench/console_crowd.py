"""A city that has talked for ninety days: people, their log of any length in the order of its times, and broadcasts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from sqlalchemy import Column, Integer, MetaData, String, Table, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.engine.model import AskChoice, Dialog
from bot.engine.state import Library
from bot.services.broadcasting.model import Body, Policy, Timing, to_json
from bot.store.models import addresses, broadcasts, chunks, contacts, deliveries
from bot.store.models import interactions as log
from bot.store.types import UtcDateTime

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
"""Ten in the morning in Hà Nội; the log ends here."""
DAYS = 90
"""The longest that a page looks back."""
PEOPLE = 20_000
SPACING = 4096
"""Between the ids of two contacts, about as in life."""
FORMS = 20_011
"""Ways to say what isn't understood; a prime, so that they don't go together with anything else."""
AT_ONCE = 20_000
"""Conversations in a transaction."""
BROADCASTS, TOLD = 5, 1_000
"""How many broadcasts, to how many people each."""
BODY = Body(text={"vi": "Lớp nghề mới mở."}, source="Thông báo 12/TB-UBND")
HOUSEHOLDS = ("ngheo", "can-ngheo", "moi-thoat", "khac", "")

_scratch = MetaData()
_script = Table(
    "script", _scratch, Column("variant", Integer), Column("place", Integer), Column("kind", String(24)),
    Column("dialog", String(64)), Column("node", String(64)), Column("detail", String(128)), Column("text", String(64)),
    prefixes=["TEMPORARY"],
)  # fmt: skip
_hours = Table(
    "hours", _scratch, Column("number", Integer, primary_key=True), Column("at", UtcDateTime), prefixes=["TEMPORARY"]
)
_TALK = f"""
WITH RECURSIVE talks(n) AS (SELECT CAST({{first}} AS BIGINT) UNION ALL SELECT n + 1 FROM talks WHERE n < {{last}})
INSERT INTO interactions (contact_id, at, kind, dialog, node, detail, text)
SELECT (1 + n * 7919 % {{people}}) * {SPACING}, hours.at, kind, dialog, node, detail,
 CASE kind WHEN 'missed' THEN 'hỏi chuyện ' || CAST(n * 104729 % {FORMS} AS TEXT) ELSE text END
FROM talks JOIN hours ON number = n * {DAYS * 24} / {{talks}} JOIN script ON variant = n % {{variants}}
ORDER BY n, place
"""


class Line(Struct, frozen=True):
    """One row of a conversation."""

    kind: str
    dialog: str = ""
    node: str = ""
    detail: str = ""
    text: str = ""


def scripts_of(library: Library) -> list[list[Line]]:
    """One conversation through each dialog that asks twice; some end with an officer, or with a stop."""
    scripts = [list(_conversation(library, dialog)) for dialog in library.dialogs.values() if len(_asks(dialog)) > 1]
    scripts[0].append(Line("handoff", detail="chung"))
    scripts[1].append(Line("stop", detail="broadcasts"))
    return scripts


def _asks(dialog: Dialog) -> list[AskChoice]:
    return [node for node in dialog.nodes.values() if isinstance(node, AskChoice)]


def _conversation(library: Library, dialog: Dialog) -> Iterator[Line]:
    name, (first, second, *_) = dialog.id, _asks(dialog)
    message = next((one.id for one in library.messages.values() if one.topic == name), "")
    yield Line("routed", detail=name, text=f"cho hỏi {name}")
    yield Line("entered", name)
    yield Line("said", name, first.id, message)
    yield Line("asked", name, first.id)
    yield Line("chose", name, first.id, first.options[0].id, first.options[0].label[:64])
    yield Line("field", detail="xa", text="00004")
    yield Line("said", name, second.id)
    yield Line("asked", name, second.id)
    yield Line("missed", name, second.id)
    yield Line("said", name, second.id)
    yield Line("chose", name, second.id, second.options[-1].id, second.options[-1].label[:64])
    yield Line("ended", name, "", "done")
    yield Line("asked")


async def fill(
    engine: AsyncEngine, library: Library, *, interactions: int, people: int = PEOPLE,
    told: Callable[[int], None] = lambda _: None,
) -> int:  # fmt: skip
    """Fill an empty database with at least so many *interactions*; how many. *told* is called as they come."""
    scripts = scripts_of(library)
    talks = -(-interactions * len(scripts) // sum(map(len, scripts)))
    async with engine.begin() as db:
        await _add_people(db, sorted(library.communes), people)
        await _add_broadcasts(db, people)
    total = 0
    for start in range(0, talks, AT_ONCE):
        async with engine.begin() as db:
            await _prepare(db, scripts)
            numbers = {"first": start, "last": min(start + AT_ONCE, talks) - 1, "talks": talks}
            filled = _TALK.format(people=people, variants=len(scripts), **numbers)
            await db.exec_driver_sql(filled)
            await db.run_sync(_scratch.drop_all)
            rows = (await db.execute(select(func.max(log.c.id)))).scalar_one()
        told(rows - total)
        total = rows
    return total


async def _prepare(db: AsyncConnection, scripts: Sequence[Sequence[Line]]) -> None:
    await db.run_sync(_scratch.create_all)
    rows = [
        {"variant": variant, "place": place} | {name: getattr(line, name) for name in line.__struct_fields__}
        for variant, script in enumerate(scripts)
        for place, line in enumerate(script)
    ]
    await db.execute(insert(_script), rows)
    first = AT - timedelta(days=DAYS)
    hours = [{"number": number, "at": first + timedelta(hours=number)} for number in range(DAYS * 24)]
    await db.execute(insert(_hours), hours)


async def _add_people(db: AsyncConnection, communes: Sequence[str], people: int) -> None:
    rows = [
        {
            "id": number * SPACING, "created_at": AT - timedelta(days=DAYS),
            "commune": communes[number % len(communes)],
            "household": HOUSEHOLDS[number % len(HOUSEHOLDS)], "name": f"Người {number}", "consent": "co",
        }
        for number in range(1, people + 1)
    ]  # fmt: skip
    await db.execute(insert(contacts), rows)
    there = [
        {
            "channel": ("telegram", "webchat")[number % 2], "external_id": f"{number}", "contact_id": number * SPACING,
            "changed_at": AT,
        }
        for number in range(1, people + 1)
    ]  # fmt: skip
    await db.execute(insert(addresses), there)


async def _add_broadcasts(db: AsyncConnection, people: int) -> None:
    """Some that are done, sent in the last days to the same people: so that answers are looked for."""
    count = min(TOLD, people)
    for number in range(1, BROADCASTS + 1):
        at = AT - timedelta(days=number * 3)
        fixed = {"body": to_json(BODY), "timing": to_json(Timing()), "policy": to_json(Policy()), "authors": '["dung"]'}
        row = {
            "id": number, "name": f"Tin {number}", "segment": "tat-ca", "state": "done", "created_at": at,
            "changed_at": at, "started_at": at - timedelta(minutes=1), "ended_at": at, "is_planned": True,
            "recipients": count,
        }  # fmt: skip
        await db.execute(insert(broadcasts).values(row | fixed))
        counts = json.dumps({"sent": count})
        await db.execute(
            insert(chunks).values(id=number, broadcast_id=number, channel="telegram", state="done", counts=counts)
        )
        rows = [
            {
                "id": number * 1_000_000 + one, "contact_id": one * SPACING, "channel": "telegram", "address": f"{one}",
                "reason": "broadcast", "broadcast_id": number, "chunk_id": number, "method": "", "payload": b"",
                "status": "sent", "due_at": at, "sent_at": at,
            }
            for one in range(1, count + 1)
        ]  # fmt: skip
        await db.execute(insert(deliveries), rows)
