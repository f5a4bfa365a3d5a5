"""Updates of the Zalo Bot Platform, only the fields we use, and what each means as an `Incoming`. Pure.

The webhook's body may wrap the update as an answer does (`{"ok": true, "result": …}`, as the documentation has it) or
be the update itself (as real calls were seen): both are read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Raw, Struct, field

from bot.channels.bot_api import Unparsable
from bot.messages import Address, Incoming, Kind

CHANNEL: Final = "zalobot"
MAX_ID: Final = 64
"""Letters of an id: what the ledger's columns hold. Real ones have 20."""
MAX_TIME: Final = 4_102_444_800_000
"""Milliseconds since 1970 up to 2100: no message is from later."""

Id = str | int
"""A string in all that was seen; a number is taken as well."""


class Sender(Struct, gc=False):
    id: Id = ""
    display_name: str | None = ""
    is_bot: bool | None = False


class Chat(Struct, gc=False):
    id: Id = ""
    chat_type: str | None = "PRIVATE"


class Message(Struct):
    """A message. Of pictures, stickers and recordings it is enough to know that they are there: the event says so."""

    chat: Chat
    sender: Sender = field(name="from", default_factory=Sender)
    message_id: Id = ""
    text: str | None = ""
    caption: str | None = ""
    date: int | float | str | None = 0


class Update(Struct):
    """One event; an event about no message has none."""

    event_name: str
    message: Message | None = None


class _Wrapped(Struct):
    result: Raw = Raw()


_DECODER: Final = msgspec.json.Decoder(Update)
_WRAPPED: Final = msgspec.json.Decoder(_Wrapped)
_KINDS: Final[Mapping[str, Kind]] = {
    "message.text.received": Kind.TEXT,
    "message.link.received": Kind.TEXT,
    "message.image.received": Kind.PHOTO,
    "message.sticker.received": Kind.STICKER,
    "message.voice.received": Kind.VOICE,
    "message.reaction.received": Kind.REACTION,
    "message.unsupported.received": Kind.OTHER,  # a card, a file, a video, or anything of a protected account
}


def update_from(raw: bytes) -> Update:
    """The update in *raw*, wrapped or not. Unknown fields are skipped. Raises Unparsable."""
    try:
        wrapped = bytes(_WRAPPED.decode(raw).result)
        return _DECODER.decode(wrapped or raw)
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise Unparsable(str(exc)) from exc


def incoming_from(update: Update) -> Incoming | None:
    """What a person sent in *update*, or None: groups, other bots, events without a message.

    Raises Unparsable for an event that nobody knew of when this was written, and for a message of nobody.
    """
    kind, message = _KINDS.get(update.event_name), update.message
    if kind is None:
        whose = _id(message.chat.id) if message is not None else ""
        raise Unparsable(f"an event that is not known: {update.event_name[:80]}".replace("\0", ""), whose)
    if message is None or message.sender.is_bot or (message.chat.chat_type or "PRIVATE").upper() != "PRIVATE":
        return None
    text = (message.text or message.caption or "").replace("\0", "")  # PostgreSQL refuses to keep that character
    command, _, rest = text.partition(" ")
    if kind is Kind.TEXT and command.lower() == "/start":
        kind, text = Kind.START, rest.strip()
    chat, at = _id(message.chat.id), _seconds(message.date)
    # The id in a reaction is that of the message reacted to: it has none of its own.
    has_id = bool(message.message_id) and kind is not Kind.REACTION
    name = (message.sender.display_name or "").replace("\0", "")[:200]
    external_id = _id(message.message_id) if has_id else f"{update.event_name[:28]}+{at * 1000:.0f}+{chat}"[:80]
    return Incoming(Address(CHANNEL, chat), external_id, kind, text, name=name, at=at)


def name_in(raw: bytes) -> str:
    """A name for an update that can't be read, which the same one has again."""
    return hashlib.sha256(raw).hexdigest()


def known_as(raw: bytes) -> str:
    """What an update is known by when it is given out again: a copy of it need not have the same bytes."""
    try:
        update = update_from(raw)
    except Unparsable:
        return name_in(raw)
    if update.message is None or not update.message.message_id:
        return name_in(raw)
    return f"{update.event_name}+{update.message.message_id}"


def _id(value: Id) -> str:
    text = str(value)
    if not text or len(text) > MAX_ID or "\0" in text:
        raise Unparsable("an id that is empty or too long")
    return text


def _seconds(date: float | str | None) -> float:
    """Milliseconds since 1970 in seconds; 0 for what is no time."""
    try:
        milliseconds = float(date or 0)
    except (ValueError, OverflowError):
        return 0.0
    return milliseconds / 1000 if 0 < milliseconds <= MAX_TIME else 0.0
