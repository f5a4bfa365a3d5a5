"""Broadcasts in the database: states move only from where they were seen, and counts add up whatever happens."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store import broadcasts
from bot.store.models import broadcasts as table
from bot.store.models import chunks, contacts, deliveries

Now = Callable[[], datetime]
STATUSES = ("queued", "sent", "failed", "blocked", "opted_out", "expired", "unknown")


async def new(db: AsyncConnection, now: Now, **columns: object) -> int:
    row = {"name": "Tin", "body": "{}", "segment": "tat-ca", "created_at": now(), "changed_at": now()}
    return await broadcasts.insert(db, **row | columns)


async def fill(db: AsyncConnection, now: Now, number: int, parts: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Chunks of (state, statuses of its deliveries); a finished one has its counts."""
    first = (await db.execute(select(deliveries.c.id).order_by(deliveries.c.id.desc()).limit(1))).scalar() or 0
    for state, statuses in parts:
        counts = json.dumps(Counter(statuses), sort_keys=True) if state == "done" else "{}"
        chunk = {"broadcast_id": number, "channel": "telegram", "state": state, "counts": counts, "dispatched": 9**9}
        made = await db.execute(insert(chunks).values(chunk).returning(chunks.c.id))
        chunk_id, rows = made.scalar_one(), []
        for status in statuses:
            first += 1
            rows.append({
                "id": first, "contact_id": first, "channel": "telegram", "address": str(first), "reason": "broadcast",
                "broadcast_id": number, "chunk_id": chunk_id, "method": "", "payload": b"", "status": status,
                "due_at": now(), "attempts": 1, "error": "vì sao" if status == "failed" else "",
            })  # fmt: skip
        if rows:
            await db.execute(insert(deliveries), rows)
    total = sum(len(statuses) for _, statuses in parts)
    await db.execute(update(table).where(table.c.id == number).values(recipients=total))


async def chunk_rows(db: AsyncConnection, number: int) -> Sequence[tuple[str, int, str]]:
    query = select(chunks.c.state, chunks.c.dispatched, chunks.c.counts).where(chunks.c.broadcast_id == number)
    return [tuple(row) for row in await db.execute(query.order_by(chunks.c.id))]


async def test_a_state_moves_only_from_where_it_was_seen(database: AsyncEngine, clock: Now) -> None:
    async with database.begin() as db:
        number = await new(db, clock)
        assert not await broadcasts.change_state(db, number, from_=("submitted",), to="approved")
        assert not await broadcasts.change_state(db, number, from_=("draft",), to="submitted", seen=2)
        assert await broadcasts.change_state(db, number, from_=("draft",), to="submitted", seen=1, audience=7)
        row = await broadcasts.find(db, number)
        assert row is not None
        assert (row["state"], row["audience"]) == ("submitted", 7)
        assert await broadcasts.find(db, number + 1) is None


async def test_the_newest_come_first_by_state(database: AsyncEngine, clock: Now) -> None:
    async with database.begin() as db:
        numbers = [await new(db, clock, state=state) for state in ("draft", "sending", "draft")]
        assert [row["id"] for row in await broadcasts.listing(db, limit=2)] == [numbers[2], numbers[1]]
        assert [row["id"] for row in await broadcasts.listing(db, states=("draft",))] == [numbers[2], numbers[0]]


async def test_recipients_come_in_pages_with_who_they_are(database: AsyncEngine, clock: Now) -> None:
    async with database.begin() as db:
        number, other = await new(db, clock), await new(db, clock)
        await fill(
            db, clock, number, [("done", ["sent", "failed"]), ("claimed", ["queued", "failed"]), ("open", ["queued"])]
        )
        await fill(db, clock, other, [("done", ["failed"])])
        await db.execute(insert(contacts).values(id=2, created_at=clock(), commune="09661", household="ngheo"))
        seen, after = [], broadcasts.START
        while page := await broadcasts.recipients(db, number, after=after, limit=2):
            seen += [row["id"] for row in page]
            after = (page[-1]["chunk_id"], page[-1]["id"])
        assert seen == [1, 2, 3, 4, 5]
        failed = await broadcasts.recipients(db, number, status="failed")
        assert [(row["id"], row["commune"], row["household"]) for row in failed] == [
            (2, "09661", "ngheo"),
            (4, None, None),
        ]
        assert not await broadcasts.recipients(db, number, status="opted_out")


