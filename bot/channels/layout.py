"""Markdown of a small kind laid out as text, in parts that each fit one message. Pure.

The text is first laid out as runs: visible words with the marks around them, which mean what a channel makes of them.
A part is then a slice of runs, so that whatever the cut, no mark is torn off its words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN: Final = MarkdownIt("zero").enable(["list", "emphasis", "link", "newline", "escape"])
_SPOKEN: Final = ("tel:", "mailto:")
_SHOWN: Final = ("http://", "https://", *_SPOKEN)
_BREAKS: Final = (
    re.compile(r"\n\n+"),  # paragraphs
    re.compile(r"\n"),  # lines
    re.compile(r"[.!?…]\s+"),  # sentences
    re.compile(r"\s+"),  # words
)

Mark = Callable[[Token], str]
"""What stands around the words that an opening token (strong_open, em_open, link_open) begins; "" for nothing."""
Size = Callable[[str], int]
"""How much room one character takes."""


class Run(NamedTuple):
    """Visible text and the marks around it, outermost first: `Run("Vay vốn", ("b",))`."""

    text: str
    tags: tuple[str, ...] = ()


def utf16(char: str) -> int:
    """In UTF-16 units: an emoji takes two."""
    return 2 if char > "\uffff" else 1


def code_points(char: str) -> int:
    """In code points: every character takes one."""
    return 1


def plain_parts(markdown: str, limit: int) -> list[str]:
    """*markdown* as messages of plain text of at most *limit* code points; empty if nothing would be seen."""
    return cut(plain(markdown), limit)


def cut(text: str, limit: int) -> list[str]:
    """Plain text in parts of at most *limit* code points; empty if nothing would be seen."""
    return ["".join(run.text for run in part) for part in split([Run(text)], limit, code_points)]


def plain(markdown: str) -> str:
    """*markdown* as plain text: a link as "label (address)", unless its label says the address already."""
    return "".join(_spelled(run) for run in runs_of(markdown, _target))


def runs_of(markdown: str, mark: Mark) -> list[Run]:
    """*markdown* laid out: items as "• ", lines and blank lines kept where the author put them."""
    runs: list[Run] = []
    for run in _laid_out(_MARKDOWN.parse(markdown), mark):
        if runs and runs[-1].tags == run.tags:
            runs[-1] = Run(runs[-1].text + run.text, run.tags)
        elif run.text:
            runs.append(run)
    return runs


def split(runs: Sequence[Run], limit: int, size: Size = utf16) -> list[list[Run]]:
    """The runs in parts of at most *limit*, cut at the end of a paragraph, line, sentence or word.

    A cut falls inside a bold or linked stretch only if that alone is longer than a part.
    """
    parts: list[list[Run]] = []
    rest = _stripped(runs)
    while not _fits(rest, limit, size):
        head, rest = _divided(rest, _cut(rest, limit, size))
        parts.append(_stripped(head))
        rest = _stripped(rest)
    parts.append(rest)
    return [part for part in parts if part]


def _target(token: Token) -> str:
    return str(token.attrGet("href") or "") if token.type == "link_open" else ""


def _spelled(run: Run) -> str:
    target = run.tags[0] if run.tags and run.tags[0].startswith(_SHOWN) else ""
    for scheme in _SPOKEN:
        target = target.removeprefix(scheme)
    return f"{run.text} ({target})" if target and target not in run.text else run.text


class _Lists:
    """The lists around a place: their next numbers, and the markers that are still to be written."""

    def __init__(self) -> None:
        self._numbers: list[int | None] = []  # None for bullets
        self._markers: list[str] = []  # one an item; "" once it has been written

    def follow(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open":
                self._numbers.append(None)
            case "ordered_list_open":
                self._numbers.append(int(token.attrGet("start") or 1))
            case "bullet_list_close" | "ordered_list_close":
                self._numbers.pop()
            case "list_item_open":
                self._markers.append(self._next_marker())
            case "list_item_close":
                self._markers.pop()

    def prefix(self) -> str:
        """What goes before the text that comes now."""
        prefix = "".join(self._markers)
        self._markers = [""] * len(self._markers)
        return prefix

    def _next_marker(self) -> str:
        number, indent = self._numbers[-1], "  " * (len(self._numbers) - 1)
        if number is None:
            return f"{indent}• "
        self._numbers[-1] = number + 1
        return f"{indent}{number}. "


def _laid_out(tokens: Sequence[Token], mark: Mark) -> Iterator[Run]:
    lists = _Lists()
    last_line = 0
    for token in tokens:
        if token.type != "inline" or token.map is None:
            lists.follow(token)
            continue
        if last_line:
            yield Run("\n\n" if token.map[0] > last_line else "\n")
        last_line = token.map[1]
        yield Run(lists.prefix())
        yield from _inline(token.children or [], mark)


def _inline(tokens: Sequence[Token], mark: Mark) -> Iterator[Run]:
    tags: list[str] = []
    for token in tokens:
        if token.nesting > 0:
            tags.append(mark(token))
        elif token.nesting < 0:
            tags.pop()
        else:
            text = "\n" if token.type in ("softbreak", "hardbreak") else token.content
            yield Run(text, tuple(tag for tag in tags if tag))


def _fits(runs: Sequence[Run], limit: int, size: Size) -> bool:
    text = "".join(run.text for run in runs)
    return _index_at(text, limit, size) == len(text)


def _cut(runs: Sequence[Run], limit: int, size: Size) -> int:
    """Where to end a part, in characters of visible text: as telling a place as there is, late rather than early."""
    text = "".join(run.text for run in runs)
    end = _index_at(text, limit, size)
    joined = _joined(runs)
    for places in (set(range(end + 1)) - joined, joined):
        for earliest in (end // 2, 0):
            for pattern in _BREAKS:
                found = [m.end() for m in pattern.finditer(text, 0, end) if m.end() > earliest and m.end() in places]
                if found:
                    return found[-1]
    return end


def _index_at(text: str, room: int, size: Size) -> int:
    """How many characters of *text* fit into so much room."""
    if 2 * len(text) <= room:  # no character takes more
        return len(text)
    for index, char in enumerate(text):
        room -= size(char)
        if room < 0:
            return index
    return len(text)


def _joined(runs: Sequence[Run]) -> set[int]:
    """The places inside a tagged run, where a cut would tear it."""
    inside: set[int] = set()
    start = 0
    for run in runs:
        if run.tags:
            inside.update(range(start + 1, start + len(run.text)))
        start += len(run.text)
    return inside


def _divided(runs: Sequence[Run], at: int) -> tuple[list[Run], list[Run]]:
    head: list[Run] = []
    tail: list[Run] = []
    for run in runs:
        before, after = run.text[: max(at, 0)], run.text[max(at, 0) :]
        head += [Run(before, run.tags)] if before else []
        tail += [Run(after, run.tags)] if after else []
        at -= len(run.text)
    return head, tail


def _stripped(runs: Sequence[Run]) -> list[Run]:
    """Without white space at either end: platforms drop it, and refuse what is nothing else."""
    kept = list(runs)
    while kept and not (text := kept[0].text.lstrip()):
        kept.pop(0)
    if kept:
        kept[0] = Run(text, kept[0].tags)
    while kept and not (text := kept[-1].text.rstrip()):
        kept.pop()
    if kept:
        kept[-1] = Run(text, kept[-1].tags)
    return kept
