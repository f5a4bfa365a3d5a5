"""Follow-ups: what is said some days after somebody finished a dialog. Only a segment and a rule that comes daily."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.engine.segments.model import Ago, All, Did, Not
from bot.services.broadcasting.hours import HANOI

DAILY = "FREQ=DAILY;COUNT=90"
"""A quarter of a year, as every rule must end; whoever wants another end gives a rule of their own."""
MOST = 200
"""People a day, unless an officer says otherwise: those who finished a dialog on one day are others, and another number
of them, than on the day on which it was approved."""
HOUR = 9
"""When people have been to the field and back."""


def follow_up(dialog: str, days: int, unless: str = "") -> str:
    """The query for those who finished *dialog* that many days ago, but for answers at *unless* ("hoc-nghe.hoi")."""
    done = Did("xong", dialog, when=Ago(days))
    if not unless:
        return str(done)
    place, _dot, node = unless.partition(".")
    return str(All((done, Not(Did("da-tra-loi", place, node)))))


def first_slot(at: datetime) -> datetime:
    """The next morning to begin on."""
    here = at.astimezone(HANOI)
    morning = here.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return morning if morning > here else morning + timedelta(days=1)
