"""The test of a broadcast, from its page: it goes to the officer's own address, whatever a form says."""

from __future__ import annotations

from sqlalchemy import select

from bot.services.broadcasting.model import Broadcast
from bot.store import officers
from bot.store.models import deliveries
from tests.console.composing import drafted, text_of
from tests.console.office import Console, Page

CITIZEN, OWN = "fake:1", "fake:5"


async def live_at(console: Console, login: str, address: str) -> None:
    assert (await console.post(f"/users/{login}/address", "dung", {"address": address})).status == 303


async def tried(console: Console, one: Broadcast, login: str = "an", *, piece: bool = True, **typed: str) -> Page:
    """What comes back when *login* presses the button, or sends a form of their own making."""
    return await console.post(f"/broadcasts/{one.id}/test", login, {"ho": "ngheo"} | typed, piece=piece)


async def reached(console: Console) -> list[str]:
    """Everybody to whom something is owed."""
    async with console.database.connect() as db:
        rows = await db.execute(select(deliveries.c.channel, deliveries.c.address).order_by(deliveries.c.id))
        return [f"{row.channel}:{row.address}" for row in rows]


async def test_the_page_says_where_the_test_will_go_and_asks_for_no_address(console: Console) -> None:
    one = await drafted(console)
    await live_at(console, "an", OWN)
    page = await console.get(f"/broadcasts/{one.id}/preview")
    assert f"Chỉ gửi tới địa chỉ của bạn: {OWN}" in text_of(page)
    assert 'name="to"' not in page.text
    sent = await tried(console, one)
    assert (sent.status, f"Đã xếp gửi tin thử tới {OWN}" in text_of(sent)) == (200, True)
    assert await reached(console) == [OWN]
    assert ("an", "test", "done") in await console.office.entries(one.id)


async def test_without_an_address_the_page_says_what_to_ask_the_admin_for(console: Console) -> None:
    one = await drafted(console)
    page = await console.get(f"/broadcasts/{one.id}/preview")
    assert "nhờ quản trị ghi địa chỉ của “an” ở trang Quản trị, mục Cán bộ" in text_of(page)
    assert f"/broadcasts/{one.id}/test" not in page.text
    assert "/users/dung" in (await console.get(f"/broadcasts/{one.id}/preview", "dung")).text
    for piece in (True, False):
        refused = await tried(console, one, piece=piece, to=CITIZEN)
        assert (refused.status, "“an” chưa có địa chỉ nhận tin thử" in text_of(refused)) == (422, True)
    assert await reached(console) == []
    assert await console.office.entries(one.id) == [("an", "draft", "done"), *[("an", "test", "refused")] * 2]


async def test_a_form_made_by_hand_sends_nothing_to_somebody_else(console: Console) -> None:
    one = await drafted(console)
    await live_at(console, "an", OWN)
    for name in ("to", "address", "contact"):
        sent = await console.post(f"/broadcasts/{one.id}/test", fields={"ho": "ngheo", name: CITIZEN}, piece=True)
        assert (sent.status, CITIZEN in sent.text) == (200, False)
    assert await reached(console) == [OWN] * 3


async def test_what_keeps_a_test_back_is_told_and_the_choices_are_kept(console: Console) -> None:
    one = await drafted(console)
    await live_at(console, "an", "fake:nobody")
    refused = await tried(console, one, ho="can-ngheo")
    assert (refused.status, 'value="can-ngheo" selected' in refused.text) == (422, True)
    assert "Chưa có ai nhắn từ fake:nobody" in text_of(refused)


async def test_who_works_elsewhere_tests_nothing_of_the_whole_city(console: Console) -> None:
    async with console.database.begin() as db:
        await officers.add(db, login="hai", role="officer", at=console.clock(), communes=("2",))
    await live_at(console, "hai", OWN)
    one = await drafted(console)
    refused = await tried(console, one, "hai", piece=False)
    assert (refused.status, "không thuộc các xã, phường" in text_of(refused)) == (422, True)
    assert await reached(console) == []
