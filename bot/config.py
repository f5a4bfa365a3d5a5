"""Settings: `BOT_*` variables, each documented here; README's table and `bot settings` are made from this list.

A wrong value or a variable that we don't know stops the start with one line: a misspelt setting that nobody points out
costs an evening.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.services.office_hours import DEFAULT as OFFICE_HOURS
from bot.services.office_hours import office_hours_in
from bot.speech import _

PREFIX = "BOT_"
ROOT = Path(__file__).parent.parent
DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
}
"""Each database by the names people give it, and the driver that we use for it."""


PRICES = "paid=55 template=200 phone=200"
"""Zalo's list for answers outside 48 hours and for customer care templates, in đồng with tax, as far as pages of others
tell it (2026): an operator checks it against their contract."""


class SettingsError(Exception):
    """The settings can't be used. The text has one line for each fault, naming the variable and what it takes."""


def _database_url(value: str) -> str:
    try:
        url = make_url(value)
    except ArgumentError:
        raise ValueError(_("phải là địa chỉ như sqlite:///var/bot.db hoặc postgresql://user@host/bot")) from None
    driver = DRIVERS.get(url.drivername.partition("+")[0])
    if driver is None:
        raise ValueError(_("chỉ dùng được sqlite:///… hoặc postgresql://…"))
    return url.set(drivername=driver).render_as_string(hide_password=False)


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(_("phải là địa chỉ web, ví dụ https://bot.example.vn"))
    return value.rstrip("/")


def _office_hours(value: str) -> str:
    office_hours_in(value)
    return value


def _prices(value: str) -> str:
    prices_in(value)
    return value


def prices_in(value: str) -> dict[str, int]:
    """Prices in đồng by route, from `paid=55 template=200 phone=200`. ValueError when it says anything else."""
    read = dict(re.findall(r"(\w+)=(\d+)", value))
    if set(read) != {"paid", "template", "phone"} or re.sub(r"\w+=\d+", "", value).strip():
        raise ValueError(_("phải như “{example}”, tính bằng đồng").format(example=PRICES))
    return {name: int(price) for name, price in read.items()}


def _folder(value: Path) -> Path:
    if not value.is_dir():
        raise ValueError(_("phải là một thư mục có thật"))
    return value


WebAddress = Annotated[str, AfterValidator(_web_address)]
Folder = Annotated[Path, AfterValidator(_folder)]
Secret = Annotated[SecretStr, Field(min_length=1)]


