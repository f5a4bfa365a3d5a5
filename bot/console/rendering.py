"""Templates, and the words and numbers in them as officers read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal, format_percent
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.channels.webchat import html_from
from bot.console.agents import agent_words
from bot.console.audit_words import action_words
from bot.console.by_route import route_words
from bot.console.charts import bar, most_of, spark
from bot.console.fact_words import event_words, reason_words, standing_words, state_words
from bot.console.log_words import act_words, trouble_words
from bot.services.discretion import FEWEST
from bot.services.segmenting.words import CHANNELS, LANGUAGES
from bot.speech import _
from bot.web.assets import Assets

if TYPE_CHECKING:
    from bot.console.visit import Visit

HERE = Path(__file__).parent
HANOI = timezone(timedelta(hours=7))


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the navigation; *right* is what it takes to see it."""

    key: str
    path: str
    label: str
    icon: str
    right: str


PLACES = (
    Place("overview", "/", _("Tổng quan"), "home", "read"),
    Place("broadcasts", "/broadcasts", _("Tin gửi"), "send", "read"),
    Place("segments", "/segments", _("Nhóm nhận"), "people", "read"),
    Place("inbox", "/inbox", _("Hộp thư"), "inbox", "answer"),
    Place("dialogs", "/dialogs", _("Hội thoại"), "tree", "read"),
    Place("missed", "/missed", _("Chưa hiểu"), "question", "read"),
    Place("content", "/content", _("Nội dung"), "book", "read"),
    Place("log", "/log", _("Nhật ký"), "clock", "read"),
    Place("channels", "/channels", _("Kênh"), "plug", "read"),
    Place("admin", "/users", _("Quản trị"), "gear", "administer"),
)


class Pages:
    """The templates of `templates/`. Everything that is put in is escaped, unless it was marked as ours."""

    def __init__(self) -> None:
        self.assets = Assets(HERE / "static", "/console/static")
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self._templates.globals.update(
            asset=self.assets.url,
            places=PLACES,
            fewest=FEWEST,
            action_words=action_words,
            agent_words=agent_words,
            bar=bar,
            most=most_of,
            spark=spark,
            act_words=act_words,
            trouble_words=trouble_words,
            clock=clock,
            standing_words=standing_words,
            state_words=state_words,
            reason_words=reason_words,
            event_words=event_words,
            route_words=route_words,
        )

    def render(self, visit: Visit, template: str, values: Mapping[str, object]) -> str:
        """*template* for who visits."""
        language = visit.language
        return self._templates.get_template(template).render(
            _=visit.say, visit=visit, officer=visit.known, csrf=visit.csrf, lang=language, may=partial(_may, visit),
            url=visit.url, flash=_flash(visit), moment=moment, day=partial(day_of, language),
            n=partial(number, language), share=partial(share, language), ago=partial(ago, visit),
            few=partial(few, visit), commune=partial(commune_name, visit), household=partial(household_name, visit),
            channel_name=channel_name, language_name=language_name, prose=prose,
            **values,
        )  # fmt: skip


def _may(visit: Visit, right: str) -> bool:
    from bot.console.routing import RIGHTS  # here: routes are made of handlers, which take visits

    return visit.known is not None and any(visit.known.role in RIGHTS[one] for one in RIGHTS if one == right)


def _flash(visit: Visit) -> str:
    from bot.console.visit import FLASH

    return unquote(visit.request.cookies.get(FLASH, ""))[:500]


def moment(at: datetime | None) -> str:
    """ "9:42 26/11/2026", in Hà Nội's time; "" for none."""
    if at is None:
        return ""
    here = at.astimezone(HANOI)
    return f"{here.hour}:{here.minute:02} {here.day}/{here.month}/{here.year}"


def clock(at: datetime) -> str:
    """ "9:42", in Hà Nội's time."""
    here = at.astimezone(HANOI)
    return f"{here.hour}:{here.minute:02}"


def day_of(language: str, day: date | datetime | None) -> str:
    """ "26/11/2026" or, in English, "26 Nov 2026"."""
    if day is None:
        return ""
    here = day.astimezone(HANOI).date() if isinstance(day, datetime) else day
    return f"{here.day}/{here.month}/{here.year}" if language == "vi" else format_date(here, "d MMM y", locale="en")


def number(language: str, value: float | None, digits: int = 0) -> str:
    """ "1.284" or, in English, "1,284"; "–" for none."""
    if value is None:
        return "–"
    return format_decimal(round(value, digits), locale=language)


def share(language: str, part: float, whole: float, digits: int = 0) -> str:
    """ "12 %" of *whole*; "–" of nothing."""
    if not whole:
        return "–"
    return format_percent(part / whole, locale=language, format="#,##0" + ("." + "0" * digits if digits else "") + " %")


def ago(visit: Visit, at: datetime | None) -> str:
    """How long since *at*, in words: "5 phút"."""
    if at is None:
        return ""
    gone = visit.site.now() - at
    return format_timedelta(max(gone, timedelta()), granularity="minute", threshold=1.2, locale=visit.language)


def few(visit: Visit, count: int) -> str:
    """A cell of a breakdown: the number of people, unless they are so few that one could be known."""
    return number(visit.language, count) if not 0 < count < FEWEST else visit.say(_("dưới 5"))


def commune_name(visit: Visit, code: str) -> str:
    """The commune or ward of *code*, with its kind: "Phường Hoàn Kiếm"."""
    commune = visit.site.library().communes.get(code)
    if commune is None:
        return code or visit.say(_("chưa rõ"))
    return f"{visit.say(commune.kind).capitalize()} {commune.name}"


def prose(text: str) -> Markup:
    """A message's Markdown as the web chat shows it: markup written into it stays text."""
    return Markup(html_from(text))


def channel_name(name: str) -> str:
    """The channel as people call it."""
    return _(CHANNELS[name]) if name in CHANNELS else name


def language_name(code: str) -> str:
    """The language, in words."""
    return _(LANGUAGES[code]) if code in LANGUAGES else code


HOUSEHOLDS = {
    "ngheo": _("Hộ nghèo"), "can-ngheo": _("Hộ cận nghèo"), "moi-thoat": _("Hộ mới thoát nghèo"),
    "khac": _("Hộ khác"),
}  # fmt: skip


def household_name(visit: Visit, kind: str) -> str:
    """The kind of household, in words."""
    return visit.say(HOUSEHOLDS[kind]) if kind in HOUSEHOLDS else (kind or visit.say(_("chưa rõ")))
