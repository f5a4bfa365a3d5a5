"""What can be set on a fake Zalo: its account, and every point where the real one is not known for certain."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

Buttons = Literal["accept", "-201", "-233"]
Receipts = Literal["off", "received", "seen"]


@dataclass
class Rules:
    """Settable at any time, as arguments of `FakeZalo` or on it. Money is in đồng."""

    app_id: str = "360846524940903967"
    app_secret: str = "app_secret_demo"
    oa_id: str = "388613280878808645"
    oa_secret: str = "oa_secret_demo"
    demands_proof: bool = False
    """Whether each call needs a right `appsecret_proof` (-242)."""

    is_app_active: bool = True  # else -209
    oa_state: Literal["enabled", "disabled", "gone"] = "enabled"  # -204, -205
    has_tier: bool = True  # else -224
    is_granted: bool = True  # else -223
    is_verified: bool = True  # else templates -221
    has_zca: bool = True  # else what costs money is refused: -320
    balance: int | None = None
    """What the Zalo Cloud Account holds; None: any amount. Too little: -321, by phone -115."""

    buttons: Buttons = "accept"
    follow_opens_window: bool = True
    """U15. False: a follower who never wrote can be sent `welcome_quota` messages."""
    welcome_quota: int = 3
    tells_remain: bool = False
    """Whether answers inside 48 hours carry `remain` and `total` (always 8), as they did before March 2026."""
    sub_quota: int = 0
    """Messages after 48 hours that the tier has free; each counts down."""
    prices: dict[str, int] = field(default_factory=lambda: {"cs": 55, "template": 200, "phone": 200})
    rate_per_minute: int = 4000
    """Calls a minute of the whole app, by the fake's clock; over it: -32. 0: any number."""
    long_text_code: int = -210  # U2: or -201
    expired_code: int = -220  # U3: or -216
    promotions_a_day: int = 1  # templates of tag 3 to one person by user id; over it: -218
    phone_rests_at_night: bool = True  # U13: -133
    demands_tracking: bool = True  # U13: a template by phone without `tracking_id`: -132
    daily_quota: int = 500  # templates by phone a day; over it: -144

    redirect_uris: set[str] = field(default_factory=set)
    """Registered callback addresses; another: -14003."""
    fixed_challenge: str = ""
    """U5: the code challenge fixed in Zalo's console; one of each consent link is then ignored."""
    asks_admin: bool = False
    """Whether a consent link shows a page with a button; else the admin agrees at once."""
    oauth_code: int = -14014  # U4: the number is invented
    oauth_status: int = 200  # U4: HTTP status of a refusal
    access_ttl: timedelta = timedelta(seconds=90_000)
    refresh_ttl: timedelta = timedelta(days=90)
    drops_refresh_answers: int = 0
    """So many next refreshes rotate the pair and then break the connection."""

    echoes: bool = True
    """Whether each accepted message comes back as an `oa_send_*` event."""
    receipts: Receipts = "off"
    """What people's phones tell of messages by themselves: nothing, that they came, or that they were read too."""
    latency: float = 0.0
    """Seconds that every call takes."""
    verbose: bool = False
