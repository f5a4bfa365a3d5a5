"""The hours in which people may be written to: every day's sending hours, less the holidays.

Việt Nam has kept one clock, seven hours ahead of UTC, since 1975: a local time names one moment, and what the wall
clock counts is what passes. So the arithmetic here is on Hà Nội's wall clock, and times come out with their zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor
from zoneinfo import ZoneInfo

from bot.services.broadcasting.model import Timing

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""What doesn't come to an end ends here; comparisons stay plain."""
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
HORIZON = 3_660
"""Days looked ahead. No one waits ten years for a broadcast to end: whatever takes longer ends NEVER."""
HOUR_AND_MINUTE = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")

Holidays = Mapping[date, str]
"""Days on which nothing goes out, from midnight to midnight, by their names."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Sending hours, counted from midnight. Over midnight `closes` is above a day; the stretch is never empty."""

    opens: timedelta
    closes: timedelta

    @property
    def is_all_day(self) -> bool:
        return self.closes - self.opens == DAY

    def __contains__(self, clock: timedelta) -> bool:
        return self.opens <= clock < self.closes or clock < self.closes - DAY


@lru_cache(maxsize=64)
def hours_of(opens: str, closes: str) -> Hours:
    """The hours from "07:00" to "20:30". ValueError for what is not HH:MM, and for hours that leave no time at all."""
    start, end = _clock(opens), _clock(closes)
    if start in (end, DAY):
        raise ValueError(f"no time from {opens} to {closes}")
    return Hours(start, end if end > start else end + DAY)


def _clock(text: str) -> timedelta:
    if not HOUR_AND_MINUTE.fullmatch(text):
        raise ValueError(f"not HH:MM: {text}")
    return timedelta(hours=int(text[:2]), minutes=int(text[3:]))


def local(at: datetime) -> datetime:
    """*at* on Hà Nội's wall clock, without zone. ValueError when *at* has none: it could be any moment of a day."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone")
    return at.astimezone(HANOI).replace(tzinfo=None)


def may_send(at: datetime, timing: Timing, holidays: Holidays) -> bool:
    """Whether messages may leave at *at*: opening itself counts, closing doesn't."""
    here = local(at)
    if not timing.on_holidays and here.date() in holidays:
        return False
    return here - _midnight(here.date()) in hours_of(timing.opens, timing.closes)


def next_opening(at: datetime, timing: Timing, holidays: Holidays) -> datetime:
    """The first moment from *at* on when messages may leave: *at* itself when they may. NEVER after ten years."""
    if may_send(at, timing, holidays):
        return at
    return next((start.replace(tzinfo=HANOI) for start, _ in _stretches(local(at), timing, holidays)), NEVER)


def closing(at: datetime, timing: Timing, holidays: Holidays) -> datetime:
    """When the sending time that *at* lies in ends; *at* itself when it lies in none, NEVER when it doesn't end."""
    if not may_send(at, timing, holidays):
        return at
    here = local(at)
    if hours_of(timing.opens, timing.closes).is_all_day:
        ahead = () if timing.on_holidays else [day for day in holidays if day > here.date()]
        return _midnight(min(ahead)).replace(tzinfo=HANOI) if ahead else NEVER
    end = here
    for start, stop in _stretches(here, timing, holidays):
        if start > end:
            break
        end = stop
    return end.replace(tzinfo=HANOI)


def forecast(recipients: int, rate: float, start: datetime, timing: Timing, holidays: Holidays) -> datetime:
    """When the last of *recipients* messages leaves, at *rate* a second from *start* on; *start* when there are none.

    As the courier paces: the first at the opening, each 1/rate after the one before, none from closing on. Exact to
    the microsecond; it reckons by stretches of sending time, not by messages. NEVER for more than ten years.
    """
    if not rate > 0:
        raise ValueError(f"a rate of {rate} a second sends nothing")
    if recipients <= 0:
        return start
    origin, pace = local(start), Fraction(1_000_000) / Fraction(str(rate))  # microseconds from one message to the next
    moment, left = Fraction(0), recipients
    for opening, end in _stretches(origin, timing, holidays):
        moment = max(moment, Fraction((opening - origin) // MICROSECOND))
        fitting = max(0, ceil(((end - origin) // MICROSECOND - moment) / pace))
        if fitting >= left:
            last = moment + (left - 1) * pace
            return (origin + timedelta(microseconds=floor(last))).replace(tzinfo=HANOI)
        moment, left = moment + fitting * pace, left - fitting
    return NEVER


def _stretches(here: datetime, timing: Timing, holidays: Holidays) -> Iterator[tuple[datetime, datetime]]:
    """The stretches of sending time that end after *here*, in order. One over midnight comes in two that touch."""
    hours = hours_of(timing.opens, timing.closes)
    closed = {} if timing.on_holidays else holidays
    for ahead in range(HORIZON):
        day = here.date() + ahead * DAY
        if day not in closed:
            for start, end in _stretches_of(_midnight(day), hours):
                if end > here:
                    yield start, end


def _stretches_of(midnight: datetime, hours: Hours) -> Iterator[tuple[datetime, datetime]]:
    if hours.closes > DAY:
        yield midnight, midnight + hours.closes - DAY
    yield midnight + hours.opens, midnight + min(hours.closes, DAY)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min)
