"""What people send besides words: which kind each is, and the words that it comes down to. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from bot.messages import Kind

KINDS: Final[Mapping[str, Kind]] = {
    "user_send_text": Kind.TEXT,
    "user_send_link": Kind.TEXT,
    "user_send_image": Kind.PHOTO,
    "user_send_gif": Kind.PHOTO,
    "user_send_sticker": Kind.STICKER,
    "user_send_audio": Kind.VOICE,
    "user_send_video": Kind.VIDEO,
    "user_send_file": Kind.FILE,
    "user_send_location": Kind.LOCATION,
    "user_send_business_card": Kind.CONTACT,  # somebody's card: the sender's own number comes with user_submit_info
}


class Link(Struct, gc=False):
    """The part of an attachment that we read: a picture needs no more than to be there."""

    url: str | None = ""


class Attachment(Struct):
    payload: Link | None = None


def meaning_of(event: str, attachments: Sequence[Attachment] | None) -> tuple[Kind, str]:
    """The kind of what was sent, and the address of a link, which stands for words that are missing."""
    kind = KINDS[event]
    if event != "user_send_link":
        return kind, ""
    return kind, next((words_of(one.payload.url) for one in attachments or () if one.payload and one.payload.url), "")


def words_of(text: str) -> str:
    """*text* without the character that PostgreSQL refuses to keep."""
    return text.replace("\0", "")
