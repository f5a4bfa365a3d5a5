"""What a failed send means: a pure decision from the error and how often it was tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bot.channels.base import (
    Misconfigured,
    Moved,
    NotNow,
    NotSent,
    OutOfReach,
    Rejected,
    SendError,
    Throttled,
    Unknown,
    Unreachable,
)

Status = Literal["queued", "sent", "failed", "blocked", "unknown"]
TRIES = 8
"""Tries of what provably never left: 2 + 4 + … + 128 s, over four minutes of a platform that is away."""
DOUBTS = 3
"""Times a reply may be sent whose fate is unknown: a repeated answer is better than silence (delivery.md rule 3)."""
TAKEOVERS = 10
"""Processes that may end while they hold a reply before it is given up. Most of what a dead process held was never
tried, so this bounds only a message that would kill whoever sends it."""
AWAY = timedelta(seconds=30)
"""How long an account rests that nothing can be sent from, before it is tried again."""
LATER = timedelta(minutes=30)
"""How long a message waits that is not taken now and nobody said until when: night, or a used-up allowance."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status` queued means: again after `again`. `rests_account` holds the whole account as long."""

    status: Status
    error: str
    again: timedelta = timedelta()
    rests_account: bool = False
    address_status: str = ""
    is_rejected: bool = False


def _put_off(error: SendError) -> Outcome | None:
    """What to do when it is the account's fault, or the hour's, and not the message's."""
    match error:
        case NotNow(after=after):
            return Outcome("queued", error.reason, after or LATER)
        case Throttled(retry_after=seconds):
            return Outcome("queued", error.reason, timedelta(seconds=seconds), rests_account=True)
        case Misconfigured():
            return Outcome("queued", error.reason, AWAY, rests_account=True)
        case _:
            return None


def outcome_of(error: SendError, attempts: int) -> Outcome:
    """What to do after *error* at the *attempts*-th try of a reply."""
    if (put_off := _put_off(error)) is not None:
        return put_off
    match error:
        case Unreachable():
            return Outcome("blocked", error.reason, address_status="blocked")
        case Rejected() | Moved() | OutOfReach():
            return Outcome("failed", error.reason)
        case Unknown() if attempts < DOUBTS:
            return Outcome("queued", error.reason, timedelta(seconds=2**attempts))
        case Unknown():
            return Outcome("unknown", error.reason)
        case NotSent() if attempts < TRIES:
            return Outcome("queued", error.reason, timedelta(seconds=2**attempts))
        case _:
            return Outcome("failed", error.reason)


def broadcast_outcome_of(error: SendError, attempts: int, failures: int, *, resends: bool) -> Outcome:
    """What to do after *error* at the *attempts*-th try of a broadcast's message.

    What never left waits for the account to come back, longer with each of *failures* in a row, and for no number of
    tries: it expires with its broadcast. What may have arrived is sent again only if the broadcast *resends*.
    """
    if (put_off := _put_off(error)) is not None:
        return put_off
    match error:
        case Unreachable():
            return Outcome("blocked", error.reason, address_status="blocked")
        case Rejected() | Moved() | OutOfReach():
            return Outcome("failed", error.reason, is_rejected=isinstance(error, Rejected))
        case NotSent():
            return Outcome(
                "queued", error.reason, min(AWAY, timedelta(seconds=2 ** min(failures, 5))), rests_account=True
            )
        case Unknown() if resends and attempts < DOUBTS:
            return Outcome("queued", error.reason, timedelta(seconds=2**attempts))
        case _:
            return Outcome("unknown", error.reason)


def counts_as_try(error: SendError) -> bool:
    """Whether the message itself was tried: an account at rest is no fault of the message, nor is the hour."""
    return not isinstance(error, (Throttled, Misconfigured, NotNow))
