"""Events of the webhook, only the fields we use, and what each means for us. Pure, and patient with their shape:
the documentation's samples and real events differ, and fields come and go."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, Literal

import msgspec
from msgspec import Struct, field

from bot.channels.zalo import said
from bot.messages import Address, Incoming, Kind

CHANNEL: Final = "zalo"
MAX_ID: Final = 64
"""Letters of an id: what the ledger's columns hold. Real ones have up to 20 (people) and 24 (messages)."""
MAX_EVENT_ID: Final = 80
"""Letters of an event's id, likewise."""
MAX_TIME: Final = 4_102_444_800_000
"""Milliseconds since 1970 up to 2100: no event is from later."""

Id = str | int
"""Numbers beyond 2^53 in quotation marks, as a rule; some samples show them bare."""


class Unparsable(ValueError):
    """The bytes are not an event that we can read: keep them for staff, and acknowledge."""


class Heard(Struct, frozen=True):
    """A person did something."""

    incoming: Incoming


class Receipt(Struct, frozen=True):
    """Messages of ours reached the person's phone, or were looked at; `at` is seconds since 1970, 0 if not told."""

    message_ids: tuple[str, ...]
    state: Literal["received", "seen"]
    at: float


class Echo(Struct, frozen=True):
    """The account said something to `address`. `admin_id` names the person who wrote it in Zalo's own chat tool; it
    is empty for what we sent through the API. `kind` is what it was: text, image, file …"""

    address: Address
    message_id: str
    kind: str
    text: str
    admin_id: str
    at: float


class TemplateChanged(Struct, frozen=True):
    """Zalo judged a template anew. `state` in its own words ("ENABLE", "REJECT"), empty when it doesn't say."""

    template_id: str
    state: str
    reason: str
    at: float


class Ignored(Struct, frozen=True):
    """An event that asks nothing of us."""

    name: str


class Unknown(Struct, frozen=True):
    """An event that nobody knew of when this was written: keep it for staff."""

    name: str


Event = Heard | Receipt | Echo | TemplateChanged | Ignored | Unknown


class Party(Struct, gc=False):
    id: Id = ""
    admin_id: Id = ""


class Message(Struct):
    msg_id: Id = ""
    msg_ids: list[Id] = field(default_factory=list)
    text: str | None = ""
    react_icon: str = ""
    delivery_time: Id = ""
    attachments: list[said.Attachment] | None = None


class Info(Struct, gc=False):
    """What a person filled in when we asked for it. Older events have other fields beside; we use none of them."""

    name: str | None = ""
    phone: Id | None = ""


class Status(Struct, gc=False):
    new_status: str = ""


class Envelope(Struct):
    """Every event, whatever it is: each has some of these."""

    event_name: str
    timestamp: Id = ""
    sender: Party = field(default_factory=Party)
    recipient: Party = field(default_factory=Party)
    follower: Party = field(default_factory=Party)
    user_id: Id = ""
    message: Message = field(default_factory=Message)
    info: Info = field(default_factory=Info)
    template_id: Id = ""
    status: Status | str = ""
    new_status: str = ""
    reason: str | None = ""


class _Stamped(Struct, gc=False):
    timestamp: Id = ""


_DECODER: Final = msgspec.json.Decoder(Envelope)
_STAMPED: Final = msgspec.json.Decoder(_Stamped)
_TAP: Final = re.compile(r"#([0-9a-f]{1,16}\.[a-z0-9]{1,32})")
"""What our buttons carry: "#", the question's number, the choice's token (bot/engine/turn.py)."""
_START: Final = re.compile(r"/start(?:\s+(\S.*))?", re.IGNORECASE)
"""A topic by its link's name, typed: Zalo has no links that carry one, but a poster can say what to write."""
_SILENCED: Final = re.compile(
    r"(?:anonymous_send|oa_send_anonymous|oa_call|user_call|user_reply_consent)_?\w*|\w*_group(?:_\w*)?|oa_reacted_message"
    r"|(?:add_user_to|remove_user_from)_tag|remove_tag|update_user_info|widget_\w+|user_feedback|change_oa_\w+"
    r"|change_template_(?:quality|quota|tag)\w*|journey_\w+|user_click_(?:button|link)"
)


def event_from(raw: bytes) -> Event:
    """What *raw* tells. Raises `Unparsable`."""
    try:
        told = _DECODER.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Unparsable(str(error)) from error
    name = told.event_name
    read = _READERS.get(name)
    if read is not None:
        return read(told)
    if _SILENCED.fullmatch(name):
        return Ignored(name)
    if name.startswith("oa_send_"):
        return _echo(told)
    return Unknown(name[:80].replace("\0", ""))


