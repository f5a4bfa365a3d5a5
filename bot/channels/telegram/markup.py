"""Markdown of a small kind as Telegram's HTML, in parts that each fit one message. Pure.

The text is first laid out as runs: visible words with the tags around them. A part is then a slice of
runs, so that whatever the cut, every part has its tags closed and its characters escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

MAX_TEXT: Final = 4096
"""UTF-16 units of visible text. The Bot API says "characters"; its entities count UTF-16: the stricter reading."""

_MARKDOWN: Final = MarkdownIt("zero").enable(["list", "emphasis", "link", "newline", "escape"])
_TAGS: Final = {"strong_open": "b", "em_open": "i"}
_LINKS: Final = ("http://", "https://", "tg://")
_BREAKS: Final = (
    re.compile(r"\n\n+"),  # paragraphs
    re.compile(r"\n"),  # lines
    re.compile(r"[.!?…]\s+"),  # sentences
    re.compile(r"\s+"),  # words
)


class Run(NamedTuple):
    """Visible text and the tags around it, outermost first: `Run("Vay vốn", ("b",))`."""

    text: str
    tags: tuple[str, ...] = ()


def html_parts(markdown: str, limit: int = MAX_TEXT) -> list[str]:
    """*markdown* as HTML messages of at most *limit* visible UTF-16 units; empty if nothing would be seen."""
    return [html_of(part) for part in split(runs_of(markdown), limit)]


def html_of(runs: Sequence[Run]) -> str:
    """The runs as HTML that Telegram reads."""
    return "".join(
        "".join(f"<{tag}>" for tag in run.tags)
        + escape(run.text, quote=False)
        + "".join(f"</{tag.partition(' ')[0]}>" for tag in reversed(run.tags))
        for run in runs
    )


def runs_of(markdown: str) -> list[Run]:
    """*markdown* laid out: items as "• ", lines and blank lines kept where the author put them."""
    runs: list[Run] = []
    for run in _laid_out(_MARKDOWN.parse(markdown)):
        if runs and runs[-1].tags == run.tags:
            runs[-1] = Run(runs[-1].text + run.text, run.tags)
        elif run.text:
            runs.append(run)
    return runs


def split(runs: Sequence[Run], limit: int) -> list[list[Run]]:
    """The runs in parts of at most *limit* units, cut at the end of a paragraph, line, sentence or word.

    A cut falls inside a bold or linked stretch only if that alone is longer than a part.
    """
    parts: list[list[Run]] = []
    rest = _stripped(runs)
    while _units(rest) > limit:
        head, rest = _divided(rest, _cut(rest, limit))
        parts.append(_stripped(head))
        rest = _stripped(rest)
    parts.append(rest)
    return [part for part in parts if part]


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


def _laid_out(tokens: Sequence[Token]) -> Iterator[Run]:
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
        yield from _inline(token.children or [])


def _inline(tokens: Sequence[Token]) -> Iterator[Run]:
    tags: list[str] = []
    for token in tokens:
        if token.nesting > 0:
            tags.append(_tag(token))
        elif token.nesting < 0:
            tags.pop()
        else:
            text = "\n" if token.type in ("softbreak", "hardbreak") else token.content
            yield Run(text, tuple(tag for tag in tags if tag))


def _tag(token: Token) -> str:
    """The opening tag, or "" for a link of a kind that Telegram would not make one of."""
    if token.type != "link_open":
        return _TAGS[token.type]
    target = str(token.attrGet("href") or "")
    return f'a href="{escape(target)}"' if target.startswith(_LINKS) else ""


def _units(runs: Sequence[Run]) -> int:
    return sum(len(run.text) + sum(char > "\uffff" for char in run.text) for run in runs)


def _cut(runs: Sequence[Run], limit: int) -> int:
    """Where to end a part, in characters of visible text: as telling a place as there is, late rather than early."""
    text = "".join(run.text for run in runs)
    end = _index_at(text, limit)
    joined = _joined(runs)
    for places in (set(range(end + 1)) - joined, joined):
        for earliest in (end // 2, 0):
            for pattern in _BREAKS:
                found = [m.end() for m in pattern.finditer(text, 0, end) if m.end() > earliest and m.end() in places]
                if found:
                    return found[-1]
    return end


def _index_at(text: str, units: int) -> int:
    """How many characters of *text* fit into so many UTF-16 units."""
    for index, char in enumerate(text):
        units -= 2 if char > "\uffff" else 1
        if units < 0:
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
    """Without white space at either end: Telegram drops it, and refuses what is nothing else."""
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
