"""Following the log: whatever fails, whoever else is at it and whoever commits late, every row counts once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.messages import Kind
from bot.services.insight import readings
from bot.services.insight.figures import Span
from bot.services.insight.folding import day_of
from bot.services.insight.follower import LOOKS_AWAY, Follower, catch_up, rebuild, step
from bot.store.db import open_database
from bot.store.insight.writing import ensure_cursor
from bot.store.insight_models import departures, marks, misses
from bot.store.models import interactions
from tests.conftest import Clock
from tests.services.bot import rows_of
from tests.services.insight_history import LIBRARY, PEOPLE, SECTIONS, History, history
from tests.services.test_insight import assert_true, folded

AN, BINH, _ = PEOPLE
LIVELY = ("menu", "1", "120", "1", "xyz abc", "noi o", "2", "gặp cán bộ", "dừng", "1", "tin moi", "xyz abc")


async def talk(story: History, words: tuple[str, ...] = LIVELY) -> None:
    """Two people say *words*, in turns."""
    for text in words:
        for who in (0, 1):
            await story.do(("say", who, text))


class Killed(Exception):
    """The process ended here."""


@contextmanager
def killed_at(database: AsyncEngine, number: int) -> Iterator[list[str]]:
    """The statement of this number (from 1) is never executed. Yields those that were."""
    executed: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if len(executed) + 1 == number:
            raise Killed
        executed.append(statement)

    event.listen(database.sync_engine, "before_cursor_execute", count)
    try:
        yield executed
    finally:
        event.remove(database.sync_engine, "before_cursor_execute", count)


async def test_a_kill_at_any_statement_counts_nothing_twice_and_misses_nothing(database_url: str, clock: Clock) -> None:
    async with history(database_url, clock) as story:
        database, number, survived = story.bot.database, 0, False
        await talk(story)
        await story.do(("take up", 0, ""))
        await story.do(("forget", 1, ""))
        await catch_up(database, now=clock(), sections=SECTIONS)
        await talk(story)
        await story.do(("forget", 1, ""))
        await story.mark()
        while not survived:
            number += 1
            with suppress(Killed), killed_at(database, number):
                survived = await step(database, now=clock(), sections=SECTIONS, limit=1000) == 0
        assert number > 10, "every statement of reading and writing had its turn"
        await catch_up(database, now=clock(), sections=SECTIONS)
        await assert_true(story, people_only=True)
        await rebuild(database, now=clock(), sections=SECTIONS)
        await assert_true(story)


async def test_two_followers_at_once_count_once(database_url: str, clock: Clock) -> None:
    async with history(database_url, clock) as story:
        await talk(story)
        other = open_database(database_url)
        both = (catch_up(one, now=clock(), sections=SECTIONS, limit=3) for one in (story.bot.database, other))
        counts = await asyncio.gather(*both)
        assert sum(counts) == len(await rows_of(other, interactions))
        await other.dispose()
        await assert_true(story)


async def test_a_rebuild_beside_a_follower_ends_with_the_same(database_url: str, clock: Clock) -> None:
    async with history(database_url, clock) as story:
        await talk(story)
        other = open_database(database_url)
        following = (catch_up(story.bot.database, now=clock(), sections=SECTIONS, limit=2) for _ in range(3))
        await asyncio.gather(*following, rebuild(other, now=clock(), sections=SECTIONS))
        await other.dispose()
        await assert_true(story)


async def test_a_row_that_is_committed_late_is_waited_for_and_nobody_waits_for_us(
    postgres_url: str, clock: Clock
) -> None:
    database = open_database(postgres_url)
    row = {"contact_id": 7, "at": clock(), "kind": "text"}
    async with database.begin() as db:
        await ensure_cursor(db)
    async with database.connect() as late:
        await late.execute(insert(interactions).values(row))
        async with database.begin() as db:
            await db.execute(insert(interactions).values(row | {"contact_id": 8}))
        folding = asyncio.create_task(step(database, now=clock(), sections={}, limit=10))
        await asyncio.wait({folding}, timeout=0.2)
        assert not folding.done()
        async with database.begin() as db:
            await db.execute(insert(interactions).values(row | {"contact_id": 9}))
        await late.commit()
    assert await folding == 2, "the third was written after we had looked"
    assert await step(database, now=clock(), sections={}, limit=10) == 1
    await database.dispose()


async def test_a_transaction_that_never_ends_holds_up_the_numbers_and_nothing_else(
    postgres_url: str, clock: Clock
) -> None:
    database = open_database(postgres_url)
    async with database.begin() as db:
        await ensure_cursor(db)
    async with database.connect() as stuck:
        await stuck.execute(insert(interactions).values(contact_id=7, at=clock(), kind="text"))
        assert await step(database, now=clock(), sections={}, limit=10) is None
    await database.dispose()


async def test_an_answer_counts_for_a_message_whose_sending_is_written_down_after_it(
    database_url: str, clock: Clock
) -> None:
    async with history(database_url, clock) as story:
        database = story.bot.database
        await story.do(("say", 0, "menu"))
        await story.do(("take up", 0, ""))
        await story.do(("say", 0, "1"))
        await catch_up(database, now=clock(), sections=SECTIONS)
        async with database.connect() as db:
            assert (await readings.broadcast_result(db, story.numbers[0])).answered == 0
            assert (await readings.topics(db, Span(day_of(clock()), day_of(clock())), area=()))[0] == ("menu", 1)
        await story.mark()
        await catch_up(database, now=clock(), sections=SECTIONS)
        async with database.connect() as db:
            result = await readings.broadcast_result(db, story.numbers[0])
        assert (result.reached, result.answered, result.followed, result.stopped) == (1, 1, 1, 0)
        await assert_true(story)


async def test_an_answer_a_day_later_is_to_something_else_and_one_to_the_last_of_two(
    database_url: str, clock: Clock
) -> None:
    async with history(database_url, clock) as story:
        await story.do(("say", 0, "menu"))
        await story.do(("say", 1, "menu"))
        await story.do(("take up", 0, ""))
        await story.do(("take up", 1, ""))
        await story.mark()
        clock.advance(seconds=86_390)
        await story.do(("take up", 1, ""))
        await story.mark()
        clock.advance(seconds=10)
        await story.do(("say", 0, "1"))
        await story.do(("say", 1, "dừng"))
        await story.do(("say", 1, "1"))
        await catch_up(story.bot.database, now=clock(), sections=SECTIONS)
        async with story.bot.database.connect() as db:
            results = [await readings.broadcast_result(db, number) for number in story.numbers]
        assert [(one.answered, one.stopped) for one in results] == [(0, 0), (0, 0), (1, 1)]


async def test_nothing_of_who_was_forgotten_is_left_after_the_next_step(database_url: str, clock: Clock) -> None:
    async with history(database_url, clock) as story:
        database = story.bot.database
        await story.do(("say", 0, "chỉ mình tôi nói thế"))
        for who in (0, 1):
            await story.do(("say", who, f"Nuôi  DÊ {'!' * who}"))
        await catch_up(database, now=clock(), sections=SECTIONS)
        await story.do(("forget", 0, ""))
        assert len(await rows_of(database, departures)) == 1
        await catch_up(database, now=clock(), sections=SECTIONS)
        assert await rows_of(database, departures) == []
        assert len({row.contact_id for row in await rows_of(database, marks)}) == 1
        assert {(row.folded, row.sample, row.people) for row in await rows_of(database, misses)} == {
            ("nuoi de", "nuoi de", 1)
        }
        await assert_true(story, people_only=True)


async def test_rows_after_a_forgotten_person_are_never_taken_for_rows_that_were_folded(
    database_url: str, clock: Clock
) -> None:
    """SQLite gives the ids of deleted rows at the end out again."""
    async with history(database_url, clock) as story:
        await story.do(("say", 1, "menu"))
        await story.do(("say", 0, "menu"))
        await catch_up(story.bot.database, now=clock(), sections=SECTIONS)
        await story.do(("forget", 0, ""))
        await story.do(("say", 1, "1"))
        await catch_up(story.bot.database, now=clock(), sections=SECTIONS)
        async with story.bot.database.connect() as db:
            numbers = await readings.dialog(db, "vay", Span(day_of(clock()), day_of(clock())), area=())
        assert numbers.entered == 1


async def test_a_bot_follows_by_itself(database_url: str, clock: Clock) -> None:
    async with history(database_url, clock) as story:
        await talk(story)
        follower = Follower(story.bot.database, library=lambda: LIBRARY, now=clock, every=0.01)
        await follower.start()
        for _look in range(2000):
            if await _behind(story.bot.database) is None:
                break
            await asyncio.sleep(0.01)
        await follower.close()
        await assert_true(story)


async def test_many_who_are_being_answered_come_first_but_not_for_ever(database_url: str, clock: Clock) -> None:
    async with history(database_url, clock) as story:
        await talk(story)
        taken = count(1000, 1000)
        follower = Follower(
            story.bot.database, library=lambda: LIBRARY, now=clock, turns=lambda: next(taken), every=0.01
        )
        await follower.start()
        for _look in range(2000):
            if await _behind(story.bot.database) is None:
                break
            await asyncio.sleep(0.01)
        await follower.close()
        assert next(taken) > 1000 * LOOKS_AWAY
        await assert_true(story)


async def _behind(database: AsyncEngine) -> timedelta | None:
    async with database.connect() as db:
        return await readings.behind(db)


async def test_how_far_behind_is_told_by_the_log(database_url: str, clock: Clock) -> None:
    async with history(database_url, clock) as story:
        database = story.bot.database
        assert await _behind(database) is None
        await story.do(("say", 0, "menu"))
        clock.advance(days=2)
        await story.do(("kind", 0, Kind.STICKER))
        assert await _behind(database) == timedelta(days=2, seconds=1)
        await step(database, now=clock(), sections=SECTIONS, limit=1)
        assert await _behind(database) == timedelta(days=2, seconds=1)
        await catch_up(database, now=clock(), sections=SECTIONS)
        assert await _behind(database) is None


@pytest.mark.parametrize("limit", [1, 2, 1000])
async def test_batches_of_any_size_fold_the_same(database_url: str, clock: Clock, limit: int) -> None:
    async with history(database_url, clock) as story:
        await talk(story)
        await catch_up(story.bot.database, now=clock(), sections=SECTIONS, limit=limit)
        in_batches = await folded(story.bot.database)
        await rebuild(story.bot.database, now=clock(), sections=SECTIONS)
        assert await folded(story.bot.database) == in_batches
        async with story.bot.database.connect() as db:
            assert (await db.execute(select(marks.c.contact_id).distinct())).all()
