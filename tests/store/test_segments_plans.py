"""Segments at size: each database finds their people by an index, and reads no table from end to end for them."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.engine.segments import names_of, parse
from bot.store import segments
from bot.store.db import open_database
from tests.bench.segments_crowd import AT, CHANNELS, SPACING, fill
from tests.shipped import shipped

PEOPLE = 20_000
NAMES = names_of(shipped())


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def crowded_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database of many people, filled once for all tests here."""
    import shutil

    from tests.conftest import run_apart

    async def crowd(url: str) -> None:
        engine = open_database(url)
        await fill(engine, shipped(), 1, PEOPLE)
        await engine.dispose()

    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        url = f"sqlite+aiosqlite:///{shutil.copy(template, tmp_path_factory.mktemp('crowd') / 'bot.db')}"
        run_apart(crowd(url))
        yield url
        return
    server = request.getfixturevalue("postgres_server")
    with server.lend(request.getfixturevalue("postgres_template")) as url:
        run_apart(crowd(url))
        yield url


@pytest.fixture
async def crowd(crowded_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_database(crowded_url)
    yield engine
    await engine.dispose()


@contextmanager
def _overheard(engine: AsyncEngine) -> Iterator[list[tuple[str, Any]]]:
    """The statements that go to the database meanwhile, with their parameters."""
    heard: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        heard.append((statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", hear)
    yield heard
    event.remove(engine.sync_engine, "before_cursor_execute", hear)


async def _plan(db: AsyncConnection, statement: str, parameters: Any) -> tuple[set[str], set[str]]:
    """The indexes that are used, and the tables that are read from end to end."""
    if db.dialect.name == "sqlite":
        rows = await db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        lines = [row.detail for row in rows]
        used = {found[1] for line in lines if (found := re.search(r"USING (?:COVERING )?INDEX (\w+)", line))}
        return used, {found[1] for line in lines if (found := re.match(r"SCAN (\w+)$", line))}
    rows = await db.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
    told = rows.scalar_one()
    nodes = list(_nodes((json.loads(told) if isinstance(told, str) else told)[0]["Plan"]))
    used = {str(node["Index Name"]) for node in nodes if "Index Name" in node}
    return used, {str(node["Relation Name"]) for node in nodes if node["Node Type"] == "Seq Scan"}


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


LARGE = {"contacts", "same", "interactions", "addresses", "contact_topics"}
"""Where reading all of it costs by the people in the database, not by those in the segment."""


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ('xa = "Hoàn Kiếm"', "ix_contacts_commune"),
        ("chu-de = vay-von", "ix_contact_topics_topic"),
        ("xong nha-o", "ix_interactions_progress"),
        ("xong hoc-nghe 3 ngay truoc va khong da-tra-loi hoc-nghe.hoi", "ix_interactions_progress"),
        ("da-tra-loi hoc-nghe.thich-nghe = nau-an", "ix_interactions_progress"),
        ("da-toi nha-o.hoi", "ix_interactions_progress"),
        ("da-nhan 1", "ix_deliveries_broadcast_id"),
        ("xong nha-o hoac da-nhan 1", "ix_deliveries_broadcast_id"),
        ('xa = "Hoàn Kiếm" va khong da-toi vay-von', "ix_contacts_commune"),
    ],
)
async def test_an_index_finds_the_people(crowd: AsyncEngine, query: str, index: str) -> None:
    used, scanned = await _counting(crowd, query)
    assert index in used
    assert not scanned & LARGE


async def _counting(crowd: AsyncEngine, query: str) -> tuple[set[str], set[str]]:
    """The plan of counting the people of *query*."""
    async with crowd.connect() as db:
        with _overheard(crowd) as heard:
            await segments.count(db, parse(query, NAMES), at=AT, channels=CHANNELS)
        return await _plan(db, *heard[-1])


async def test_of_one_person_in_twenty_only_the_addresses_may_be_read_at_once(crowd: AsyncEngine) -> None:
    """There PostgreSQL finds one reading of all addresses cheaper than a look-up for each person, and it is right."""
    used, scanned = await _counting(crowd, "ho = ngheo")
    assert "ix_contacts_household" in used
    assert not scanned & (LARGE - {"addresses"})


@pytest.mark.parametrize("query", ["tat-ca", "khong da-gui trong 7 ngay", "ho trong (ngheo, can-ngheo)", "xong nha-o"])
async def test_a_page_reads_no_more_than_its_stretch(crowd: AsyncEngine, query: str) -> None:
    segment = parse(query, NAMES)
    async with crowd.connect() as db:
        with _overheard(crowd) as heard:
            await segments.page(
                db, segment, at=AT, channels=CHANNELS, after=SPACING * 5_000, ceiling=SPACING * PEOPLE, limit=100
            )
        plans = [await _plan(db, *each) for each in list(heard)]
    assert len(plans) > 1
    assert not any(scanned & LARGE for _, scanned in plans)
