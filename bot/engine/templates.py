"""Content messages as a platform's approved templates: which one carries a message, and what is put into it for whom.

A template is in Vietnamese, and so is what is put into it, whatever language a person chose: people whom nothing else
reaches are told in the language of their country rather than not at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from unicodedata import normalize

from bot.engine.content import Carrier, Parameter, Template, lapses
from bot.engine.render import filled
from bot.engine.state import Library, Person

PARAMETER = re.compile(r"<([A-Za-z0-9_]+)>")
"""Where a parameter stands in an approved text."""


def template_for(library: Library, message: str, channel: str, by: Carrier) -> Template | None:
    """The template by which *message* can go to people on *channel*; None when content has none."""
    found = (one for one in library.templates.get(message, ()) if one.channel == channel and by in one.by)
    return next(found, None)


def values_for(library: Library, template: Template, person: Person, today: date) -> Mapping[str, str] | None:
    """What *template* is filled with for *person*; None when it can't be: they are not reached by it.

    Nothing is ever cut to fit (half a sum is another sum), and a fact that lapsed is not said by a template either.
    """
    message = library.messages.get(template.message)
    if message is None or lapses(message, library.facts, today):
        return None
    values: dict[str, str] = {}
    for parameter in template.parameters:
        value = _value_of(library, parameter, person, message.as_of or today)
        if value:
            values[parameter.name] = value
        elif parameter.needed:
            return None
    return values


def _value_of(library: Library, parameter: Parameter, person: Person, on: date) -> str:
    """One line, within the limit; empty when neither the value nor what stands in for it is."""
    for text in (parameter.value, parameter.default):
        value = normalize("NFC", " ".join(filled(library, text, person.fields, on).split()))
        if value and len(value) <= parameter.most:
            return value
    return ""


def told_by(template: Template, values: Mapping[str, str]) -> str:
    """What somebody reads who gets *template* with *values*."""
    return PARAMETER.sub(lambda match: values.get(match.group(1), ""), template.text)
