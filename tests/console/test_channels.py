"""The page of the channels: what each lacks, who may see what people wrote, and asking Zalo about templates."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.zalo.account import ZaloAccount
from bot.channels.zalo.oauth import LIFE
from bot.engine.content import Parameter, Template
from bot.services.zalo_consent import ZaloConsent
from bot.services.zalo_standing import ACCOUNT, seal_of
from bot.store import audit, grants, sightings
from bot.store.models import inbox
from tests.conftest import Clock
from tests.console.composing import text_of
from tests.console.office import SECRET, Console
from tests.fakes.metered import MeteredChannel
from tests.fakes.zalo.app import FakeZalo
from tests.fakes.zalo.books import Parameter as Theirs
from tests.fakes.zalo.books import Template as Filed
from tests.services.office import LIBRARY, Office
from tests.services.zalo_keys import oauth_of

ADMIN = "dung"
LOST = "Cần cấp phép lại cho bot"
TEMPLATE = Template(
    "301", "zalo", "tin.lai", "care", frozenset(("template",)), "Lãi nay là <lai>.",
    (Parameter("lai", "{lai.muc}", 10),),
)  # fmt: skip


@pytest.fixture
async def zalo(clock: Clock) -> AsyncIterator[FakeZalo]:
    async with FakeZalo(clock=clock) as server:
        server.templates["301"] = Filed("301", TEMPLATE.text, (Theirs("lai", 10),), price_uid=120)
        yield server


@pytest.fixture
async def console(database: AsyncEngine, clock: Clock, zalo: FakeZalo, tmp_path: Path) -> AsyncIterator[Console]:
    """With Zalo switched on, and one message that a template carries."""
    opened = Console(
        await Office(database, clock).open(), clock, folder=tmp_path,
        library=replace(LIBRARY, templates={"tin.lai": (TEMPLATE,)}),
        zalo=ZaloConsent(database, oauth_of(zalo), SECRET, now=clock, oa_id=zalo.oa_id, callback="https://x.vn/c"),
        zalo_account=lambda tokens: ZaloAccount(tokens, api=zalo.url, template_api=zalo.url),
        channels={"zalo": MeteredChannel(clock, name="zalo")},
    )  # fmt: skip
    await opened.open()
    yield opened
    await opened.client.close()


async def consent(console: Console, zalo: FakeZalo) -> None:
    """A pair of tokens that works."""
    pair, at, seal = zalo.oauth.consent(), console.clock(), seal_of(SECRET)
    async with console.database.begin() as db:
        await grants.authorise(
            db, ACCOUNT, access=seal.close(pair.access_token), refresh=seal.close(pair.refresh_token),
            issued_at=at, expires_at=at + LIFE,
        )  # fmt: skip


async def lose(console: Console) -> None:
    """Somebody took the refresh token up, and was killed."""
    async with console.database.begin() as db:
        await grants.take_up(db, ACCOUNT, version=1, holder="dead", at=console.clock())


async def keep(console: Console, key: str, raw: bytes) -> None:
    async with console.database.begin() as db:
        row = {"channel": "zalo", "external_id": key, "received_at": console.clock(), "error": "unknown", "raw": raw}
        await db.execute(insert(inbox).values(row))


async def test_a_lost_pair_is_said_within_a_minute_on_the_overview_the_page_and_beside_its_name(
    console: Console, zalo: FakeZalo
) -> None:
    await consent(console, zalo)
    page = await console.get("/channels", ADMIN)
    assert (page.status, LOST in page.text, "Có kênh hỏng" in page.text) == (200, False, False)
    assert "Mở trang Kênh" not in (await console.get("/")).text
    await lose(console)
    console.clock.advance(seconds=59)
    page = await console.get("/channels", ADMIN)
    assert LOST in page.text
    assert "Máy bị tắt đúng lúc đang làm mới" in page.text
    assert 'href="/console/channels/zalo/consent"' in page.text
    overview = await console.get("/")
    assert "Máy bị tắt đúng lúc đang làm mới" in overview.text
    assert "Mở trang Kênh" in overview.text


async def test_who_is_no_admin_is_told_whom_to_call_and_has_no_button(console: Console) -> None:
    page = await console.get("/channels", "xem")
    assert LOST in page.text
    assert "Báo ngay cho người quản trị" in page.text
    assert "/channels/zalo/consent" not in page.text


async def test_what_came_in_and_what_was_refused_is_counted(console: Console, zalo: FakeZalo) -> None:
    await consent(console, zalo)
    async with console.database.begin() as db:
        for name, count, detail in (("webhook", 1234, ""), ("refused", 5, "wrong-signature"), ("unsigned", 7, "")):
            at = console.clock()
            await sightings.add(db, channel="zalo", name=name, at=at, count=count, detail=detail)  # type: ignore[arg-type]
    told = text_of(await console.get("/channels"))
    for words in (
        "Sự kiện đã nhận 1.234", "Sự kiện bị từ chối 5", "Sai chữ ký mà vẫn nhận 7", "chữ ký không khớp",
        "trả lời sau 48 giờ 55 đồng; tin mẫu theo mã 200 đồng, theo số điện thoại 300 đồng",
    ):  # fmt: skip
        assert words in told


async def test_events_that_nobody_understood_are_shown_raw_to_admins_alone(console: Console, zalo: FakeZalo) -> None:
    secret = "lời của bà Tư <script>"
    await keep(console, "odd", json.dumps({"event_name": "user_dance", "text": secret}).encode())
    await keep(console, "bytes", b"\xff\x00")
    seen = await console.get("/channels", ADMIN)
    assert "lời của bà Tư &lt;script&gt;" in seen.text
    assert "\\xff" in seen.text
    assert "user_dance" in seen.text
    other = await console.get("/channels", "binh")
    assert "bà Tư" not in other.text
    assert "Có 2 sự kiện" in other.text
    form = {"what": "unread", "format": "jsonl"}
    assert (await console.post("/exports", "binh", form)).status == 403
    file = await console.post("/exports", ADMIN, form)
    rows = [json.loads(line) for line in file.text.splitlines()]
    assert sorted(json.loads(row["raw"])["text"] if row["id"] == "odd" else "" for row in rows) == ["", secret]


async def test_pages_of_unread_events_join(console: Console) -> None:
    for number in range(25):
        await keep(console, f"e{number:02}", b"%d" % number)
        console.clock.advance(seconds=1)
    first = await console.get("/channels", ADMIN)
    [rest] = [part.split('"')[0] for part in first.text.split('href="/console')[1:] if part.startswith("/channels?bef")]
    second = await console.get(rest.replace("&amp;", "&").partition("#")[0], ADMIN)
    assert first.text.count('<pre class="raw"') == 20
    assert second.text.count('<pre class="raw"') == 5
    for odd in ("x", "2026-01-01", "0001-01-01T00:00:00+23:00 zalo x", "2026-01-01T00:00:00%2B00:00 a%00 b"):
        assert (await console.get(f"/channels?before={odd}", ADMIN)).status == 200


async def test_an_admin_asks_zalo_about_templates_and_the_log_keeps_it(console: Console, zalo: FakeZalo) -> None:
    refused = await console.post("/channels/zalo/templates", ADMIN)
    assert (refused.status, "cấp phép trước" in refused.text) == (422, True)
    await consent(console, zalo)
    assert "chưa hỏi nền tảng lần nào" in (await console.get("/channels")).text
    assert (await console.post("/channels/zalo/templates", ADMIN)).status == 303
    told = text_of(await console.get("/channels"))
    assert "đã duyệt" in told
    assert "120 đồng" in told
    zalo.templates["301"].parameters = (Theirs("lai", 3),)
    await console.post("/channels/zalo/templates", ADMIN)
    assert "“lai” chỉ nhận 3 chữ" in (await console.get("/channels")).text
    zalo.fail(-32, path="info/v2")
    failed = await console.post("/channels/zalo/templates", ADMIN)
    assert (failed.status, "-32" in failed.text) == (422, True)
    async with console.database.connect() as db:
        entries = await audit.recent(db, subject="channel:zalo")
    assert [(entry.actor, entry.action) for entry in entries] == [(ADMIN, "template.sync")] * 2


async def test_what_is_to_be_settled_on_a_live_account_is_listed(console: Console, zalo: FakeZalo) -> None:
    told = text_of(await console.get("/channels"))
    assert "điều phải làm rõ trên OA thật" in told
    assert "BOT_ZALO_BUTTONS" in told
    english = await console.get("/channels", language="en")
    assert english.status == 200
