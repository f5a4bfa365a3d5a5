"""Whether an event was signed by Zalo. Pure.

It is a plain SHA-256 of app, body, time and secret written one after the other: no HMAC.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

HEADER: Final = "X-ZEvent-Signature"
TIME_HEADER: Final = "X-ZEvent-Timestamp"
_PREFIX: Final = "mac="


def is_signed(raw: bytes, given: str, *, app_id: str, secrets: Iterable[str], timestamps: Iterable[str]) -> bool:
    """Whether *given* (with or without "mac=") fits the exact bytes *raw* with any of *secrets* and *timestamps*.

    The timestamps are the body's and the header's: sources disagree about which of them is signed, and to try both
    lets nobody in. Empty secrets sign nothing.
    """
    theirs = given.strip().lower().removeprefix(_PREFIX).encode("utf-8", "replace")
    stamps = [stamp for stamp in timestamps if stamp]
    return any(
        hmac.compare_digest(mac_of(raw, app_id=app_id, timestamp=stamp, secret=secret).encode(), theirs)
        for secret in secrets
        if secret
        for stamp in stamps
    )


def mac_of(raw: bytes, *, app_id: str, timestamp: str, secret: str) -> str:
    """The signature that *raw* bears, in hexadecimal digits."""
    signed = b"".join((app_id.encode(), raw, timestamp.encode("utf-8", "replace"), secret.encode()))
    return hashlib.sha256(signed).hexdigest()
