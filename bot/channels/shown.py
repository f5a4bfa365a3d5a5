"""What a stored payload said, for people who read the log: whether its channel is still switched on or not.

The ledger keeps the bytes that were sent, in each platform's own shape. They are recognised by that shape.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import msgspec

from bot.channels.webchat import html_from

_TAG = re.compile(r"</?(?:b|i|a)\b[^<>]*>")
"""The tags that `telegram.markup` writes; every other "<" in its text is escaped."""
_LABELS = ("inline_keyboard", "keyboard")
_MARKDOWN = str.maketrans({letter: f"\\{letter}" for letter in "\\`*_[]<>#+-!.&"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as it was read. `html` is safe to show: made here, never taken from the bytes."""

    html: str
    choices: tuple[str, ...] = ()


def shown_in(body: bytes) -> Shown | None:
    """What *body* said; None when it holds no text (emptied when somebody was forgotten, or of an unknown shape)."""
    try:
        said = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return None
    if not isinstance(said, dict) or not isinstance(said.get("text"), str):
        return None
    if "chat_id" in said:
        return Shown(html_from(_plain(said["text"])), _telegram_choices(said.get("reply_markup")))
    return Shown(html_from(said["text"]), _choices(said.get("choices")))


def _plain(html: str) -> str:
    """Telegram's HTML as text that our Markdown shows as it is, its lines kept."""
    return unescape(_TAG.sub("", html)).translate(_MARKDOWN)


def _telegram_choices(markup: Any) -> tuple[str, ...]:
    rows: Any = next((markup[name] for name in _LABELS if name in markup), []) if isinstance(markup, dict) else []
    return tuple(str(button.get("text", "")) for row in rows for button in row if isinstance(button, dict))


def _choices(given: Any) -> tuple[str, ...]:
    listed = given if isinstance(given, list) else []
    return tuple(str(one["label"] if isinstance(one, dict) and "label" in one else one) for one in listed)
