"""Where people go in the dialogs, and where they give up: a list, and each dialog drawn with its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.webchat import html_from
from bot.console.access import area_of
from bot.console.breakdowns import words_of
from bot.console.charts import Bar
from bot.console.findings import RANGES, days_asked, span_of
from bot.console.reports import Asked, Reports, one_of
from bot.console.routing import Routes
from bot.console.tree import PARTS, Step, Tree, figures_of, steepest, table_of, tree_of
from bot.console.visit import Visit
from bot.engine.checks.drawing import CLASSES, dialog_picture
from bot.engine.checks.wording import KINDS
from bot.engine.content import Fact, lapses
from bot.engine.model import AskTyped, Dialog
from bot.services.discretion import told
from bot.services.exporting.table import Column, Report, Table, report_of
from bot.services.insight import readings
from bot.services.insight.figures import DialogNumbers, DialogShare
from bot.speech import _
from bot.store import samples

routes = Routes()
reports = Reports()
SAMPLES = 8
"""Answers that are shown of a question."""
UNQUOTED = ("phone",)
"""Kinds of answers that are never shown as examples: they are nobody's words, only somebody's number."""


ZOOMS = {"": 1.0, "half": 0.5, "far": 0.28}
"""How large the drawing is: to be read, to be walked through, to be seen as a whole."""
ZOOM_WORDS = {"": _("đọc được"), "half": _("nhỏ"), "far": _("cả cây")}


@dataclass(frozen=True, slots=True)
class Said:
    """A message that a node says: as people read it, and the facts behind it, with whether it may be said today."""

    html: Markup
    facts: Sequence[Fact]
    may_be_said: bool


@routes.get("/dialogs", "read")
async def show_all(visit: Visit) -> web.StreamResponse:
    """All dialogs, the most entered first; then those that nobody entered."""
    days = days_asked(visit)
    table, names = await _list(visit, days)
    links = [visit.url(f"/dialogs/{name}", days=days) for name in names]
    return visit.page("dialogs.html", table=table, links=links, days=days, ranges_=RANGES)


@routes.get("/dialogs/{dialog}", "read")
async def show(visit: Visit) -> web.StreamResponse:
    """One dialog; to htmx the panel of one node of it."""
    dialog, days = _dialog(visit, visit.request.match_info["dialog"]), days_asked(visit)
    node, zoom = visit.query.get("node", ""), visit.query.get("zoom", "")
    if node and node not in dialog.nodes:
        raise web.HTTPNotFound
    async with visit.site.reading.connect() as db:
        numbers = await _numbers(visit, db, dialog, days)
        tree = tree_of(visit, dialog, numbers)
        answers = await _answers(visit, db, tree.steps[node], dialog) if node else ()
    panel: dict[str, Any] = {
        "dialog": dialog, "days": days, "step": tree.steps.get(node), "answers": answers, "parts": PARTS,
        "said": _said(visit, tree, tree.steps[node]) if node else (), "kinds": KINDS, "bars_of": _bars(visit),
    }  # fmt: skip
    if visit.is_piece:
        return visit.piece("_node.html", **panel)
    picture = dialog_picture(
        dialog, tree.wording, figures_of(visit, tree),
        lambda name: visit.url(f"/dialogs/{dialog.id}", days=days, zoom=zoom, node=name) + "#node", node,
        ZOOMS.get(zoom, 1.0),
    )  # fmt: skip
    return visit.page(
        "dialog.html", zoom=zoom, zooms=ZOOM_WORDS, numbers=numbers, tree=tree, picture=Markup(picture),
        title_=steepest(visit, tree), table=table_of(tree), ranges_=RANGES, keys=_keys(dialog),
        funnel=_funnel(visit, tree), **panel,
    )  # fmt: skip


@reports.offer("dialogs", "read")
async def list_report(visit: Visit, asked: Asked) -> Report:
    """The list."""
    days = _days(asked)
    table, _names = await _list(visit, days)
    return report_of("dialogs", table, {"days": days})


@reports.offer("dialog", "read")
async def report(visit: Visit, asked: Asked) -> Report:
    """The numbers of one dialog."""
    dialog, days = _dialog(visit, one_of(asked, "dialog")), _days(asked)
    async with visit.site.reading.connect() as db:
        numbers = await _numbers(visit, db, dialog, days)
    return report_of("dialog", table_of(tree_of(visit, dialog, numbers)), {"dialog": dialog.id, "days": days})


def _days(asked: Asked) -> int:
    text = one_of(asked, "days")
    return int(text) if text in map(str, RANGES) else 30


def _dialog(visit: Visit, name: str) -> Dialog:
    dialog = visit.site.library().dialogs.get(name)
    if dialog is None:
        raise web.HTTPNotFound
    return dialog


async def _numbers(visit: Visit, db: AsyncConnection, dialog: Dialog, days: int) -> DialogNumbers:
    span = span_of(visit.site.today(), days)
    return await readings.dialog(db, dialog.id, span, area=area_of(visit.officer))


async def _list(visit: Visit, days: int) -> tuple[Table, Sequence[str]]:
    """The table, and the id of each row's dialog."""
    known = visit.site.library().dialogs
    async with visit.site.reading.connect() as db:
        shares = await readings.dialogs(db, span_of(visit.site.today(), days), area=area_of(visit.officer))
    entered = [one for one in shares if one.dialog in known]
    silent = sorted(set(known) - {one.dialog for one in entered}, key=lambda name: visit.say(known[name].title))
    lines = [*entered, *(DialogShare(name, 0, 0, 0, 0) for name in silent)]
    columns = (
        Column("dialog", _("Hội thoại")), Column("entered", _("Lượt vào"), "number"),
        Column("people", _("Số người"), "number"), Column("finished", _("Đi hết"), "number"),
        Column("dropped", _("Bỏ dở"), "number"), Column("share", _("Phần bỏ dở"), "share"),
    )  # fmt: skip
    rows = [
        (visit.say(known[one.dialog].title), told(one.entered), told(one.people), told(one.finished),
         told(one.dropped), _share(one))
        for one in lines
    ]  # fmt: skip
    return Table(columns, rows), [one.dialog for one in lines]


