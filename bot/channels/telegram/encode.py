"""Outgoing messages as the bytes of Bot API calls. Pure.

All but the address, the id of an edited message and the choices' ids depends only on text and labels, so that
part is built once and kept: a message said to many people costs a few joins.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import msgspec
from msgspec.structs import replace

from bot.channels.base import Payload
from bot.channels.telegram.markup import html_parts
from bot.messages import Address, Choice, Media, Outgoing

MAX_CAPTION: Final = 1024
"""UTF-16 units of visible text under a picture or a file."""
CARRIES: Final = {"sendPhoto": "photo", "sendDocument": "document"}
"""The calls that carry something, and the parameter in which it stands: by `Media.ref` until it is sent."""
MAX_CALLBACK_DATA: Final = 64
"""Bytes, not characters: the Bot API refuses longer ones (BUTTON_DATA_INVALID)."""

PHONE_LABEL: Final = "Gửi số điện thoại của tôi · Share my number"
"""In both languages: a channel doesn't know which one the person reads."""

_encode = msgspec.json.Encoder().encode
_COMMON: Final = {"parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
_HOLE: Final = "\x00"  # stands for a choice's id while the fixed part is built; it can't be in a label
_HOLE_JSON: Final = _encode(_HOLE)


def payloads_of(to: Address, message: Outgoing) -> list[Payload]:
    """The calls that carry *message*; the last bears the choices. ValueError: no text, or an impossible choice."""
    if message.media:
        return _with_media(to, message, message.media)
    parts = _parts_of(message.text, tuple([choice.label for choice in message.choices]), message.asks_phone)
    chat = b'{"chat_id":%d' % int(to.id)
    method, start = "sendMessage", chat
    # A reply keyboard can't be put on a message by editing it.
    if message.replaces and not message.asks_phone:
        method, start = "editMessageText", b'%b,"message_id":%d' % (chat, int(message.replaces))
    data = [] if message.asks_phone else [_callback_data(choice) for choice in message.choices]
    payloads = []
    for part in parts:
        payloads.append(Payload(method, _filled(start, part, data)))
        method, start = "sendMessage", chat
    return payloads


def _with_media(to: Address, message: Outgoing, media: Media) -> list[Payload]:
    """The words stand under what they go with, where they fit there; else it goes ahead of them."""
    method = "sendPhoto" if media.kind == "image" else "sendDocument"
    first = {"chat_id": int(to.id), CARRIES[method]: media.ref}
    words = payloads_of(to, replace(message, media=None, replaces=""))
    captions = html_parts(message.text, MAX_CAPTION)
    if len(captions) > 1:
        return [Payload(method, _encode(first)), *words]
    said = msgspec.json.decode(words[0].body)
    markup = {"reply_markup": said["reply_markup"]} if "reply_markup" in said else {}
    return [Payload(method, _encode({**first, "caption": captions[0], "parse_mode": "HTML", **markup}))]


def in_words(body: bytes) -> bytes | None:
    """The body of a call that carries something as one that says its words alone; None when it has none."""
    fields = msgspec.json.decode(body)
    if "caption" not in fields:
        return None
    kept = {name: fields[name] for name in ("chat_id", "reply_markup") if name in fields}
    return _encode({**kept, "text": fields["caption"], **_COMMON})


def closing_of(to: Address, message_id: str) -> Payload:
    """The call that takes the buttons off a message."""
    return Payload("editMessageReplyMarkup", b'{"chat_id":%d,"message_id":%d}' % (int(to.id), int(message_id)))


def as_new_message(body: bytes) -> bytes:
    """The body of an editMessageText as that of a sendMessage with the same content."""
    fields = msgspec.json.decode(body)
    del fields["message_id"]
    return _encode(fields)


@lru_cache(maxsize=4096)
def _parts_of(text: str, labels: tuple[str, ...], asks_phone: bool) -> tuple[tuple[bytes, ...], ...]:
    """For each part what comes after the address, as pieces between which the choices' ids go."""
    texts = html_parts(text)
    if not texts:
        raise ValueError("a message needs text that can be seen")
    if not all(label.strip() and _HOLE not in label for label in labels):
        raise ValueError("a choice needs a label that can be seen")
    bodies: list[dict[str, object]] = [{"text": part, **_COMMON} for part in texts]
    if asks_phone:
        bodies[-1]["reply_markup"] = _phone_keyboard(labels)
    elif labels:
        rows = [[{"text": label, "callback_data": _HOLE}] for label in labels]
        bodies[-1]["reply_markup"] = {"inline_keyboard": rows}
    return tuple(tuple((b"," + _encode(body)[1:]).split(_HOLE_JSON)) for body in bodies)


def _phone_keyboard(labels: Sequence[str]) -> dict[str, object]:
    """A keyboard with the request for the own number; choices beside it come back as if they had been typed."""
    rows: list[list[dict[str, object]]] = [[{"text": PHONE_LABEL, "request_contact": True}]]
    rows += [[{"text": label}] for label in labels]
    return {"keyboard": rows, "resize_keyboard": True, "one_time_keyboard": True}


def _callback_data(choice: Choice) -> bytes:
    data = _encode(choice.id)
    # Escapes and quotes only add to the length: the exact count is seldom needed.
    if not choice.id or (len(data) > MAX_CALLBACK_DATA + 2 and len(choice.id.encode()) > MAX_CALLBACK_DATA):
        raise ValueError(f"the id of a choice has 1 to {MAX_CALLBACK_DATA} bytes: {choice.id!r}")
    return data


def _filled(start: bytes, pieces: tuple[bytes, ...], data: Sequence[bytes]) -> bytes:
    filled = [start, pieces[0]]
    if len(pieces) > 1:
        for value, piece in zip(data, pieces[1:], strict=True):
            filled += (value, piece)
    return b"".join(filled)
