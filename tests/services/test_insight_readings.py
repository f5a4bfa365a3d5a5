"""What pages read beside the log: people as they are, and what officers made of words that were not understood."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.services.broadcasting.model import Body
from bot.services.importing.applying import File, apply
from bot.services.importing.values import Values
from bot.services.insight import readings
from bot.services.insight.figures import STATES, People, Span
from bot.services.insight.folding import day_of
from bot.services.insight.follower import HEADS_EACH, catch_up, count_heads, rebuild
from bot.store import officers
from bot.store.models import addresses, contacts, interactions
from tests.conftest import Clock
from tests.services.broadcasts import add_broadcast, add_messages
from tests.services.insight_history import SECTIONS, history
from tests.shipped import shipped

NOBODY = People(0, 0, 0, 0, {}, {}, {}, {}, None)


async def admit(database: AsyncEngine, clock: Clock, number: int, *channels: str, **columns: object) -> None:
    """Somebody who is active on these channels."""
    async with database.begin() as db:
        await db.execute(insert(contacts).values(id=number, created_at=clock(), **columns))
        for channel in channels:
            there = {"channel": channel, "external_id": f"{number}", "contact_id": number, "changed_at": clock()}
            await db.execute(insert(addresses).values(there))


async def people_of(database: AsyncEngine, *area: str) -> People:
    async with database.connect() as db:
        return await readings.people(db, area=area)


async def test_people_are_counted_as_they_are_now_by_each_of_their_sides(database: AsyncEngine, clock: Clock) -> None:
    assert await people_of(database) == NOBODY
    week = {"stop": "week", "stopped_until": clock() + timedelta(days=7)}
    await admit(database, clock, 1, "telegram", "webchat", commune="1", household="ngheo", consent="co", language="en")
    await admit(database, clock, 2, "telegram", commune="1", household="ngheo", consent="khong", stop="broadcasts")
    await admit(database, clock, 3, "webchat", commune="2", consent="co", **week)
    await admit(database, clock, 4, "telegram", commune="2", household="can-ngheo", consent="co")
    async with database.begin() as db:
        await db.execute(update(addresses).where(addresses.c.contact_id == 4).values(status="blocked"))
    await catch_up(database, now=clock())
    assert await people_of(database) == People(
        total=4, consented=3, stopped=2, blocked=1, by_commune={"1": 2, "2": 2},
        by_household={"ngheo": 2, "": 1, "can-ngheo": 1}, by_channel={"telegram": 2, "webchat": 2},
        by_language={"en": 1, "": 3}, counted_at=clock(),
    )  # fmt: skip
    assert await people_of(database, "2") == People(
        total=2, consented=2, stopped=1, blocked=1, by_commune={"2": 2}, by_household={"": 1, "can-ngheo": 1},
        by_channel={"webchat": 1}, by_language={"": 2}, counted_at=clock(),
    )  # fmt: skip
    clock.advance(days=8)
    await catch_up(database, now=clock())
    assert (await people_of(database)).stopped == 1, "a week that is over is no stop"


async def test_people_are_counted_anew_only_when_it_was_a_while_ago(database: AsyncEngine, clock: Clock) -> None:
    await catch_up(database, now=clock())
    await admit(database, clock, 1)
    clock.advance(seconds=HEADS_EACH.total_seconds() - 1)
    assert not await count_heads(database, now=clock())
    clock.advance(seconds=1)
    assert await count_heads(database, now=clock())
    assert (await people_of(database)).total == 1


async def test_a_decision_moves_a_group_to_its_state_outlives_a_rebuild_and_can_be_taken_back(
    database_url: str, clock: Clock
) -> None:
    async with history(database_url, clock) as story:
        database = story.bot.database
        for who, text in ((0, "Nuôi dê"), (1, "nuoi de!"), (1, "nuôi gà"), (2, "khám răng")):
            await story.do(("say", who, text))
        await catch_up(database, now=clock(), sections=SECTIONS)
        async with database.begin() as db:
            await readings.decide_missed(db, "nuoi de", state="content", topic="", by="an", at=clock())
            await readings.decide_missed(db, "nuoi de", state="example", topic="vay", by="an", at=clock())
            await readings.decide_missed(db, "kham rang", state="ignored", topic="", by="an", at=clock())
        await rebuild(database, now=clock(), sections=SECTIONS)
        async with database.begin() as db:
            by_state = {state: await readings.missed(db, area=(), state=state) for state in STATES}
            [example] = by_state["example"]
            assert (example.sample, example.count, example.people) == ("Nuôi dê", 2, 2)
            assert (example.topic, example.decided_by, example.decided_at) == ("vay", "an", clock())
            assert {state: [group.folded for group in groups] for state, groups in by_state.items()} == {
                "open": ["nuoi ga"], "example": ["nuoi de"], "content": [], "ignored": ["kham rang"],
            }  # fmt: skip
            await readings.decide_missed(db, "kham rang", state="open", topic="", by="an", at=clock())
            assert {group.folded for group in await readings.missed(db, area=())} == {"nuoi ga", "kham rang"}


async def test_a_group_shows_an_area_only_its_own_words_and_numbers(database_url: str, clock: Clock) -> None:
    async with history(database_url, clock) as story:
        for who, texts in ((0, ("noi o", "1", "menu", "Nhà tôi DỘT")), (1, ("noi o", "2", "menu", "nha toi dot"))):
            for text in texts:
                await story.do(("say", who, text))
        await catch_up(story.bot.database, now=clock(), sections=SECTIONS)
        async with story.bot.database.connect() as db:
            told = {
                area: [(g.sample, g.count, g.people) for g in await readings.missed(db, area=area)]
                for area in ((), ("00004",), ("00008",), ("00012",))
            }
        assert told == {
            (): [("Nhà tôi DỘT", 2, 2)], ("00004",): [("Nhà tôi DỘT", 1, 1)], ("00008",): [("nha toi dot", 1, 1)],
            ("00012",): [],
        }  # fmt: skip


async def test_who_was_imported_counts_where_the_file_said(database: AsyncEngine, clock: Clock) -> None:
    async with database.begin() as db:
        await officers.add(db, login="an", role="officer", at=clock())
    file = File("a.csv", "kênh,mã,xã,đồng ý,ngày đồng ý\ntelegram,100000001,00118,Phiếu 1,03/11/2026\n".encode())
    report = await apply(database, file, Values(shipped(), day_of(clock())), login="an", now=clock)
    assert report.new == 1
    async with database.begin() as db:
        contact = (await db.execute(select(contacts.c.id))).scalar_one()
        await db.execute(insert(interactions).values(contact_id=contact, at=clock(), kind="text"))
    await catch_up(database, now=clock())
    today = Span(day_of(clock()), day_of(clock()))
    async with database.connect() as db:
        there, elsewhere = [await readings.activity(db, today, area=(code,)) for code in ("00118", "")]
    assert (there.active_total, elsewhere.active_total) == (1, 0)


async def test_a_span_has_every_day_and_a_person_counts_on_their_last(database_url: str, clock: Clock) -> None:
    async with history(database_url, clock) as story:
        first = day_of(clock())
        await story.do(("say", 0, "menu"))
        clock.advance(days=2)
        await story.do(("say", 0, "1"))
        await catch_up(story.bot.database, now=clock(), sections=SECTIONS)
        async with story.bot.database.connect() as db:
            whole = await readings.activity(db, Span(first, first + timedelta(days=2)), area=())
            early = await readings.activity(db, Span(first, first + timedelta(days=1)), area=())
        assert [(day.active, day.new, day.heard) for day in whole.days] == [(1, 1, 1), (0, 0, 0), (1, 0, 1)]
        assert (whole.active_total, early.active_total) == (1, 0)


async def test_what_broadcasts_told_of_the_plan_is_counted_beside_the_conversations(
    database: AsyncEngine, clock: Clock
) -> None:
    sections = {"a": ["I"], "b": ["I", "II"], "c": ["III"]}
    for days, messages, statuses in ((1, ("a", "b"), {"sent": 3, "failed": 2}), (40, ("c",), {"sent": 5})):
        started = clock() - timedelta(days=days)
        one = await add_broadcast(database, Body(messages=messages), "tat-ca", state="done", started_at=started)
        await add_messages(database, one.id, 1, statuses)
    async with database.connect() as db:
        told = await readings.told_by_broadcasts(db, today=day_of(clock()), sections=sections)
    assert told == {"I": 3, "II": 3}
