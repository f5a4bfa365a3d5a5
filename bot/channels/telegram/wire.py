"""Updates of the Bot API, only the fields we use, and what each means as an `Incoming`. Pure."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Raw, Struct, field

from bot.channels.bot_api import Unparsable
from bot.messages import Address, Incoming, Kind

CHANNEL: Final = "telegram"
ALLOWED_UPDATES: Final = ("message", "edited_message", "callback_query", "my_chat_member")
_ABSENT: Final = Raw()


class Chat(Struct, gc=False):
    id: int
    type: str = "private"


class User(Struct, gc=False):
    id: int
    first_name: str = ""
    last_name: str = ""
    language_code: str = ""


class Contact(Struct, gc=False):
    phone_number: str
    user_id: int = 0


class Venue(Struct, gc=False):
    """A place with a name; where it lies on the map is of no use to us."""

    title: str = ""
    address: str = ""


class Message(Struct):
    """A message. Media are `Raw`: that they are there is all we need to know, so they are not decoded."""

    message_id: int
    chat: Chat
    sender: User | None = field(name="from", default=None)
    text: str = ""
    caption: str = ""
    media_group_id: str = ""
    contact: Contact | None = None
    sticker: Raw = _ABSENT
    photo: Raw = _ABSENT
    animation: Raw = _ABSENT
    video: Raw = _ABSENT
    video_note: Raw = _ABSENT
    voice: Raw = _ABSENT
    audio: Raw = _ABSENT
    document: Raw = _ABSENT
    venue: Venue | None = None
    location: Raw = _ABSENT
    poll: Raw = _ABSENT
    # Service messages of private chats: the client says them by itself, nobody waits for an answer.
    pinned_message: Raw = _ABSENT
    message_auto_delete_timer_changed: Raw = _ABSENT
    write_access_allowed: Raw = _ABSENT
    connected_website: Raw = _ABSENT
    chat_background_set: Raw = _ABSENT


class CallbackQuery(Struct):
    id: str
    sender: User = field(name="from")
    message: Message | None = None
    data: str = ""


class ChatMember(Struct, gc=False):
    status: str


class ChatMemberUpdated(Struct):
    chat: Chat
    sender: User = field(name="from")
    new_chat_member: ChatMember


class Reaction(Struct, gc=False):
    emoji: str = ""


class MessageReaction(Struct):
    chat: Chat
    message_id: int
    user: User | None = None
    new_reaction: list[Reaction] = field(default_factory=list)


class Update(Struct):
    """One update; exactly one of the optional fields is there, or none that we asked for."""

    update_id: int
    message: Message | None = None
    edited_message: Message | None = None
    callback_query: CallbackQuery | None = None
    my_chat_member: ChatMemberUpdated | None = None
    message_reaction: MessageReaction | None = None


_DECODER: Final = msgspec.json.Decoder(Update)

# An animation also has `document`: the more telling one stands first.
_MEDIA: Final = (
    ("sticker", Kind.STICKER),
    ("photo", Kind.PHOTO),
    ("animation", Kind.VIDEO),
    ("video", Kind.VIDEO),
    ("video_note", Kind.VIDEO),
    ("voice", Kind.VOICE),
    ("audio", Kind.VOICE),
    ("document", Kind.FILE),
    ("location", Kind.LOCATION),
    ("poll", Kind.POLL),
)
_SERVICE: Final = (
    "pinned_message",
    "message_auto_delete_timer_changed",
    "write_access_allowed",
    "connected_website",
    "chat_background_set",
)


def update_from(raw: bytes | Raw) -> Update:
    """The update in *raw*. Unknown fields are skipped. Raises Unparsable."""
    try:
        return _DECODER.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise Unparsable(str(exc)) from exc


def incoming_from(update: Update) -> Incoming | None:
    """What a person sent in *update*, or None: groups, service messages and kinds that we did not ask for."""
    if update.message is not None:
        return _from_message(update.update_id, update.message)
    if update.callback_query is not None:
        return _from_tap(update.update_id, update.callback_query)
    if update.edited_message is not None:
        return _from_edit(update.update_id, update.edited_message)
    if update.my_chat_member is not None:
        return _from_membership(update.update_id, update.my_chat_member)
    if update.message_reaction is not None:
        return _from_reaction(update.update_id, update.message_reaction)
    return None


def kind_of(update: Update) -> str:
    """The Bot API's word for what *update* is, for counting; "other" for kinds that we never asked for."""
    for name in update.__struct_fields__[1:]:
        if getattr(update, name) is not None:
            return name
    return "other"