async def test_a_retry_queues_those_alone_and_their_chunks_begin_anew(database: AsyncEngine, clock: Now) -> None:
    async with database.begin() as db:
        number, other = await new(db, clock), await new(db, clock)
        parts = [("done", ["sent", "failed"]), ("done", ["sent", "blocked"]), ("done", ["unknown", "failed"])]
        await fill(db, clock, number, parts)
        await fill(db, clock, other, [("done", ["failed"])])
        assert await broadcasts.retry(db, number, statuses=("failed",)) == 2
        assert await broadcasts.counts(db, number) == {"sent": 2, "queued": 2, "blocked": 1, "unknown": 1}
        assert await broadcasts.counts(db, other) == {"failed": 1}
        assert [row[:2] for row in await chunk_rows(db, number)] == [("open", 0), ("done", 9**9), ("open", 0)]
        again = await broadcasts.recipients(db, number, status="queued")
        assert [(row["attempts"], row["error"]) for row in again] == [(1, "vì sao"), (1, "vì sao")]
        assert await broadcasts.retry(db, number, statuses=("failed",)) == 0


async def test_closing_ends_what_is_queued_in_open_chunks(database: AsyncEngine, clock: Now) -> None:
    async with database.begin() as db:
        number, other = await new(db, clock), await new(db, clock)
        parts = [("done", ["sent"]), ("open", ["sent", "queued", "queued"]), ("claimed", ["queued"]), ("open", [])]
        await fill(db, clock, number, parts)
        await fill(db, clock, other, [("open", ["queued"])])
        assert await broadcasts.close_open_chunks(db, number, status="expired", error="cancelled") == 2
        assert await broadcasts.counts(db, number) == {"sent": 2, "expired": 2, "queued": 1}
        assert await broadcasts.counts(db, other) == {"queued": 1}
        assert [row[0] for row in await chunk_rows(db, number)] == ["done", "done", "claimed", "done"]
        ended = await broadcasts.recipients(db, number, status="expired")
        assert {row["error"] for row in ended} == {"cancelled"}


PARTS = st.lists(
    st.tuples(st.sampled_from(["open", "claimed", "done"]), st.lists(st.sampled_from(STATUSES), max_size=6)), max_size=6
)
ACTS = st.lists(st.sampled_from(["retry failed", "retry unknown", "retry failed unknown", "close"]), max_size=4)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=PARTS, acts=ACTS)
async def test_counts_always_add_up_to_the_recipients(
    database: AsyncEngine, clock: Now, parts: list[tuple[str, list[str]]], acts: list[str]
) -> None:
    async with database.connect() as db:
        number = await new(db, clock)
        await fill(db, clock, number, parts)
        total = sum(len(statuses) for _, statuses in parts)
        for act in acts:
            if act == "close":
                await broadcasts.close_open_chunks(db, number, status="expired", error="cancelled")
            else:
                await broadcasts.retry(db, number, statuses=act.split()[1:])
            counts = await broadcasts.counts(db, number)
            listed = Counter(row["status"] for row in await broadcasts.recipients(db, number, limit=1000))
            assert counts == listed
            assert sum(counts.values()) == total
            for status in STATUSES:
                found = await broadcasts.recipients(db, number, status=status, limit=1000)
                assert len(found) == listed[status]
        await db.rollback()


async def test_a_broadcast_without_rows_has_no_counts(database: AsyncEngine, clock: Now) -> None:
    async with database.begin() as db:
        assert await broadcasts.counts(db, await new(db, clock)) == {}
