"""Short hashes by which a session knows its node again, and a button its choice."""

from __future__ import annotations

import json
from hashlib import blake2b

from bot.library.source import Spot


def digest_of(spot: Spot) -> str:
    """12 hex digits that change when anything in *spot* does, and not when it only moves or is laid out anew."""
    data = json.dumps(spot.plain(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return blake2b(data.encode(), digest_size=6).hexdigest()


def token_of(dialog: str, node: str, option: str) -> str:
    """8 hex digits: short enough that a button with its question's number fits Telegram's 64 bytes."""
    return blake2b(f"{dialog}/{node}/{option}".encode(), digest_size=4).hexdigest()
