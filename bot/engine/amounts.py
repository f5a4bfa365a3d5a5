"""Amounts as people type or spell them: "4 người", "1tr5", "1.500.000", "sáu triệu rưỡi". In doubt, none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.engine.words import fold, plain

_TOKEN = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[^\W\d_]+|[-–/]")
_GROUPED = re.compile(r"[0-9]{1,3}([.,])[0-9]{3}(?:\1[0-9]{3})*")
_SCALES = {"tr": 10**6, "trieu": 10**6, "nghin": 10**3, "ngan": 10**3, "k": 10**3, "ty": 10**9, "ti": 10**9}
_SPELT = {"không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5, "nhăm": 5}
_SPELT |= {"sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9}
_FOLDED = {fold(word): value for word, value in _SPELT.items()}
_JOINS = {"muoi", "chuc", "tram", "ruoi", "linh", "le"}
_RANGE = {"-", "–", "/", "den", "toi", "hoac", "hay"}
_LONGEST = 15
"""Digits that an amount may have."""
_EACH = {"thang", "ngay", "tuan"}
"""What "một" counts off after a sum: "6 triệu một tháng"."""
AROUND = 4
"""Words on either side of an amount that can tell what it is of."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A whole number among other words; `before` and `after` are those next to it, folded, the nearest first.

    `is_sum`: a scale such as "triệu" or "nghìn" goes with it.
    """

    value: int
    is_sum: bool
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def amounts_in(text: str) -> Iterator[Amount]:
    """Every number in *text* that means one thing, with the words around it."""
    text = plain(unicodedata.normalize("NFKC", text))
    tokens = _TOKEN.findall(text)
    words = [_number_word(token, text.isascii()) for token in tokens]
    start = 0
    while start < len(tokens):
        end = _run_end(tokens, words, start)
        value = _Sum().of(words[start:end]) if end > start else None
        if value is not None:
            before, after = tokens[max(0, start - AROUND) : start], tokens[end : end + AROUND]
            is_sum = not _SCALES.keys().isdisjoint(words[start:end])
            yield Amount(value, is_sum, tuple(map(fold, reversed(before))), tuple(map(fold, after)))
        start = max(end, start + 1)


def _run_end(tokens: Sequence[str], words: Sequence[str], start: int) -> int:
    """Where the number words end that begin at *start*; there itself if no number can begin so.

    "3 năm" are three years, not three and five; "6 triệu một tháng" are six million.
    """
    if not words[start] or _only_follows(words[start]):
        return start
    end = start + 1
    while end < len(tokens) and words[end]:
        is_year = fold(tokens[end]) == "nam" and tokens[end - 1].isdigit()
        is_each = words[end] in ("=1", "1") and end + 1 < len(tokens) and fold(tokens[end + 1]) in _EACH
        if is_year or is_each:
            break
        end += 1
    return end


def number_in(text: str) -> int | None:
    """The whole number that *text* names; None when there is none, or when it may mean two."""
    runs, is_range = _runs(plain(unicodedata.normalize("NFKC", text)))
    typed = [run for run in runs if any(word[0].isdigit() for word in run)]
    if is_range or (not typed and len(runs) != 1):
        return None
    return _Sum().of((typed or runs)[0])


def _runs(text: str) -> tuple[list[list[str]], bool]:
    """The runs of number words that begin with a number, and whether two of them stand as "10 - 15"."""
    runs: list[list[str]] = []
    between: list[str] | None = None  # what stood since the last number word
    is_range = False
    for token in _TOKEN.findall(text):
        word = _number_word(token, text.isascii())
        if not word:
            between = None if between is None else [*between, fold(token) or token]
        elif not between and runs and between is not None:
            runs[-1].append(word)
        elif not _only_follows(word):
            is_range = is_range or (between is not None and len(between) == 1 and between[0] in _RANGE)
            runs.append([word])
            between = []
        if word and between is not None:
            between = []
    return runs, is_range


def _number_word(token: str, ascii_only: bool) -> str:
    """*token* made uniform if it can be part of an amount: "1.500", "=4" (spelt), "trieu"; else ""."""
    if token[0] in "0123456789":
        return token
    folded = fold(token)
    if folded in _SCALES or folded in _JOINS:
        return folded
    value = (_FOLDED if ascii_only else _SPELT).get(folded if ascii_only else token)
    return "" if value is None else f"={value}"


def _only_follows(word: str) -> bool:
    return word in _SCALES or word in ("chuc", "tram", "ruoi", "linh", "le")  # "vài chục" is no number


class _Sum:
    """An amount being added up from the words of one run."""

    def __init__(self) -> None:
        self.total = 0.0
        self.current: float | None = None  # the number that stands open, before its scale
        self.short = False  # it is a single number yet
        self.scale = 0  # the last scale

    def of(self, run: list[str]) -> int | None:
        """What *run* is worth; None if its words don't make one number."""
        before = ""
        for word in run:
            fits = self._scaled(word, before) if word in _SCALES else self._added(word)
            if not fits:
                return None
            before = word
        if self.current is not None:
            self.total += _tail(before, self.current, self.scale, self.short)
        whole = int(self.total)
        return whole if self.total == whole and whole < 10**_LONGEST else None

    def _scaled(self, scale: str, before: str) -> bool:
        worth = _SCALES[scale]
        if self.current is None or (self.scale and worth >= self.scale) or _ambiguous(before, scale):
            return False
        self.total, self.current, self.scale = self.total + self.current * worth, None, worth
        return True

    def _added(self, word: str) -> bool:
        if word in _JOINS:
            self.current, self.short = _joined(word, self.current, self.scale), False
            return self.current is not None
        value = float(word[1:]) if word[0] == "=" else _literal(word)
        if value is None:
            return False
        if self.current is None:
            self.current, self.short = value, True
            return True
        if word[0] != "=" or self.short or self.current % 10:
            return False
        self.current += value
        return True


def _joined(word: str, current: float | None, scale: int) -> float | None:
    """The open number after "mươi", "trăm", "rưỡi" or "linh"; None if it can't stand there."""
    match word:
        case "muoi" | "chuc":
            last = (current or 0) % 100
            return (current or 0) + (last * 9 if last else 10) if last < 10 else None
        case "tram":
            return current * 100 if current and current < 10 else None
        case "ruoi" if current is None:
            return scale / 2 if scale else None
        case "ruoi":
            return current + 50 if current and current % 100 == 0 else None
        case _:
            return current


def _literal(digits: str) -> float | None:
    """Digits with points or commas: thousands in groups of three, or one decimal part."""
    if len(digits) > _LONGEST + 5:
        return None
    if _GROUPED.fullmatch(digits):
        return float(re.sub("[.,]", "", digits))
    return float(digits.replace(",", ".")) if len(re.findall("[.,]", digits)) < 2 else None


def _ambiguous(digits: str, scale: str) -> bool:
    """ "1.500 triệu" may be one and a half or fifteen hundred."""
    return _SCALES[scale] > 1000 and bool(_GROUPED.fullmatch(digits))


def _tail(last: str, current: float, scale: int, short: bool) -> float:
    """What stands after a scale: "1tr5" and "một triệu năm" are halves, "một triệu hai trăm" is 200 thousand more."""
    if not scale:
        return current
    if last[0].isdigit():
        return current * scale / float(10 ** len(last))
    if last == "ruoi" and current == scale / 2:
        return current
    return current * scale / (10.0 if short else 1000.0)
