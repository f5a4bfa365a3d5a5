"""The content desk: what is said, who looked, and how it is taken back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import insert

from bot.engine.content import lapses
from bot.engine.rulings import Rulings, digest_of, ruled
from bot.services.broadcasting.drafting import Draft
from bot.services.broadcasting.model import Body
from bot.store.inbox_models import rulings
from tests.console.office import Console
from tests.services.office import LIBRARY, RATE
from tests.shipped import shipped

SCRIPT = "<script>alert(1)</script>"


async def checked(console: Console, login: str = "binh", **fields: str) -> int:
    form = {"months": "6", "digest": digest_of(console.library.facts["lai"]), **fields}
    return (await console.post("/content/facts/lai/check", login, form)).status


async def test_facts_stand_by_review_day_the_longest_overdue_first(console: Console) -> None:
    console.library = shipped()
    page = (await console.get("/content")).text
    shown = re.findall(r'<th scope="row"><a href="/console/content/facts/([\w-]+)">', page)
    facts = console.library.facts
    assert shown == sorted(facts, key=lambda name: (facts[name].review, name))


async def test_what_cannot_be_said_today_is_what_the_checker_says(console: Console) -> None:
    console.library = shipped()
    console.clock.advance(days=200)
    today = date(2027, 6, 11)
    page = (await console.get("/content")).text
    silent = {lapse.fact for one in shipped().messages.values() for lapse in lapses(one, shipped().facts, today)}
    table = page[page.index("<details") : page.index("</details>")]
    assert set(re.findall(r"/content/facts/([\w-]+)", table)) == silent
    overdue = sum(fact.review < today and bool(fact.on(today)) for fact in shipped().facts.values())
    assert overdue
    assert "quá ngày soát lại" in page


async def test_one_click_moves_the_review_day_and_survives_a_reload(console: Console) -> None:
    assert await checked(console) == 303
    page = (await console.get("/content/facts/lai")).text
    assert "23/5/2027" in page
    console.library = LIBRARY  # read again from the files
    await console.site.facts.refresh()
    assert "23/5/2027" in (await console.get("/content/facts/lai")).text
    [undo] = re.findall(r'name="kind" value="(\w+)"', (await console.get("/content/facts/lai", "binh")).text)
    await console.post("/content/facts/lai/undo", "binh", {"kind": undo})
    assert "31/3/2027" in (await console.get("/content/facts/lai")).text


async def test_an_edited_fact_needs_a_new_check(console: Console) -> None:
    stale = digest_of(console.library.facts["lai"])
    await checked(console)
    edited = replace(RATE, versions=(replace(RATE.versions[0], law="Nghị định 2"),))
    console.library = replace(LIBRARY, facts={"lai": edited})
    await console.site.facts.refresh()
    page = (await console.get("/content/facts/lai", "binh")).text
    assert "Dữ kiện đã được sửa sau lần soát ngày 23/11/2026" in page
    assert "31/3/2027" in page
    refused = await console.post("/content/facts/lai/check", "binh", {"months": "6", "digest": stale})
    assert (refused.status, "vừa được sửa" in refused.text) == (422, True)


async def test_a_withheld_fact_is_silent_at_once_and_says_why_and_where(console: Console) -> None:
    office = console.office
    one = await office.desk.draft(Draft("Tin <b>lãi</b>", Body(("tin.lai",)), "ho = ngheo"), "an")
    page = (await console.get("/content/facts/lai", "binh")).text
    assert "tin.lai" in page
    assert f'href="/console/broadcasts/{one.id}"' in page
    assert "Tin <b>lãi</b>" not in page
    answer = await console.post("/content/facts/lai/withhold", "binh", {"reason": f"Sai mức {SCRIPT}"})
    assert answer.status == 303
    assert lapses(console.library.messages["tin.lai"], console.library.facts, date(2026, 11, 23))
    page = (await console.get("/content/facts/lai")).text
    assert ("Đang tạm ngừng nói." in page, SCRIPT in page) == (True, False)
    assert "đang tạm ngừng nói" in (await console.get("/content?on=withheld")).text
    await console.post("/content/facts/lai/undo", "chi", {"kind": "withheld"})
    assert not lapses(console.library.messages["tin.lai"], console.library.facts, date(2026, 11, 23))


async def test_a_reason_is_asked_for_and_what_was_typed_is_kept(console: Console) -> None:
    answer = await console.post("/content/facts/lai/withhold", "binh", {"reason": "sai"})
    assert answer.status == 422
    assert re.search(r'id="h-reason">\s*<p class="wrong">Ghi lý do', answer.text)
    assert re.search(r"<textarea[^>]*>sai</textarea>", answer.text)


@pytest.mark.parametrize("act", ["check", "withhold", "undo"])
async def test_only_approvers_and_admins_vouch(console: Console, act: str) -> None:
    for login in ("xem", "an"):
        assert (await console.post(f"/content/facts/lai/{act}", login, {"reason": "Sai mức rồi"})).status == 403
        assert "Tôi đã soát" not in (await console.get("/content/facts/lai", login)).text
    async with console.database.connect() as db:
        assert not (await db.execute(rulings.select())).all()


async def test_months_that_nobody_offered_are_refused(console: Console) -> None:
    for months in ("", "60", "-1", "sáu", "٦"):
        assert await checked(console, months=months) == 422


async def test_facts_are_found_by_words_in_any_spelling(console: Console) -> None:
    console.library = shipped()
    page = (await console.get("/content?q=bao+hiem+y+te+ngheo")).text
    shown = re.findall(r'<th scope="row"><a href="/console/content/facts/([\w-]+)">', page)
    assert "bhyt-ho-ngheo" in shown
    assert "chuan-ngheo" not in shown
    assert "Không có dữ kiện nào như vậy" in (await console.get("/content?q=xyzzy")).text
    assert (await console.get("/content/facts/khong-co")).status == 404


async def test_a_ruling_about_a_fact_that_is_gone_breaks_nothing(console: Console) -> None:
    row = {"fact": "da-xoa", "kind": "withheld", "digest": "x", "author": "binh", "at": console.clock(), "reason": "r"}
    async with console.database.begin() as db:
        await db.execute(insert(rulings).values(row))
    await console.site.facts.refresh()
    assert (await console.get("/content")).status == 200
    assert ruled(console.library, Rulings(withheld={"da-xoa": "r"})).facts.keys() == LIBRARY.facts.keys()
