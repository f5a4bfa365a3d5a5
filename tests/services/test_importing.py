"""Contacts from a file: how officers write it, what is refused, and whom it leaves alone."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Table, func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.services.importing import applying
from bot.services.importing.applying import File, Refused, Report, apply, examine
from bot.services.importing.reading import Entry, Fault, read_contacts
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


def read(text: str | bytes) -> list[Entry | Fault]:
    content = text.encode() if isinstance(text, str) else text
    return list(read_contacts(content, Values(shipped(), TODAY)))


def fault_of(column: str, cell: str) -> Fault:
    """What is told of a line where *column* holds *cell* and all else is right."""
    cells = {"kênh": "telegram", "mã": "100000001", "đồng ý": PAPER, column: cell}
    file = io.StringIO()
    csv.writer(file).writerows([list(cells), list(cells.values())])
    [fault] = read(file.getvalue())
    assert isinstance(fault, Fault), fault
    assert fault.remedy
    assert (fault.line, fault.column) == (2, column)
    return fault


def test_a_full_line_is_read() -> None:
    fields = {"ho": "can-ngheo", "xa": "00118", "lang": "vi", "ten": "Nguyễn Thị Lan"}
    evidence = "Phiếu số 12 (03/11/2026)"
    assert read(FULL) == [Entry(2, "telegram", "100000001", fields, ("vay-von", "hoc-nghe"), evidence)]


@pytest.mark.parametrize(
    "content",
    [
        FULL.encode("utf-8-sig"),
        FULL.replace("\n", "\r\n").encode(),
        FULL.replace("\n", "\r").encode(),
        FULL.rstrip("\n").encode(),
        FULL.replace('"vay-von, Học nghề"', "vay-von | Học nghề").replace(",", ";").encode(),
        FULL.replace('"vay-von, Học nghề"', "vay-von | Học nghề").replace(",", "\t").encode(),
        FULL.replace("kênh,mã,hộ,xã,tiếng,tên,chủ đề,đồng ý,ngày đồng ý",
                     "KENH,Ma,loai ho,xa/phuong,ngon ngu,Ho va ten,chu de,dong y,ngay dong y").encode(),
        FULL.replace("kênh,mã,hộ,xã,tiếng,tên,chủ đề,đồng ý,ngày đồng ý",
                     "channel,id,household,commune,language,name,topics,consent,consent date").encode(),
        FULL.replace(",", " , ").replace(' "', '"').replace('" ', '"').encode(),
        FULL.replace("Nguyễn Thị", '"Nguyễn\nThị').replace("Lan", 'Lan"').encode(),
    ],
    ids=("bom", "crlf", "cr", "no-last-newline", "semicolons", "tabs", "no-diacritics", "english", "spaces", "newline"),
)  # fmt: skip
def test_excel_may_write_it_otherwise(content: bytes) -> None:
    assert read(content) == read(FULL)


def test_lines_are_counted_as_an_editor_does() -> None:
    line = f'telegram,{{}},"Nguyễn\nVăn A",{PAPER}\n'
    text = "sep=,\nkênh,mã,tên,đồng ý\n" + line.format(1000001) + "\n,,,\n" + line.format("x") + line.format(1000001)
    found = read(text)
    assert [one.line for one in found] == [3, 7, 9]
    assert "dòng 3" in str(found[2])


def test_a_formula_is_text() -> None:
    [entry] = read(f'kênh,mã,tên,đồng ý\ntelegram,1000001,"=HYPERLINK(""x"")",{PAPER}\n')
    assert isinstance(entry, Entry)
    assert entry.fields["ten"] == '=HYPERLINK("x")'


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        ("kênh", "telegarm", "telegram"),
        ("kênh", "", "trống"),
        ("mã", "1.23457E+11", "Excel"),
        ("mã", "0912345678", "chữ số"),
        ("mã", "@lan", "chữ số"),
        ("mã", "", "trống"),
        ("hộ", "can ngèo", "cận nghèo"),
        ("xã", "Bồ Đề", "00118"),
        ("xã", "Phú Thượngg", "00091"),
        ("xã", "Sài Gòn", "không có"),
        ("tiếng", "Pháp", "en"),
        ("tên", "x" * 201, "200"),
        ("chủ đề", "vay-von, hoc-nge", "hoc-nghe"),
        ("đồng ý", "", "trống"),
        ("đồng ý", "có", "ngày"),
        ("đồng ý", "đồng ý ngày 03/11/2026", "ở đâu"),
        ("đồng ý", "Không đồng ý, phiếu 12 ngày 03/11/2026", "không đồng ý"),
        ("đồng ý", "Phiếu số 12 ngày 31/02/2026", "31/02/2026"),
        ("đồng ý", "Phiếu số 12 ngày 24/11/2026", "chưa tới"),
        ("ngày đồng ý", "24/11/2026", "chưa tới"),
        ("ngày đồng ý", "hôm qua", "hôm qua"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_a_remedy(column: str, cell: str, told: str) -> None:
    assert told in str(fault_of(column, cell))


def test_today_is_not_the_future() -> None:
    [entry] = read(f"kênh,mã,đồng ý\nwebchat,a1b2c3d4,Gặp ở hội trường thôn ngày {TODAY:%d/%m/%Y}\n")
    assert isinstance(entry, Entry)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "kênh"),
        ("kênh,mã\n".encode(), "đồng ý"),
        ("kênh,mã,đồng ý,hoo\n".encode(), "hộ"),
        ("kênh,mã,đồng ý,ma\n".encode(), "hai lần"),
        (FULL.encode("utf-16"), "UTF-8"),
        (FULL.encode() + b"\xff", "Dòng 3"),
        (FULL.encode() + b"a\0", "Dòng 3"),
        ((FULL + 'telegram,"1,,\n').encode(), "ngoặc kép"),
        ((FULL + f"telegram,1000002,,,,,,{PAPER},,thừa\n").encode(), "nhiều ô"),
    ],
)
def test_a_file_that_is_not_one_is_told(content: bytes, told: str) -> None:
    fault = read(content)[-1]
    assert isinstance(fault, Fault)
    assert told in str(fault)


@given(
    st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: (FULL + text).encode(errors="ignore")))
)
def test_whatever_the_file_holds_it_is_read_to_the_end(content: bytes) -> None:
    """No exception, and everything has a line of the file."""
    assert all(1 <= one.line <= content.count(b"\n") + content.count(b"\r") + 1 for one in read(content))


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
    [line] = await rows_of(office, interactions)
    assert (line["kind"], line["detail"], line["text"]) == ("consent", "import", "Phiếu số 12 (03/11/2026)")
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
