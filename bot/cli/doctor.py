"""`bot doctor`: whether everything is in place, what to do about what isn't, and what is still to be settled by hand.

It only looks: no message goes out, no token is renewed, nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.shell import now_of, print_json, settings_of, today_of
from bot.speech import _

if TYPE_CHECKING:
    from datetime import date

    from rich.console import Console
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.config import Settings
    from bot.engine.state import Library
    from bot.services.checkup.checklist import Evidence
    from bot.services.checkup.sign import Sign

LOOKS = {"ok": ("●", "green"), "warn": ("◆", "yellow"), "bad": ("▲", "red"), "off": ("○", "dim")}


@dataclass(slots=True)
class Checkup:
    """What was found. `evidence` None: Zalo is off, and its points are nobody's business."""

    signs: list[Sign] = field(default_factory=list)
    evidence: Evidence | None = None


def doctor(
    context: typer.Context,
    hours: Annotated[
        float, typer.Option(min=0.1, help=_("Webhook im lặng quá chừng ấy giờ thì báo hỏng."))
    ] = 24.0,
    as_json: Annotated[bool, typer.Option("--json", help=_("In JSON, cho chương trình đọc."))] = False,
) -> None:  # fmt: skip
    """Look at everything; code 1 when something doesn't work."""
    import asyncio

    from bot.services.checkup.sign import is_ill

    settings = settings_of(context)
    found = asyncio.run(examined(settings, now_of(context)(), today_of(context, settings), hours=hours))
    if as_json:
        _print_json(found)
    else:
        _print(found, settings)
    raise typer.Exit(1 if is_ill(found.signs) else 0)


async def examined(settings: Settings, at: datetime, today: date, *, hours: float) -> Checkup:
    """Everything that there is to look at."""
    from bot.library.load import load_library
    from bot.library.source import LibraryError
    from bot.services.checkup import home

    try:
        loaded: Library | LibraryError = load_library(settings.dialogs, settings.content, settings.locales)
    except LibraryError as error:
        loaded = error
    found = Checkup([home.of_address(settings.public_url or ""), _secret(settings)])
    found.signs += home.of_library(loaded, today)
    await _telegram(found, settings)
    await _zalobot(found, settings)
    await _stored(found, settings, at, hours, None if isinstance(loaded, LibraryError) else loaded)
    return found


def _secret(settings: Settings) -> Sign:
    from bot.config import data_folder
    from bot.services.checkup import home
    from bot.store.db import is_sqlite

    return home.of_secret(
        is_set=settings.web_secret is not None, file=data_folder(settings) / "web-secret",
        is_shared=not is_sqlite(settings.database_url),
    )  # fmt: skip


async def _telegram(found: Checkup, settings: Settings) -> None:
    from bot.hooks.telegram import PATH
    from bot.services.checkup.platforms import of_telegram

    token = settings.telegram_token.get_secret_value() if settings.telegram_token else ""
    webhook = settings.public_url + PATH if settings.public_url else ""
    found.signs += await of_telegram(token, api=settings.telegram_api, webhook=webhook)


async def _zalobot(found: Checkup, settings: Settings) -> None:
    from bot.hooks.zalobot import PATH
    from bot.services.checkup.platforms import of_zalobot

    token = settings.zalobot_token.get_secret_value() if settings.zalobot_token else ""
    webhook = settings.public_url + PATH if settings.public_url else ""
    found.signs += await of_zalobot(token, api=settings.zalobot_api, webhook=webhook)


async def _stored(
    found: Checkup, settings: Settings, at: datetime, hours: float, library: Library | None
) -> None:  # fmt: skip
    """What takes the database."""
    from bot.cli.log import is_there
    from bot.services.checkup import home
    from bot.store import db as door
    from bot.store import markers

    if not is_there(settings.database_url):
        found.signs[:0] = home.of_database(is_up_to_date=None)
        return
    database = door.open_database(settings.database_url)
    try:
        is_up_to_date = await door.is_up_to_date(database)
        is_synthetic = False
        if is_up_to_date:
            async with door.reading(database).connect() as db:
                is_synthetic = await markers.is_synthetic(db)
            await _zalo(found, settings, database, at, hours, library)
        found.signs[:0] = home.of_database(is_up_to_date=is_up_to_date, is_synthetic=is_synthetic)
    except door.FAULTS:
        found.signs[:0] = home.of_database(is_up_to_date=None)
    finally:
        await database.dispose()


