"""Dialogs drawn with their numbers: those of the readings, by the question's own words, in the area's people alone."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot.engine.content import Message
from bot.engine.state import Library
from bot.services.insight import readings
from bot.services.insight.figures import DialogNumbers, Span
from bot.store import officers
from tests.console.office import Console
from tests.console.reading import table_with, tables, words
from tests.console.telling import SCRIPT, admit, fold, heard, lines, moved
from tests.services.office import LIBRARY
from tests.shipped import read_dialogs

TREE = """
dialog: vay
title: Vay vốn
topic: true
nodes:
  hoi:
    say: [tin.lai]
    ask: Bà con vay làm gì?
    choices: [{label: Nuôi gà, go: ten}, {label: Trồng rau, go: ten}, {label: Thôi, go: het}]
  ten: {ask: Tên là gì?, type: text, field: ten, give_up: het, next: het}
  goi: {ask: Số nào?, type: phone, field: so, give_up: het, next: het}
  het: {end: true}
"""
VAY: Library = replace(
    LIBRARY, dialogs={**LIBRARY.dialogs, **read_dialogs({"vay": TREE})}, plan={"I": "Tuyên truyền", "II": "Khác"},
    messages={"tin.lai": Message("tin.lai", "Lãi **{lai.muc}** một năm.", ("I",), "tin", ("lai",))},
)  # fmt: skip


async def live(console: Console, people: int = 20) -> None:
    """All of them enter and are asked; twelve choose, nine of these are asked for their names, six tell them."""
    console.library = VAY
    for number in range(20, 20 + people):
        await admit(console, number, commune="2" if number % 4 == 0 else "1")
        await moved(console, number, commune="2" if number % 4 == 0 else "1")
        await heard(console, number, "entered", dialog="vay")
        await heard(console, number, "said", dialog="vay", node="hoi", detail="tin.lai")
        await heard(console, number, "asked", dialog="vay", node="hoi")
        if number < 32:
            choice = "trong-rau" if number % 2 else "nuoi-ga"
            await heard(console, number, "chose", "x", dialog="vay", node="hoi", detail=choice)
        if number < 29:
            await heard(console, number, "asked", dialog="vay", node="ten")
        if number < 26:
            await heard(console, number, "typed", f"tôi là {number}", dialog="vay", node="ten")
            await heard(console, number, "ended", dialog="vay", detail="done")
    await fold(console, {"tin.lai": ("I",)})


async def numbers(console: Console, area: tuple[str, ...] = ()) -> DialogNumbers:
    today = console.site.today()
    async with console.site.reading.connect() as db:
        return await readings.dialog(db, "vay", Span(today, today), area=area)


async def test_the_drawing_and_its_table_hold_the_numbers_of_the_readings(console: Console) -> None:
    await live(console)
    page = (await console.get("/dialogs/vay")).text
    told = await numbers(console)
    hoi, ten = told.nodes["hoi"], told.nodes["ten"]
    assert (told.people, hoi.asked, hoi.answered, hoi.dropped, ten.asked) == (20, 20, 12, 8, 9)
    rows = [row for row in table_with(page, "Câu") if row[-1] == "hoi"]
    assert rows == [
        ["Bà con vay làm gì?", "", "20", "12", "0", "8", "0", "hoi"],
        ["Bà con vay làm gì?", "Nuôi gà", "6", "–", "–", "–", "–", "hoi"],
        ["Bà con vay làm gì?", "Trồng rau", "6", "–", "–", "–", "–", "hoi"],
        ["Bà con vay làm gì?", "Thôi", "0", "–", "–", "–", "–", "hoi"],
    ]  # fmt: skip
    box = drawn(page, "hoi")
    for text in ("20", "Bà con vay làm gì?", "Nuôi gà", "6", "✕ bỏ dở: 8", "Lãi 6% một năm."):
        assert f">{text}</text>" in box
    assert "Bỏ dở nhiều nhất ở câu “Bà con vay làm gì?”: 8 lượt" in words(page)


def drawn(page: str, node: str) -> str:
    """The box of *node*."""
    [box] = re.findall(rf'<g id="{node}".*?</g>', page, re.DOTALL)
    return str(box)


async def test_few_people_are_told_neither_in_the_drawing_nor_in_the_file(console: Console) -> None:
    await live(console)
    page = (await console.get("/dialogs/vay")).text
    ten = drawn(page, "ten")  # of nine, six told their names and three dropped out
    assert "✕ bỏ dở: dưới 5" in ten
    assert ">không nêu</text>" in ten  # nine less six would tell the three
    [row] = [row for row in await lines(console, "dialog", dialog="vay", days=30) if row["node"] == "ten"]
    assert (row["came"], row["answered"], row["dropped"]) == (9, "không nêu", "dưới 5")


async def test_the_list_has_every_dialog_with_its_shares(console: Console) -> None:
    await live(console)
    page = (await console.get("/dialogs")).text
    assert table_with(page, "Hội thoại") == [
        ["Vay vốn", "20", "20", "6", "11", "55 %"], ["Hỏi ý", "0", "0", "0", "0", "–"],
    ]  # fmt: skip
    assert [(one["dialog"], one["share"]) for one in await lines(console, "dialogs", days=30)] == [
        ("Vay vốn", 0.55), ("Hỏi ý", None),
    ]  # fmt: skip


async def test_a_box_leads_to_its_panel_with_words_facts_and_answers(console: Console) -> None:
    await live(console)
    whole, piece = await console.get("/dialogs/vay?node=ten"), await console.get("/dialogs/vay?node=ten", piece=True)
    assert "<html" not in piece.text
    assert words(piece.text) in words(whole.text)
    assert "tôi là 25" in piece.text
    assert 'href="/console/dialogs/vay?days=30&amp;node=ten#node"' in whole.text
    said = words((await console.get("/dialogs/vay?node=hoi", piece=True)).text)
    assert "Lãi 6% một năm." in said
    assert "Lãi suất: Nghị định 1. Soát lại trước 31/3/2027." in said
    assert "hôm nay không nói được" not in said
    console.clock.advance(days=200)
    del console.tokens["an"]  # that session is over
    assert "hôm nay không nói được" in words((await console.get("/dialogs/vay?node=hoi", piece=True)).text)


async def test_answers_shown_as_examples_are_of_ones_own_people_and_never_phone_numbers(console: Console) -> None:
    await live(console)
    await heard(console, 21, "typed", "0900000000", dialog="vay", node="goi")
    await heard(console, 24, "typed", SCRIPT, dialog="vay", node="ten")
    assert "0900000000" not in (await console.get("/dialogs/vay?node=goi")).text
    async with console.database.begin() as db:
        await officers.set_role(db, "an", role="officer", communes=("2",))
    text = (await console.get("/dialogs/vay?node=ten")).text
    assert "tôi là 24" in text
    assert "tôi là 25" not in text
    assert SCRIPT not in text
    assert (await numbers(console, ("2",))).people == 5
    assert '<span class="value">5</span>' in text


@pytest.mark.parametrize("path", ["/dialogs/khong-co", "/dialogs/vay?node=khong-co", "/dialogs/vay%20"])
async def test_what_is_not_there_is_not_found(console: Console, path: str) -> None:
    console.library = VAY
    assert (await console.get(path)).status == 404


async def test_the_plan_shows_who_each_section_reached_and_what_reaches_nobody(console: Console) -> None:
    await live(console)
    page = (await console.get("/plan")).text
    assert [row[2:] for row in table_with(page, "Mục")] == [["20", "20"], ["chưa tới ai", "0"]]
    assert "chưa có hội thoại" in page
    assert [(one["section"], one["people"], one["dialogs"]) for one in await lines(console, "coverage")] == [
        ("I", 20, "Vay vốn"), ("II", 0, ""),
    ]  # fmt: skip


async def test_a_drawing_is_larger_or_smaller_as_one_likes(console: Console) -> None:
    await live(console)
    widths = []
    for zoom in ("", "half", "far", "x"):
        text = (await console.get(f"/dialogs/vay?zoom={zoom}")).text
        widths.append(float(re.findall(r'<svg width="([\d.]+)" height', text)[0]))
    assert widths == [widths[0], widths[0] / 2, pytest.approx(widths[0] * 0.28), widths[0]]


async def test_in_english_the_questions_are_english(console: Console) -> None:
    await live(console)
    english = {"Bà con vay làm gì?": "What is the loan for?", "Hội thoại": "Dialogs", "Vay vốn": "Loans"}
    console.library = replace(
        VAY, translate=lambda language, text: english.get(text, text) if language == "en" else text
    )
    page = await console.get("/dialogs/vay", language="en")
    assert ">What is the loan for?</text>" in page.text
    assert "Bà con vay làm gì?" not in page.text
    assert tables(page.text)
