"""Settings: what they become, what is said about wrong ones, and that README tells of every one."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import pytest

from bot.cli.settings import MEANINGS, shown
from bot.config import VARIABLES, Settings, SettingsError, load_settings, variable_of, web_secret

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def test_without_any_setting_it_runs_on_a_file_here() -> None:
    settings = load_settings()
    assert settings.database_url == "sqlite+aiosqlite:///var/bot.db"
    assert (settings.host, settings.port, settings.today, settings.telegram_token) == ("127.0.0.1", 8080, None, None)
    assert settings.dialogs == ROOT / "dialogs"


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:///var/x.db", "sqlite+aiosqlite:///var/x.db"),
        ("sqlite+aiosqlite:////srv/x.db", "sqlite+aiosqlite:////srv/x.db"),
        ("postgres://u:p%40ss@h:5433/b", "postgresql+asyncpg://u:p%40ss@h:5433/b"),
        ("postgresql://u@/b?host=/run/pg", "postgresql+asyncpg://u@/b?host=%2Frun%2Fpg"),
        ("postgresql+psycopg2://u@h/b", "postgresql+asyncpg://u@h/b"),
    ],
)
def test_a_database_is_named_the_way_people_name_it(monkeypatch: pytest.MonkeyPatch, given: str, used: str) -> None:
    monkeypatch.setenv("BOT_DATABASE_URL", given)
    assert load_settings().database_url == used


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TELEGRAM_TOKEN", "")
    monkeypatch.setenv("BOT_TODAY", "2027-01-01")
    settings = load_settings()
    assert (settings.telegram_token, settings.today) == (None, date(2027, 1, 1))


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("BOT_TELEGRAM_TOKN", "BOT_TELEGRAM_TOKEN"),
        ("BOT_TOKEN", "BOT_TELEGRAM_TOKEN"),
        ("BOT_DATABASE", "BOT_DATABASE_URL"),
        ("bot_prt", "BOT_PORT"),
    ],
)
def test_an_unknown_variable_stops_the_start_and_names_the_nearest(
    monkeypatch: pytest.MonkeyPatch, name: str, nearest: str
) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(SettingsError, match=rf"^{name}: [^\n]*({nearest})\.$"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_PORT", "eighty"),
        ("BOT_PORT", "70000"),
        ("BOT_DATABASE_URL", "mysql://h/b"),
        ("BOT_DATABASE_URL", "my-own.db"),
        ("BOT_PUBLIC_URL", "here.vn"),
        ("BOT_TELEGRAM_SECRET", "có dấu"),
        ("BOT_TELEGRAM_RATE", "0"),
        ("BOT_TELEGRAM_CHAT_GAP", "soon"),
        ("BOT_TRUSTED_PROXY", "maybe"),
        ("BOT_TODAY", "01/01/2027"),
        ("BOT_LOG", "loud"),
        ("BOT_CONTENT", "/nowhere"),
    ],
)
def test_a_bad_value_is_one_line_that_does_not_repeat_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    [line] = str(caught.value).splitlines()
    assert line.startswith(f"{name}: ")
    assert value not in line or value == "0"


def test_every_fault_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_PORT", "x")
    monkeypatch.setenv("BOT_LOG", "x")
    monkeypatch.setenv("BOT_X", "x")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert len(str(caught.value).splitlines()) == 3


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BOT_TELEGRAM_TOKEN", "BOT_TELEGRAM_SECRET", "BOT_WEB_SECRET"):
        monkeypatch.setenv(name, "hush-hush")
    monkeypatch.setenv("BOT_DATABASE_URL", "postgresql://u:hush-hush@h/b")
    settings = load_settings()
    assert "hush-hush" not in repr(settings) + "".join(shown(settings, name) for name in MEANINGS)


def test_every_setting_is_documented() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        assert f"| `{variable_of(name)}` |" in readme
        assert field.description
        assert f"| {field.description} |" in readme
    assert list(MEANINGS) == list(Settings.model_fields)


def test_the_cookies_secret_is_made_once_and_only_ours_to_read(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/var/bot.db")
    secret = web_secret(settings)
    assert len(secret) >= 32
    assert web_secret(settings) == secret
    assert stat.S_IMODE((tmp_path / "var/web-secret").stat().st_mode) == 0o600
