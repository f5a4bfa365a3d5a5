"""What was said to whom: a search through the log, and a conversation as the person saw it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from aiohttp import web
from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.console.access import access_contact, area_of
from bot.console.log_words import act_words, place_words
from bot.console.rendering import commune_name, household_name
from bot.console.reports import Asked as Filters
from bot.console.reports import Reports, one_of
from bot.console.routing import Routes
from bot.console.visit import Visit
from bot.engine.model import AskChoice, AskTyped, Dialog
from bot.engine.words import fold
from bot.services.exporting.table import Batch, Column, Report, Row
from bot.services.log_search import Asked, Search, batches, search_for
from bot.services.retelling import conversation
from bot.speech import _
from bot.store import conversations
from bot.store.models import addresses

routes = Routes()
reports = Reports()
SHOWN, LINES = 50, 60
LATELY = timedelta(days=6)
"""Searched when no days are given: a week, today included."""
FIELDS = ("who", "words", "commune", "dialog", "node", "broadcast", "first", "last")
PERSONAL = ("who", "words")
"""What somebody typed to find a person; the audit log is for ever, so it keeps only that there was something."""


@dataclass(frozen=True, slots=True)
class Form:
    """The filters as they were typed, what they mean, and what is wrong with them, by field."""

    typed: Mapping[str, str]
    asked: Asked
    errors: Mapping[str, str]


@routes.get("/log", "read")
async def show(visit: Visit) -> web.StreamResponse:
    """The search, and what it found."""
    form = _form(visit, {name: visit.query.get(name, "") for name in FIELDS})
    before = visit.query.get("before", "")
    found = None
    if not form.errors:
        async with visit.site.reading.connect() as db:
            search = await _search(visit, db, form.asked)
            found = await search.page(db, before=_number(before), limit=SHOWN)
    dialogs = visit.site.library().dialogs
    return visit.page(
        "log.html", status=422 if form.errors else 200, typed=form.typed, errors=form.errors, found=found,
        is_later=bool(before), place=place_words, dialogs=sorted(dialogs.values(), key=_title), library=dialogs,
        titles={name: visit.say(one.title) for name, one in dialogs.items()}, communes=_communes(visit),
        nodes=_nodes(dialogs.get(form.asked.dialog)), asked=form.asked,
    )  # fmt: skip


@routes.get("/log/{id}", "read")
async def show_conversation(visit: Visit) -> web.StreamResponse:
    """One person's conversation."""
    before, around = _number(visit.query.get("before", "")), _number(visit.query.get("at", ""))
    async with visit.site.reading.connect() as db:
        person = await access_contact(db, visit.officer, visit.number())
        if around is not None:
            before = await conversations.line_after(db, person["id"], around, count=LINES // 3)
        retold = await conversation(db, person["id"], name=person["name"], before=before, limit=LINES)
        places = await _addresses(db, person["id"])
    return visit.page(
        "talk.html", person=person, retold=retold, lines=retold.lines, addresses=places,
        is_later=before is not None or around is not None,
    )  # fmt: skip


@reports.offer("log", "read")
async def report(visit: Visit, filters: Filters) -> Report:
    """All that the search finds, not only the page of it that is shown."""
    form = _form(visit, {name: one_of(filters, name) for name in FIELDS})
    if form.errors:
        raise web.HTTPNotFound
    async with visit.site.reading.connect() as db:
        search = await _search(visit, db, form.asked)
    columns = (
        Column("at", _("Lúc"), "moment"), Column("contact", _("Người số")), Column("name", _("Tên")),
        Column("commune", _("Xã, phường")), Column("household", _("Loại hộ")), Column("act", _("Việc")),
        Column("text", _("Lời")), Column("dialog", _("Hội thoại")), Column("node", _("Ở câu")),
    )  # fmt: skip

    async def pages() -> AsyncIterator[Batch]:
        async for lines, done in batches(visit.site.reading.connect, search):
            yield Batch([_row(visit, line) for line in lines], done)

    kept = {name: "…" if name in PERSONAL else value for name, value in form.typed.items() if value}
    return Report("log", columns, pages(), kept)


async def _search(visit: Visit, db: AsyncConnection, asked: Asked) -> Search:
    return await search_for(db, asked, area=area_of(visit.officer), channels=tuple(visit.site.channels))


def _row(visit: Visit, line: RowMapping) -> Row:
    dialogs = visit.site.library().dialogs
    dialog = dialogs.get(line["dialog"])
    return (
        line["at"], str(line["contact_id"]), line["name"], commune_name(visit, line["commune"]),
        household_name(visit, line["household"]), act_words(line["kind"]), line["text"],
        visit.say(dialog.title) if dialog else line["dialog"], place_words(dialogs, line["dialog"], line["node"]),
    )  # fmt: skip


def _form(visit: Visit, typed: Mapping[str, str]) -> Form:
    """What was typed, understood; days that aren't given are the last week."""
    errors: dict[str, str] = {}
    today = visit.site.today()
    last = _day(typed["last"], today, "last", errors)
    first = _day(typed["first"], last - LATELY, "first", errors)
    if first > last and not errors:
        errors["first"] = _("Ngày đầu sau ngày cuối: đổi một trong hai.")
    if typed["words"] and not fold(typed["words"]):
        errors["words"] = _("Gõ ít nhất một chữ hoặc một số.")
    broadcast = _number(typed["broadcast"])
    if typed["broadcast"] and broadcast is None:
        errors["broadcast"] = _("Gõ số của đợt gửi, ví dụ 12.")
    asked = Asked(
        first, last, typed["who"], typed["words"], typed["commune"], typed["dialog"], typed["node"], broadcast
    )  # fmt: skip
    days = {"first": typed["first"] or first.isoformat(), "last": typed["last"] or last.isoformat()}
    return Form({**typed, **days}, asked, errors)


def _day(text: str, otherwise: date, name: str, errors: dict[str, str]) -> date:
    if not text:
        return otherwise
    try:
        return date.fromisoformat(text)
    except ValueError:
        errors[name] = _("Ngày viết như 2026-11-23.")
        return otherwise


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _title(dialog: Dialog) -> str:
    return fold(_(dialog.title))


def _nodes(dialog: Dialog | None) -> Sequence[tuple[str, str]]:
    """The nodes that people answer at, by their questions."""
    found = dialog.nodes.values() if dialog else ()
    return [(node.id, _(node.ask)) for node in found if isinstance(node, AskChoice | AskTyped)]


def _communes(visit: Visit) -> Sequence[tuple[str, str]]:
    """Those of the officer's area, or all."""
    area = area_of(visit.officer)
    known = visit.site.library().communes.values()
    return [(one.code, commune_name(visit, one.code)) for one in known if not area or one.code in area]


async def _addresses(db: AsyncConnection, contact_id: int) -> Sequence[RowMapping]:
    query = select(addresses.c.channel, addresses.c.external_id, addresses.c.status)
    return (await db.execute(query.where(addresses.c.contact_id == contact_id))).mappings().all()
