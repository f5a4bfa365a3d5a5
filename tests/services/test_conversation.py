"""Taking in what people send: one transaction a turn, acted on once, whatever breaks. On both databases."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import text

from bot.channels.base import Unreachable
from bot.messages import Address, Kind
from bot.services.conversation import Unavailable
from bot.store.db import open_database
from bot.store.models import addresses, contacts, deliveries, handoffs, inbox, interactions, sessions, topics
from bot.store.turns import Away, Plan
from tests.conftest import Clock
from tests.services.bot import LAN, MAI, Bot, rows_of, running

EVERYTHING = (inbox, contacts, addresses, sessions, interactions, deliveries, handoffs, topics)


async def test_a_turn_writes_everything_it_changes(database_url: str, clock: Clock) -> None:
    async with running(database_url, clock) as bot:
        incoming = bot.update(MAI, "vay__to-roi", kind=Kind.START, name="Mai")
        await bot.conversation.receive(incoming)
        await bot.channel.reached("mai", 1)
    database = open_database(database_url)
    [taken] = await rows_of(database, inbox)
    assert (taken.channel, taken.external_id, taken.error) == ("fake", incoming.external_id, None)
    [contact] = await rows_of(database, contacts)
    assert (contact.name, contact.source, json.loads(contact.fields)) == ("Mai", "vay__to-roi", {"ten": "Mai"})
    [address] = await rows_of(database, addresses)
    assert (address.external_id, address.contact_id, address.status) == ("mai", contact.id, "active")
    [delivery] = await rows_of(database, deliveries)
    assert (delivery.contact_id, delivery.status, delivery.attempts) == (contact.id, "sent", 1)
    assert delivery.external_id == "1"
    [session] = await rows_of(database, sessions)
    assert json.loads(session.state)["node"] == "hoi"
    assert session.question == delivery.id
    kinds = [row.kind for row in await rows_of(database, interactions)]
    assert kinds == ["start", "entered", "said", "asked"]
    await database.dispose()


async def test_fields_topics_and_handoffs_are_kept_with_the_turn(database_url: str, clock: Clock) -> None:
    async with running(database_url, clock) as bot:
        await bot.say(MAI, "menu")
        await bot.say(MAI, "gặp cán bộ")
        await bot.say(MAI, "nhận tin")
        await bot.say(MAI, "vay vốn")
        await bot.say(MAI, "Lê Thị Mai")
        [contact] = await bot.rows(contacts)
        assert (contact.name, contact.consent) == ("Lê Thị Mai", "co")  # who chooses topics asks for their news
        assert json.loads(contact.fields) == {"xem": "vay", "dong-y": "co", "ten": "Lê Thị Mai"}
        assert [row.queue for row in await bot.rows(handoffs)] == ["chung"]
        assert [row.topic for row in await bot.rows(topics)] == ["vay-von"]
        chose = [(row.node, row.detail, row.text) for row in await bot.rows(interactions) if row.kind == "chose"]
        taken = [("gap-can-bo", "gặp cán bộ"), ("nhan-tin", "nhận tin"), ("vay-von", "vay vốn")]
        assert chose == [("hoi", *one) for one in taken]


async def test_a_redelivered_update_does_nothing(database_url: str, clock: Clock) -> None:
    async with running(database_url, clock) as bot:
        await bot.say(MAI, "menu")
        incoming = await bot.say(MAI, "gặp cán bộ")
        await bot.channel.reached("mai", 2)
        before = [await bot.rows(table) for table in (inbox, interactions, handoffs, contacts, sessions)]
        await asyncio.gather(*(bot.conversation.receive(incoming) for _ in range(5)))
        assert [await bot.rows(table) for table in (inbox, interactions, handoffs, contacts, sessions)] == before
        assert len(bot.channel.texts("mai")) == 2


async def test_the_same_update_many_times_at_once_is_acted_on_once(database_url: str, clock: Clock) -> None:
    async with running(database_url, clock) as bot:
        incoming = bot.update(MAI, "menu")
        await asyncio.gather(*(bot.conversation.receive(incoming) for _ in range(10)))
        await bot.channel.reached("mai", 1)
        assert len(await bot.rows(deliveries)) == 1


async def test_one_persons_updates_keep_their_order(database_url: str, clock: Clock) -> None:
    async with running(database_url, clock) as bot:
        updates = [bot.update(MAI, words) for words in ("menu", "1", "Mai", "1", "Lan", "2")]
        await asyncio.gather(*(bot.conversation.receive(update) for update in updates))
        heard = [row.text for row in await bot.rows(interactions) if row.kind in ("command", "chose", "typed")]
        assert heard == ["menu", "1", "Mai", "1", "Lan", "2"]
        [contact] = await bot.rows(contacts)
        assert contact.name == "Lan"


async def test_many_people_at_once_each_get_their_own_answer(database_url: str, clock: Clock) -> None:
    async with running(database_url, clock) as bot:
        people = [Address("fake", f"p{n}") for n in range(300)]
        await asyncio.gather(*(bot.say(person, "menu") for person in people))
        await asyncio.gather(*(bot.channel.reached(person.id, 1) for person in people))
        assert len(await bot.rows(contacts)) == 300


async def test_a_turn_that_breaks_is_buried_and_the_others_go_on(database_url: str, clock: Clock) -> None:
    async with running(database_url, clock) as bot:
        await asyncio.gather(bot.say(MAI, "menu"), bot.say(LAN, "menu"))
        await bot.say(MAI, "1")
        await bot.channel.reached("mai", 2)
        poisonous = bot.update(MAI, "\ud800")  # no text in any encoding: no database takes it
        await asyncio.gather(
            bot.conversation.receive(poisonous), *(bot.conversation.receive(bot.update(LAN, words)) for words in "1ab")
        )
        await bot.channel.reached("mai", 3)
        assert "trục trặc" in bot.channel.texts("mai")[-1]
        dead = [row for row in await bot.rows(inbox) if row.error]
        assert [row.external_id for row in dead] == [poisonous.external_id]
        assert b"ud800" in dead[0].raw
        await bot.conversation.receive(poisonous)
        assert len(bot.channel.texts("mai")) == 3
        await bot.say(MAI, "menu")
        await bot.channel.reached("mai", 4)
        assert [row.text for row in await bot.rows(interactions) if row.kind == "typed"] == ["a"]


async def test_a_stranger_whose_first_turn_breaks_leaves_a_dead_letter(database_url: str, clock: Clock) -> None:
    async with running(database_url, clock) as bot:
        await bot.conversation.receive(bot.update(MAI, "\ud800"))
        assert [bool(row.error) for row in await bot.rows(inbox)] == [True]
        await bot.say(MAI, "menu")
        await bot.channel.reached("mai", 1)


async def test_an_update_that_nobody_can_read_is_kept_once(database_url: str, clock: Clock) -> None:
    async with running(database_url, clock) as bot:
        for _ in range(2):
            await bot.conversation.dead_letter("fake", "77", b"{not json", "unreadable")
        [row] = await bot.rows(inbox)
        assert (row.external_id, row.raw, row.error) == ("77", b"{not json", "unreadable")


class Down:
    """Turns while the database is away, as long as `away` is set."""

    def __init__(self, turns: Any) -> None:
        self._turns, self.away = turns, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._turns, name)

    async def transact(self, wanted: Sequence[Address], plan: Plan) -> None:
        if self.away:
            raise Away("gone")
        await self._turns.transact(wanted, plan)


async def test_while_the_database_is_away_nothing_is_recorded_and_the_platform_is_told(
    database_url: str, clock: Clock
) -> None:
    async with running(database_url, clock, wrap=Down) as bot:
        await bot.say(MAI, "menu")
        await bot.channel.reached("mai", 1)
        before = [await bot.rows(table) for table in (inbox, sessions, interactions)]
        bot.turns.away = True
        update = bot.update(MAI, "2")
        with pytest.raises(Unavailable):
            await bot.conversation.receive(update)
        with pytest.raises(Unavailable):
            await bot.conversation.dead_letter("fake", "x", b"", "")
        assert [await bot.rows(table) for table in (inbox, sessions, interactions)] == before
        assert len(bot.channel.texts("mai")) == 1
        bot.turns.away = False
        await bot.conversation.receive(update)
        await bot.channel.reached("mai", 2)


async def test_closing_ends_also_while_the_database_is_away(database_url: str, clock: Clock) -> None:
    bot = Bot(database_url, clock, wrap=Down)
    await bot.start()
    await bot.say(MAI, "menu")
    await bot.channel.reached("mai", 1)
    bot.turns.away = True
    await asyncio.wait_for(bot.conversation.close(), 5)
    await bot.courier.close()
    await bot.own.close()
    await bot.database.dispose()


async def test_who_asks_to_be_forgotten_is_and_the_goodbye_is_emptied_once_sent(
    database_url: str, clock: Clock
) -> None:
    async with running(database_url, clock) as bot:
        await bot.say(LAN, "menu")
        for words in ("menu", "4", "2", "1", "Lê Thị Mai", "xóa"):
            await bot.say(MAI, words)
        await bot.channel.reached("mai", 6)
        assert bot.channel.texts("mai")[-1] == "Tạm biệt."
    database = open_database(database_url)
    assert [row.external_id for row in await rows_of(database, addresses)] == ["lan"]
    assert len(await rows_of(database, contacts)) == len(await rows_of(database, sessions)) == 1
    assert not await rows_of(database, handoffs)
    assert not await rows_of(database, topics)
    lan = (await rows_of(database, contacts))[0].id
    log = await rows_of(database, interactions)
    assert [row.kind for row in log if row.contact_id != lan] == ["forgot"], "a row that tells of nobody"
    left = [row for row in await rows_of(database, deliveries) if row.contact_id != lan]
    assert len(left) == 6
    assert {(row.contact_id, row.address, row.payload, row.status) for row in left} == {(0, "", b"", "sent")}
    assert len(await rows_of(database, inbox)) == 7, "so that a redelivered update still does nothing"
    async with database.connect() as db:
        for table in EVERYTHING:
            for row in (await db.execute(text(f"SELECT * FROM {table.name}"))).all():
                assert "Mai" not in repr(row)
                assert "mai" not in repr(row)
    await database.dispose()


async def test_who_was_forgotten_and_writes_again_is_a_stranger(database_url: str, clock: Clock) -> None:
    async with running(database_url, clock) as bot:
        await bot.say(MAI, "menu")
        update = await bot.say(MAI, "xóa")
        await bot.conversation.receive(update)
        await bot.say(MAI, "menu")
        [contact] = await bot.rows(contacts)
        assert json.loads(contact.fields) == {}


async def test_who_blocks_us_is_marked_and_is_active_again_with_the_next_word(database_url: str, clock: Clock) -> None:
    async with running(database_url, clock) as bot:
        await bot.say(MAI, "menu")
        for kind, status in ((Kind.BLOCKED, "blocked"), (Kind.UNBLOCKED, "active"), (Kind.BLOCKED, "blocked")):
            await bot.conversation.receive(bot.update(MAI, kind=kind))
            assert [row.status for row in await bot.rows(addresses)] == [status]
        await bot.say(MAI, "1")
        assert [row.status for row in await bot.rows(addresses)] == ["active"]
        silent = [row.detail for row in await bot.rows(interactions) if row.kind == "silent"]
        assert silent == ["blocked", "unblocked", "blocked"]


async def test_who_could_not_be_reached_is_active_again_with_the_next_word(database_url: str, clock: Clock) -> None:
    async with running(database_url, clock) as bot:
        bot.channel.fail("mai", Unreachable("blocked by the user"))
        await bot.say(MAI, "menu")
        await bot.marked(addresses, "blocked")
        await bot.say(MAI, "1")
        await bot.channel.reached("mai", 1)
        assert [row.status for row in await bot.rows(addresses)] == ["active"]
        assert (await bot.rows(deliveries))[0].status == "blocked"


async def test_an_answered_question_loses_its_buttons(database_url: str, clock: Clock) -> None:
    async with running(database_url, clock) as bot:
        await bot.say(MAI, "menu")
        await bot.channel.reached("mai", 1)
        await bot.tap(MAI, 1, tapped_id="1")
        await bot.channel.reached("mai", 2)
        await bot.say(LAN, "menu")
        await bot.channel.reached("lan", 1)
        assert [(call.to, call.text) for call in bot.channel.calls if call.method == "close"] == [("mai", "1")]


async def test_two_processes_meeting_the_same_stranger_make_one_contact(postgres_url: str, clock: Clock) -> None:
    async with running(postgres_url, clock, worker=1) as one, running(postgres_url, clock, worker=2) as other:
        turns = [(one if n % 2 else other) for n in range(20)]
        await asyncio.gather(*(bot.say(MAI, "menu") for bot in turns))
        assert len(await one.rows(contacts)) == 1
        assert len(await one.rows(inbox)) == 20
        assert json.loads((await one.rows(sessions))[0].state)["seq"] == 20
