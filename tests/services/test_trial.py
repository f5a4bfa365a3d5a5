"""The test of a broadcast that nobody approved: to the officer's own address, as an admin wrote it down, and nobody's
else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.messages import Address
from bot.services.broadcasting.drafting import World
from bot.services.broadcasting.model import Body
from bot.services.broadcasting.rights import Refused
from bot.services.broadcasting.trial import address_in, send_test, written
from bot.store import audit, officers
from bot.store.ids import Ids
from bot.store.models import chunks, deliveries
from tests.fakes.channel import FakeChannel
from tests.services.broadcasts import NOON, add_broadcast, add_person
from tests.shipped import shipped

POOR = Body(messages=("vay-von.muc-ngheo",))
ME = "telegram:7"


async def send(
    database: AsyncEngine, login: str = "lan", *, to: str = "", fields: Mapping[str, str] | None = None,
    area: tuple[str, ...] = (),
) -> tuple[int, Address]:  # fmt: skip
    """Send a test of a new draft; (its number, where the test went)."""
    channels = {"telegram": FakeChannel("telegram"), "webchat": FakeChannel("webchat")}
    world = World(shipped(), channels, NOON, date(2026, 11, 23))
    broadcast = replace(await add_broadcast(database, POOR, "ho = ngheo"), area=area)
    ids, said = Ids(1023, lambda: NOON), fields or {}
    own = await send_test(database, world, broadcast, login, ids=ids, pretending=said, via="cli", to=to)
    return broadcast.id, own


async def live_at(database: AsyncEngine, address: str, login: str = "lan") -> None:
    async with database.begin() as db:
        await officers.set_address(db, login, address=address)


@pytest.fixture
async def staffed(database: AsyncEngine) -> AsyncEngine:
    """Two drafters, a reader, and three people who wrote to the bot: lan (7), a citizen (5), one who blocked it (8)."""
    async with database.begin() as db:
        await officers.add(db, login="lan", role="officer", at=NOON)
        await officers.add(db, login="moi", role="officer", at=NOON)
        await officers.add(db, login="tu", role="staff", at=NOON)
        await officers.set_address(db, "lan", address=ME)
    await add_person(database, 5, ho="ngheo")
    await add_person(database, 7, ho="khac")
    await add_person(database, 8, ho="ngheo", status="blocked")
    return database


async def test_a_test_is_one_message_in_a_chunk_of_its_own_marked_as_one(staffed: AsyncEngine) -> None:
    number, own = await send(staffed, fields={"ho": "ngheo"})
    async with staffed.connect() as db:
        [chunk] = (await db.execute(select(chunks))).all()
        [row] = (await db.execute(select(deliveries))).all()
        [entry] = await audit.recent(db)
    assert own == Address("telegram", "7")
    assert (chunk.broadcast_id, chunk.channel, chunk.state) == (None, "telegram", "open")
    assert (row.chunk_id, row.contact_id, row.channel, row.address) == (chunk.id, 7, "telegram", "7")
    assert (row.reason, row.status, row.broadcast_id, row.method) == ("test", "queued", None, "send")
    assert json.loads(row.payload)["text"].startswith("(Tin thử)\n\nHộ nghèo vay làm ăn")
    assert (entry.actor, entry.action, entry.subject, entry.outcome) == (
        "lan", "broadcast.test", f"broadcast:{number}", "done"
    )  # fmt: skip


async def test_the_address_may_be_named_when_it_is_ones_own(staffed: AsyncEngine) -> None:
    _number, own = await send(staffed, to=" telegram:7 ", fields={"ho": "ngheo"})
    assert written(own) == ME


@pytest.mark.parametrize(
    ("login", "to", "words"),
    [
        ("lan", "telegram:5", "chỉ gửi tới telegram:7, không gửi tới telegram:5"),  # a citizen who would get it
        ("lan", "telegram:77", "bot user address lan"),
        ("lan", "webchat:7", "mục Cán bộ"),
        ("lan", "7", "telegram:100000001"),
        ("moi", "", "“moi” chưa có địa chỉ nhận tin thử"),
        ("moi", "telegram:5", "bot user address moi"),
        ("tu", "", "“tu”"),
        ("ai-do", "", "“ai-do”"),
    ],
)
async def test_what_nobody_approved_reaches_nobody_but_its_officer(
    staffed: AsyncEngine, login: str, to: str, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        await send(staffed, login, to=to, fields={"ho": "ngheo"})
    await nothing_but_a_note(staffed, login)


@pytest.mark.parametrize(
    ("address", "fields", "words"),
    [
        ("telegram:9", {}, "telegram:9"),  # never wrote
        ("telegram:8", {}, "telegram:8"),  # blocked the bot
        ("telegram:6", {}, "thôi nhận"),  # stopped it
        ("zalo:7", {}, "Kênh “zalo” không bật"),
        (ME, {}, "chọn một diện hộ"),
    ],
)
async def test_a_test_that_can_reach_nobody_is_refused_and_noted(
    staffed: AsyncEngine, address: str, fields: dict[str, str], words: str
) -> None:
    await add_person(staffed, 6, ho="ngheo", stop="all")
    await live_at(staffed, address)
    with pytest.raises(Refused, match=words):
        await send(staffed, fields=fields)
    await nothing_but_a_note(staffed, "lan")


async def nothing_but_a_note(database: AsyncEngine, login: str) -> None:
    """Nothing is owed to anybody, and the log has the refusal."""
    async with database.connect() as db:
        assert (await db.execute(select(deliveries))).all() == []
        [entry] = await audit.recent(db)
    assert (entry.actor, entry.action, entry.outcome) == (login, "broadcast.test", "refused")


async def test_who_works_for_some_communes_tests_what_was_drafted_for_these(staffed: AsyncEngine) -> None:
    async with staffed.begin() as db:
        await officers.set_role(db, "lan", role="approver", communes=("09700",))
    for area in ((), ("09661",), ("09700", "09661")):
        with pytest.raises(Refused, match="nhờ người phụ trách nơi đó"):
            await send(staffed, area=area, fields={"ho": "ngheo"})
    _number, own = await send(staffed, area=("09700",), fields={"ho": "ngheo"})
    assert written(own) == ME


@pytest.mark.parametrize("text", ["", "7", "telegram:", ":7", " : "])
def test_an_address_has_a_channel_and_a_number(text: str) -> None:
    with pytest.raises(Refused, match="telegram:100000001"):
        address_in(text)
    assert address_in(" telegram: 7 ") == Address("telegram", "7")
