"""Every number of insight equals a slow recomputation from the raw log, whatever happened, in whatever batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.services.insight import readings
from bot.services.insight.figures import MissedGroup, Span
from bot.services.insight.folding import day_of
from bot.services.insight.follower import catch_up, rebuild
from bot.store.insight_models import marks, misses, tallies
from tests.conftest import Clock
from tests.services.insight_history import ACTS, AREAS, LIBRARY, SECTIONS, STAYING, History, history
from tests.services.insight_slow import Slow, slow

RANDOM = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
START = datetime(2026, 11, 23, 3, tzinfo=UTC)
Act = tuple[str, int, Any]


async def live(story: History, acts: Sequence[Act]) -> None:
    """Let *acts* happen, and fold the rest."""
    for act in acts:
        await story.do(act)
    await story.mark()
    await catch_up(story.bot.database, now=story.clock(), sections=SECTIONS, limit=7)


def spans(clock: Clock) -> list[Span]:
    """Nearly all of it, and today: spans that end today, where different people are exact."""
    today = day_of(clock())
    return [Span(today - timedelta(days=days), today) for days in (60, 0)]


async def assert_true(story: History, *, people_only: bool = False) -> None:
    """All readings equal the slow ones; *people_only*: those that count people by what they do now."""
    database, clock = story.bot.database, story.clock
    truth = await slow(database, SECTIONS)
    async with database.connect() as db:
        for area in AREAS:
            for span in spans(clock):
                await _assert_span(db, truth, span, area, people_only=people_only)
            if not people_only:
                assert await readings.coverage(db, area=area, today=day_of(clock())) == truth.coverage(
                    area, day_of(clock())
                )
                await _assert_missed(db, truth, area)
        for number in () if people_only else story.numbers:
            assert await readings.broadcast_result(db, number) == truth.result(number), number
        assert await readings.behind(db) is None


async def _assert_span(
    db: AsyncConnection, truth: Slow, span: Span, area: Sequence[str], *, people_only: bool
) -> None:  # fmt: skip
    told, true = await readings.activity(db, span, area=area), truth.activity(span, area)
    assert told.active_total == true.active_total
    assert await readings.topics(db, span, area=area) == truth.topics(span, area)
    for name in LIBRARY.dialogs:
        one, its = await readings.dialog(db, name, span, area=area), truth.dialog(name, span, area)
        dropped = {node: of.dropped for node, of in one.nodes.items() if of.dropped}
        assert dropped == {node: of.dropped for node, of in its.nodes.items() if of.dropped}
        assert people_only or one == its, name
    if not people_only:
        assert told == true
        for share in await readings.dialogs(db, span, area=area):
            its = truth.dialog(share.dialog, span, area)
            assert (share.entered, share.people, share.finished) == (its.entered, its.people, its.finished)
            assert share.dropped == sum(node.dropped for node in its.nodes.values())


async def _assert_missed(db: AsyncConnection, truth: Slow, area: Sequence[str]) -> None:
    pages: list[MissedGroup] = []
    while page := await readings.missed(db, area=area, limit=2, after=pages[-1].after if pages else None):
        pages += page
    assert [group.count for group in pages] == sorted((group.count for group in pages), reverse=True)
    told, true = (sorted(groups, key=lambda group: group.after) for groups in (pages, truth.missed(area)))
    if len(area) > 1:  # which of two equally good samples it is depends on how the database sorts text
        told, true = ([replace(group, sample="") for group in groups] for groups in (told, true))
    assert told == true


async def folded(database: AsyncEngine) -> dict[str, set[Any]]:
    """All that a fold wrote; a counter that is back at nothing is as good as none."""
    async with database.connect() as db:
        counted = {tuple(row) for row in await db.execute(select(tallies).where(tallies.c.n != 0))}
        return {
            "tallies": counted, "marks": {tuple(row) for row in await db.execute(select(marks))},
            "misses": {tuple(row) for row in await db.execute(select(misses))},
        }  # fmt: skip


@RANDOM
@given(acts=st.lists(STAYING, min_size=5, max_size=50))
async def test_every_number_equals_a_slow_recomputation_however_it_was_folded(
    database_url: str, acts: list[Act]
) -> None:
    clock = Clock(START)
    async with history(database_url, clock) as story:
        await live(story, acts)
        await assert_true(story)
        as_it_came = await folded(story.bot.database)
        await rebuild(story.bot.database, now=clock(), sections=SECTIONS)
        assert await folded(story.bot.database) == as_it_came


@RANDOM
@given(acts=st.lists(ACTS, min_size=5, max_size=50))
async def test_who_was_forgotten_is_counted_among_no_people_and_a_rebuild_knows_nothing_of_them(
    database_url: str, acts: list[Act]
) -> None:
    clock = Clock(START)
    async with history(database_url, clock) as story:
        await live(story, acts)
        await assert_true(story, people_only=True)
        await rebuild(story.bot.database, now=clock(), sections=SECTIONS)
        await assert_true(story)
