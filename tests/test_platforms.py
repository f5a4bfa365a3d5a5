"""Which channels are on, in which order, and what they may do."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest

from bot.channels.base import Metered, Misconfigured
from bot.config import Settings
from bot.messages import Address, Outgoing
from bot.platforms import CARD_IMAGE, Platforms, platforms_of, reach_of
from tests.conftest import Clock
from tests.hooks.zalo_stage import on_stage
from tests.shipped import shipped

ZALO: dict[str, Any] = {"zalo_app_id": "1", "zalo_app_secret": "s", "zalo_oa_id": "2", "zalo_oa_secret": "k"}
ALL: dict[str, Any] = {**ZALO, "telegram_token": "1:a", "zalobot_token": "1:b", "public_url": "https://bot.example.vn"}


def platforms(*, is_synthetic: bool = False, **settings: Any) -> Platforms:
    return platforms_of(Settings.model_validate(settings), shipped(), is_synthetic=is_synthetic)


def test_a_broadcast_prefers_what_rings_in_somebodys_pocket_and_costs_nothing() -> None:
    assert list(platforms(**ALL).channels) == ["telegram", "zalo", "zalobot", "webchat"]
    assert list(platforms(**ZALO).channels) == ["zalo", "webchat"]
    assert list(platforms().channels) == ["webchat"]


async def test_no_account_is_on_where_the_people_were_made_up() -> None:
    made_up = platforms(is_synthetic=True, **ALL)
    assert (made_up.telegram, made_up.zalo, made_up.zalobot) == (None, None, None)
    zalo = made_up.channels["zalo"]
    assert zalo.capabilities.reach is None
    [payload] = zalo.encode(Address("zalo", "7"), Outgoing("Xin chào"))
    assert await zalo.send(payload) == "pretend-1"


async def test_without_a_keeper_of_tokens_messages_can_be_made_and_not_sent() -> None:
    zalo = platforms(**ALL).channels["zalo"]
    assert isinstance(zalo, Metered)
    _, card = zalo.encode(Address("zalo", "7"), Outgoing("Số của bà con?", asks_phone=True))
    assert f"https://bot.example.vn{CARD_IMAGE}".encode() in card.body
    with pytest.raises(Misconfigured):
        await zalo.send(card)


def test_zalos_windows_prices_and_nights_are_as_the_settings_say() -> None:
    reach = reach_of(Settings(zalo_prices="paid=50 template=120 phone=300"))
    assert (reach.free, reach.paid) == (timedelta(hours=48), timedelta(days=7))
    assert reach.prices == {"free": 0, "paid": 50, "template": 120, "phone": 300}
    assert (reach.night, reach.morning) == (time(22), time(6, 5))
    assert reach.by_day == {"phone"}
    assert not reach_of(Settings(zalo_phone_at_night=True)).by_day


async def test_the_picture_of_the_card_is_where_it_is_said_to_be(sqlite_url: str, clock: Clock) -> None:
    async with on_stage(sqlite_url, clock) as stage, stage.client.get(stage.url + CARD_IMAGE) as answer:
        assert (answer.status, answer.content_type) == (200, "image/png")
        assert (await answer.read()).startswith(b"\x89PNG")
