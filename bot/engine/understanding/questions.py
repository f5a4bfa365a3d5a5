"""How questions are put: by a mark, by how they end, or by saying that one comes."""

from __future__ import annotations

import re

from bot.engine.words import fold

_ANNOUNCED = re.compile(r"\b(?:cho (?:\w+ )?hoi|xin hoi|muon hoi|hoi ve)\b")
_ENDING = re.compile(
    r"\b(?:thi sao|lam sao|ra sao|the nao|nhu nao|o dau|bao nhieu|bao gio|bao lau|khi nao|vi sao|tai sao)"
    r"(?: (?:a|vay|nhi|the|ha))?$"
)
_APPROVING = re.compile(r"\b(?:duoc|phai|co|con) (?:khong|chua)(?: (?:a|vay|nhi|the|ha))?$")
"""How questions are announced and how they end, folded. "… gì" and "… không" alone end answers as well."""
_BARE = re.compile(
    r"(?:\w+ ){0,4}(?:cho|xin|muon|can|nho|phep)(?: \w+)? hoi"
    r"(?: (?:mot|1|chut|ti|xiu|cai|dieu|chuyen|nay|voi|nhe|a|duoc|khong))*"
)


def asks(text: str, *, of_words: bool = False) -> bool:
    """Whether *text* is put as a question.

    Where an answer in words is wanted (*of_words*), "mở quán được không?" is one, and asks no more than what we think.
    """
    folded = fold(text)
    if _APPROVING.search(folded) and not _ANNOUNCED.search(folded):
        return not of_words
    return text.rstrip(" .!").endswith("?") or bool(_ANNOUNCED.search(folded) or _ENDING.search(folded))


def only_announces(text: str) -> bool:
    """Whether *text* says that a question comes, and no more: "cô ơi cho cháu hỏi chút ạ"."""
    return _BARE.fullmatch(fold(text)) is not None
