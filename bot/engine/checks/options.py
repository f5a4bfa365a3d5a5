"""Choices: told apart by whoever types them, short enough for every channel, never in the way of a command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from bot.engine.checks.finding import Finding
from bot.engine.checks.moves import frames_of, moves_of, node_of
from bot.engine.checks.rules import found
from bot.engine.checks.subject import Subject
from bot.engine.model import ALWAYS, AskChoice, Condition, Handoff, Option, Stop
from bot.engine.state import Frame, Library
from bot.engine.understanding.orders import command_in
from bot.engine.understanding.spelling import words_in
from bot.engine.words import fold

SOURCE_LANGUAGE = "vi"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a channel takes. `label` is in letters as people see them, `token` in bytes of UTF-8; None: no limit."""

    channel: str
    label: int
    token: int | None


SEQ = len("ffffffff.")
"""The engine puts the question's number, in hex, before the token."""
LIMITS = (
    # Telegram documents no limit of a label, but its apps cut what is wider than the screen: 30 letters are our
    # judgement for a narrow phone. 64 bytes of callback data are the Bot API's (BUTTON_DATA_INVALID beyond).
    Limits("Telegram", 30, 64 - SEQ),
    # Zalo's customer-service message: a button's title has at most 100 letters (the engine's number counts), its
    # payload at most 1,000.
    Limits("Zalo", 100 - len("10. "), 1000 - SEQ),
    # The web chat is ours: it wraps labels and takes any token; a longer label is no longer a choice but a text.
    Limits("web", 100, None),
)
TRANSLATED = 10
"""Other languages may take that many letters more: English runs longer, and such a label still reads when cut."""

LEADS = {"menu": "menu", "officer": "lien-he", "stop": "dung"}
RESERVED = ("menu", "back", "repeat", "help", "stop", "officer", "more")
"""Commands whose words must not stand on a choice that leads elsewhere. Yes, no and skip are ordinary answers."""


def options_of(library: Library) -> Iterator[tuple[str, str, AskChoice]]:
    """Every node with choices: (dialog, path of its file, node)."""
    for (dialog, _), node in frames_of(library):
        if isinstance(node, AskChoice):
            yield dialog, library.dialogs[dialog].path, node


def check_siblings(subject: Subject) -> Iterator[Finding]:
    """sibling-fold"""
    library = subject.library
    for _, path, node in options_of(library):
        for first, second in combinations(node.options, 2):
            languages = [name for name in library.languages if _same(library, name, first, second)]
            if languages and may_meet(first.when, second.when):
                yield found(
                    "sibling-fold", path, second.line,
                    language=", ".join(languages), first=first.label, second=second.label,
                )  # fmt: skip


def _same(library: Library, language: str, first: Option, second: Option) -> bool:
    """Whether nothing tells them apart in what people type: no diacritics, and their spelling repaired."""
    labels = [library.translate(language, option.label) for option in (first, second)]
    shapes = [{fold(label) for label in labels}, {" ".join(words_in(label, library.spellings)) for label in labels}]
    return any(len(shape) == 1 for shape in shapes)


def may_meet(first: Condition, second: Condition) -> bool:
    """Whether both conditions may hold for one person."""
    return all(
        _overlap(wanted, second.fields[field]) for field, wanted in first.fields.items() if field in second.fields
    )


def _overlap(first: tuple[str | None, ...], second: tuple[str | None, ...]) -> bool:
    if set(first) & set(second):
        return True
    return ("any" in first and any(second)) or ("any" in second and any(first))


def check_lengths(subject: Subject) -> Iterator[Finding]:
    """label-length, callback-length"""
    library = subject.library
    for dialog in library.dialogs.values():
        yield from _too_long(library, dialog.path, 1, dialog.title)
    for _, path, node in options_of(library):
        for option in node.options:
            yield from _too_long(library, path, option.line, option.label)
            size = len(option.token.encode())
            limits = min((limits for limits in LIMITS if limits.token), key=lambda limits: limits.token or 0)
            if limits.token and size > limits.token:
                yield found(
                    "callback-length", path, option.line,
                    label=option.label, length=str(size), limit=str(limits.token), channel=limits.channel,
                )  # fmt: skip


def _too_long(library: Library, path: str, line: int, label: str) -> Iterator[Finding]:
    limits = min(LIMITS, key=lambda limits: limits.label)
    for language in library.languages:
        shown = library.translate(language, label)
        most = limits.label + (0 if language == SOURCE_LANGUAGE else TRANSLATED)
        if len(shown) > most:
            yield found(
                "label-length", path, line,
                label=shown, language=language, length=str(len(shown)), limit=str(most), channel=limits.channel,
            )  # fmt: skip


def check_reserved(subject: Subject) -> Iterator[Finding]:
    """reserved-label"""
    library = subject.library
    for dialog, path, node in options_of(library):
        for option in node.options:
            command = command_in(library, option.label)
            if command in RESERVED and not _leads(library, command, dialog, option):
                yield found("reserved-label", path, option.line, label=option.label, command=command)


def _leads(library: Library, command: str, dialog: str, option: Option) -> bool:
    """Whether *option* leads, without asking anything more, to what *command* does."""
    home = LEADS.get(command, "")
    open_, seen = [library.target_of(dialog, option.go)], set[Frame]()
    while open_ and home:
        here = open_.pop()
        node = node_of(library, here)
        doing = (command == "officer" and isinstance(node, Handoff)) or (command == "stop" and isinstance(node, Stop))
        if here[0] == home or doing:
            return True
        if node is not None and here not in seen and not isinstance(node, AskChoice):
            seen.add(here)
            open_.extend(library.target_of(here[0], move.to) for move in moves_of(node) if move.when == ALWAYS)
    return False
