"""All that a broadcast says to anybody: once for each language and wording, with the households that read it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.engine.content import Carrier, Template
from bot.engine.model import HOUSEHOLD_KINDS
from bot.engine.state import Library, Person
from bot.engine.templates import told_by, values_for
from bot.messages import Outgoing
from bot.services.broadcasting.model import Body
from bot.services.broadcasting.rendering import Lapsed, NothingToSay, said_to
from bot.services.routing import Offer
from bot.speech import _

NAME = "Nguyễn Thị Hoa"
"""Whom an example speaks to: nobody's name in particular."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What the *households* ("" is not told) that read *language* are told; `message` None: nothing, and `why`."""

    language: str
    households: tuple[str, ...]
    message: Outgoing | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Carried:
    """What they read who get a broadcast by an approved template: `text` is its own, not that of the message."""

    channel: str
    template: str
    by: tuple[Carrier, ...]
    text: str


def carried_by(channel: str, offer: Offer, library: Library, today: date) -> Sequence[Carried]:
    """The templates of *offer*, filled in for somebody; one that goes both ways comes once."""
    ways: dict[Template, list[Carrier]] = {}
    for by, template in (("template", offer.template), ("phone", offer.phone)):
        if template is not None:
            ways.setdefault(template, []).append(by)  # type: ignore[arg-type]  # one of these words
    values = {one: values_for(library, one, Person({"ten": NAME}), today) for one in ways}
    return [Carried(channel, one.id, tuple(by), told_by(one, values[one] or {})) for one, by in ways.items()]


def wordings_of(library: Library, body: Body, today: date) -> Sequence[Wording]:
    """Every wording, in the order of languages and kinds of household."""
    found: dict[tuple[str, Outgoing | None, str], list[str]] = {}
    for language in library.languages:
        for household in (*HOUSEHOLD_KINDS, ""):
            message, why = read_by(library, body, today, household=household, language=language)
            found.setdefault((language, message, why), []).append(household)
    return [Wording(key[0], tuple(kinds), key[1], key[2]) for key, kinds in found.items()]


def read_by(
    library: Library, body: Body, today: date, *, household: str = "", language: str = "vi", commune: str = ""
) -> tuple[Outgoing | None, str]:
    """(the message, "") that one such person would read; (None, why) when they would get none."""
    fields = {"ho": household, "lang": language, "xa": commune, "ten": NAME, "da-chao": "1"}
    try:
        return said_to(library, body, Person({name: text for name, text in fields.items() if text}), today), ""
    except Lapsed as lapse:
        return None, str(lapse)
    except NothingToSay:
        return None, _("không có tin nào dành cho người này")
