"""What a broadcast is: what it says, when it may go out, and the rules it is held to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

State = Literal["draft", "submitted", "approved", "scheduled", "sending", "paused", "done", "cancelled", "expired"]
ENDED = ("done", "cancelled", "expired")
UNKNOWN_POLICY = Literal["ask", "resend"]


class Body(Struct, frozen=True, omit_defaults=True):
    """What it says: content messages by id, or the start of a dialog, or an officer's own text with its source.

    `text` is by language ("vi" must be there). One person gets one message: several content messages are joined.
    """

    messages: tuple[str, ...] = ()
    dialog: str = ""
    text: Mapping[str, str] = {}
    source: str = ""


class Timing(Struct, frozen=True, omit_defaults=True):
    """When it goes out. Hours and rules are in Hà Nội's time.

    `at` None is at once when released. `rule` is an RFC 5545 RRULE that ends (UNTIL or COUNT), from `at` on.
    Nothing goes out before `opens` or from `closes` on ("HH:MM"; over midnight when `closes` is earlier), nor on
    holidays. What has not gone out `shelf_life` hours after the start of its run is expired, or at `not_after`.
    A slot found more than `grace` hours late is skipped, and the audit log says so.
    """

    at: datetime | None = None
    rule: str = ""
    opens: str = "07:00"
    closes: str = "20:30"
    on_holidays: bool = False
    shelf_life: float = 72.0
    not_after: datetime | None = None
    grace: float = 6.0


class Policy(Struct, frozen=True, omit_defaults=True):
    """The rules of one broadcast.

    `gap`: hours since a person's last broadcast, else theirs is put off (an urgent one doesn't wait). `growth`: the
    share by which the audience may exceed what was approved; `most`: so many people it may have at any rate, for runs
    that are for others each day. `unknown`: what becomes of a message of which nobody
    knows whether it arrived. `errors`: the share of failures at which it pauses itself. `confirmed`: "everyone" and
    "empty", which an officer must have said in so many words.

    On channels with windows and prices: `budget` is what one run may cost at most, in đồng; 0, and nothing that costs
    anything is sent. `phone`: templates may also go by phone number. `waits`: whom nothing reaches gets it when they
    write, while it is fresh.
    """

    gap: float = 4.0
    growth: float = 0.10
    most: int = 0
    unknown: UNKNOWN_POLICY = "ask"
    errors: float = 0.20
    confirmed: tuple[str, ...] = ()
    budget: int = 0
    phone: bool = False
    waits: bool = True


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One row of `broadcasts`, read. See bot.store.models for the columns. `area` are communes; none is everywhere.
    `spent` is in đồng, what is on its way counted in."""

    id: int
    name: str
    state: State
    reason: str
    body: Body
    segment: str
    timing: Timing
    policy: Policy
    urgent: bool
    version: int
    authors: tuple[str, ...]
    area: tuple[str, ...]
    submitted_by: str
    approved_by: str
    digest: str
    audience: int
    created_at: datetime
    changed_at: datetime
    due_at: datetime | None
    parent_id: int | None
    slot: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    ceiling: int
    cursor: int
    is_planned: bool
    recipients: int
    spent: int


_body = msgspec.json.Decoder(Body).decode
_timing = msgspec.json.Decoder(Timing).decode
_policy = msgspec.json.Decoder(Policy).decode
_names = msgspec.json.Decoder(tuple[str, ...]).decode


def body_from(text: str) -> Body:
    """A body as the database keeps it."""
    return _body(text)


def policy_from(text: str) -> Policy:
    """A policy as the database keeps it."""
    return _policy(text)


def broadcast_from(row: Mapping[Any, Any]) -> Broadcast:
    """The broadcast in a row (a mapping of all columns)."""
    read = {"body": _body, "timing": _timing, "policy": _policy, "authors": _names, "area": _names}
    values = {name: read[name](str(row[name])) if name in read else row[name] for name in Broadcast.__slots__}
    return Broadcast(**values)  # type: ignore[arg-type]


def to_json(value: Struct | tuple[str, ...]) -> str:
    """A body, timing, policy or the authors as the database keeps them."""
    return msgspec.json.encode(value).decode()
