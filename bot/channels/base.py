"""What every channel offers, and the closed family of errors that says what to do when a message can't be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Literal, Protocol, runtime_checkable

from msgspec import Struct

from bot.messages import Address, Outgoing


class SendError(Exception):
    """A message was not sent, or may not have been. The subclass is the decision: the family is closed."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason.replace("\0", "")  # a platform's words: PostgreSQL refuses to keep that character


class Unreachable(SendError):
    """The person blocked us, is gone, or never was there. Stop sending to this address until they write again."""


class Rejected(SendError):
    """The platform refuses this content. Sending it again cannot help, and it would fail for everybody."""


class Throttled(SendError):
    """Too fast. Stop the whole account for `retry_after` seconds, then send the same payload again."""

    def __init__(self, retry_after: float, reason: str = "") -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class NotSent(SendError):
    """It provably never reached the platform. Retry with backoff: nobody can have got it."""


class Unknown(SendError):
    """The request was written and no usable answer came: the person may have got it. Policy decides about a retry."""


class Misconfigured(SendError):
    """Nothing from this account can work (bad token, a second poller). Stop the account and raise the alarm."""


class OutOfReach(SendError):
    """The person did nothing lately, and the platform lets nothing through: only an approved template, or waiting
    until they write again. Nothing was sent."""


class NotNow(SendError):
    """The platform takes this message at another time: at night, or when an allowance or the money is used up.

    Nothing was sent, and other messages may go: the account need not rest. Send the same payload `after` so long; None:
    when its night is over (`Reach.morning`).
    """

    def __init__(self, reason: str = "", after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Moved(SendError):
    """The address has changed. Store `new_id` and encode the message anew for it."""

    def __init__(self, new_id: str, reason: str = "") -> None:
        super().__init__(reason)
        self.new_id = new_id


class Payload(Struct, frozen=True):
    """One call to a platform, exactly as it is stored, sent and resent. `method` is the platform's word for it."""

    method: str
    body: bytes


Route = Literal["free", "paid", "template", "phone"]
"""How a message gets to somebody on a channel with windows: answered for free or for money, or as an approved template
by their id there or by their phone number."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a platform lets us write to: everybody for `free` after they did something, then for money until `paid`
    after it; after that only with an approved template.

    `prices` are in đồng for each message. From `night` on until `morning` (Hà Nội's time) it takes no message of the
    routes `by_day`, and no promotion.
    """

    free: timedelta
    paid: timedelta
    prices: Mapping[Route, int]
    night: time
    morning: time
    by_day: frozenset[Route]


class Sent(Struct, frozen=True):
    """What a platform said of a message that it took: its id, and whether it costs what its route does."""

    id: str
    is_charged: bool = False


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do, for those who write content and pace its sending.

    `max_text` is in UTF-16 units of visible text. `rate` is messages per second for the whole account;
    `chat_gap` the least time between two messages to one address. `reach` None: whoever is known can be written to at
    any time, for nothing; a channel that has one is `Metered`. `a_month` is how many messages its plan allows (0: any
    number).
    """

    edits: bool
    buttons: bool
    max_text: int
    rate: float
    chat_gap: timedelta
    reach: Reach | None = None
    a_month: int = 0


class Channel(Protocol):
    """One account on one platform."""

    @property
    def name(self) -> str: ...

    @property
    def capabilities(self) -> Capabilities: ...

    def encode(self, to: Address, message: Outgoing) -> list[Payload]:
        """The calls that carry *message*, in order; the last bears its choices. Pure.

        An over-long text becomes several. ValueError: a message that no content may hold (a choice's id too long).
        """
        ...

    async def send(self, payload: Payload) -> str:
        """Send one call; return the platform's id of the message ("" where it has none), or raise SendError."""
        ...

    def closing(self, to: Address, message_id: str) -> Payload | None:
        """The call that takes the buttons off an answered message; None where that isn't needed. Pure."""
        ...

    async def start(self) -> None:
        """Get ready to send. Never raises because the platform is down or refuses us: `health` says so."""
        ...

    async def close(self) -> None:
        """Let go of what `start` took."""
        ...

    def health(self) -> Mapping[str, object]:
        """The state of the account for the health page; `ok` (bool) is always in it."""
        ...


@runtime_checkable
class Metered(Channel, Protocol):
    """An account on a platform with windows and prices: `capabilities.reach` is set."""

    async def send_metered(self, payload: Payload) -> Sent:
        """As `send`, with what it costs."""
        ...

    def by_template(self, to: Address, template: str, values: Mapping[str, str]) -> Payload:
        """The call that sends an approved template to somebody by their id. Pure."""
        ...

    def by_phone(self, phone: str, template: str, values: Mapping[str, str], tracking: str) -> Payload:
        """The call that sends an approved template to a phone number ("0912345678"); *tracking* is ours, at most 48
        letters, and comes back in what the platform tells of it. Pure."""
        ...
