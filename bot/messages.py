"""Channel-neutral values: what comes in from a person, and what goes out to one."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from msgspec import Struct


class Address(Struct, frozen=True):
    """Where a contact is on one channel: `Address("telegram", "100000001")`."""

    channel: str
    id: str


class Kind(StrEnum):
    """What an incoming message is. Every kind gets a considered answer (engine/step.py)."""

    TEXT = "text"
    TAP = "tap"  # a button that we offered; `Incoming.tap` holds what it carried
    START = "start"  # /start or the first opening of a page; `text` holds the deep link's payload
    EDITED = "edited"  # an amendment of an earlier message, never a new answer
    STICKER = "sticker"
    PHOTO = "photo"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    LOCATION = "location"
    CONTACT = "contact"  # a shared card; `phone` is set only when it is the sender's own
    REACTION = "reaction"
    POLL = "poll"
    BLOCKED = "blocked"  # the person blocked us: no message may go out
    UNBLOCKED = "unblocked"
    WITHDRAWN = "withdrawn"  # they asked the platform that we delete what we know of them
    INVITED = "invited"  # no message of theirs: a broadcast begins the dialog `text` with them
    OTHER = "other"


class Incoming(Struct, frozen=True):
    """One message from one person.

    `external_id` is the platform's id of the update: a redelivered update carries the same one.
    `tap` is the opaque value of a pressed button, `tapped_id` the platform's id of the message that
    bore it, `receipt` what the platform wants acknowledged (Telegram's callback query id); of an invitation, the
    delivery that carries it.
    `album` names the album that a picture is part of: each comes as a message of its own, all within a moment.
    `at` is when it happened by the platform's clock (seconds since 1970); 0: as it comes in.
    `name` is the display name, `language` the platform's hint of the person's language ("vi", "en").
    """

    address: Address
    external_id: str
    kind: Kind = Kind.TEXT
    text: str = ""
    tap: str = ""
    tapped_id: str = ""
    receipt: str = ""
    phone: str = ""
    name: str = ""
    language: str = ""
    album: str = ""
    at: float = 0.0


class Choice(Struct, frozen=True):
    """One answer offered. `id` comes back in `Incoming.tap`; `label` carries its number ("1. Vay vốn")."""

    id: str
    label: str


class Media(Struct, frozen=True):
    """A picture or a file of our content, that goes with a message. `name` is its file's in `content/media`, `digest`
    the first half of its SHA-256 in hex; `says` is what it shows, for who can't see it. Sides are in pixels, 0 for
    files.
    """

    name: str
    digest: str
    kind: Literal["image", "file"] = "image"
    says: str = ""
    width: int = 0
    height: int = 0

    @property
    def ref(self) -> str:
        """By what its bytes are found: another file under the same name has another."""
        return f"{self.digest}/{self.name}"


class Outgoing(Struct, frozen=True, omit_defaults=True):
    """One message to one person. `text` is Markdown of a small kind: paragraphs, **bold**, lists, links.

    `replaces` is the platform's id of an earlier message that this one may take the place of: a bare
    question that was just answered by a tap. A channel that can't edit ignores it.
    `asks_phone` offers to share the person's own number, where the channel can. `media` goes before the text, or above
    it; a channel that can't carry it leaves it out: the text alone says everything.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    replaces: str = ""
    asks_phone: bool = False
    media: Media | None = None
