"""What is asked twice a second of a million people reads only those who wrote."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import event

from bot.store import standing, waiting
from bot.store.db import open_database
from tests.conftest import Clock


async def test_a_look_reads_who_wrote_since_and_what_is_under_way_for_them(sqlite_url: str, clock: Clock) -> None:
    """SQLite knows nothing of how rows are spread: it goes by which columns an index has."""
    engine, heard = open_database(sqlite_url), list[tuple[str, Any]]()

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        heard.append((statement, parameters))

    async with engine.connect() as db:
        event.listen(engine.sync_engine, "before_cursor_execute", hear)
        await waiting.of_those_who_wrote(db, channel="zalo", since=clock() - timedelta(minutes=2))
        event.remove(engine.sync_engine, "before_cursor_execute", hear)
        statement, parameters = heard[-1]
        rows = await db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plan = "\n".join(row.detail for row in rows)
    await engine.dispose()
    assert "ix_addresses_interacted_at (channel=? AND interacted_at>?)" in plan
    assert "ix_deliveries_broadcast_id (broadcast_id=? AND contact_id=?)" in plan


async def test_people_are_looked_up_by_their_ids_before_anything_is_known_of_the_table(
    postgres_url: str, clock: Clock
) -> None:
    """PostgreSQL once went by who wrote when, through all of a channel, and a broadcast at half its speed."""
    engine, heard = open_database(postgres_url), list[tuple[str, Any]]()

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        heard.append((statement, parameters))

    async with engine.connect() as db:
        fill = "INSERT INTO {} SELECT {} FROM generate_series(1, 3000) AS n"
        await db.exec_driver_sql(fill.format("contacts (id, created_at)", "n, now()"))
        there = "addresses (channel, external_id, contact_id, changed_at)"
        await db.exec_driver_sql(fill.format(there, "'telegram', n::text, n, now()"))
        event.listen(engine.sync_engine, "before_cursor_execute", hear)
        at = [str(number) for number in range(50)]
        await standing.standing(db, channel="telegram", at=at, broadcast_id=1, since=clock())
        event.remove(engine.sync_engine, "before_cursor_execute", hear)
        statement, parameters = heard[-1]
        rows = await db.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        plan = "\n".join(row[0] for row in rows)
    await engine.dispose()
    assert "pk_addresses" in plan
    assert "interacted" not in plan