class Settings(BaseSettings):
    """Every setting. The description is what README says; None means not set."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True)

    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        default="sqlite+aiosqlite:///var/bot.db",
        repr=False,  # it may hold a password
        description="Where everything is kept: `sqlite:///path` or `postgresql://user:password@host/name`.",
    )
    host: str = Field(default="127.0.0.1", description="Network address to listen on; `0.0.0.0` for every one.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port to listen on; 0 takes any that is free.")
    public_url: WebAddress | None = Field(
        default=None, description="Where the world reaches this server; with it Telegram uses a webhook, not polling."
    )
    telegram_token: Secret | None = Field(default=None, description="The token @BotFather gave; switches Telegram on.")
    telegram_api: WebAddress = Field(
        default="https://api.telegram.org", description="The Bot API server, if you run one of your own."
    )
    telegram_secret: Secret | None = Field(
        default=None,
        description="What Telegram must show with each webhook call: 1-256 of `A-Z a-z 0-9 _ -`; derived when not set.",
    )
    telegram_rate: float = Field(default=25.0, gt=0, description="Telegram messages a second, over all chats.")
    telegram_chat_gap: float = Field(default=1.0, ge=0, description="Least seconds between two messages to one chat.")
    zalo_app_id: str = Field(
        default="", pattern=r"^\d*$", description="The app of your Official Account; switches Zalo on."
    )
    zalo_app_secret: Secret | None = Field(default=None, description="The app's secret key; needed with Zalo.")
    zalo_oa_id: str = Field(default="", pattern=r"^\d*$", description="The Official Account's id; needed with Zalo.")
    zalo_oa_secret: Secret | None = Field(
        default=None, description="The OA secret key of the webhook page, which signs events; not the app's secret."
    )
    zalo_access_token: Secret | None = Field(
        default=None, description="First access token, from the API Explorer; one that follows in the database stays."
    )
    zalo_refresh_token: Secret | None = Field(default=None, description="First refresh token, of the same pair.")
    zalo_api: WebAddress = Field(default="https://openapi.zalo.me", description="Zalo's OpenAPI server.")
    zalo_oauth: WebAddress = Field(default="https://oauth.zaloapp.com", description="Zalo's server for tokens.")
    zalo_template_api: WebAddress = Field(
        default="https://business.openapi.zalo.me", description="Zalo's server for templates by phone number."
    )
    zalo_rate: float = Field(
        default=25.0, gt=0, description="Zalo messages a second; the app may make 4,000 calls a minute."
    )
    zalo_chat_gap: float = Field(default=1.0, ge=0, description="Least seconds between two of them to one person.")
    zalo_buttons: bool = Field(
        default=False, description="`true` to try buttons; where Zalo refuses them the choices are a numbered list."
    )
    zalo_proof: bool = Field(default=False, description="`true` when the app demands `appsecret_proof` with each call.")
    zalo_soak: bool = Field(
        default=False,
        description="`true` in the first days: events with a wrong signature count all the same, and are told of.",
    )
    zalo_code_verifier: Secret | None = Field(
        default=None,
        description="43 letters, when Zalo's page fixes the code challenge; else one is made for each consent.",
    )
    zalo_site_code: str = Field(
        default="",
        pattern=r"^\w*$",
        description="The code in the name of `zalo_verifier….html`, which proves the domain is yours.",
    )
    zalo_prices: Annotated[str, AfterValidator(_prices)] = Field(
        default=PRICES,
        description="In đồng for each message: an answer after 48 hours, a template by id, one by phone number.",
    )
    zalo_phone_at_night: bool = Field(
        default=False, description="`true` to send templates by phone number also between 22:00 and 6:00."
    )
    zalobot_token: Secret | None = Field(
        default=None, description="The token of a bot on the Zalo Bot Platform; switches it on."
    )
    zalobot_api: WebAddress = Field(
        default="https://bot-api.zaloplatforms.com", description="The Zalo Bot Platform's server."
    )
    zalobot_secret: Secret | None = Field(
        default=None, description="What its webhook calls must show: 8-256 of `A-Z a-z 0-9 _ -`; derived when not set."
    )
    zalobot_rate: float = Field(default=5.0, gt=0, description="Messages a second of the Zalo Bot Platform.")
    zalobot_quota: int = Field(
        default=3000, ge=0, description="Messages a month that its plan allows; 0 for any number."
    )
    web_secret: Secret | None = Field(
        default=None,
        description="Signs the web chat's cookies. When not set, one is made and kept in the file `web-secret` beside "
        "the SQLite database (else in `var/`); several machines need the same.",
    )
    trusted_proxy: bool = Field(
        default=False, description="`true` behind a reverse proxy of yours: believe its `X-Forwarded-For`."
    )
    office_hours: Annotated[str, AfterValidator(_office_hours)] = Field(
        default=OFFICE_HOURS,
        description="When officers answer people: days `T2` to `T7` and `CN`, groups parted by `;`. Holidays are off.",
    )
    dialogs: Folder = Field(default=ROOT / "dialogs", description="Folder of the dialogs.")
    content: Folder = Field(default=ROOT / "content", description="Folder of messages, facts, places and the plan.")
    locales: Folder = Field(default=ROOT / "locales", description="Folder of the translations.")
    today: date | None = Field(
        default=None, description="A fixed day (`2027-01-01`) in place of the real one, for demonstrations and tests."
    )
    log: Literal["debug", "info", "warning", "error"] = Field(default="info", description="How much is logged.")

    @model_validator(mode="after")
    def _zalo_is_whole(self) -> Self:
        if self.zalo_app_id:
            needed = ("zalo_app_secret", "zalo_oa_id", "zalo_oa_secret")
            missing = [variable_of(name) for name in needed if not getattr(self, name)]
            if missing:
                raise ValueError(_("Bật Zalo (BOT_ZALO_APP_ID) thì cần cả {names}").format(names=", ".join(missing)))
        return self

    @field_validator("telegram_secret", "zalobot_secret")
    @classmethod
    def _has_allowed_letters(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        least = 8 if info.field_name == "zalobot_secret" else 1
        if value is not None and not re.fullmatch(rf"[A-Za-z0-9_-]{{{least},256}}", value.get_secret_value()):
            raise ValueError(_("chỉ gồm A-Z a-z 0-9 _ -, từ {least} đến 256 ký tự").format(least=least))
        return value


def variable_of(name: str) -> str:
    """The variable that sets the field *name*."""
    return PREFIX + name.upper()


VARIABLES = tuple(variable_of(name) for name in Settings.model_fields)


def load_settings() -> Settings:
    """The settings from the environment. Raises `SettingsError`; never shows what a variable holds."""
    faults = _unknown(os.environ)
    try:
        settings = Settings()
    except ValidationError as error:
        told = (f"{_where(e)}{_fault(e)}." for e in error.errors(include_url=False))
        raise SettingsError("\n".join([*faults, *dict.fromkeys(told)])) from None
    if faults:
        raise SettingsError("\n".join(faults))
    return settings


def _where(error: ErrorDetails) -> str:
    return f"{variable_of(str(error['loc'][0]))}: " if error["loc"] else ""  # none: it is about several


def _unknown(names: Iterable[str]) -> list[str]:
    unknown = sorted(name for name in names if name.upper().startswith(PREFIX) and name.upper() not in VARIABLES)
    told = _("{name}: không có cài đặt này. Gần nhất: {nearest}.")
    return [told.format(name=name, nearest=_nearest(name)) for name in unknown]


def _nearest(name: str) -> str:
    bare = (variable.removeprefix(PREFIX) for variable in VARIABLES)
    from rapidfuzz import fuzz, process  # 3 MB: a bot whose settings are right does without

    found = process.extractOne(name.upper().removeprefix(PREFIX), bare, scorer=fuzz.WRatio)
    return PREFIX + str(found[0])


def _fault(error: ErrorDetails) -> str:
    """What is wrong, in words; pydantic's own where we have none for it."""
    bounds = error.get("ctx", {})
    match error["type"]:
        case "int_parsing" | "int_from_float":
            return _("phải là một số nguyên")
        case "float_parsing":
            return _("phải là một con số")
        case "greater_than" | "greater_than_equal" | "less_than_equal":
            return _("nằm ngoài khoảng cho phép ({bound})").format(bound=next(iter(bounds.values())))
        case "bool_parsing":
            return _("phải là true hoặc false")
        case "literal_error":
            return _("phải là một trong: {words}").format(words=bounds["expected"].replace(" or ", ", "))
        case "string_pattern_mismatch":
            return _("có ký tự không dùng được ở đây")
        case "date_from_datetime_parsing" | "date_parsing" | "date_from_datetime_inexact":
            return _("phải là một ngày, ví dụ 2027-01-01")
        case _other:
            return error["msg"].removeprefix("Value error, ")


def data_folder(settings: Settings) -> Path:
    """Where the files are that belong to the database: beside that of SQLite, else in `var`."""
    url = make_url(settings.database_url)
    is_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return Path(str(url.database)).parent if is_file else Path("var")


def web_secret(settings: Settings) -> str:
    """The secret that signs cookies: the one set, or one made once and kept in a file that only we may read."""
    if settings.web_secret is not None:
        return settings.web_secret.get_secret_value()
    folder = data_folder(settings)
    path = folder / "web-secret"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(32))
    return path.read_text(encoding="ascii").strip()
