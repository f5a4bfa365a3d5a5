"""What was not understood is sorted with one press, taken back with another, and gone once it is learnt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert

from bot.engine.state import Library
from bot.services.insight import readings
from bot.services.insight.figures import MissedGroup, State
from bot.services.relearning import SCANNED
from bot.services.teaching import subject_of
from bot.store import audit, officers
from bot.store.models import interactions
from tests.console.office import Console, Page
from tests.console.reading import words
from tests.console.telling import SCRIPT, admit, file, fold, heard, lines, moved
from tests.console.test_dialogs import VAY

GIFT = "qua tet"


async def live(console: Console) -> None:
    """Six ask for a gift, each in a spelling of their own; two of commune 2 ask about something else."""
    console.library = VAY
    for number in range(20, 28):
        await admit(console, number, commune="1" if number < 26 else "2")
        await moved(console, number, commune="1" if number < 26 else "2")
    for number, text in enumerate(("Quà Tết?", "qua tet", "QUÀ TẾT", "quà tết!!", "quà  tết", "Qùa tết"), 20):
        await heard(console, number, "missed", text)
    for number in (26, 27):
        await heard(console, number, "missed", SCRIPT)
    await fold(console)


async def groups(console: Console, state: State = "open") -> list[MissedGroup]:
    async with console.site.reading.connect() as db:
        return list(await readings.missed(db, area=(), state=state))


async def sort(console: Console, login: str = "an", **fields: Any) -> Page:
    await console.sign_in(login)
    piece = bool(fields.pop("piece", False))
    return await console.post("/missed", login, {"folded": GIFT, "here": "open", **fields}, piece=piece)


async def test_spellings_stand_together_and_few_people_are_not_told(console: Console) -> None:
    await live(console)
    page = await console.get("/missed")
    text = words(page.text)
    assert "6 người, 6 tin" in text
    assert "dưới 5 người, dưới 5 tin" in text
    assert SCRIPT not in page.text
    assert [(one["folded"], one["people"]) for one in await lines(console, "missed", state="open")] == [
        (GIFT, 6), ("script alert 1 script", "dưới 5"),
    ]  # fmt: skip


async def test_one_press_makes_an_example_and_another_takes_it_back(console: Console) -> None:
    await live(console)
    piece = await sort(console, state="example", topic="vay", piece=True)
    assert (piece.status, "Đã thêm ví dụ. Chủ đề: Vay vốn." in words(piece.text)) == (200, True)
    assert 'value="open">Hoàn tác' in piece.text
    [group] = await groups(console, "example")
    assert (group.folded, group.topic, group.decided_by) == (GIFT, "vay", "an")
    assert "Quà Tết?" in (await console.get("/missed?state=example")).text
    assert (await file(console, "examples", "jsonl")).decode() == '{"text": "Quà Tết?", "topic": "vay"}\n'
    await sort(console, state="open", here="example", piece=True)
    assert await groups(console, "example") == []
    assert GIFT in [one.folded for one in await groups(console)]


@pytest.mark.parametrize("state", ["content", "ignored"])
async def test_without_javascript_the_list_comes_back_and_says_what_was_done(console: Console, state: State) -> None:
    await live(console)
    answer = await sort(console, state=state, topic="vay")
    assert (answer.status, answer.to) == (303, "/missed?state=open")
    [group] = await groups(console, state)
    assert (group.folded, group.topic) == (GIFT, "")


async def test_the_audit_log_keeps_who_decided_what_but_not_the_persons_words(console: Console) -> None:
    await live(console)
    await sort(console, state="example", topic="vay")
    await sort(console, state="open")
    async with console.database.connect() as db:
        entries = await audit.recent(db, subject=subject_of(GIFT))
        assert await audit.verify(db) is None
    assert [(one.actor, one.action, one.detail) for one in entries] == [
        ("an", "missed.example", '{"topic":"vay"}'), ("an", "missed.open", "{}"),
    ]  # fmt: skip
    assert "qua" not in str(entries)


@pytest.mark.parametrize(("fields", "told"), [
    ({"state": "example"}, "Chọn chủ đề"), ({"state": "example", "topic": "khong-co"}, "Chọn chủ đề"),
    ({"state": "gone"}, "tải lại trang"),
])  # fmt: skip
@pytest.mark.parametrize("piece", [False, True])
async def test_what_cant_be_sorted_so_is_told_and_nothing_changes(
    console: Console, fields: dict[str, str], told: str, piece: bool
) -> None:
    await live(console)
    answer = await sort(console, piece=piece, **fields)
    assert (answer.status, told in answer.text) == (422, True)
    assert len(await groups(console)) == 2


async def test_who_only_reads_sees_the_groups_and_no_buttons(console: Console) -> None:
    await live(console)
    page = await console.get("/missed", "xem")
    assert "Quà Tết?" in page.text
    assert "Thêm ví dụ" not in page.text
    assert (await sort(console, "xem", state="ignored")).status == 403
    assert len(await groups(console)) == 2


async def test_who_works_for_some_communes_sorts_what_their_people_wrote(console: Console) -> None:
    async with console.database.begin() as db:
        await officers.set_role(db, "an", role="officer", communes=("2",))
    await live(console)
    assert "Quà Tết?" not in (await console.get("/missed")).text
    assert [one["folded"] for one in await lines(console, "missed", state="open")] == ["script alert 1 script"]
    assert (await sort(console, state="ignored")).status == 404
    assert (await sort(console, state="ignored", folded="script alert 1 script")).status == 303


async def test_a_long_list_goes_on_where_the_page_ended(console: Console) -> None:
    await live(console)
    for number in range(70):
        await heard(console, 20, "missed", f"lời thứ {number}")
    await fold(console)
    first = await console.get("/missed")
    seen, page = first.text.count('class="group"'), first
    while 'rel="next"' in page.text:
        there = page.text.split('rel="next" href="/console')[1].split('"')[0].replace("&amp;", "&")
        page = await console.get(there)
        seen += page.text.count('class="group"')
    assert seen == 72


def knowing(*words: str) -> Library:
    """A library whose topic of loans has learnt *words*."""
    vay = VAY.dialogs["vay"]
    return replace(VAY, dialogs={**VAY.dialogs, "vay": replace(vay, words=words)})


async def test_what_the_bot_has_learnt_since_is_no_work_any_more(console: Console) -> None:
    await live(console)
    assert "bot vẫn chưa hiểu" in words((await console.get("/missed")).text)
    console.library = knowing("quà tết")
    assert "Quà Tết?" not in (await console.get("/missed")).text
    learnt = words((await console.get("/missed?state=learnt")).text)
    assert "Nay gặp câu này: bot vào thẳng “Vay vốn”" in learnt
    assert [(one["folded"], one["today"]) for one in await lines(console, "missed", state="learnt")] == [
        (GIFT, "enter")
    ]
    assert GIFT not in [one["folded"] for one in await lines(console, "missed", state="open")]


async def test_what_is_learnt_wrongly_is_sorted_all_the_same(console: Console) -> None:
    await live(console)
    console.library = knowing("quà tết")
    piece = await sort(console, state="example", topic="ngoai", here="learnt", piece=True)
    assert "Chủ đề: không thuộc việc của bot. " in words(piece.text)
    assert "chưa đúng, chờ học" in words(piece.text)
    console.library = VAY
    assert "bot đã học, hiểu đúng" in words((await console.get("/missed?state=example")).text)


async def test_an_example_waits_until_the_bot_takes_it_for_what_it_is(console: Console) -> None:
    await live(console)
    await sort(console, state="example", topic="vay")
    assert "chưa đúng, chờ học" in words((await console.get("/missed?state=example")).text)
    console.library = knowing("quà tết")
    assert "bot đã học, hiểu đúng" in words((await console.get("/missed?state=example")).text)


async def test_a_page_that_is_all_learnt_says_that_there_is_more(console: Console) -> None:
    await live(console)
    line = {"contact_id": 20, "at": console.clock(), "kind": "missed"}
    async with console.database.begin() as db:
        await db.execute(insert(interactions), [{**line, "text": f"vay lần {n // 2}"} for n in range(2 * SCANNED)])
        await db.execute(insert(interactions).values({**line, "text": "lời khác"}))
    await fold(console)
    console.library = knowing("vay lần")
    first = await console.get("/missed")
    assert "Quà Tết?" in first.text  # typed most
    seen, page = words(first.text), first
    while 'rel="next"' in page.text:
        there = page.text.split('rel="next" href="/console')[1].split('"')[0].replace("&amp;", "&")
        page = await console.get(there)
        seen += words(page.text)
    assert "lời khác" in seen
    assert "vay lần" not in seen
