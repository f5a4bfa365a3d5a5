"""Questions that have no subject of their own: they go on with what is being talked about."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from bot.engine.understanding.features import bare
from bot.engine.words import fold

LONGEST = 10
"""Words of the longest that is taken so: who tells more has a subject."""
_OPENS = re.compile(r"^(?:(?:the|vay) )?(?:con|nhung|neu|the|vay) (?=\S+ )")
_ENDS = re.compile(r" (?:thi|thi lam|thi phai lam) sao$| thi the nao$")
_OF_SOMEBODY = re.compile("con (?:toi|em|chau|minh|nha|gai|trai|nho|lon|ut)")
_KINDS = frozenset(
    ("ho", "ngheo", "can", "moi", "thoat", "nguoi", "gia", "khuyet", "tat", "don", "than", "con", "nho", "vo", "chong")
) | frozenset(("bo", "me", "ong", "ba", "chau", "sinh", "vien", "dan", "toc", "gia", "dinh", "nha"))
"""Words for who asks: with nothing else they name a household, not a subject."""


def has_subject(words: Sequence[str], asides: Collection[str]) -> bool:
    """Whether accented *words* name a thing: more than *asides*, which speak for no topic, and who it is for."""
    return any(word not in asides and word not in _KINDS for word in map(fold, words))


def continues(words: Sequence[str]) -> bool:
    """Whether accented *words* are put as going on with what was said: "còn … thì sao?". "con" is a child."""
    left = bare(words)
    said = " ".join(map(fold, left))
    is_child = tuple(left[:1]) == ("con",) and (
        any(not word.isascii() for word in left) or bool(_OF_SOMEBODY.match(said))
    )
    opens = bool(_OPENS.search(said)) and not is_child
    return said.count(" ") < LONGEST and (opens or bool(_ENDS.search(said)))