def _share(one: DialogShare) -> float | None:
    """The share of people who were dropped. None where it would tell a number that is not told, or where more came
    from other dialogs than entered this one by themselves."""
    is_told = isinstance(told(one.dropped), int) and isinstance(told(one.people), int)
    return one.dropped / one.people if is_told and 0 < one.people >= one.dropped else None


def _funnel(visit: Visit, tree: Tree) -> Sequence[Bar]:
    """The questions in the order in which people come to them."""
    return [
        Bar(step.words, step.came, words_of(visit, step.came), visit.url(
            f"/dialogs/{tree.dialog.id}", days=days_asked(visit), node=step.node.id) + "#node")
        for step in tree.questions if step.came
    ]  # fmt: skip


def _bars(visit: Visit) -> object:
    """Parts of a step as bars, for the template."""
    return lambda pairs: [Bar(_(label), count, words_of(visit, count)) for label, count in pairs]


def _keys(dialog: Dialog) -> Sequence[tuple[str, str]]:
    """The kinds of nodes that are drawn: the class of each, and its name."""
    used = {type(node) for node in dialog.nodes.values()}
    return [(CLASSES[kind][0], KINDS[kind]) for kind in CLASSES if kind in used]


async def _answers(visit: Visit, db: AsyncConnection, step: Step, dialog: Dialog) -> Sequence[object]:
    if isinstance(step.node, AskTyped) and step.node.type in UNQUOTED:
        return ()
    return await samples.typed_at(db, dialog.id, step.node.id, area=area_of(visit.officer), limit=SAMPLES)


def _said(visit: Visit, tree: Tree, step: Step) -> Sequence[Said]:
    library, today = visit.site.library(), visit.site.today()
    messages = [library.messages[item.message] for item in step.node.say if item.message in library.messages]
    words = (html_from(tree.wording.filled(visit.say(one.body))) for one in messages)
    return [
        Said(Markup(html), [library.facts[name] for name in one.facts if name in library.facts],
             not lapses(one, library.facts, today))
        for one, html in zip(messages, words, strict=True)
    ]  # fmt: skip
