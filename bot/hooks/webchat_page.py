"""Turns and problems, rendered: the whole page on the server, or the same pieces for the page's script."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta, timezone
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from babel.dates import format_date
from markupsafe import Markup

from bot.channels.webchat import Button, Said, Turn, said_in
from bot.web.assets import Assets

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent
HANOI = timezone(timedelta(hours=7))  # no summer time since 1975; needs no zone files
NUMBERED = re.compile(r"(\d{1,2})[.)]\s+(\S.*)", re.DOTALL)
MOST_TEXT = 2000
"""Longest message taken, in characters: a long story still fits, a pasted book doesn't."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A choice on the page: its number stands apart, so that it is found at a glance."""

    id: str
    number: str
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """One turn as the page shows it. `day` is set where a new day begins; `is_open` while its choices may be taken."""

    key: str
    mine: bool
    text: str
    html: Markup
    offers: tuple[Offer, ...]
    is_open: bool
    day: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why what was sent was not taken.

    "fast": too many, wait `seconds`. "long": has `length` characters. "lost": no cookie. "down": we can't keep it now.
    """

    kind: str
    seconds: int = 0
    length: int = 0


@dataclass(frozen=True, slots=True)
class Form:
    """What the page's forms carry: the key that makes a double submit one, the text kept, a deep link's payload.

    `is_forgotten`: this person just had everything deleted.
    """

    key: str
    text: str = ""
    start: str = ""
    is_forgotten: bool = False


class Pages:
    """The templates. `translate(language, text)` returns *text* when it has no translation. *is_synthetic*: the people
    in the database were made up, and the page says so; *site_code* shows Zalo that the domain is ours."""

    def __init__(
        self, assets: Assets, translate: Callable[[str, str], str], *, is_synthetic: bool = False, site_code: str = ""
    ) -> None:  # fmt: skip
        self._translate = translate
        self._globals = {
            "asset": assets.url, "most": MOST_TEXT, "is_synthetic": is_synthetic, "site_code": site_code,
        }  # fmt: skip

    @cached_property
    def _templates(self) -> Environment:
        """Loaded with the first page: where nobody opens one, 2 MB are saved."""
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        templates.globals.update(self._globals)
        return templates

    def _render(self, name: str, language: str, **values: object) -> str:
        template = self._templates.get_template(name)
        return template.render(_=partial(self._translate, language), lang=language, **values)

    def page(self, language: str, turns: Sequence[Turn], form: Form, problem: Problem | None = None) -> str:
        """The conversation, or the welcome where there is none yet."""
        if not turns:
            return self._render("webchat_welcome.html", language, form=form, problem=problem)
        lines = lines_of(turns, language)
        last = max((n for n, line in enumerate(lines) if line.mine), default=0)
        return self._render("webchat.html", language, lines=lines, last=last, form=form, problem=problem)

    def piece(self, language: str, line: Line) -> str:
        """One turn, as it stands in the page."""
        return self._render("webchat_turn.html", language, line=line)

    def words(self, language: str, problem: Problem) -> str:
        """The problem in plain words."""
        return self._render("webchat_problem.html", language, problem=problem).strip()

    def foreign(self, language: str) -> str:
        """The page for a form that another site's page sent."""
        return self._render("webchat_foreign.html", language)


def lines_of(turns: Sequence[Turn], language: str) -> list[Line]:
    """What the page shows of *turns*, oldest first. Unspoken ones (an opened page) and unreadable ones are left out."""
    shown = list(_spoken(turns))
    opened = _open_one(shown)
    lines: list[Line] = []
    day = ""
    for turn, said in shown:
        today = format_date(turn.at.astimezone(HANOI), "EEEE, d/M/y", locale=language)
        offers = tuple(offer_of(button) for button in said.choices) if said else ()
        html = Markup(said.html if said else "")  # safe: made by our own encode
        lines.append(Line(turn.key, turn.mine, turn.text, html, offers, turn is opened, today if today != day else ""))
        day = today
    return lines


def lines_after(lines: Sequence[Line], key: str) -> list[Line]:
    """The lines after the one with *key*: all when it is not among them. By place, as ids need not grow with time."""
    places = [n for n, line in enumerate(lines) if line.key == key]
    return list(lines[places[0] + 1 :] if places else lines)


def offer_of(button: Button) -> Offer:
    numbered = NUMBERED.fullmatch(button.label)
    return Offer(button.id, numbered[1], numbered[2]) if numbered else Offer(button.id, "", button.label)


def label_of(turns: Sequence[Turn], choice: str) -> str:
    """The label under which *choice* was last offered: what a tap says in the log. Empty: it never was."""
    for _turn, said in reversed(list(_spoken(turns))):
        for button in said.choices if said else ():
            if button.id == choice:
                return button.label
    return ""


def _spoken(turns: Sequence[Turn]) -> Iterator[tuple[Turn, Said | None]]:
    for turn in turns:
        if turn.mine and turn.text:
            yield turn, None
        elif not turn.mine and turn.payload is not None:
            try:
                yield turn, said_in(turn.payload)
            except ValueError:
                continue  # of another version's shape: the rest of the conversation still shows


def _open_one(shown: Sequence[tuple[Turn, Said | None]]) -> Turn | None:
    """The turn whose choices may be taken: the last that has some, unless the person has had an answer since."""
    is_answer = was_answered = False
    for turn, said in reversed(shown):
        if said and said.choices:
            return None if was_answered else turn
        was_answered = was_answered or (turn.mine and is_answer)
        is_answer = is_answer or not turn.mine
    return None
