"""Broadcasts as pages list them: by state and number, by the days of a month, by area; and their counts all at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.services.broadcasting.model import Body, State
from bot.store import broadcasts
from tests.services.broadcasts import NOON, add_broadcast, add_messages, add_person

BODY = Body(("tin.lai",))


async def add(database: AsyncEngine, state: State = "draft", area: Sequence[str] = (), **columns: object) -> int:
    text = "[" + ",".join(f'"{code}"' for code in area) + "]"
    one = await add_broadcast(database, BODY, "ho = ngheo", state=state, **{"area": text, **columns})  # type: ignore[arg-type]
    return one.id


async def test_only_what_touches_an_area_or_is_everybodys_is_listed(database: AsyncEngine) -> None:
    city, one, two = (
        await add(database),
        await add(database, area=["00001"]),
        await add(database, area=["00002", "00003"]),
    )
    async with database.connect() as db:
        for area, wanted in ((), [two, one, city]), (("00003",), [two, city]), (("00001", "00009"), [one, city]):
            assert [row["id"] for row in await broadcasts.listing(db, area=area)] == wanted
            assert sum((await broadcasts.by_state(db, area=area)).values()) == len(wanted)
        assert [row["id"] for row in await broadcasts.listing(db, area=("0000",))] == [city]


async def test_pages_follow_each_other_without_a_gap(database: AsyncEngine) -> None:
    numbers = [await add(database, "done" if number % 2 else "draft") for number in range(7)]
    seen, before = [], None
    async with database.connect() as db:
        while page := await broadcasts.listing(db, states=("draft",), before=before, limit=2):
            seen += [row["id"] for row in page]
            before = seen[-1]
    assert seen == numbers[::-2]


async def test_a_month_holds_what_began_in_it_and_all_that_waits(database: AsyncEngine) -> None:
    before = await add(database, "done", started_at=NOON - timedelta(days=40))
    within = await add(database, "done", started_at=NOON)
    waiting = await add(database, "scheduled")
    async with database.connect() as db:
        found = await broadcasts.between(db, NOON, NOON + timedelta(days=1), waiting=("scheduled",))
    assert {row["id"] for row in found} == {within, waiting}
    assert before not in {row["id"] for row in found}


async def test_runs_are_the_newest_first_and_segments_are_named_to_the_letter(database: AsyncEngine) -> None:
    parent = await add(database, "scheduled")
    runs = [await add(database, "done", parent_id=parent, slot=NOON + timedelta(days=day)) for day in range(3)]
    async with database.connect() as db:
        assert [row["id"] for row in await broadcasts.runs(db, parent, limit=2)] == [runs[2], runs[1]]
        assert await broadcasts.naming(db, "ho = ngheo", states=("scheduled",)) == [parent]
        assert await broadcasts.naming(db, "ho = ngheo ", states=("scheduled",)) == []


async def test_counts_of_many_are_the_counts_of_each(database: AsyncEngine) -> None:
    numbers = [await add(database, "sending") for _ in range(3)]
    await add_messages(database, numbers[0], 1, {"sent": 3, "failed": 1})
    await add_messages(database, numbers[0], 2, {"sent": 2, "queued": 4}, state="claimed")
    await add_messages(database, numbers[1], 3, {"sent": 1})
    async with database.connect() as db:
        found = await broadcasts.tallies(db, numbers)
        assert found == {
            numbers[0]: {"sent": 5, "failed": 1, "queued": 4}, numbers[1]: {"sent": 1}, numbers[2]: {},
        }  # fmt: skip
        assert [await broadcasts.counts(db, number) for number in numbers] == list(found.values())
        assert await broadcasts.tallies(db, ()) == {}


async def test_recipients_are_filtered_by_reason_household_and_commune(database: AsyncEngine) -> None:
    number = await add(database, "done")
    for person, (household, commune) in enumerate((("ngheo", "1"), ("ngheo", "2"), ("", "1")), 1):
        await add_person(database, person, ho=household, xa=commune)
        await add_messages(database, number, person, {"sent": 1, "failed": 1}, error=f"because of {person}")

    async def who(**filters: object) -> list[int]:
        async with database.connect() as db:
            return [row["contact_id"] for row in await broadcasts.recipients(db, number, **filters)]  # type: ignore[arg-type]

    assert await who(household="ngheo") == [1, 1, 2, 2]
    assert await who(household="") == [3, 3]
    assert await who(communes=("1",), status="failed") == [1, 3]
    assert await who(error="because of 2") == [2]
