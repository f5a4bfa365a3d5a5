"""The log: found by each of the criteria, read as the person saw it, within one's own area."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert, update

from bot.messages import Choice, Outgoing
from bot.services.log_search import Asked, has_words, like_of, search_for
from bot.services.retelling import conversation
from bot.store import officers
from bot.store.models import broadcasts, contacts, deliveries, renditions
from tests.console.office import Console
from tests.console.telling import SCRIPT, admit, heard, lines, said


async def found(console: Console, login: str = "an", **query: Any) -> list[str]:
    """The words of the lines that the page shows, newest first."""
    path = "/log?" + "&".join(f"{name}={value}" for name, value in query.items())
    page = await console.get(path, login)
    assert page.status == 200, page.text
    return re.findall(r'<td class="words">([^<]*)</td>', page.text)


async def tell(console: Console) -> None:
    """Three people who said something, a week apart."""
    await admit(console, 7, commune="2", name="Nguyễn Thị Mận")
    await heard(console, 1, text="Vay vốn nuôi gà", dialog="hoi-y", node="hoi")
    console.clock.advance(days=7)
    await heard(console, 4, "missed", "bao giờ có quà Tết")
    await heard(console, 7, "chose", "Có", dialog="hoi-y", node="hoi", detail="co")


@pytest.mark.parametrize(("query", "words"), [
    ({}, ["Có", "bao giờ có quà Tết"]),
    ({"first": "2026-11-20"}, ["Có", "bao giờ có quà Tết", "Vay vốn nuôi gà"]),
    ({"first": "2026-11-20", "last": "2026-11-25"}, ["Vay vốn nuôi gà"]),
    ({"who": "7"}, ["Có"]),
    ({"who": "fake:4"}, ["bao giờ có quà Tết"]),
    ({"who": "thi man"}, ["Có"]),
    ({"who": "Nguyễn"}, ["Có"]),
    ({"who": "Trần"}, []),
    ({"words": "qua tet"}, ["bao giờ có quà Tết"]),
    ({"words": "QUÀ"}, ["bao giờ có quà Tết"]),
    ({"words": "et"}, []),
    ({"commune": "2"}, ["Có", "bao giờ có quà Tết"]),
    ({"commune": "1"}, []),
    ({"dialog": "hoi-y"}, ["Có"]),
    ({"dialog": "hoi-y", "node": "hoi", "first": "2026-11-20"}, ["Có", "Vay vốn nuôi gà"]),
    ({"dialog": "hoi-y", "node": "het"}, []),
    ({"broadcast": "12"}, ["bao giờ có quà Tết"]),
])  # fmt: skip
async def test_lines_are_found_by_each_criterion(console: Console, query: dict[str, str], words: list[str]) -> None:
    await tell(console)
    await sent(console, 4, "Tin")
    assert await found(console, **query) == words
    assert [one["text"] for one in await lines(console, "log", **query)] == words


@pytest.mark.parametrize(("query", "told"), [
    ({"first": "hôm qua"}, "Ngày viết như 2026-11-23."),
    ({"first": "2026-12-01", "last": "2026-11-01"}, "Ngày đầu sau"),
    ({"words": "!!"}, "Gõ ít nhất một chữ"), ({"broadcast": "mười"}, "Gõ số của đợt gửi"),
])  # fmt: skip
async def test_what_cant_be_searched_is_told_beside_the_field(
    console: Console, query: dict[str, str], told: str
) -> None:
    page = await console.get("/log?" + "&".join(f"{name}={value}" for name, value in query.items()))
    assert page.status == 422
    assert told in page.text
    assert all(f'value="{value}"' in page.text for value in query.values())


async def test_pages_follow_each_other_without_a_gap(console: Console) -> None:
    for number in range(120):
        await heard(console, 1 + number % 3, text=f"lời {number}")
    seen, path = [], "/log"
    while path:
        page = await console.get(path)
        seen += re.findall(r"lời (\d+)<", page.text)
        [*_before, path] = ["", *re.findall(r'rel="next" href="/console([^"]+)"', page.text.replace("&amp;", "&"))]
    assert [int(number) for number in seen] == list(range(119, -1, -1))


async def test_a_search_looks_at_no_more_than_a_page_can_wait_for_and_goes_on_from_there(console: Console) -> None:
    await heard(console, 1, text="kim")
    for number in range(40):
        await heard(console, 1, text=f"rơm {number}")
    today = console.clock().date()
    async with console.site.reading.connect() as db:
        search = await search_for(db, Asked(today, today, words="kim"), area=())
        first = await search.page(db, budget=25)
        assert (list(first.lines), first.is_cut, first.reached) == ([], True, console.clock())
        second = await search.page(db, before=first.next, budget=25)
    assert ([row["text"] for row in second.lines], second.next) == (["kim"], None)


async def test_days_are_found_without_an_index_on_time(console: Console) -> None:
    """Also when lines of one moment were written in another order, as parallel transactions do."""
    start = console.clock()
    for number in range(30):
        for minute in (3, 0, 2, 1):
            await heard(console, 1, text=f"ngày {number}", at=start + timedelta(days=number, minutes=minute))
    async with console.site.reading.connect() as db:
        day = start.date() + timedelta(days=12)
        search = await search_for(db, Asked(day, day), area=())
        lines_ = (await search.page(db)).lines
    assert [row["text"] for row in lines_] == ["ngày 12"] * 4
    assert search.high - search.low <= 12


async def sent(console: Console, contact: int, text: str, **more: Any) -> None:
    """A broadcast 12 that reached *contact*."""
    message, at = msgspec.json.encode(Outgoing(text, (Choice("c", "Xem tiếp"),))), console.clock()
    async with console.database.begin() as db:
        await db.execute(insert(broadcasts).values(
            id=12, name="Lớp may", body="{}", segment="x", created_at=at, changed_at=at, state="done"))  # fmt: skip
        await db.execute(insert(renditions).values(id=5, broadcast_id=12, message=message))
        row = {"id": console.site.ids.next(), "contact_id": contact, "channel": "fake", "address": "x",
               "method": "send", "reason": "broadcast", "broadcast_id": 12, "payload": b"", "status": "sent",
               "due_at": at, "sent_at": at,
               "rendition_id": 5, **more}  # fmt: skip
        await db.execute(insert(deliveries).values(row))


async def test_a_conversation_is_shown_as_the_person_saw_it(console: Console) -> None:
    await heard(console, 1, "start")
    await said(console, 1, "Chào **bà con**. Chuyện gì?", ("1. Vay vốn", "2. Thôi"))
    console.clock.advance(seconds=60)
    await heard(console, 1, "chose", "1. Vay vốn", dialog="hoi-y", node="hoi", detail="vay")
    await heard(console, 1, "field", "x", detail="ho")
    console.clock.advance(seconds=60)
    await sent(console, 1, "Mời {ten} học may.")
    async with console.database.begin() as db:
        await db.execute(update(contacts).where(contacts.c.id == 1).values(name="Mai"))
    console.clock.advance(seconds=60)
    await said(console, 1, "Không gửi được đâu.", status="failed")
    await heard(console, 1, "photo")
    async with console.site.reading.connect() as db:
        retold = await conversation(db, 1, name="Mai")
    assert [(line.who, line.kind, line.text, line.choices, line.trouble) for line in retold.lines] == [
        ("bot", "said", "", ("1. Vay vốn", "2. Thôi"), ""), ("person", "chose", "1. Vay vốn", (), ""),
        ("broadcast", "broadcast", "", ("Xem tiếp",), ""), ("bot", "said", "", (), "failed"),
        ("person", "photo", "", (), ""),
    ]  # fmt: skip
    page = (await console.get("/log/1")).text
    places = [page.index(words) for words in (
        "Chào <strong>bà con</strong>", '<span class="choice">2. Thôi</span>', '<span class="said">1. Vay vốn</span>',
        "Mời Mai học may.", "tin gửi số 12", "Không gửi được đâu.", "hỏng</p>", "[gửi ảnh]",
    )]  # fmt: skip
    assert places == sorted(places)


async def test_a_long_conversation_is_read_page_by_page_and_around_a_line(console: Console) -> None:
    ids = [await heard(console, 1, text=f"lời {number}.") for number in range(150)]
    await sent(console, 1, "Tin ở cuối.")
    page, seen = (await console.get("/log/1")).text, list[str]()
    assert "Tin ở cuối." in page
    while True:
        seen = [*re.findall(r"lời (\d+)\.", page), *seen]
        older = re.findall(r'href="/console(/log/1\?before=\d+)"', page)
        if not older:
            break
        page = (await console.get(older[0])).text
        assert "Tin ở cuối." not in page
    assert seen == [str(number) for number in range(150)]
    around = (await console.get(f"/log/1?at={ids[40]}")).text
    assert f'id="l{ids[40]}"' in around
    assert "lời 149." not in around


async def test_nobody_elses_people_are_found_or_shown(console: Console) -> None:
    async with console.database.begin() as db:
        await officers.set_role(db, "an", role="officer", communes=("2",))
    await tell(console)
    assert await found(console, first="2026-11-01") == ["Có", "bao giờ có quà Tết"]
    assert await found(console, who="1", first="2026-11-01") == []
    assert await found(console, commune="1", first="2026-11-01") == []
    assert ((await console.get("/log/1")).status, (await console.get("/log/4")).status) == (404, 200)
    assert "Xã Một" not in (await console.get("/log")).text


async def test_script_in_names_and_messages_is_text(console: Console) -> None:
    await admit(console, 9, name=SCRIPT)
    await heard(console, 9, text=SCRIPT)
    await said(console, 9, SCRIPT, (SCRIPT,))
    for path in ("/log", "/log/9", f"/log?words={SCRIPT}", f"/log?who={SCRIPT}"):
        text = (await console.get(path)).text
        assert SCRIPT not in text
        assert "&lt;script&gt;" in text


@pytest.mark.parametrize(("text", "words", "fits"), [
    ("Vay VỐN nuôi gà", "vay von", True), ("vay vốn", "váy", True), ("hay vay", "ay", False), ("Đê vỡ", "de", True),
    ("vay\nvốn", "vay von", True), ("100% hộ", "100", True), ("x", "", True),
])  # fmt: skip
def test_words_are_found_without_their_marks_from_the_beginning_of_a_word(text: str, words: str, fits: bool) -> None:
    assert has_words(text, words) is fits
    pattern = re.escape(like_of(words)).replace("%", ".*")
    assert not fits or re.fullmatch(pattern, text, re.IGNORECASE | re.DOTALL)  # LIKE must let through all that fits
