"""Vietnamese as people type it, made comparable: case, diacritics, composition and punctuation folded away."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from bot.engine.understanding.courtesy import forms, unmarked, without_courtesy

_MARKS = re.compile("[\u0300-\u036f\u1dc4-\u1dff]")
_GAPS = re.compile(r"[^0-9a-z]+")
KEPT = 100
"""Letters of the longest text whose folding is remembered: labels and answers come again, people's stories do not."""
_ALIKE = str.maketrans(
    {
        # Cyrillic and Greek letters drawn as Latin ones: other keyboards type them, and spam hides behind them.
        **dict(zip("аеорсухіјѕԁһ", "aeopcyxijsdh", strict=True)),
        **dict(zip("αεοριυνκτχ", "aeopiuvktx", strict=True)),
        **dict.fromkeys("ðɖɗƌ", "đ"),  # keyboards of other languages have these in place of it
        "ı": "i",
        **dict.fromkeys("\u00ad\u034f\u200b\u200c\u200d\u2060\ufe0e\ufe0f\ufeff"),  # nothing is seen of these
    }
)
_FOREIGN = re.compile("[ıðɖɗƌ\u00ad\u034f\u0370-\u03ff\u0400-\u052f\u200b-\u200d\u2060\ufe0e\ufe0f\ufeff]")


def composed(text: str) -> str:
    """*text* in lower case and composed, each letter the Latin one that it looks like; spaces stay. Idempotent."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", text.translate(_ALIKE)) if _FOREIGN.search(text) else text


def fold(text: str) -> str:
    """*text* in lower case without diacritics, words parted by single spaces: "Vay VỐN!" -> "vay von".

    Works alike on composed and decomposed text; "đ" becomes "d"; ① becomes 1. Idempotent.
    """
    return _fold(text) if len(text) <= KEPT else _fold.__wrapped__(text)


@lru_cache(maxsize=8192)
def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKD", composed(text))
    return _GAPS.sub(" ", _MARKS.sub("", text).replace("đ", "d")).strip()


def plain(text: str) -> str:
    """*text* in lower case and composed, with its diacritics: what tells "vay" from "váy"."""
    return _plain(text) if len(text) <= KEPT else _plain.__wrapped__(text)


@lru_cache(maxsize=8192)
def _plain(text: str) -> str:
    return " ".join(composed(text).split())


_LAST = -1
"""Which one that is only *count* tells."""
LONGEST = 40
"""Letters of the longest text that names a number: "cho em xin chọn cái lựa chọn thứ ba với ạ" has 37."""
_SPELT = {"một": 1, "hai": 2, "ba": 3, "bốn": 4, "năm": 5, "sáu": 6}
_SPELT |= {"bảy": 7, "bẩy": 7, "tám": 8, "chín": 9, "mười": 10}
_ORDINAL = {"nhất": 1, "nhì": 2, "tư": 4, "đầu": 1, "cuối": _LAST, "chót": _LAST}
"""These pick something out only behind a word that says so: "tư" alone is hardly a number."""
_WRITTEN = _SPELT | _ORDINAL
_UNMARKED = {unmarked(word): number for word, number in _WRITTEN.items()}
_LED = frozenset(form for word in _ORDINAL for form in (word, unmarked(word)))
_LEADING = forms("số câu mục ý cái phần nút phím dòng ô lựa chọn bấm nhấn ấn gõ thứ")
_TRAILING = forms("tiên cùng")
_PIECE = re.compile(r"[0-9]+|[^\W0-9_]+")


def number_named(text: str, count: int = 0) -> int | None:
    """The number that *text* picks out: "2", "số 2 ạ", "cái thứ ba", "①", of *count* "mục cuối"; None for more words.

    With diacritics they must be the right ones: "đâu" (where) is not "đầu" (first). Without any, all may be missing.
    """
    if len(text) > LONGEST:
        return None
    words = without_courtesy(tuple(_PIECE.findall(composed(text))))
    leading = 0
    while leading < len(words) - 1 and words[leading] in _LEADING:
        leading += 1
    named = words[leading:]
    if len(named) == 2 and named[1] in _TRAILING and named[0] in _LED:
        named, leading = named[:1], 1  # "đầu tiên", "cuối cùng"
    number = _worth(named[0], leading > 0, text.isascii()) if len(named) == 1 else None
    return (count or None) if number == _LAST else number


def _worth(word: str, is_led: bool, is_unmarked: bool) -> int | None:
    if word.isdigit():
        return int(word) if len(word) < 3 else None
    if word in _LED and not is_led:
        return None
    return (_UNMARKED if is_unmarked else _WRITTEN).get(word)
