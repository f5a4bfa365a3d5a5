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

PHOTO: Final = "sendPhoto"

_encode = msgspec.json.Encoder().encode


def payloads_of(to: Address, message: Outgoing, media_at: str = "") -> list[Payload]:
    """The calls that carry *message*; the last bears the choices. ValueError: no text, or a label without any.

    *media_at* is where the world finds pictures and files: the platform fetches a picture, people a file. Without it
    there are words alone.
    """
    chat = _encode(to.id)
    media = message.media if media_at else None
    text = f"{message.text}\n\n{media.says}: {media_at}{media.ref}" if media and media.kind == "file" else message.text
    texts = _texts_of(text, tuple([choice.label for choice in message.choices]))
    said = [Payload("sendMessage", b'{"chat_id":%b,"text":%b}' % (chat, text)) for text in texts]
    if media is None or media.kind == "file":
        return said
    photo = b'{"chat_id":%b,"photo":%b' % (chat, _encode(media_at + media.ref))
    if len(texts) > 1:
        return [Payload(PHOTO, photo + b"}"), *said]
    return [Payload(PHOTO, b'%b,"caption":%b}' % (photo, texts[0]))]


def in_words(body: bytes) -> bytes | None:
    """The body of a picture as its words alone; None when it has none."""
    said = msgspec.json.decode(body)
    return _encode({"chat_id": said["chat_id"], "text": said["caption"]}) if "caption" in said else None


@lru_cache(maxsize=4096)
def _texts_of(text: str, labels: tuple[str, ...]) -> tuple[bytes, ...]:
    """The parts as JSON: a message said to many people is laid out once."""
    parts = menu_parts(text, labels, MAX_TEXT)
    if not parts:
        raise ValueError("a message needs text that can be seen")
    return tuple(_encode(part) for part in parts)
