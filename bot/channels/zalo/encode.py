"""Outgoing messages as the bytes of OpenAPI calls. Pure.

All but the address and the choices' ids depends only on text and labels, so that part is built once and kept: a
message said to many people costs a few joins. Zalo reads plain text, and knows no edits and no quick replies: choices
are buttons where those are tried, else lines under the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final
from unicodedata import normalize

import msgspec
from msgspec.structs import replace

from bot.channels.base import Payload
from bot.channels.layout import cut, plain
from bot.channels.lines import listed, titles_of, with_lines, with_room
from bot.messages import Address, Choice, Media, Outgoing

MAX_TEXT: Final = 2000
"""Code points of a message, after NFC: a Vietnamese sentence written with combining marks is a quarter longer."""
MAX_BUTTONS: Final = 5
MAX_TITLE: Final = 100
MAX_QUERY: Final = 1000
"""Characters of what a button carries."""

CARD_TITLE: Final = "Gửi số điện thoại · Share my number"
CARD_TEXT: Final = "Bấm vào đây để gửi số của chính mình · Tap here to send your own number"
"""In both languages: a channel doesn't know which one the person reads."""

SAY, BY_TEMPLATE, BY_PHONE = "cs", "template", "phone"
"""The calls, as `Payload.method` names them: a consultation message, a template by user id, one by phone number."""

HERE: Final = "content:"
"""What a picture or a file is called that Zalo was not given yet: it stands before `Media.ref`."""
_MEDIA: Final = re.compile(rb'"(?:attachment_id|token)":"content:([^"]+)"')

_encode = msgspec.json.Encoder().encode
_HOLE: Final = "\x00"  # stands for a choice's id while the fixed part is built; it can't be in a label
_HOLE_JSON: Final = _encode(_HOLE)


def payloads_of(to: Address, message: Outgoing, *, has_buttons: bool, card_image: str = "") -> list[Payload]:
    """The calls that carry *message*. ValueError: no text, or an impossible choice.

    The last that holds text bears the choices. A card that asks for the phone number comes behind it, where there is a
    picture for it (an address): Zalo takes none without.
    """
    if message.media:
        return _with_media(to, message, message.media, has_buttons=has_buttons, card_image=card_image)
    labels = tuple([choice.label for choice in message.choices])
    ids = [_query(choice) for choice in message.choices]
    start = b'{"recipient":{"user_id":%b},"message":' % _encode(to.id)
    payloads = []
    for pieces in _parts_of(message.text, labels, has_buttons):
        payloads.append(Payload(SAY, b"".join((start, _filled(pieces, ids), b"}"))))
    if message.asks_phone and card_image:
        payloads.append(Payload(SAY, b"".join((start, _card(card_image), b"}"))))
    return payloads


def _with_media(to: Address, message: Outgoing, media: Media, *, has_buttons: bool, card_image: str) -> list[Payload]:
    """A picture with the words under it, its choices as lines: there can't be buttons beside it, and each message may
    cost money. A file, and a picture with words too long for one message, goes ahead of them."""
    is_image = media.kind == "image"
    bare = replace(message, media=None)
    first, *others = payloads_of(to, bare, has_buttons=has_buttons and not is_image, card_image=card_image)
    said = msgspec.json.decode(first.body)
    has_more = any(b'"message":{"text":' in other.body for other in others)
    if is_image and not has_more:
        said["message"]["attachment"] = _attachment(media)
        return [Payload(SAY, _encode(said)), *others]
    ahead = {**said, "message": {"attachment": _attachment(media)}}
    return [Payload(SAY, _encode(ahead)), *payloads_of(to, bare, has_buttons=has_buttons, card_image=card_image)]


def _attachment(media: Media) -> dict[str, object]:
    """What carries it; in place of what Zalo calls it there is its `Media.ref`, until it is sent."""
    if media.kind == "file":
        return {"type": "file", "payload": {"token": HERE + media.ref}}
    element = {"media_type": "image", "attachment_id": HERE + media.ref}
    return {"type": "template", "payload": {"template_type": "media", "elements": [element]}}


def media_in(body: bytes) -> str:
    """The `Media.ref` of what *body*, made here, carries; "" for nothing. In no text could this stand, see below."""
    found = _MEDIA.search(body)
    return found[1].decode() if found else ""


