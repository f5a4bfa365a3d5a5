"""Vietnamese as people type it, made comparable: case, diacritics, composition and punctuation folded away."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_MARKS = re.compile("[\u0300-\u036f\u1dc4-\u1dff]")
_GAPS = re.compile(r"[^0-9a-z]+")
KEPT = 100
"""Letters of the longest text whose folding is remembered: labels and answers come again, people's stories do not."""


def fold(text: str) -> str:
    """*text* in lower case without diacritics, words parted by single spaces: "Vay VỐN!" -> "vay von".

    Works alike on composed and decomposed text; "đ" becomes "d"; ① becomes 1. Idempotent.
    """
    return _fold(text) if len(text) <= KEPT else _fold.__wrapped__(text)


@lru_cache(maxsize=8192)
def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return _GAPS.sub(" ", _MARKS.sub("", text).replace("đ", "d").replace("ð", "d")).strip()


def plain(text: str) -> str:
    """*text* in lower case and composed, with its diacritics: what tells "vay" from "váy"."""
    return _plain(text) if len(text) <= KEPT else _plain.__wrapped__(text)


@lru_cache(maxsize=8192)
def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


_ORDINALS = {"nhat": 1, "dau": 1, "dau tien": 1, "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "sau": 6}
_ORDINALS |= {"bay": 7, "tam": 8, "chin": 9, "muoi": 10}
_WHICH = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_NUMBERED = re.compile(rf"^(?:so|cau|muc|y|cai|chon|phan|nut|lua chon)?(?: thu)? ?(\d{{1,2}}|{_WHICH})$")


def number_named(text: str) -> int | None:
    """The number that *text* picks out: "2", "số 2", "cái thứ ba", "chọn mục 1"; None if it is something else."""
    match = _NUMBERED.match(fold(text))
    if match is None:
        return None
    word = match.group(1)
    return int(word) if word.isdigit() else _ORDINALS[word]
