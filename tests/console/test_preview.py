"""A dialog tried out: the real engine's words, on any day, for any household; nothing is kept."""

from __future__ import annotations

import html
import json
import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.webchat import html_from
from bot.engine.rulings import Rulings, ruled
from bot.engine.transcript import play
from bot.services.rehearsing import Setting, rehearse
from bot.store.schema import metadata
from tests.console.office import Console, Page
from tests.shipped import ROOT, shipped

LINES = st.lists(
    st.sampled_from(["[1]", "[2]", "[9]", "1", "menu", "vay vốn", "gặp cán bộ", "quay lại", "?"]), max_size=9
)


@pytest.fixture
def phone(console: Console) -> Console:
    console.library = shipped()
    return console


def kept(page: Page) -> str:
    [lines] = re.findall(r'name="lines" value="([^"]*)"', page.text)
    return html.unescape(str(lines))


def bubbles(page: Page) -> list[str]:
    return re.findall(r'<div class="bubble"><span class="unseen">Bot: </span>(.*?)</div>', page.text, re.DOTALL)


@pytest.mark.parametrize("name", ["vay-von.ngheo", "bhyt.can-ngheo", "thoat-ngheo.moi-thoat"])
def test_a_rehearsal_says_what_the_golden_transcript_says(name: str) -> None:
    script = (ROOT / "tests" / "transcripts" / f"{name}.txt").read_text(encoding="utf-8")
    headers = dict(re.findall(r"^# ([\w-]+): ?(.*)$", script, re.MULTILINE))
    first, *lines = re.findall(r"^> (.*)$", script, re.MULTILINE)
    setting = Setting(
        first.removeprefix("/start ").strip(), date.fromisoformat(headers.get("today", "2026-11-23")),
        headers.get("ho", ""), headers.get("xa", ""), headers.get("lang", ""),
    )  # fmt: skip
    steps = rehearse(shipped(), setting, lines)
    said = [bubble.html for step in steps for bubble in step.bubbles]
    assert said == [html_from(text) for text in said_in(play(shipped(), script))]


def said_in(transcript: str) -> list[str]:
    """The bubbles of a transcript, as Markdown, without their buttons."""
    found: list[str] = []
    for line in transcript.splitlines():
        if line.startswith("<"):
            found.append(line[2:])
        elif line.startswith("  ") and not re.match(r"  \[(\d+|phone)\]", line):
            found[-1] += "\n" + line[2:]
        elif not line and found:
            found[-1] += "\n"
    return [text.strip() for text in found]


async def test_buttons_and_typed_words_go_on_where_one_is(phone: Console) -> None:
    page = await phone.get("/preview?dialog=vay-von&household=ngheo", "xem")
    assert page.status == 200
    before = len(bubbles(page))
    tapped = await phone.post(
        "/preview", "xem", {"dialog": "vay-von", "household": "ngheo", "lines": kept(page), "tap": "1"}
    )
    assert json.loads(kept(tapped)) == ["[1]"]
    assert len(bubbles(tapped)) > before
    typed = await phone.post(
        "/preview", "xem", {"dialog": "vay-von", "household": "ngheo", "lines": kept(tapped), "text": "menu"}
    )
    assert json.loads(kept(typed)) == ["[1]", "menu"]
    assert len(bubbles(typed)) > len(bubbles(tapped))


async def test_nothing_is_stored(phone: Console) -> None:
    await phone.sign_in("xem")
    async with phone.database.connect() as db:
        before = {table.name: len((await db.execute(table.select())).all()) for table in metadata.sorted_tables}
    await phone.post("/preview", "xem", {"dialog": "lien-he", "lines": '["1"]', "text": "Tôi hỏi cán bộ"})
    async with phone.database.connect() as db:
        after = {table.name: len((await db.execute(table.select())).all()) for table in metadata.sorted_tables}
    assert after == before


async def test_the_day_decides_what_is_said_and_the_ground_is_shown(phone: Console) -> None:
    asked = "/preview?dialog=tieu-chuan&household=ngheo&day="
    pages = {day: (await phone.get(asked + day)).text for day in ("2026-12-31", "2027-01-01")}
    assert "/console/content/facts/chuan-ngheo" in pages["2026-12-31"] or "Bot mới chỉ hỏi" in pages["2026-12-31"]
    phone.library = ruled(shipped(), Rulings(withheld=dict.fromkeys(shipped().facts, "thử")))
    steps = rehearse(phone.library, Setting("tieu-chuan", date(2026, 12, 31), "ngheo"), ["1"])
    lapsed = [ground.lapse for step in steps for bubble in step.bubbles for ground in bubble.grounds]
    assert all(lapsed)
    page = await phone.post(
        "/preview", fields={"dialog": "tieu-chuan", "household": "ngheo", "lines": "[]", "text": "1"}
    )
    assert "đang không được nói" in page.text


async def test_whatever_the_address_asks_for_a_page_comes(phone: Console) -> None:
    for query in ("household=giau", "commune=x", "language=xx", "day=", "dialog="):
        assert (await phone.get(f"/preview?{query}")).status == 200, query
    for query in ("day=31-12-2026", "dialog=khong-co"):
        page = await phone.get(f"/preview?{query}")
        assert (page.status, 'class="wrong"' in page.text) == (422, True), query


async def test_forged_lines_are_harmless(phone: Console) -> None:
    for lines in ("", "x", "{}", "[1, null, {}]", '["[99]"]', '["<script>alert(1)</script>"]', "[" * 99):
        page = await phone.post("/preview", fields={"lines": lines, "text": "<script>alert(2)</script>"})
        assert (page.status, "<script>alert" in page.text) == (200, False), lines


@settings(max_examples=40, deadline=None)
@given(LINES, st.sampled_from(sorted(shipped().dialogs)), st.sampled_from(["", "ngheo", "khac"]))
def test_the_same_lines_always_give_the_same_conversation(lines: list[str], dialog: str, household: str) -> None:
    setting = Setting(dialog, date(2026, 11, 23), household)
    whole = rehearse(shipped(), setting, lines)
    assert rehearse(shipped(), setting, [step.line for step in whole[1:]]) == whole
    assert whole[0].bubbles
