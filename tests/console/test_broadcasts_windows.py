"""On a channel with windows and prices: what an officer may spend, what the plan says before, and what became of it."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.engine.content import Parameter, Template
from bot.services.broadcasting.model import Body, Policy
from bot.store import templates
from bot.store.account_models import receipts
from bot.store.models import addresses, chunks, deliveries, handoffs
from bot.store.templates import Detail, Filed
from tests.conftest import Clock
from tests.console.composing import drafted, form_of, saved, text_of
from tests.console.office import Console
from tests.fakes.metered import MeteredChannel
from tests.services.broadcasts import add_broadcast, add_messages
from tests.services.office import DRAFT, Office

PAID = replace(DRAFT, policy=Policy(budget=330))


@pytest.fixture
async def console(database: AsyncEngine, clock: Clock, tmp_path: Path) -> AsyncIterator[Console]:
    """Of 22 poor people 8 wrote an hour ago, 7 three days ago, and 7 never."""
    office = await Office(database, clock).open()
    async with database.begin() as db:
        for number in range(6, 24):
            await office.admit(db, number, "1", "ngheo")
        for first, last, age in ((1, 10, timedelta(hours=1)), (10, 17, timedelta(days=3))):
            here = addresses.c.contact_id.in_(range(first, last))
            await db.execute(update(addresses).where(here).values(interacted_at=clock() - age))
    opened = Console(office, clock, folder=tmp_path, channels={"fake": MeteredChannel(clock)})
    await opened.open()
    yield opened
    await opened.client.close()


async def test_what_may_be_spent_is_typed_as_people_write_money_and_kept(console: Console) -> None:
    page = await console.get("/broadcasts/new")
    assert "Người lâu không nhắn" in page.text
    assert "tin mẫu 200 đồng" in page.text
    one = await drafted(console)
    assert (one.policy.budget, one.policy.phone, one.policy.waits) == (0, False, True)
    assert (await saved(console, one, budget="1.200.000", waits="")).status == 303
    one = await console.office.find(one.id)
    assert (one.policy.budget, one.policy.waits) == (1_200_000, False)
    assert 'value="1.200.000"' in (await console.get(f"/broadcasts/{one.id}/edit")).text


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("budget", "nhiều", "Viết số tiền bằng đồng"), ("budget", "-5", "Viết số tiền bằng đồng"),
        ("budget", "9.999.999.999", "từ 0 đến 1000000000 đồng"), ("phone", "1", "chưa có mẫu được duyệt"),
    ],
)  # fmt: skip
async def test_a_fault_stands_beside_its_field(console: Console, field: str, typed: str, told: str) -> None:
    answer = await console.post("/broadcasts", fields=form_of() | {field: typed})
    assert answer.status == 422
    assert told in answer.text.partition(f'id="h-{field}"')[2][:400]


async def test_the_plan_counts_people_by_route_with_their_cost_and_adds_up(console: Console) -> None:
    one = await drafted(console, PAID)
    told = text_of(await console.get(f"/broadcasts/{one.id}/preview"))
    for words in (
        "Miễn phí (vừa nhắn) fake 8 –", "Trả phí (nhắn mấy ngày trước) fake 7 55 đồng 385 đồng",
        "Khi họ nhắn lại fake 7", "385 đồng, nếu gửi hết", "330 đồng được chi nhiều nhất",
        "Tốn nhiều nhất 330 đồng. 8 người chưa tới được, nhận khi họ nhắn lại.",
    ):  # fmt: skip
        assert words in told, told


async def test_without_a_budget_it_is_said_that_nothing_is_spent(console: Console) -> None:
    one = await drafted(console)
    told = text_of(await console.get(f"/broadcasts/{one.id}/preview"))
    assert "Không tốn tiền." in told
    assert "chưa có ngân sách" in told


async def test_a_part_of_the_plan_with_few_people_tells_neither_them_nor_their_cost(console: Console) -> None:
    async with console.database.begin() as db:
        few = addresses.c.contact_id.in_((9, 10))
        await db.execute(update(addresses).values(interacted_at=None))
        await db.execute(update(addresses).where(few).values(interacted_at=console.clock() - timedelta(days=3)))
    one = await drafted(console, PAID)
    told = text_of(await console.get(f"/broadcasts/{one.id}/preview"))
    assert "Trả phí (nhắn mấy ngày trước) fake dưới 5 55 đồng –" in told


async def test_what_was_spent_and_who_waits_is_shown_while_it_goes_out_and_after(console: Console) -> None:
    one = await add_broadcast(
        console.database, Body(("tin.lai",)), "ho = ngheo", state="sending", audience=22, started_at=console.clock(),
        policy=Policy(budget=330), spent=110,
    )  # fmt: skip
    await add_messages(console.database, one.id, 1, {"sent": 10, "queued": 7})
    await _routed(console)
    page = await console.get(f"/broadcasts/{one.id}")
    told = text_of(page)
    for words in (
        "Miễn phí (vừa nhắn) 8 0 0 –", "Trả phí (nhắn mấy ngày trước) 2 0 0 110 đồng", "Khi họ nhắn lại 0 7 0 –",
        "Đã chi 110 trên 330 đồng được phép", "7 người chưa tới được",
        "dưới 5 tin đã được xem", "5 tin đã vào máy người nhận",
    ):  # fmt: skip
        assert words in told, told
    assert '<meter min="0" max="330" value="110"' in page.text
    rows = await console.get(f"/broadcasts/{one.id}/recipients?status=sent", "xem")
    assert rows.text.count("55 đồng") == 2
    assert rows.text.count("xem lúc") == 1
    assert rows.text.count("tới máy lúc") == 4
    file = await console.post(
        "/exports", "xem", {"what": "recipients", "format": "csv", "q-id": str(one.id), "q-status": "sent"}
    )
    assert file.text.splitlines()[0].endswith("Đường gửi,Đồng,Tới máy lúc,Xem lúc")
    assert sum("Trả phí" in line or "trả phí" in line for line in file.text.splitlines()) == 2


async def _routed(console: Console) -> None:
    """Of those sent the last two were paid; five arrived and one was looked at. What is queued waits."""
    at = console.clock()
    async with console.database.begin() as db:
        await db.execute(update(chunks).values(channel="fake"))
        await db.execute(update(deliveries).values(channel="fake"))
        sent = list((await db.execute(select(deliveries.c.id).where(deliveries.c.status == "sent"))).scalars())
        for number, key in enumerate(sent):
            paid = number >= len(sent) - 2
            await db.execute(
                update(deliveries).where(deliveries.c.id == key).values(
                    route="paid" if paid else "free", cost=55 * paid, external_id=f"m{number}"
                )
            )  # fmt: skip
            if number < 5:
                row = {"channel": "fake", "message_id": f"m{number}", "received_at": at}
                await db.execute(receipts.insert().values(**row, seen_at=at if not number else None))
        await db.execute(update(deliveries).where(deliveries.c.status == "queued").values(route="later"))


async def test_a_channel_without_windows_asks_for_no_money_and_keeps_what_was_said(console: Console) -> None:
    one = await drafted(console, replace(DRAFT, policy=Policy(budget=500, waits=False)))
    del console.channels["fake"]  # type: ignore[attr-defined]
    page = await console.get(f"/broadcasts/{one.id}/edit")
    assert "Người lâu không nhắn" not in page.text
    assert 'type="hidden" name="budget" value="500"' in page.text
    assert 'type="hidden" name="waits" value=""' in page.text


async def test_what_people_read_by_template_is_shown_to_who_approves(console: Console) -> None:
    template = Template(
        "301", "fake", "tin.lai", "care", frozenset(("template", "phone")), "Chào <ten>, lãi nay là <lai>.",
        (Parameter("ten", "{ten}", 30, "bà con"), Parameter("lai", "{lai.muc}", 10)),
    )  # fmt: skip
    console.library = dataclasses.replace(console.library, templates={"tin.lai": (template,)})
    one = await drafted(console, PAID)
    words = "Chào Nguyễn Thị Hoa, lãi nay là 6%."
    unasked = await console.get(f"/broadcasts/{one.id}/preview")
    assert words not in unasked.text
    assert "chưa hỏi nền tảng lần nào" in unasked.text
    async with console.database.begin() as db:
        await templates.file(db, "fake", {"301": Filed("approved", Detail(price_by_id=120), console.clock())})
    told = text_of(await console.get(f"/broadcasts/{one.id}/preview"))
    assert words in told
    assert "mẫu 301 · theo mã Zalo " in told
    assert "Tin mẫu, theo tài khoản fake 7 120 đồng 840 đồng" in told


@pytest.mark.parametrize(
    ("contact", "told"),
    [(1, ""), (12, "mỗi câu trả lời tốn 55 đồng"), (20, "Lúc này không nhắn được cho người này")],
)
async def test_an_officer_is_told_what_an_answer_costs_before_writing_it(
    console: Console, contact: int, told: str
) -> None:
    async with console.database.begin() as db:
        row = {"id": 1, "contact_id": contact, "queue": "", "asked_at": console.clock()}
        await db.execute(insert(handoffs).values({**row, "waiting_since": console.clock()}))
    page = (await console.get("/inbox/1")).text
    for words in ("mỗi câu trả lời tốn", "Lúc này không nhắn được"):
        assert (words in page) == (words in told), words
    assert told in page
