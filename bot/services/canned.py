"""Answers that officers need not write: content that may be said today, as one person reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from bot.engine.content import Message, fits, is_in_season
from bot.engine.model import NOT_TOLD
from bot.engine.render import render
from bot.engine.state import Library, Person
from bot.engine.words import fold

OFFERED = 8
"""As many as are taken in at a glance; a word more in the search finds the others."""


@dataclass(frozen=True, slots=True)
class Canned:
    """One of them: `id` is the content message's, `topic` its dialog's title, `text` what the person would read."""

    id: str
    topic: str
    text: str


def canned_answers(
    library: Library, person: Person, today: date, words: str = "", *, most: int = OFFERED
) -> Sequence[Canned]:  # fmt: skip
    """The first *most* that hold all of *words*, in any spelling. None holds a fact that may not be said today."""
    wanted = fold(words).split()
    return list(islice(_found(library, person, today, wanted), most))


def canned_answer(library: Library, person: Person, today: date, name: str) -> Canned | None:
    """The one called *name*; None when it can't be said to this person today."""
    message = library.messages.get(name)
    return None if message is None else _canned(library, person, today, message)


def _found(library: Library, person: Person, today: date, wanted: Sequence[str]) -> Iterator[Canned]:
    for message in library.messages.values():
        held = fold(f"{message.body} {message.topic} {_topic_of(library, message)}")
        if all(word in held for word in wanted):
            one = _canned(library, person, today, message)
            if one is not None:
                yield one


def _canned(library: Library, person: Person, today: date, message: Message) -> Canned | None:
    if not is_in_season(message, today) or not fits(message, person.fields.get("ho") or NOT_TOLD):
        return None
    rendered = render(library, message, person.fields, today)
    return None if rendered.lapse else Canned(message.id, _topic_of(library, message), rendered.text)


def _topic_of(library: Library, message: Message) -> str:
    dialog = library.dialogs.get(message.topic)
    return dialog.title if dialog else message.topic
