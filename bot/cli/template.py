"""`bot template`: the approved templates that content uses, and what Zalo says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import typer

from bot.cli.desk import opened, refusals_told
from bot.cli.office import AsJson, Login
from bot.cli.shell import now_of, print_json, settings_of, told_plainly
from bot.speech import _

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.engine.content import Template
    from bot.store.templates import Filed

template = typer.Typer(no_args_is_help=True, help=_("Tin mẫu đã được Zalo duyệt: tin nào có mẫu, mẫu nào dùng được."))
CHANNEL = "zalo"


@template.command("list", help=_("Xem mọi mẫu trong content/templates và trạng thái Zalo trả lời lần cuối."))
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the templates."""
    import asyncio

    settings = settings_of(context)
    with refusals_told():
        listed, filed = asyncio.run(_known(settings))
    _print(listed, filed, as_json)


@template.command(help=_("Hỏi Zalo trạng thái, tham số và giá của từng mẫu, rồi ghi lại."))
def sync(context: typer.Context, login: Login, as_json: AsJson = False) -> None:
    """Ask Zalo."""
    import asyncio

    from bot.accounts import account_of
    from bot.channels.base import SendError

    settings, now = settings_of(context), now_of(context)

    async def work() -> tuple[Sequence[Template], Mapping[str, Filed]]:
        from bot.services.checkup.zalo import borrowed
        from bot.services.templates import Registry
        from bot.store.db import reading

        listed = _listed(settings)
        async with opened(settings) as database:
            async with reading(database).connect() as db:
                tokens = await borrowed(db, _secret(settings))
            if tokens is None:
                raise ValueError(_("Chưa có mã truy cập Zalo: quản trị cấp phép ở trang Kênh trước."))
            registry = Registry(database, account_of(settings, tokens), CHANNEL, via="cli")
            return listed, await registry.sync(listed, at=now(), by=login)

    with refusals_told(), told_plainly(SendError):
        listed, filed = asyncio.run(work())
    _print(listed, filed, as_json)


def _secret(settings: Settings) -> str:
    from bot.config import web_secret

    return web_secret(settings)


def _listed(settings: Settings) -> Sequence[Template]:
    from bot.library.load import load_library
    from bot.services.templates import of_channel

    return of_channel(load_library(settings.dialogs, settings.content, settings.locales, understands=False), CHANNEL)


async def _known(settings: Settings) -> tuple[Sequence[Template], Mapping[str, Filed]]:
    from bot.store import templates
    from bot.store.db import reading

    async with opened(settings) as database, reading(database).connect() as db:
        return _listed(settings), await templates.of(db, CHANNEL)


def _print(listed: Sequence[Template], filed: Mapping[str, Filed], as_json: bool) -> None:
    from bot.services.templates import UNASKED, state_words, why_not

    if as_json:
        for one in listed:
            told = filed.get(one.id)
            print_json({
                "id": one.id, "message": one.message, "tag": one.tag, "by": sorted(one.by),
                "state": told.state if told else "", "checked_at": told.checked_at.isoformat() if told else None,
                "why_not": why_not(one, told),
            })  # fmt: skip
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in (_("mẫu"), _("tin"), _("gửi theo"), _("trạng thái"), _("vì sao chưa dùng được")):
        table.add_column(column, overflow="fold")
    for one in listed:
        told = filed.get(one.id)
        state = state_words(told.state) if told else _(UNASKED)
        table.add_row(one.id, one.message, ", ".join(sorted(one.by)), state, escape(why_not(one, told)))
    Console().print(table if listed else _("Chưa có mẫu nào trong content/templates."))
