"""What a stored payload said, for people who read the log: whether its channel is still switched on or not.

The ledger keeps the bytes that were sent, in each platform's own shape. They are recognised by that shape.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import msgspec

from bot.channels.webchat import html_from, html_of
from bot.messages import Media

_TAG = re.compile(r"</?(?:b|i|a)\b[^<>]*>")
"""The tags that `telegram.markup` writes; every other "<" in its text is escaped."""
_REF = re.compile(r"(?P<digest>[0-9a-f]{32})/(?P<name>[a-z0-9-]+\.[a-z]+)$")
"""A `Media.ref`, whatever stands before it."""
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
    if not isinstance(said, dict):
        return None
    if "recipient" in said or "template_id" in said:
        return _zalo(said)
    if "chat_id" in said:
        return _bot_api(said)
    if not isinstance(said.get("text"), str):
        return None
    return Shown(carried_in(said) + html_from(said["text"]), _choices(said.get("choices")))


def _bot_api(said: dict[str, Any]) -> Shown | None:
    """A message of Telegram, or of the Zalo Bot Platform, whose chats are not numbers and whose text is no HTML."""
    given, media = said.get("text", said.get("caption", "")), carried_in(said)
    if not isinstance(given, str) or not (given or media):
        return None
    text = _as_it_is(given) if isinstance(said["chat_id"], str) else _plain(given)
    return Shown(media + html_from(text), _telegram_choices(said.get("reply_markup")))


def carried_in(said: dict[str, Any]) -> str:
    """Safe HTML of the picture or file that a decoded body carries, from our own folder; "" for none."""
    payload = _table(_table(_table(said.get("message")).get("attachment")).get("payload"))
    media = _table(said.get("media"))
    named = (
        said.get("photo"), said.get("document"), payload.get("token"),
        *(_table(one).get("attachment_id") for one in _list(payload.get("elements"))),
        f"{media.get('digest')}/{media.get('name')}" if media else "",
    )  # fmt: skip
    found = _REF.search(next((name for name in named if isinstance(name, str) and name), ""))
    if found is None:
        return ""
    is_file = found["name"].endswith((".pdf", ".docx"))
    says = str(media.get("says") or found["name"])
    return html_of(Media(found["name"], found["digest"], "file" if is_file else "image", says))


def _plain(html: str) -> str:
    """Telegram's HTML as text that our Markdown shows as it is, its lines kept."""
    return _as_it_is(unescape(_TAG.sub("", html)))


def _as_it_is(text: str) -> str:
    """*text* so that our Markdown shows every letter of it."""
    return text.translate(_MARKDOWN)


def _zalo(said: dict[str, Any]) -> Shown | None:
    """An Official Account's message: words and buttons, a card, or an approved template with what fills it."""
    if isinstance(values := said.get("template_data"), dict):
        return Shown(html_from("\n".join(_as_it_is(f"{name}: {value}") for name, value in values.items())))
    message = _table(said.get("message"))
    payload = _table(_table(message.get("attachment")).get("payload"))
    cards = [_table(one) for one in _list(payload.get("elements"))]
    words = [message.get("text"), *(card.get(name) for card in cards for name in ("title", "subtitle"))]
    text = "\n".join(word for word in words if isinstance(word, str))
    media = carried_in(said)
    buttons = tuple(str(_table(one).get("title", "")) for one in _list(payload.get("buttons")))
    return Shown(media + html_from(_as_it_is(text)), buttons) if text or media else None


def _telegram_choices(markup: Any) -> tuple[str, ...]:
    rows: Any = next((markup[name] for name in _LABELS if name in markup), []) if isinstance(markup, dict) else []
    return tuple(str(button.get("text", "")) for row in rows for button in row if isinstance(button, dict))


def _choices(given: Any) -> tuple[str, ...]:
    return tuple(str(one["label"] if isinstance(one, dict) and "label" in one else one) for one in _list(given))


def _table(given: Any) -> dict[str, Any]:
    return given if isinstance(given, dict) else {}


def _list(given: Any) -> list[Any]:
    return given if isinstance(given, list) else []
