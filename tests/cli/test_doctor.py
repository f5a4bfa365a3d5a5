"""`bot doctor` against a fake Zalo: what works, what doesn't and the remedy, what is still to be settled."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection
from typer.testing import CliRunner, Result

from bot.channels.zalo.oauth import LIFE
from bot.cli.commands import commands
from bot.cli.shell import Shell
from bot.config import Settings
from bot.services.zalo_standing import ACCOUNT, seal_of
from bot.store import grants, sightings
from bot.store.db import open_database
from tests.conftest import Clock
from tests.fakes.zalo.app import FakeZalo
from tests.library.packs import SOUND, write

SECRET = "of the tests"
TEMPLATES = """\
- id: "301"
  message: vay-von.lai
  tag: care
  by: [uid]
  text: Lãi nay là <lai>.
  parameters: {lai: {value: "{lai-suat.muc}", max: 10}}
"""


@dataclass
class Ward:
    """A configured bot, its database and the fake Zalo."""

    zalo: FakeZalo
    clock: Clock
    url: str
    folder: Path
    more: dict[str, Any] = field(default_factory=dict)

    def settings(self) -> Settings:
        zalo = self.zalo
        hosts = dict.fromkeys(("zalo_api", "zalo_oauth", "zalo_template_api"), zalo.url)
        account: dict[str, Any] = {
            "zalo_app_id": zalo.app_id, "zalo_app_secret": zalo.app_secret, "zalo_oa_id": zalo.oa_id,
            "zalo_oa_secret": zalo.oa_secret, "web_secret": SECRET, "public_url": "https://bot.example.vn",
            "dialogs": self.folder / "dialogs", "content": self.folder / "content",
            "locales": self.folder / "locales", "database_url": self.url,
        }  # fmt: skip
        return Settings(**(hosts | account | self.more))

    async def command(self, *arguments: str) -> Result:
        """A command, in a thread of its own: it has a loop of its own, and the fake answers from ours."""
        settings, clock = self.settings(), self.clock
        return await asyncio.to_thread(
            lambda: CliRunner().invoke(commands, list(arguments), obj=Shell(clock, lambda: settings))
        )

    async def doctor(self, *options: str) -> Result:
        return await self.command("doctor", *options)

    async def told(self, *options: str) -> dict[str, Any]:
        result = await self.doctor("--json", *options)
        found: dict[str, Any] = json.loads(result.stdout)
        is_ill = any(sign["state"] == "bad" for sign in found["signs"])
        assert result.exit_code == int(is_ill), result.output
        return found

    async def signs(self, state: str, area: str = "zalo") -> str:
        """What is told of an area in one state, remedies included, in one line."""
        found = (await self.told())["signs"]
        return " ".join(f"{s['what']} {s['remedy']}" for s in found if (s["state"], s["area"]) == (state, area))

    async def change(self, work: Callable[[AsyncConnection], Awaitable[object]]) -> None:
        database = open_database(self.url)
        async with database.begin() as db:
            await work(db)
        await database.dispose()

    async def consent(self) -> None:
        """A pair of tokens that works."""
        pair, at, seal = self.zalo.oauth.consent(), self.clock(), seal_of(SECRET)
        sealed = {"access": seal.close(pair.access_token), "refresh": seal.close(pair.refresh_token)}
        await self.change(lambda db: grants.authorise(db, ACCOUNT, **sealed, issued_at=at, expires_at=at + LIFE))

    async def hear(self, name: sightings.Name = "webhook", detail: str = "") -> None:
        at = self.clock()
        await self.change(
            lambda db: sightings.add(db, channel="zalo", name=name, at=at, count=3, detail=detail)
        )  # fmt: skip


@pytest.fixture
async def ward(clock: Clock, database_url: str, tmp_path: Path) -> AsyncIterator[Ward]:
    """An account that is in good order."""
    write(tmp_path, SOUND)
    (tmp_path / "locales").mkdir()
    async with FakeZalo(clock=clock, sub_quota=1500) as zalo:
        ward = Ward(zalo, clock, database_url, tmp_path)
        await ward.consent()
        await ward.hear()
        yield ward


async def test_an_account_in_order_is_reachable_verified_heard_of_and_has_its_quota(ward: Ward) -> None:
    assert await ward.signs("bad") == ""
    assert await ward.signs("warn") == ""
    told = await ward.signs("ok")
    for words in (
        "Zalo nhận ra OA “Vươn Lên (thử)”", "Gói Nâng cao, đến 31/12/2027", "Còn 1500 trên 1500 tin miễn phí",
        "Webhook chạy: sự kiện gần nhất lúc 10:00 ngày 23/11/2026", "dùng được tới 11:00 ngày 24/11/2026",
    ):  # fmt: skip
        assert words in told


async def test_each_fault_of_an_account_is_told_with_its_remedy(ward: Ward) -> None:
    ward.zalo.is_verified, ward.zalo.has_zca, ward.zalo.sub_quota = False, False, 0
    assert "OA chưa xác thực" in await ward.signs("warn")
    assert "Chưa liên kết Zalo Cloud Account" in await ward.signs("warn")
    for code, words in ((-209, "chưa kích hoạt"), (-224, "nâng gói"), (-220, "xin mã mới")):
        ward.zalo.fail(code, path="getoa")
        told = await ward.signs("bad")
        assert str(code) in told
        assert words in told
    ward.zalo.oa_id = "999"
    ward.more["zalo_oa_id"] = "388613280878808645"
    assert "Mã truy cập là của OA 999" in await ward.signs("bad")


async def test_a_webhook_that_was_silent_for_too_long_is_told_of(ward: Ward) -> None:
    ward.clock.advance(seconds=25 * 3600 - 600)
    assert "Không có sự kiện nào trong 24 giờ qua; lần cuối lúc 10:00" in await ward.signs("bad")
    assert not any("Không có sự kiện" in sign["what"] for sign in (await ward.told("--hours", "48"))["signs"])


async def test_what_was_refused_lately_is_told_with_why(ward: Ward) -> None:
    await ward.hear("refused", "app-secret")
    told = await ward.signs("warn")
    assert "Đã từ chối 3 sự kiện" in told
    assert "đặt lại BOT_ZALO_OA_SECRET" in told
    ward.more["zalo_soak"] = True
    assert "BOT_ZALO_SOAK đang bật" in await ward.signs("warn")


async def test_lost_and_missing_tokens_are_told_and_no_call_is_made_without_one(ward: Ward) -> None:
    await ward.change(lambda db: grants.lose(db, ACCOUNT, version=1, reason="gone"))
    assert "không làm mới được nữa" in await ward.signs("bad")
    ward.clock.advance(days=2)
    calls = len(ward.zalo.calls)
    assert "đã mất" in await ward.signs("bad")
    assert len(ward.zalo.calls) == calls


async def test_tokens_sealed_with_another_secret_are_told(ward: Ward) -> None:
    ward.more["web_secret"] = "another"
    assert "BOT_WEB_SECRET khác" in await ward.signs("bad")


async def test_templates_are_held_against_what_zalo_told_last(ward: Ward) -> None:
    write(ward.folder, {"content/templates/zalo.yaml": TEMPLATES})
    assert "chưa hỏi nền tảng lần nào" in await ward.signs("warn", "templates")


async def test_looking_changes_nothing_and_renews_no_token(ward: Ward) -> None:
    ward.clock.advance(seconds=24 * 3600)
    await ward.told()
    assert ward.zalo.refreshes == []


async def test_the_checklist_says_what_is_settled_and_what_is_not(ward: Ward) -> None:
    points = {point["key"]: point for point in (await ward.told())["checklist"]}
    assert set(points) == {f"U{number}" for number in range(1, 17)}
    assert points["U6"]["proof"] == "Đã rõ: 3 sự kiện có chữ ký đúng."
    assert not points["U6"]["open"]
    assert points["U1"]["open"]
    assert points["U1"]["settings"] == ["BOT_ZALO_BUTTONS"]
    assert not points["U12"]["open"]
    await ward.hear("unsigned", "wrong-signature")
    points = {point["key"]: point for point in (await ward.told())["checklist"]}
    assert points["U6"]["open"], "as many had a wrong signature"


async def test_people_read_it_too(ward: Ward) -> None:
    told = (await ward.doctor()).output
    for words in (
        "Zalo nhận ra OA", "Còn phải làm rõ trên OA thật", "Webhook: https://bot.example.vn/hooks/zalo", "U15",
        "Callback của Official Account: https://bot.example.vn/console/channels/zalo/callback", "điều tốt",
    ):  # fmt: skip
        assert words in told, told


async def test_a_place_that_is_not_ready_is_told_not_broken_on(ward: Ward, tmp_path: Path) -> None:
    ward.url = f"sqlite+aiosqlite:///{tmp_path / 'nowhere' / 'bot.db'}"
    assert "Không mở được cơ sở dữ liệu" in await ward.signs("bad", "home")
    write(ward.folder, {"dialogs/menu.yaml": "dialog: menu\n"})
    assert "Không đọc được thư viện" in await ward.signs("bad", "library")
    assert not (tmp_path / "nowhere").exists(), "looking makes nothing"