def with_media(body: bytes, ref: str, name: str) -> bytes:
    """*body* with Zalo's *name* for what it carries."""
    return body.replace(_encode(HERE + ref), _encode(name))


def in_words(body: bytes) -> bytes | None:
    """The body of a message that carries something as its words alone; None when it has none."""
    said: dict[str, Any] = msgspec.json.decode(body)
    text = said["message"].get("text")
    return None if text is None else _encode({**said, "message": {"text": text}})


def template_of(to: Address, template: str, values: Mapping[str, str]) -> Payload:
    """The call that sends an approved template by user id."""
    body = {"user_id": to.id, "template_id": template, "template_data": _composed(values)}
    return Payload(BY_TEMPLATE, _encode(body))


def phone_template_of(phone: str, template: str, values: Mapping[str, str], tracking: str) -> Payload:
    """The call that sends an approved template to *phone* ("0912345678"); Zalo wants it as "84912345678"."""
    number = "84" + phone.removeprefix("0") if phone.startswith("0") else phone.removeprefix("+")
    body = {"phone": number, "template_id": template, "template_data": _composed(values), "tracking_id": tracking}
    return Payload(BY_PHONE, _encode(body))


def has_buttons(body: bytes) -> bool:
    """Whether *body*, made here, holds buttons. In no text could this stand: its quotes would be escaped."""
    return b'"payload":{"buttons":[' in body


def without_buttons(body: bytes) -> bytes:
    """The body of a message with buttons as one with its choices as lines."""
    said: dict[str, Any] = msgspec.json.decode(body)
    message = said["message"]
    titles = [button["title"] for button in message["attachment"]["payload"]["buttons"]]
    return _encode({**said, "message": {"text": listed(message["text"], titles)}})


@lru_cache(maxsize=4096)
def _parts_of(text: str, labels: tuple[str, ...], has_buttons: bool) -> tuple[tuple[bytes, ...], ...]:
    """For each part its `message`, as pieces between which the choices' ids go."""
    titles = titles_of(labels)
    if any(_HOLE in title for title in titles):
        raise ValueError("a choice needs a label that can be seen")
    texts = cut(plain(normalize("NFC", text)), MAX_TEXT)
    if not texts:
        raise ValueError("a message needs text that can be seen")
    bodies: list[dict[str, object]]
    if titles and has_buttons and len(titles) <= MAX_BUTTONS and all(len(title) <= MAX_TITLE for title in titles):
        bodies = [{"text": part} for part in with_room(texts, titles, MAX_TEXT)]
        bodies[-1]["attachment"] = {"type": "template", "payload": {"buttons": [_button(title) for title in titles]}}
    else:
        bodies = [{"text": part} for part in (with_lines(texts, titles, MAX_TEXT) if titles else texts)]
    return tuple(tuple(_encode(body).split(_HOLE_JSON)) for body in bodies)


@lru_cache(maxsize=8)
def _card(image: str) -> bytes:
    element = {"title": CARD_TITLE, "subtitle": CARD_TEXT, "image_url": image}
    payload = {"template_type": "request_user_info", "elements": [element]}
    return _encode({"attachment": {"type": "template", "payload": payload}})


def _button(title: str) -> dict[str, str]:
    """A tap comes back as a text that nobody else sees: what stands in `payload`."""
    return {"title": title, "type": "oa.query.hide", "payload": _HOLE}


def _query(choice: Choice) -> bytes:
    data = _encode("#" + choice.id)
    if not choice.id or len(choice.id) >= MAX_QUERY:
        raise ValueError(f"the id of a choice has 1 to {MAX_QUERY - 1} characters: {choice.id!r}")
    return data


def _filled(pieces: tuple[bytes, ...], ids: Sequence[bytes]) -> bytes:
    if len(pieces) == 1:  # its choices, if it has any, are lines
        return pieces[0]
    filled = [pieces[0]]
    for value, piece in zip(ids, pieces[1:], strict=True):
        filled += (value, piece)
    return b"".join(filled)


def _composed(values: Mapping[str, str]) -> dict[str, str]:
    return {name: normalize("NFC", value) for name, value in values.items()}
