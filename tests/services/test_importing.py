"""Contacts from a file: what is stored, and whom it leaves alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.services.importing import applying
from bot.services.importing.applying import File, Refused, Report, apply, examine
from bot.services.importing.values import Values
from bot.store import officers
from bot.store.models import addresses, audit, contacts, interactions, topics, workers
from tests.shipped import shipped

TODAY = date(2026, 11, 23)
PAPER = "Phiếu số 12 ngày 03/11/2026"
FULL = """\
kênh,mã,hộ,xã,tiếng,tên,chủ đề,đồng ý,ngày đồng ý
telegram,100000001,cận nghèo,00118,tiếng Việt,Nguyễn Thị Lan,"vay-von, Học nghề",Phiếu số 12,03/11/2026
"""
Clock = Callable[[], datetime]


@pytest.fixture
async def office(database: AsyncEngine, clock: Clock) -> AsyncEngine:
    """A database with one officer, one who only reads, and one who left."""
    async with database.begin() as db:
        await officers.add(db, login="lan", role="officer", at=clock())
        await officers.add(db, login="xem", role="staff", at=clock())
        await officers.add(db, login="cu", role="admin", at=clock())
        await officers.set_active(db, "cu", active=False)
    return database


def file_of(text: str) -> File:
    return File("danh-sach.csv", text.encode())


async def applied(database: AsyncEngine, text: str, clock: Clock, login: str = "lan") -> Report:
    return await apply(database, file_of(text), Values(shipped(), TODAY), login=login, now=clock)


async def rows_of(database: AsyncEngine, table: Table) -> list[Mapping[str, Any]]:
    async with database.connect() as db:
        return [dict(row._mapping) for row in await db.execute(select(table))]


async def test_looking_writes_nothing(office: AsyncEngine, clock: Clock) -> None:
    report = await examine(office, file_of(FULL), Values(shipped(), TODAY), now=clock())
    assert (report.new, report.applied) == (1, False)
    for table in (contacts, addresses, interactions, audit):
        assert await rows_of(office, table) == []


async def test_a_new_person_is_stored_with_the_evidence(office: AsyncEngine, clock: Clock) -> None:
    report = await applied(office, FULL, clock)
    assert (report.new, report.applied) == (1, True)
    [contact] = await rows_of(office, contacts)
    assert json.loads(contact["fields"]) == {
        "ho": "can-ngheo", "xa": "00118", "lang": "vi", "ten": "Nguyễn Thị Lan", "dong-y": "co",
    }  # fmt: skip
    assert (contact["household"], contact["commune"], contact["consent"]) == ("can-ngheo", "00118", "co")
    assert [row["contact_id"] for row in await rows_of(office, addresses)] == [contact["id"]]
    assert {row["topic"] for row in await rows_of(office, topics)} == {"vay-von", "hoc-nghe"}
    line, *told = await rows_of(office, interactions)
    assert (line["kind"], line["detail"], line["text"]) == ("consent", "import", "Phiếu số 12 (03/11/2026)")
    assert {(row["kind"], row["detail"]): row["text"] for row in told} == {
        ("field", name): value for name, value in json.loads(contact["fields"]).items()
    }, "where somebody lived when is told by the log"
    [entry] = await rows_of(office, audit)
    detail = json.loads(entry["detail"])
    assert (entry["actor"], entry["outcome"], detail["file"], detail["new"]) == ("lan", "done", "danh-sach.csv", 1)
    assert detail["sha256"] == report.sha256


async def test_importing_again_changes_nothing(office: AsyncEngine, clock: Clock) -> None:
    await applied(office, FULL, clock)
    before = [await rows_of(office, table) for table in (contacts, addresses, interactions)]
    report = await applied(office, FULL, clock)
    assert (report.new, report.filled, report.kept) == (0, 0, {"complete": [2]})
    assert [await rows_of(office, table) for table in (contacts, addresses, interactions)] == before


async def test_one_bad_line_and_nothing_is_stored(office: AsyncEngine, clock: Clock) -> None:
    report = await applied(office, FULL + "telegram,1000002,,,,,,,\n", clock)
    assert (report.fault_count, report.applied) == (1, False)
    assert await rows_of(office, contacts) == []
    [entry] = await rows_of(office, audit)
    assert (entry["outcome"], json.loads(entry["detail"])["reason"]) == ("refused", "faults")


@pytest.mark.parametrize("login", ["xem", "cu", "ai-do"])
async def test_who_may_not_is_refused_and_that_is_on_record(office: AsyncEngine, clock: Clock, login: str) -> None:
    with pytest.raises(Refused, match=login):
        await applied(office, FULL, clock, login)
    assert await rows_of(office, contacts) == []
    [entry] = await rows_of(office, audit)
    assert (entry["actor"], entry["outcome"]) == (login, "refused")


async def _known(database: AsyncEngine, at: datetime, fields: Mapping[str, str], **columns: Any) -> None:
    """The person of FULL, as they made themselves known."""
    async with database.begin() as db:
        row = {"id": 5, "created_at": at, "fields": json.dumps(fields), "name": fields.get("ten", ""), **columns}
        await db.execute(insert(contacts).values(row))
        address = {"channel": "telegram", "external_id": "100000001", "contact_id": 5, "changed_at": at}
        await db.execute(insert(addresses).values(address))


async def test_only_gaps_of_known_people_are_filled(office: AsyncEngine, clock: Clock) -> None:
    said = {"ten": "Lan", "xa": "00004", "ho-khong-noi": "1", "quan-tam": "vay"}
    await _known(office, clock(), said)
    report = await applied(office, FULL, clock)
    assert (report.new, report.filled) == (0, 1)
    [contact] = await rows_of(office, contacts)
    assert json.loads(contact["fields"]) == {**said, "lang": "vi", "dong-y": "co"}
    columns = ("id", "name", "household", "language", "consent")
    assert [contact[name] for name in columns] == [5, "Lan", "", "vi", "co"]
    assert len(await rows_of(office, topics)) == 2


@pytest.mark.parametrize(
    ("fields", "columns", "reason"),
    [
        ({}, {"stop": "broadcasts"}, "stopped"),
        ({"dong-y": "co"}, {"stop": "all", "consent": "co"}, "stopped"),
        ({}, {"stop": "week", "stopped_until": datetime.fromisoformat("2026-11-24T00:00:00Z")}, "stopped"),
        ({"dong-y": "khong"}, {"consent": "khong"}, "refused"),
        ({"dong-y": "hoi-dap"}, {"consent": "hoi-dap"}, "refused"),
    ],
)
async def test_who_stopped_or_refused_stays_exactly_as_they_are(
    office: AsyncEngine, clock: Clock, fields: Mapping[str, str], columns: Mapping[str, Any], reason: str
) -> None:
    await _known(office, clock(), fields, **columns)
    before = await rows_of(office, contacts)
    report = await applied(office, FULL, clock)
    assert report.kept == {reason: [2]}
    assert await rows_of(office, contacts) == before
    assert await rows_of(office, interactions) == await rows_of(office, topics) == []


async def test_a_pause_that_is_over_is_none(office: AsyncEngine, clock: Clock) -> None:
    await _known(office, clock(), {}, stop="week", stopped_until=clock() - timedelta(minutes=1))
    assert (await applied(office, FULL, clock)).filled == 1


async def test_topics_of_who_left_some_are_theirs(office: AsyncEngine, clock: Clock) -> None:
    await _known(office, clock(), {})
    async with office.begin() as db:
        left = {"contact_id": 5, "at": clock(), "kind": "unsubscribed", "detail": "vay-von"}
        await db.execute(insert(interactions).values(left))
    assert (await applied(office, FULL, clock)).filled == 1
    assert await rows_of(office, topics) == []


async def test_a_running_sqlite_bot_would_undo_what_is_filled_so_nothing_is(office: AsyncEngine, clock: Clock) -> None:
    """Its memory of a contact is written back whole; new people it can't remember yet. PostgreSQL remembers none."""
    await _known(office, clock(), {"ten": "Lan"})
    async with office.begin() as db:
        await db.execute(insert(workers).values(id=0, started_at=clock(), seen_at=clock()))
    report = await applied(office, FULL + f"telegram,100000002,,,,,,{PAPER},\n", clock)
    alone = office.dialect.name == "sqlite"
    assert (report.new, report.filled, report.kept) == (1, 1 - alone, {"running": [2]} if alone else {})
    consents = {row["id"]: row["consent"] for row in await rows_of(office, contacts)}
    assert consents[5] == ("" if alone else "co")


async def test_ids_are_of_a_number_that_no_bot_has(office: AsyncEngine, clock: Clock) -> None:
    await applied(office, FULL, clock)
    [contact] = await rows_of(office, contacts)
    number = contact["id"] >> 12 & 1023
    if office.dialect.name == "sqlite":
        assert number == applying.IMPORTER != 0
        return
    [worker] = await rows_of(office, workers)
    assert worker["id"] == number
    assert worker["seen_at"] < clock()  # given back, so that the bots strike it off


async def test_thousands_of_lines_come_in_batches(
    office: AsyncEngine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "BATCH", 7)
    lines = "".join(f"telegram,{100000 + n},,,,,,{PAPER},\n" for n in range(40))
    header = FULL.splitlines(keepends=True)[0]
    assert (await applied(office, header + lines, clock)).new == 40
    async with office.connect() as db:
        assert await db.scalar(select(func.count()).select_from(contacts)) == 40
    assert len((await applied(office, header + lines, clock)).kept["complete"]) == 40
