"""Splits a query into tokens: phrases of several words, and values where one is due."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from lark import Token
from lark.lexer import Lexer

from bot.engine.segments.errors import SegmentError
from bot.engine.segments.words import LONGEST, PHRASES
from bot.engine.words import fold

_PIECE = re.compile(
    r"""(?P<space>\s+) | (?P<_NE>!=) | (?P<_EQ>=) | (?P<_LPAR>\() | (?P<_RPAR>\)) | (?P<_COMMA>,)
    | "(?P<double>[^"]*)" | '(?P<single>[^']*)' | “(?P<curly>[^“”"']*)” | (?P<word>[^\s"'“”‘’(),=!]+)""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"[0-9]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}")
_BEFORE_VALUE = ("_EQ", "_NE", "FIELD", "REACHED", "ANSWERED", "FINISHED")
"""After these a word is a value, whatever it would be elsewhere: `dong-y = khong`, `xong stop`."""
DEEPEST = 12
"""Most parentheses within each other: the databases bound the depth of a condition, and nobody reads more."""


class QueryLexer(Lexer):
    """Lark's door to `tokens_of`."""

    def __init__(self, _conf: object) -> None:
        pass

    def lex(self, data: str) -> Iterator[Token]:  # type: ignore[override]
        return tokens_of(data)


def tokens_of(query: str) -> Iterator[Token]:
    """The tokens of *query*, each with its column. Raises `SegmentError` for a letter that can't stand there."""
    pieces = list(_pieces(query))
    index, depth, listing, before = 0, 0, False, ""
    while index < len(pieces):
        kind, text, column = pieces[index]
        taken = 1
        if kind == "_LPAR":
            depth, listing = depth + 1, before == "_IN"
        elif kind == "_RPAR":
            depth, listing = depth - 1, False
        elif kind == "word" and (listing or before in _BEFORE_VALUE):
            kind = "VALUE"
        elif kind == "word":
            kind, taken = _phrase(pieces, index)
        if depth > DEEPEST:
            raise SegmentError(column, "syntax", f"có quá {DEEPEST} lớp ngoặc lồng nhau", word="(")
        yield Token(kind, text if taken == 1 else _joined(pieces, index, taken), column=column)
        index, before = index + taken, kind


def _pieces(query: str) -> Iterator[tuple[str, str, int]]:
    """(kind, text, column) of words, quoted values and signs."""
    at = 0
    while at < len(query):
        found = _PIECE.match(query, at)
        if found is None:
            what = "dấu ngoặc kép chưa đóng" if query[at] in "\"'“" else f"không hiểu dấu “{query[at]}”"
            raise SegmentError(at + 1, "syntax", what, word=query[at])
        kind = str(found.lastgroup)
        if kind in ("double", "single", "curly"):
            yield "VALUE", _tidy(found[kind]), at + 1
        elif kind != "space":
            yield kind, _tidy(found[0]), at + 1
        at = found.end()


def _phrase(pieces: list[tuple[str, str, int]], index: int) -> tuple[str, int]:
    """The kind of the longest phrase that begins here, and how many words it takes."""
    words = 0
    while words < LONGEST and index + words < len(pieces) and pieces[index + words][0] == "word":
        words += 1
    for taken in range(words, 0, -1):
        kind = PHRASES.get(fold(_joined(pieces, index, taken)))
        if kind is not None:
            return kind, taken
    text = pieces[index][1]
    if _NUMBER.fullmatch(text):
        return "NUMBER", 1
    return ("DATE" if _DATE.fullmatch(text) else "WORD"), 1


def _joined(pieces: list[tuple[str, str, int]], index: int, taken: int) -> str:
    return " ".join(text for _, text, _ in pieces[index : index + taken])


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))
