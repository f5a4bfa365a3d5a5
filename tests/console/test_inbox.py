"""The inbox: who sees whom, who answers, what goes out, and what is shown of it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from bot.store.models import contacts, deliveries, handoffs, interactions, officers, sessions
from tests.console.office import Console

SCRIPT = "<script>alert(1)</script>"
TET = {date(2027, 2, 4) + timedelta(days=n): "Tết" for n in range(7)}
PHRASES = {"officer-says": "Cán bộ trả lời:", "officer-done": "Cán bộ đã trả lời xong.", "source": "Theo: {law}."}


@pytest.fixture
async def asked(console: Console) -> Console:
    """Number 1 is contact 4 (commune 2), who waits longest; 2 is contact 1 (commune 1); 3 told no commune."""
    console.library = replace(console.library, phrases=PHRASES)
    async with console.database.begin() as db:
        await console.office.admit(db, 6, "", "")
        for number, contact in enumerate((4, 1, 6), 1):
            at = console.clock() - timedelta(hours=2 - number / 2)
            await db.execute(insert(sessions).values(contact_id=contact, state='{"seq": 3}', seen_at=at))
            row = {"id": number, "contact_id": contact, "queue": "hoi-y", "asked_at": at, "waiting_since": at}
            await db.execute(insert(handoffs).values(row))
        await db.execute(update(contacts).where(contacts.c.id == 4).values(name=SCRIPT))
        said = {"contact_id": 4, "at": console.clock(), "kind": "typed", "text": f"Vay vốn sao? {SCRIPT}"}
        await db.execute(insert(interactions).values(said))
    return console


async def limit(console: Console, login: str, communes: str) -> None:
    async with console.database.begin() as db:
        await db.execute(update(officers).where(officers.c.login == login).values(communes=communes))


async def row_of(console: Console, number: int) -> tuple[str, bool, bool]:
    """(who answers, whether the person waits, whether it is closed)."""
    async with console.database.connect() as db:
        row = (await db.execute(select(handoffs).where(handoffs.c.id == number))).one()
    return row.claimed_by, row.waiting_since is not None, row.closed_at is not None


async def test_who_waits_longest_stands_first_and_the_bar_counts_them(asked: Console) -> None:
    page = (await asked.get("/inbox")).text
    assert re.findall(r'href="/console/inbox/(\d)', page) == ["1", "2", "3"]
    assert "chờ 2 giờ" in page
    assert re.search(r'class="count"><span class="unseen">Đang chờ: </span>3<', page)
    assert 'class="count"' not in (await asked.get("/account", "xem")).text  # staff don't answer


async def test_a_broken_promise_is_told_with_how_long(asked: Console) -> None:
    """Asked at half past eight: half a working day is over at two in the afternoon."""
    assert "quá hẹn" not in (await asked.get("/inbox")).text
    asked.clock.advance(seconds=5 * 3600)
    asked.tokens.clear()  # the session ended meanwhile
    assert "quá hẹn 30 phút" in (await asked.get("/inbox/1")).text


async def test_an_officer_of_some_communes_sees_their_people_alone(asked: Console) -> None:
    await limit(asked, "an", '["1"]')
    page = await asked.get("/inbox")
    assert re.findall(r'href="/console/inbox/(\d)', page.text) == ["2"]
    for number, status in ((1, 404), (2, 200), (3, 404)):  # who told no commune is the whole city's
        assert (await asked.get(f"/inbox/{number}")).status == status
        for act in ("claim", "release", "reply", "note", "close", "reopen", "compose"):
            answer = await asked.post(f"/inbox/{number}/{act}", fields={"text": "Chào bác.", "note": "x", "use": "x"})
            assert (answer.status == 404) == (status == 404), (number, act)
    assert await row_of(asked, 1) == ("", True, False)


async def test_a_name_or_message_with_a_script_is_shown_as_it_was_typed(asked: Console) -> None:
    for path in ("/inbox", "/inbox/1"):
        page = (await asked.get(path)).text
        assert SCRIPT not in page
        assert "&lt;script&gt;alert(1)" in page


async def test_an_answer_is_queued_and_shown_as_such_and_then_as_sent(asked: Console) -> None:
    assert (await asked.post("/inbox/1/reply", fields={"text": f"Chào bác. {SCRIPT}"})).to == "/inbox/1#talk"
    assert await row_of(asked, 1) == ("an", False, False)
    page = (await asked.get("/inbox/1")).text
    assert "chờ gửi" in page
    assert SCRIPT not in page
    async with asked.database.begin() as db:
        await db.execute(update(deliveries).where(deliveries.c.reason == "officer").values(status="sent"))
    assert "đã gửi" in (await asked.get("/inbox/1")).text


async def test_the_second_officer_is_told_who_answers_and_what_they_typed_is_kept(asked: Console) -> None:
    async with asked.database.begin() as db:
        await db.execute(update(officers).where(officers.c.login == "binh").values(name="Lê Bình"))
    await asked.post("/inbox/1/claim", "binh")
    assert "Lê Bình đang trả lời" in (await asked.get("/inbox/1")).text
    answer = await asked.post("/inbox/1/reply", fields={"text": "Chào bác."})
    assert (answer.status, "Lê Bình đang trả lời cuộc này" in answer.text) == (422, True)
    assert re.search(r"<textarea[^>]*>Chào bác\.</textarea>", answer.text)
    answer = await asked.post("/inbox/1/claim", fields={"over": "1"})
    assert (await row_of(asked, 1))[0] == "an"


async def test_bad_input_is_told_beside_the_field_and_kept(asked: Console) -> None:
    answer = await asked.post("/inbox/1/reply", fields={"text": "x" * 2001})
    assert answer.status == 422
    assert re.search(r'id="h-text">\s*<p class="wrong">Câu trả lời dài 2001 ký tự', answer.text)
    assert "x" * 2001 in answer.text
    answer = await asked.post("/inbox/1/note", fields={"note": ""})
    assert re.search(r'id="h-note">\s*<p class="wrong">Ghi chú còn trống', answer.text)


async def test_a_ready_answer_is_offered_only_while_its_facts_stand(asked: Console) -> None:
    found = await asked.get("/inbox/1/canned?q=lai", piece=True)
    assert "Lãi là 6%." in found.text
    prefilled = (await asked.get("/inbox/1?use=tin.lai")).text
    [message] = re.findall(r'name="message" value="([^"]*)"', prefilled)
    assert message == "tin.lai"
    assert "Theo: Nghị định 1." in prefilled
    asked.clock.advance(days=200)  # past its review day
    asked.tokens.clear()
    assert "6%" not in (await asked.get("/inbox/1/canned?q=lai", piece=True)).text
    assert 'name="message" value=""' in (await asked.get("/inbox/1?use=tin.lai")).text
    refused = await asked.post("/inbox/1/reply", fields={"text": "Lãi 6% một năm.", "message": "tin.lai"})
    assert (refused.status, "không nói được nữa" in refused.text) == (422, True)


async def test_a_ready_answer_stands_behind_what_was_typed(asked: Console) -> None:
    piece = await asked.post("/inbox/1/compose", fields={"text": "Chào bác.", "use": "tin.lai"}, piece=True)
    assert re.search(r"<textarea[^>]*>Chào bác\.\n\n.*6%", piece.text, re.DOTALL)


async def test_notes_are_for_officers_and_what_is_closed_can_be_opened_again(asked: Console) -> None:
    await asked.post("/inbox/1/note", fields={"note": f"Đã gọi điện. {SCRIPT}"})
    page = (await asked.get("/inbox/1", "binh")).text
    assert "Đã gọi điện." in page
    assert SCRIPT not in page
    await asked.post("/inbox/1/close")
    assert await row_of(asked, 1) == ("", False, True)
    assert "đã đóng" in (await asked.get("/inbox/1")).text
    assert (await asked.post("/inbox/1/reply", fields={"text": "Còn nữa."})).status == 422
    await asked.post("/inbox/1/reopen")
    assert await row_of(asked, 1) == ("an", False, False)
    await asked.post("/inbox/1/release")
    assert (await row_of(asked, 1))[0] == ""


async def test_who_was_forgotten_vanishes_from_the_inbox(asked: Console) -> None:
    await asked.post("/inbox/1/note", fields={"note": "Đã gọi điện."})
    async with asked.database.begin() as db:
        await db.execute(delete(contacts).where(contacts.c.id == 4))
    assert (await asked.get("/inbox/1")).status == 404
    assert re.findall(r'href="/console/inbox/(\d)', (await asked.get("/inbox")).text) == ["2", "3"]
    assert (await asked.post("/inbox/1/reply", fields={"text": "Chào bác."})).status == 404


async def test_an_open_page_hears_at_once_of_what_came_since_it_was_shown(asked: Console) -> None:
    [seen] = re.findall(r"events\?seen=(\w+)", (await asked.get("/inbox/1")).text)
    async with asked.database.begin() as db:
        said = {"contact_id": 4, "at": asked.clock(), "kind": "text", "text": "Cán bộ ơi"}
        await db.execute(insert(interactions).values(said))
    headers = await asked._headers("an", "vi")
    async with asked.client.get(f"/console/inbox/1/events?seen={seen}", headers=headers) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        told = ""
        while "\n\n" not in told:
            told += (await stream.content.readany()).decode()
    assert told.startswith("event: talk\n")
    assert "Cán bộ ơi" in told


@pytest.mark.parametrize(("days", "words"), [(0, ""), (5, "sáng thứ Hai, 30/11, từ 8:00"), (74, "11/2, từ 8:00")])
async def test_out_of_hours_the_page_says_when_somebody_answers(asked: Console, days: int, words: str) -> None:
    asked.clock.advance(days=days)
    asked.tokens.clear()
    asked.library = replace(asked.library, holidays=TET)
    page = (await asked.get("/inbox")).text
    assert ("Ngoài giờ làm việc" in page, words in page) == (bool(words), True)
