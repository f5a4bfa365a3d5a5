"""A dialog tried out in the web phone: with a made-up household, on any day; nothing is stored."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from datetime import date

from aiohttp import web

from bot.console.routing import Routes
from bot.console.visit import Visit
from bot.engine.model import HOUSEHOLD_KINDS
from bot.engine.state import Library
from bot.engine.walk import MENU
from bot.services.rehearsing import MOST, Setting, rehearse
from bot.speech import _

routes = Routes()
LONGEST = 500
"""Letters of one typed line."""


@routes.get("/preview", "read")
async def begin(visit: Visit) -> web.StreamResponse:
    """The dialog as it begins, for the household and the day that were asked for."""
    return _shown(visit, visit.query, ())


@routes.post("/preview", "read")
async def go_on(visit: Visit) -> web.StreamResponse:
    """One line more: a button pressed, or something typed."""
    lines = list(_lines_in(visit.field("lines")))
    tap, text = visit.field("tap"), visit.field("text")[:LONGEST]
    if tap.isascii() and tap.isdigit():
        lines.append(f"[{tap}]")
    elif text:
        lines.append(" ".join(text.split()))
    asked = {name: visit.field(name) for name in ("dialog", "household", "commune", "language", "day")}
    return _shown(visit, asked, lines)


def _shown(visit: Visit, asked: Mapping[str, str], lines: Sequence[str]) -> web.StreamResponse:
    library, problems = visit.site.library(), {}
    day, problem = _day(visit, asked.get("day", ""))
    if problem:
        problems["day"] = problem
    if asked.get("dialog", MENU) not in (*library.dialogs, MENU, ""):
        problems["dialog"] = _("Không có hội thoại này: chọn trong danh sách.")
    setting = Setting(
        _known(asked, "dialog", library.dialogs) or _first(library), day, _known(asked, "household", HOUSEHOLD_KINDS),
        _known(asked, "commune", library.communes), _known(asked, "language", library.languages),
    )  # fmt: skip
    steps = rehearse(library, setting, lines)
    return visit.page(
        "preview.html", status=422 if problems else 200, setting=setting, steps=steps, errors=problems,
        kept=json.dumps([step.line for step in steps[1:]], ensure_ascii=False), is_full=len(steps) > MOST,
        dialogs=sorted(library.dialogs.values(), key=lambda one: one.title), communes=library.communes.values(),
        kinds=HOUSEHOLD_KINDS, languages=library.languages, longest=LONGEST,
        day_text=asked.get("day", "") if problem else day.isoformat(),
    )  # fmt: skip


def _first(library: Library) -> str:
    """The dialog that stands for itself: the menu."""
    return MENU if MENU in library.dialogs else next(iter(library.dialogs))


def _known(asked: Mapping[str, str], name: str, known: Container[str]) -> str:
    text = asked.get(name, "")
    return text if text in known else ""


def _day(visit: Visit, text: str) -> tuple[date, str]:
    """The day asked for; today, and what is wrong, for what is none."""
    if not text:
        return visit.site.today(), ""
    try:
        return date.fromisoformat(text), ""
    except ValueError:
        return visit.site.today(), _("Ngày này chưa đúng: chọn trong lịch, hoặc viết như 2027-01-01.")


def _lines_in(text: str) -> Sequence[str]:
    """The lines that the form brought: ours, but anybody can send anything."""
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return ()
    return [line[:LONGEST] for line in found[:MOST] if isinstance(line, str)] if isinstance(found, list) else ()