async def _zalo(
    found: Checkup, settings: Settings, database: AsyncEngine, at: datetime, hours: float, library: Library | None
) -> None:
    from bot.accounts import account_of
    from bot.services.checkup import zalo
    from bot.services.checkup.sign import Sign
    from bot.services.templates import of_channel
    from bot.store.db import reading

    if not settings.zalo_app_id:
        found.signs.append(Sign("zalo", "off", _("Zalo chưa bật."), _("Đặt BOT_ZALO_APP_ID để bật.")))
        return
    secret = _kept_secret(settings)
    async with reading(database).connect() as db:
        known = await zalo.known(db, now=at, web_secret=secret)
        borrowed = await zalo.borrowed(db, secret) if known.tokens.can_send else None
    found.evidence = known.evidence
    found.signs += zalo.of_known(known, now=at, hours=hours, soaks=settings.zalo_soak)
    if borrowed is not None:
        found.signs += await zalo.of_account(account_of(settings, borrowed), settings.zalo_oa_id)
    if library is not None:
        found.signs += zalo.of_templates(of_channel(library, "zalo"), known.filed)


def _kept_secret(settings: Settings) -> str:
    """The web secret, where there is one: looking makes none."""
    from bot.config import data_folder, web_secret

    is_kept = settings.web_secret is not None or (data_folder(settings) / "web-secret").exists()
    return web_secret(settings) if is_kept else ""


def _print_json(found: Checkup) -> None:
    from bot.services.checkup.checklist import POINTS, proofs

    proven = proofs(found.evidence) if found.evidence is not None else {}
    points = [
        {"key": point.key, "question": _(point.question), "settle": _(point.settle), "settings": list(point.settings),
         "proof": proven.get(point.key, ""), "open": not point.is_idle and point.key not in proven}
        for point in (POINTS if found.evidence is not None else ())
    ]  # fmt: skip
    print_json({"signs": [sign.to_dict() for sign in found.signs], "checklist": points})


def _print(found: Checkup, settings: Settings) -> None:
    from rich.console import Console

    from bot.services.checkup.sign import AREAS

    console = Console()
    for area, words in AREAS.items():
        listed = [sign for sign in found.signs if sign.area == area]
        if listed:
            _line(console, _(words), "bold")
            _print_signs(console, listed)
    if found.evidence is not None:
        _print_checklist(console, found.evidence, settings.public_url or "")
    counts = {state: sum(sign.state == state for sign in found.signs) for state in LOOKS}
    told = _("{ok} điều tốt, {warn} điều nên xem, {bad} điều hỏng.")
    _line(console, told.format(ok=counts["ok"], warn=counts["warn"], bad=counts["bad"]), "bold")


def _print_signs(console: Console, listed: Sequence[Sign]) -> None:
    for sign in listed:
        shape, colour = LOOKS[sign.state]
        _line(console, f"  {shape} {sign.what}", colour)
        if sign.remedy:
            _line(console, f"      → {sign.remedy}")


def _print_checklist(console: Console, evidence: Evidence, public_url: str) -> None:
    from bot.services.checkup.checklist import POINTS, proofs, steps

    proven = proofs(evidence)
    _line(console, _("Thiết lập ở trang của Zalo"), "bold")
    for number, step in enumerate(steps(public_url), 1):
        _line(console, f"  {number}. {step}")
    _line(console, _("Còn phải làm rõ trên OA thật"), "bold")
    for point in POINTS:
        is_open = not point.is_idle and point.key not in proven
        _line(console, f"  {'○' if is_open else '●'} {point.key}  {_(point.question)}", "" if is_open else "dim")
        _line(console, f"      → {proven.get(point.key) or _(point.settle)}", "" if is_open else "dim")


def _line(console: Console, text: str, style: str = "") -> None:
    from rich.text import Text

    console.print(Text(text, style=style), soft_wrap=True)
