"""Who keeps Zalo's tokens, as the settings say."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from bot.accounts import consent_of, tokens_of
from bot.config import Settings
from bot.store.db import open_database
from tests.conftest import Clock

ZALO = {"zalo_app_id": "36", "zalo_app_secret": "s", "zalo_oa_id": "38", "zalo_oa_secret": "k", "web_secret": "w"}


async def test_where_zalo_is_off_nobody_keeps_tokens(sqlite_url: str, clock: Clock) -> None:
    database = open_database(sqlite_url)
    settings = Settings(database_url=sqlite_url)
    assert tokens_of(settings, database, clock) is None
    assert consent_of(settings, database, clock, None) is None


async def test_zalo_sends_admins_back_to_our_public_address(sqlite_url: str, clock: Clock, tmp_path: Path) -> None:
    database = open_database(sqlite_url)
    settings = Settings(database_url=sqlite_url, public_url="https://bot.example.vn/", **ZALO)  # type: ignore[arg-type]
    consent = consent_of(settings, database, clock, tokens_of(settings, database, clock))
    assert consent is not None
    link = urlsplit(consent.link("dung"))
    assert link.geturl().startswith("https://oauth.zaloapp.com/v4/oa/permission?")
    asked = parse_qs(link.query)
    assert asked["app_id"] == ["36"]
    assert asked["redirect_uri"] == ["https://bot.example.vn/console/channels/zalo/callback"]
    assert len(asked["state"][0]) < 250, "nobody knows how long a state may be"


async def test_a_first_pair_is_the_settings(sqlite_url: str, clock: Clock) -> None:
    database = open_database(sqlite_url)
    pair = {"zalo_access_token": "first\n"}
    tokens = tokens_of(Settings(database_url=sqlite_url, **ZALO, **pair), database, clock)  # type: ignore[arg-type]
    assert tokens is not None
    assert (await tokens.current()).text == "first"
    await tokens.close()
    await database.dispose()
