"""The signs of `bot doctor` that need no Official Account: the machine's own things, and the other platforms."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.library.source import LibraryError, Problem
from bot.services.checkup.checklist import POINTS, Evidence, proofs, steps
from bot.services.checkup.home import of_address, of_database, of_library, of_secret
from bot.services.checkup.platforms import of_telegram, of_zalobot
from bot.services.checkup.sign import Sign, is_ill
from tests.fakes.telegram import FakeTelegram
from tests.fakes.zalo.botapi import FakeBot
from tests.services.office import LIBRARY
from tests.shipped import shipped

TODAY = date(2026, 11, 23)


def told(signs: list[Sign]) -> list[tuple[str, str]]:
    return [(sign.state, sign.what) for sign in signs]


@pytest.mark.parametrize(
    ("is_up_to_date", "state"), [(None, "bad"), (False, "bad"), (True, "ok")],
)  # fmt: skip
def test_a_database_is_there_and_up_to_date_or_else_broken(is_up_to_date: bool | None, state: str) -> None:
    assert [sign.state for sign in of_database(is_up_to_date=is_up_to_date)] == [state]


def test_made_up_data_is_told() -> None:
    assert "Dữ liệu là thử" in of_database(is_up_to_date=True, is_synthetic=True)[1].what


def test_a_secret_that_another_machine_or_a_restore_would_miss_is_told(tmp_path: Path) -> None:
    file = tmp_path / "web-secret"
    assert of_secret(is_set=True, file=file, is_shared=True).state == "ok"
    assert of_secret(is_set=False, file=file, is_shared=True).state == "warn"
    assert of_secret(is_set=False, file=file, is_shared=False).state == "warn"
    file.write_text("x")
    assert of_secret(is_set=False, file=file, is_shared=False).state == "ok"
    assert not of_secret(is_set=True, file=tmp_path / "none", is_shared=False).remedy


@pytest.mark.parametrize(
    ("url", "state"), [("", "warn"), ("http://bot.vn", "warn"), ("https://bot.vn", "ok")],
)  # fmt: skip
def test_the_world_reaches_us_by_https(url: str, state: str) -> None:
    assert of_address(url).state == state


def test_the_library_is_told_as_bot_check_finds_it() -> None:
    unread = LibraryError([Problem("dialogs/a.yaml", 3, "thiếu 'title'")])
    [sign] = of_library(unread, TODAY)
    assert (sign.state, "dialogs/a.yaml:3" in sign.what) == ("bad", True)
    assert [sign.state for sign in of_library(replace(LIBRARY, phrases={}), TODAY)] == ["bad"]
    assert [sign.state for sign in of_library(shipped(), TODAY)] == ["ok"]


async def test_telegram_is_asked_who_we_are_and_where_it_sends_updates() -> None:
    async with FakeTelegram() as telegram:
        polled = list(await of_telegram(telegram.token, api=telegram.url, webhook=""))
        assert [sign.state for sign in polled] == ["ok"]
        [_known, webhook] = await of_telegram(telegram.token, api=telegram.url, webhook="https://bot.vn/hooks/telegram")
        assert (webhook.state, "đáng ra https://bot.vn/hooks/telegram" in webhook.what) == ("warn", True)
        [refused] = await of_telegram("1:WRONG", api=telegram.url, webhook="")
        assert refused.state == "bad"
        assert "WRONG" not in refused.what
    [away] = await of_telegram(telegram.token, api=telegram.url, webhook="")
    assert (away.state, away.remedy) == ("bad", "Xem BOT_TELEGRAM_TOKEN và đường mạng ra ngoài.")
    assert [sign.state for sign in await of_telegram("", api=telegram.url, webhook="")] == ["off"]


async def test_the_zalo_bot_platform_is_asked_likewise() -> None:
    async with FakeBot() as bot:
        [known] = await of_zalobot(bot.token, api=bot.url, webhook="")
        assert known.state == "ok"
        [_known, webhook] = await of_zalobot(bot.token, api=bot.url, webhook="https://bot.vn/hooks/zalobot")
        assert webhook.state == "warn"
        [refused] = await of_zalobot("1:WRONG", api=bot.url, webhook="")
        assert refused.state == "bad"
    assert [sign.state for sign in await of_zalobot("", api=bot.url, webhook="")] == ["off"]


def test_the_checklist_has_every_open_point_once_and_settles_what_was_seen() -> None:
    assert [point.key for point in POINTS] == [f"U{number}" for number in range(1, 17)]
    assert proofs(Evidence()) == {}
    assert set(proofs(Evidence(signed=1, refreshes=1, consents=1))) == {"U3", "U5", "U6"}
    assert any("https://bot.vn/hooks/zalo" in step for step in steps("https://bot.vn"))
    assert is_ill([Sign("zalo", "bad", "x")])
    assert not is_ill([Sign("zalo", "warn", "x"), Sign("zalo", "off", "x")])
