"""What becomes of a delivery that was not simply sent: put off, ended, or in doubt. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from bot.channels.base import NotNow, OutOfReach, Reach, SendError, Unknown
from bot.services.outcomes import Outcome
from bot.services.routing import morning_after
from bot.services.sending.fares import Way

AT_ONCE = timedelta(seconds=1)


class Aside(Struct, frozen=True):
    """Nothing goes out to this person now: their delivery gets *status*; one that stays queued is due at `due_at`.

    `route` is by which it was tried, or why it waits; `cost` what the try may have cost, in đồng.
    """

    status: str
    why: str
    due_at: datetime | None = None
    route: str = ""
    cost: int = 0


def after(error: SendError, outcome: Outcome, way: Way | None, reach: Reach | None, now: datetime) -> Aside:
    """What *error* makes of a message that went *way*. Whether it was charged is not known when nobody answered."""
    if shuts(error, way):
        return Aside("queued", outcome.error, now + AT_ONCE)
    if outcome.status != "queued":
        doubt = isinstance(error, Unknown) or outcome.status == "unknown"
        return Aside(outcome.status, outcome.error, None, way.route if way else "", way.cost if way and doubt else 0)
    due_at = now + outcome.again
    if isinstance(error, NotNow) and error.after is None and reach is not None:
        due_at = morning_after(reach, now) or due_at
    return Aside("queued", outcome.error, due_at, "", way.cost if way and isinstance(error, Unknown) else 0)


def shuts(error: SendError, way: Way | None) -> bool:
    """Whether the platform said that a window is closed which we took for open: the next look knows better."""
    return isinstance(error, OutOfReach) and way is not None and way.template is None and way.opened is not None