def _from_message(update_id: int, message: Message) -> Incoming | None:
    if message.chat.type != "private" or message.sender is None:
        return None
    if message.text.startswith("/"):
        kind, text = _command(message.text)
        return _incoming(update_id, message.chat, message.sender, kind, text)
    if message.text:
        return _incoming(update_id, message.chat, message.sender, Kind.TEXT, message.text)
    if any(getattr(message, name) is not _ABSENT for name in _SERVICE):
        return None
    if message.contact is not None:
        # Anybody's card can be attached by hand: the number counts only when it is the sender's own.
        phone = message.contact.phone_number if message.contact.user_id == message.sender.id else ""
        return _incoming(update_id, message.chat, message.sender, Kind.CONTACT, phone=phone)
    kind, album = _media_kind(message), message.media_group_id
    text = f"{message.venue.title}, {message.venue.address}" if message.venue else message.caption
    return _incoming(update_id, message.chat, message.sender, kind, text, album=album)


def _from_edit(update_id: int, message: Message) -> Incoming | None:
    if message.chat.type != "private" or message.sender is None:
        return None
    if message.location is not _ABSENT:  # a live location edits itself every few seconds
        return None
    return _incoming(update_id, message.chat, message.sender, Kind.EDITED, message.text or message.caption)


def _from_tap(update_id: int, query: CallbackQuery) -> Incoming | None:
    message = query.message
    if message is None or message.chat.type != "private" or not query.data:
        return None
    return _incoming(
        update_id,
        message.chat,
        query.sender,
        Kind.TAP,
        tap=query.data,
        tapped_id=str(message.message_id),
        receipt=query.id,
    )


def _from_membership(update_id: int, change: ChatMemberUpdated) -> Incoming | None:
    kind = {"kicked": Kind.BLOCKED, "member": Kind.UNBLOCKED}.get(change.new_chat_member.status)
    if change.chat.type != "private" or kind is None:
        return None
    return _incoming(update_id, change.chat, change.sender, kind)


def _from_reaction(update_id: int, reaction: MessageReaction) -> Incoming | None:
    if reaction.chat.type != "private" or reaction.user is None:
        return None
    emoji = reaction.new_reaction[0].emoji if reaction.new_reaction else ""
    return _incoming(update_id, reaction.chat, reaction.user, Kind.REACTION, emoji, tapped_id=str(reaction.message_id))


def _command(text: str) -> tuple[Kind, str]:
    """`/start xyz` is an opening with its payload; any other command stays text, without the bot's name."""
    command, _, rest = text.partition(" ")
    command = command.partition("@")[0]
    if command.lower() == "/start":
        return Kind.START, rest.strip()
    return Kind.TEXT, f"{command} {rest}" if rest else command


def _media_kind(message: Message) -> Kind:
    for name, kind in _MEDIA:
        if getattr(message, name) is not _ABSENT:
            return kind
    return Kind.OTHER


def _incoming(
    update_id: int,
    chat: Chat,
    sender: User,
    kind: Kind,
    text: str = "",
    *,
    tap: str = "",
    tapped_id: str = "",
    receipt: str = "",
    phone: str = "",
    album: str = "",
) -> Incoming:
    return Incoming(
        address=Address(CHANNEL, str(chat.id)),
        external_id=str(update_id),
        kind=kind,
        text=text,
        tap=tap,
        tapped_id=tapped_id,
        receipt=receipt,
        phone=phone,
        name=f"{sender.first_name} {sender.last_name}" if sender.last_name else sender.first_name,
        language=sender.language_code[:2].lower(),
        album=album,
    )
