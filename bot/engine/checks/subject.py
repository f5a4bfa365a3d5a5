"""What the linter looks at: a library on a day, and every text in it that people read, with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.engine.model import AnyNode, AskChoice, AskTyped, Dialog
from bot.engine.state import Library

PHRASES_PATH, PLAN_PATH = "dialogs/phrases.yaml", "content/plan.yaml"
HOLIDAYS_PATH = "content/holidays.yaml"

Where = Literal["title", "text", "ask", "label", "again", "phrase", "message", "note"]
"""What a text is. `note` is what the renderer adds: laws, newspapers, kinds of commune."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A library as it is on *today*."""

    library: Library
    today: date


@dataclass(frozen=True, slots=True)
class Text:
    """One Vietnamese text that people read, and where it stands. `node` is that of a dialog's text."""

    path: str
    line: int
    text: str
    where: Where
    node: AnyNode | None = None
    key: str = ""


def texts_of(library: Library) -> Iterator[Text]:
    """Every text of *library* that people read; a text that stands in several places comes several times."""
    return (text for text in _texts(library) if text.text)


def _texts(library: Library) -> Iterator[Text]:
    for dialog in library.dialogs.values():
        yield from _dialog_texts(dialog)
    for key, phrase in library.phrases.items():
        yield Text(PHRASES_PATH, line_of(library, "phrases", key), phrase, "phrase", key=key)
    for message in library.messages.values():
        yield Text(message.path, message.line, message.body, "message", key=message.id)
        yield Text(message.path, message.line, message.source, "note")
        yield Text(message.path, 1, message.media.says if message.media else "", "note")
    for fact in library.facts.values():
        for version in fact.versions:
            values = (str(value.raw) for value in version.values.values() if value.unit == "text")
            names = (value for value in values if " " in value)  # one word is a name or an address, alike everywhere
            for note in (version.law, version.article, *names):
                yield Text(fact.path, fact.line, note, "note")


def _dialog_texts(dialog: Dialog) -> Iterator[Text]:
    yield Text(dialog.path, 1, dialog.title, "title", key=dialog.id)
    for node in dialog.nodes.values():
        yield from (Text(dialog.path, node.line, item.text, "text", node) for item in node.say)
        if isinstance(node, AskChoice | AskTyped):
            yield Text(dialog.path, node.line, node.ask, "ask", node)
        if isinstance(node, AskTyped):
            yield Text(dialog.path, node.line, node.again, "again", node)
        if isinstance(node, AskChoice):
            yield from (Text(dialog.path, option.line, option.label, "label", node) for option in node.options)


def line_of(library: Library, table: str, key: str) -> int:
    """The line of an entry of a file that is one table (phrases, plan); 1 when the library does not say."""
    return library.lines.get(f"{table}:{key}", 1)
