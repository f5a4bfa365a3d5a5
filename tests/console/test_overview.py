"""The first page: what waits stands first, its numbers are the readings', few people are not told apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from msgspec.structs import replace as changed
from sqlalchemy import insert

from bot.services.insight import readings
from bot.services.insight.figures import Span
from bot.store import officers
from bot.store.models import handoffs
from tests.console.office import Console
from tests.console.reading import table_with, words
from tests.console.telling import SCRIPT, admit, fold, heard, lines
from tests.services.office import DRAFT, RATE


async def live(console: Console) -> None:
    """Twelve more people, who write over some days; one of them more than the others, and not all understood."""
    for number in range(10, 22):
        await admit(console, number, commune="2" if number > 15 else "1", household="can-ngheo" if number % 2 else "")
    for day in range(3):
        for number in range(10, 22):
            await heard(console, number, "missed" if number == 10 else "text", f"lời {day}")
        console.clock.advance(days=1)
    await fold(console)


async def test_numbers_are_those_of_the_readings(console: Console) -> None:
    await live(console)
    page = (await console.get("/?days=7")).text
    today = console.site.today()
    async with console.site.reading.connect() as db:
        people = await readings.people(db, area=())
        activity = await readings.activity(db, Span(today - timedelta(days=6), today), area=())
    assert (people.total, activity.active_total) == (17, 12)
    for figure in (people.total, activity.active_total):
        assert f'<span class="value">{figure}</span>' in page
    shown = {row[0]: row[1:] for row in table_with(page, "Ngày")}
    assert len(shown) == 7
    for day in activity.days:
        numbers = [f"{count}" for count in (day.active, day.new, day.heard, day.said, day.missed)]
        assert shown[f"{day.day.day}/{day.day.month}/{day.day.year}"] == numbers
    assert [row[1] for row in table_with(page, "Giờ")] == [f"{count}" for count in activity.hours]


async def test_few_people_are_not_told_on_the_page_or_in_the_file(console: Console) -> None:
    await live(console)
    page = (await console.get("/")).text
    async with console.site.reading.connect() as db:
        people = await readings.people(db, area=())
    assert people.by_household == {"ngheo": 4, "can-ngheo": 7, "": 6}
    shown = table_with(page, "Loại hộ")
    assert shown == [["Hộ cận nghèo", "7"], ["Hộ nghèo", "dưới 5"], ["chưa rõ", "không nêu"]]  # 17 - 7 would tell both
    written = [one for one in await lines(console, "people") if one["by"] == "Loại hộ"]
    assert [(one["name"], one["people"]) for one in written] == [
        ("Hộ cận nghèo", 7), ("Hộ nghèo", "dưới 5"), ("chưa rõ", "không nêu"),
    ]  # fmt: skip


async def test_who_works_for_some_communes_sees_their_people_alone(console: Console) -> None:
    async with console.database.begin() as db:
        await officers.set_role(db, "an", role="officer", communes=("2",))
    await live(console)
    page = (await console.get("/")).text
    assert '<span class="value">7</span>' in page
    assert [row[0] for row in table_with(page, "Xã, phường")] == ["Xã Hai"]
    assert {one["name"] for one in await lines(console, "people") if one["by"] == "Xã, phường"} == {"Xã Hai"}


async def test_what_needs_somebody_stands_first_and_leads_there(console: Console) -> None:
    await console.office.submitted(changed(DRAFT, name=SCRIPT))
    async with console.database.begin() as db:
        row = {"contact_id": 1, "queue": "chung", "asked_at": console.clock(), "waiting_since": console.clock()}
        await db.execute(insert(handoffs).values(row))
    console.clock.advance(seconds=2 * 3600)
    console.library = replace(console.library, facts={"lai": replace(RATE, review=date(2026, 11, 1))})
    page = (await console.get("/", "binh")).text
    needs = words(page[page.index('id="needs"') : page.index('class="figure"')])
    assert "chờ duyệt <script>alert(1)</script>" in needs
    assert SCRIPT not in page
    assert "1 người đợi cán bộ trả lời, lâu nhất 2 giờ" in needs
    assert "1 dữ kiện quá ngày soát lại" in needs
    for path in ("/broadcasts/1", "/inbox", "/content"):
        assert f'href="/console{path}"' in page
    assert 'href="/console/inbox"' not in (await console.get("/", "xem")).text  # who only reads can't answer


async def test_an_empty_city_says_that_nothing_waits(console: Console) -> None:
    page = words((await console.get("/")).text)
    assert "Không có việc nào đang đợi" in page
    assert "Chưa gửi tin nào" in page


@pytest.mark.parametrize(("asked", "days"), [("7", 7), ("90", 90), ("", 30), ("8", 30), ("x", 30)])
async def test_one_looks_back_over_a_week_a_month_or_a_season(console: Console, asked: str, days: int) -> None:
    page = (await console.get(f"/?days={asked}")).text
    assert len(table_with(page, "Ngày")) == days
    assert f'aria-current="true">{days} ngày</a>' in page


async def test_no_page_of_insight_has_a_style_or_script_of_its_own(console: Console) -> None:
    await live(console)
    for path in ("/", "/dialogs", "/dialogs/hoi-y?node=hoi", "/plan", "/missed", "/log", "/log/10", "/compare"):
        text = (await console.get(path)).text
        assert "style=" not in text, path
        assert "<script>" not in text, path
        assert "onclick" not in text, path
