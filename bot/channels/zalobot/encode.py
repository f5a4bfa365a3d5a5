"""Outgoing messages as the bytes of calls of the Zalo Bot Platform. Pure.

It has no buttons, no edits and no way to ask for a phone number: choices are lines under a plain text.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import msgspec

from bot.channels.base import Payload
from bot.channels.lines import menu_parts
from bot.messages import Address, Outgoing

MAX_TEXT: Final = 2000
"""Characters of a message."""

_encode = msgspec.json.Encoder().encode


def payloads_of(to: Address, message: Outgoing) -> list[Payload]:
    """The calls that carry *message*; the last bears the choices. ValueError: no text, or a label without any."""
    chat = _encode(to.id)
    texts = _texts_of(message.text, tuple([choice.label for choice in message.choices]))
    return [Payload("sendMessage", b'{"chat_id":%b,"text":%b}' % (chat, text)) for text in texts]


@lru_cache(maxsize=4096)
def _texts_of(text: str, labels: tuple[str, ...]) -> tuple[bytes, ...]:
    """The parts as JSON: a message said to many people is laid out once."""
    parts = menu_parts(text, labels, MAX_TEXT)
    if not parts:
        raise ValueError("a message needs text that can be seen")
    return tuple(_encode(part) for part in parts)
