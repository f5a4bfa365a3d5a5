"""One thing that was looked at, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from bot.speech import _

State = Literal["ok", "warn", "bad", "off"]
"""In order; works but wants looking at; doesn't work; not switched on."""
AREAS: Mapping[str, str] = {
    "home": _("Máy và dữ liệu"), "library": _("Hội thoại và nội dung"), "telegram": "Telegram", "zalo": "Zalo",
    "templates": _("Tin mẫu của Zalo"), "zalobot": "Zalo Bot Platform",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sign:
    """*what* was found in an area, in words, and the *remedy*, empty where none is needed."""

    area: str
    state: State
    what: str
    remedy: str = ""

    def to_dict(self) -> dict[str, str]:
        """As a program reads it."""
        return asdict(self)


def is_ill(signs: Iterable[Sign]) -> bool:
    """Whether anything doesn't work."""
    return any(sign.state == "bad" for sign in signs)
