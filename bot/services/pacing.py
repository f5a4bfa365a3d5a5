"""When a channel account may send next: a rate for all of it, silence after a 429, a gap for each chat.

One process owns an account here; the row shared by several workers comes with broadcasts (delivery.md rule 5).
"""

from __future__ import annotations

from collections import OrderedDict

from bot.channels.base import Capabilities

REMEMBERED = 20_000
"""Chats whose last send is remembered: more can't have been sent to within the longest gap at any allowed rate."""


class Pace:
    """Send times of one account. All times are seconds of one monotonic clock, handed in."""

    def __init__(self, capabilities: Capabilities) -> None:
        self._step = 1 / capabilities.rate
        self._gap = capabilities.chat_gap.total_seconds()
        self._next = 0.0
        self._silent_until = 0.0
        self._chats: OrderedDict[str, float] = OrderedDict()

    def gap_ends(self, chat: str) -> float:
        """The moment from which *chat* may get its next message. Wait for it, and only then `reserve`.

        A slot taken earlier would go out later than it was counted for, in between those of others.
        """
        return self._chats.get(chat, 0.0) + self._gap if self._gap and chat in self._chats else 0.0

    def reserve(self, chat: str, now: float) -> float:
        """The moment at which one message to *chat* may go out; it is taken for it."""
        at = max(now, self._next, self._silent_until)
        self._next = at + self._step
        if not self._gap:
            return at
        self._chats.pop(chat, None)
        self._chats[chat] = at
        if len(self._chats) > REMEMBERED:
            self._chats.popitem(last=False)
        return at

    def silence(self, until: float) -> None:
        """Nothing goes out before *until*: the platform asked for it (429)."""
        self._silent_until = max(self._silent_until, until)

    def silent_for(self, now: float) -> float:
        """Seconds of silence left."""
        return max(0.0, self._silent_until - now)
