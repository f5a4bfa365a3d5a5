"""What a fake Zalo keeps: calls, what each accepted message cost, what people see, and how tokens were used."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Medium = Literal["cs", "template", "phone"]
Zone = Literal["free", "sub_quota", "billed"]


@dataclass(frozen=True)
class Call:
    """One request as it arrived; `at` is the fake's time."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    at: datetime

    def json(self) -> Any:
        """The body; None where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True)
class Charge:
    """One accepted message. `to` is a user id, or a phone number ("84912345678"); `price` is in đồng."""

    kind: Medium
    to: str
    zone: Zone
    price: int
    at: datetime
    text: str
    message_id: str
    template: str = ""
    tracking: str = ""


@dataclass(frozen=True)
class Button:
    """A button under a message; `payload` is a string for a query, else what the platform opens."""

    title: str
    type: str
    payload: Any


@dataclass
class Shown:
    """A message as somebody sees it: of the OA, or their own."""

    message_id: str
    text: str
    at: datetime
    is_mine: bool = False
    buttons: tuple[Button, ...] = ()
    attachment: str = ""
    """What else it carries: image, gif, sticker, file, request_user_info."""
    is_seen: bool = False


@dataclass(frozen=True)
class Refresh:
    """One attempt to refresh. `outcome`: renewed, dropped (renewed, but the answer was lost), used, unknown, expired,
    refused, throttled."""

    token: str
    outcome: str
    at: datetime


@dataclass(frozen=True)
class Pair:
    """An access token and the refresh token that was issued with it."""

    access_token: str
    refresh_token: str


@dataclass(frozen=True)
class Attempt:
    """One POST to the webhook. `number` counts retries from 0; `status` is 0 where none came in time."""

    body: bytes
    headers: Mapping[str, str]
    number: int
    status: int
    at: datetime


@dataclass
class Parameter:
    """One parameter of a template."""

    name: str
    max_length: int = 30
    is_required: bool = True
    type: str = "STRING"  # or NUMBER


@dataclass
class Template:
    """A ZBS template. `text` holds its parameters as "<name>"; `tag` is 1 transaction, 2 care, 3 promotion."""

    id: str
    text: str = ""
    parameters: tuple[Parameter, ...] = ()
    tag: int = 2
    status: str = "ENABLE"  # PENDING_REVIEW, REJECT, DISABLE, DELETE, DRAFT
    name: str = ""
    by_uid: bool = True
    by_phone: bool = True
    price_uid: int | None = None  # None: as `FakeZalo.prices` says
    price_phone: int | None = None
    daily_quota: int = 0  # messages by phone a day; 0: any number
    by_day: Counter[str] = field(default_factory=Counter)
    """Messages that went out by phone, by day."""
