"""Files of what is on screen: harmless to open, of one's own area, for who asked for them, and written down."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook

from bot.services.broadcasting.rights import Refused
from bot.services.discretion import Few
from bot.services.exporting.formats import HANOI
from bot.services.exporting.table import Batch, Column, Report, Table, report_of
from bot.store import audit, officers
from tests.console.office import Console
from tests.console.telling import FORMULA, admit, file, heard, lines

FORMULAS = (FORMULA, "+1+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1")
COLUMNS = (Column("text", "Lời"), Column("people", "Số người", "number"), Column("at", "Lúc", "moment"))
AT = datetime(2026, 11, 23, 3, 5, tzinfo=UTC)


async def whole(console: Console, report: Report, format: str) -> bytes:
    """What a file of *report* holds."""
    job = await console.site.exports.begin(report, format=format, by="an")
    await console.site.exports.wait(job, 20)
    assert job.state == "done", job.told
    return console.site.exports.path(job).read_bytes()


def table() -> Table:
    return Table(COLUMNS, [(text, 7, AT) for text in FORMULAS] + [("Bà con", Few.UNDER, None)])


async def test_csv_is_read_by_spreadsheets_and_runs_nothing(console: Console) -> None:
    body = await whole(console, report_of("x", table()), "csv")
    assert body.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert read[0] == ["Lời", "Số người", "Lúc"]
    assert [row[0] for row in read[1:-1]] == [f"'{text}" for text in FORMULAS]
    assert read[1][1:] == ["7", "2026-11-23 10:05:00+07:00"]
    assert read[-1] == ["Bà con", "dưới 5", ""]


async def test_a_workbook_holds_texts_and_no_formulas(console: Console) -> None:
    book = load_workbook(io.BytesIO(await whole(console, report_of("x", table()), "xlsx")))
    rows = list(book.worksheets[0].iter_rows())
    assert [cell.value for cell in rows[0]] == ["Lời", "Số người", "Lúc"]
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "d"}  # "f" would be a formula
    assert rows[1][0].value == FORMULA
    assert (rows[1][1].value, rows[1][2].value) == (7, AT.astimezone(HANOI).replace(tzinfo=None))
    assert rows[-1][1].value == "dưới 5"


async def test_json_lines_are_one_object_each(console: Console) -> None:
    body = await whole(console, report_of("x", table()), "jsonl")
    read = [json.loads(line) for line in body.decode().splitlines()]
    assert [one["text"] for one in read[:-1]] == list(FORMULAS)
    assert read[-1] == {"text": "Bà con", "people": "dưới 5", "at": None}


async def test_the_audit_log_says_who_took_what_and_how_many_rows(console: Console) -> None:
    await heard(console, 1, text="một")
    await heard(console, 4, text="hai")
    await file(console, "log", "csv", who="1", words="một", commune="1")
    async with console.database.connect() as db:
        [entry] = [one for one in await audit.recent(db) if one.action == "export.log"]
        assert await audit.verify(db) is None
    detail = json.loads(entry.detail)
    assert (entry.actor, detail["rows"], detail["format"]) == ("an", 1, "csv")
    assert (detail["asked"]["commune"], detail["asked"]["who"], detail["asked"]["words"]) == ("1", "…", "…")


class Held:
    """A report that goes on when it is let."""

    def __init__(self) -> None:
        self.go, self.is_half_way = asyncio.Event(), asyncio.Event()

    async def batches(self) -> AsyncIterator[Batch]:
        yield Batch([("một", 1, None)], 0.4)
        self.is_half_way.set()
        await self.go.wait()
        yield Batch([("hai", 2, None)])

    @property
    def report(self) -> Report:
        return Report("log", COLUMNS, self.batches())


async def test_a_long_file_tells_how_far_it_is_and_is_its_makers_alone(console: Console) -> None:
    held = Held()
    await console.sign_in("an")
    job = await console.site.exports.begin(held.report, format="csv", by="an")
    await held.is_half_way.wait()
    page = await console.get(f"/exports/{job.key}")
    assert "40 %" in page.text
    assert f"/exports/{job.key}/events" in page.text
    assert (await console.get(f"/exports/{job.key}/file")).status == 404  # not before it is whole
    stream = asyncio.create_task(console.get(f"/exports/{job.key}/events"))
    held.go.set()
    told = await stream
    assert "Lưu tệp" in told.text
    assert told.text.rstrip().endswith("event: end\ndata:")
    assert (await console.get(f"/exports/{job.key}/file")).headers["Content-Disposition"].endswith(f'"{job.name}"')
    for path in ("", "/file", "/events"):
        assert (await console.get(f"/exports/{job.key}{path}", "dung")).status == 404


async def test_a_file_is_there_for_a_day_also_after_a_restart(console: Console) -> None:
    job = await console.site.exports.begin(report_of("x", table()), format="csv", by="an")
    await console.site.exports.wait(job, 20)
    again = type(console.site.exports)(console.database, console.clock, console.folder)
    found = await again.find(job.key, "an")
    assert found is not None
    assert (found.rows, await again.find(job.key, "binh"), await again.find("../../etc/passwd0", "an")) == (
        8,
        None,
        None,
    )
    console.clock.advance(days=1, seconds=1)
    assert await again.find(job.key, "an") is None
    await whole(console, report_of("y", table()), "csv")  # which sweeps
    assert not console.site.exports.path(job).exists()


async def test_one_officer_makes_no_more_than_two_files_at_once(console: Console) -> None:
    held = Held(), Held()
    jobs = [await console.site.exports.begin(one.report, format="csv", by="an") for one in held]
    with pytest.raises(Refused, match="đợi xong"):
        await console.site.exports.begin(report_of("x", table()), format="csv", by="an")
    other = await console.site.exports.begin(report_of("x", table()), format="csv", by="binh")
    for one in held:
        one.go.set()
    for job in (*jobs, other):
        await console.site.exports.wait(job, 20)
        assert job.state == "done"


async def test_what_breaks_half_way_is_no_file(console: Console) -> None:
    async def breaks() -> AsyncIterator[Batch]:
        yield Batch([("một", 1, None)], 0.5)
        raise OSError("the disk is full")

    job = await console.site.exports.begin(Report("x", COLUMNS, breaks()), format="csv", by="an")
    await console.site.exports.wait(job, 20)
    assert (job.state, list(console.folder.iterdir())) == ("failed", [])
    assert "Thử lại sau" in (await console.get(f"/exports/{job.key}")).text


@pytest.mark.parametrize(("what", "login", "status"), [
    ("audit", "dung", 200), ("audit", "an", 403), ("passwords", "dung", 404), ("log", "xem", 200),
])  # fmt: skip
async def test_a_file_takes_the_right_of_its_page(console: Console, what: str, login: str, status: int) -> None:
    await console.sign_in(login)
    assert (await console.post("/exports", login, {"what": what, "format": "csv"})).status == status


async def test_a_strange_format_is_refused_in_words(console: Console) -> None:
    await console.sign_in("an")
    answer = await console.post("/exports", "an", {"what": "people", "format": "exe"})
    assert (answer.status, "chọn CSV" in answer.text) == (422, True)


async def test_who_works_for_some_communes_takes_their_people_alone(console: Console) -> None:
    async with console.database.begin() as db:
        await officers.set_role(db, "an", role="officer", communes=("2",))
    await admit(console, 9, commune="2", name="Lan")
    for contact in (1, 4, 9):
        await heard(console, contact, text=f"người {contact}")
    assert {one["text"] for one in await lines(console, "log")} == {"người 4", "người 9"}
    assert {one["text"] for one in await lines(console, "log", "dung")} == {"người 1", "người 4", "người 9"}
