"""Every text that wants translating, with its place: what the library says, and what the program's own code says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.extract import extract_from_dir

from bot.engine.content import Fact
from bot.engine.model import AnyNode, AskChoice, AskTyped
from bot.engine.state import Library
from bot.library.phrases import load_commands, phrases_table

CODE_METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
CODE_KEYWORDS = {"_": None, "gettext": None}


@dataclass(frozen=True, slots=True)
class SourceText:
    """A Vietnamese text; `line` is that of the node, choice, fact or message which holds it."""

    text: str
    path: str
    line: int


def texts_of_library(library: Library, dialogs: Path) -> list[SourceText]:
    """What people may read from *library*, which was loaded from *dialogs*, in the order of the files."""
    found = [*_of_dialogs(library), *_of_phrases(dialogs), *_of_content(library)]
    return sorted((each for each in found if each.text), key=lambda each: (each.path, each.line))


def texts_of_code(package: Path) -> list[SourceText]:
    """The texts marked with `_("…")` in the Python code and the templates under *package*."""
    found = extract_from_dir(package, method_map=CODE_METHODS, keywords=CODE_KEYWORDS, strip_comment_tags=True)
    return [
        SourceText(text if isinstance(text, str) else text[0], f"{package.name}/{name}", line)
        for name, line, text, _comments, _context in sorted(found, key=lambda each: each[:2])
    ]


def _of_dialogs(library: Library) -> Iterator[SourceText]:
    for dialog in library.dialogs.values():
        yield SourceText(dialog.title, dialog.path, 1)
        for node in dialog.nodes.values():
            yield from _of_node(node, dialog.path)


def _of_node(node: AnyNode, path: str) -> Iterator[SourceText]:
    for item in node.say:
        yield SourceText(item.text, path, node.line)
    if isinstance(node, AskChoice | AskTyped):
        yield SourceText(node.ask, path, node.line)
    if isinstance(node, AskTyped):
        yield SourceText(node.again, path, node.line)
    if isinstance(node, AskChoice):
        for option in node.options:
            yield SourceText(option.label, path, option.line)


def _of_phrases(dialogs: Path) -> Iterator[SourceText]:
    table = phrases_table(dialogs, [])
    if table is not None:
        path = table.source.path
        yield from (SourceText(text, path, table.line_of(key)) for key, text in table.named_texts().items())
    for command in load_commands(dialogs):
        yield SourceText(command.description, f"{dialogs.name}/commands.yaml", command.line)


def _of_content(library: Library) -> Iterator[SourceText]:
    for message in library.messages.values():
        yield SourceText(message.body, message.path, message.line)
        yield SourceText(message.source, message.path, 1)
        yield SourceText(message.media.says if message.media else "", message.path, 1)
    for fact in library.facts.values():
        yield from _of_fact(fact)
    for kind in sorted({commune.kind for commune in library.communes.values()}):
        yield SourceText(kind, "content/places", 1)


def _of_fact(fact: Fact) -> Iterator[SourceText]:
    for version in fact.versions:
        yield SourceText(version.law, fact.path, fact.line)
        yield SourceText(version.article, fact.path, fact.line)
        for value in version.values.values():
            text = str(value.raw)
            if value.unit == "text" and " " in text:  # without a space it is a name or an address, the same everywhere
                yield SourceText(text, fact.path, fact.line)