def timestamp_in(raw: bytes) -> str:
    """The body's own timestamp as it stands there, which the signature covers; "" when there is none."""
    try:
        return str(_STAMPED.decode(raw).timestamp)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""


def seconds_of(timestamp: Id) -> float:
    """Milliseconds in digits as seconds since 1970; 0 for what is no time."""
    digits = str(timestamp)
    if not (digits.isascii() and digits.isdigit()) or len(digits) > len(str(MAX_TIME)):
        return 0.0
    return int(digits) / 1000 if int(digits) <= MAX_TIME else 0.0


def _message(told: Envelope) -> Event:
    text = said.words_of(told.message.text or "")
    kind, link = said.meaning_of(told.event_name, told.message.attachments)
    if kind is Kind.TEXT and (tap := _TAP.fullmatch(text.strip())) is not None:
        return _heard(told, Kind.TAP, tap=tap[1])
    if kind is Kind.TEXT and (start := _START.fullmatch(text.strip())) is not None:
        return _heard(told, Kind.START, start[1] or "")
    return _heard(told, kind, text or link)


def _reaction(told: Envelope) -> Event:
    # The id is that of the message reacted to: the event has none of its own.
    return _heard(
        told, Kind.REACTION, told.message.react_icon.replace("\0", ""), own_id=False, tapped_id=_id(told.message.msg_id)
    )


def _submitted(told: Envelope) -> Event:
    phone, name = str(told.info.phone or ""), said.words_of(told.info.name or "")
    return _heard(told, Kind.CONTACT, phone=said.words_of(phone)[:20], name=name[:200])


def _of_kind(kind: Kind) -> Callable[[Envelope], Event]:
    return lambda told: _heard(told, kind)


def _receipt(told: Envelope) -> Event:
    ids = [told.message.msg_id, *told.message.msg_ids]
    named = tuple(dict.fromkeys(_id(one) for one in ids if one != ""))
    if not named:
        raise Unparsable(f"{told.event_name} names no message")
    at = seconds_of(told.message.delivery_time or told.timestamp)
    return Receipt(named, "seen" if told.event_name == "user_seen_message" else "received", at)


def _echo(told: Envelope) -> Event:
    kind = told.event_name.removeprefix("oa_send_")
    return Echo(
        Address(CHANNEL, _needed(told, told.recipient.id, told.user_id)), _id(told.message.msg_id), kind[:24],
        said.words_of(told.message.text or ""), _id(told.sender.admin_id), seconds_of(told.timestamp),
    )  # fmt: skip


def _template(told: Envelope) -> Event:
    state = told.status.new_status if isinstance(told.status, Status) else told.status
    template_id = _needed(told, told.template_id)
    reason = said.words_of(told.reason or "")
    return TemplateChanged(template_id, (state or told.new_status)[:24], reason, seconds_of(told.timestamp))


_READERS: Final[Mapping[str, Callable[[Envelope], Event]]] = {
    **dict.fromkeys(said.KINDS, _message),
    "user_submit_info": _submitted,
    "user_reacted_message": _reaction,
    "follow": _of_kind(Kind.START),
    "user_click_chatnow": _of_kind(Kind.START),
    "unfollow": _of_kind(Kind.BLOCKED),
    "user_withdraw": _of_kind(Kind.WITHDRAWN),
    "user_received_message": _receipt,
    "user_seen_message": _receipt,
    "change_template_status": _template,
}


def _heard(
    told: Envelope, kind: Kind, text: str = "", *, own_id: bool = True, tap: str = "", tapped_id: str = "",
    phone: str = "", name: str = "",
) -> Heard:  # fmt: skip
    person = _needed(told, told.sender.id, told.follower.id, told.user_id)
    if told.sender.id and person == str(told.recipient.id):
        raise Unparsable(f"{told.event_name} of the account itself")
    named = _id(told.message.msg_id) if own_id else ""
    named = named or f"{told.event_name[:24]}+{_id(told.timestamp)[:16]}+{person}"[:MAX_EVENT_ID]
    at = seconds_of(told.timestamp)
    incoming = Incoming(Address(CHANNEL, person), named, kind, text, tap, tapped_id, phone=phone, name=name, at=at)
    return Heard(incoming)


def _needed(told: Envelope, *ids: Id) -> str:
    """The first id that is told of those that can say who or what it is about."""
    found = next((_id(one) for one in ids if one != ""), "")
    if not found:
        raise Unparsable(f"{told.event_name[:80]} doesn't say of whom")
    return found


def _id(value: Id) -> str:
    text = str(value)
    if len(text) > MAX_ID or "\0" in text:
        raise Unparsable("an id that is too long")
    return text
