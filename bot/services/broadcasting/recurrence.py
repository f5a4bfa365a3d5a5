"""Broadcasts that come again: RFC 5545 rules, on Hà Nội's wall clock, from a first moment on and with an end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import islice

from dateutil.rrule import rrulestr

from bot.services.broadcasting.hours import HANOI, local
from bot.services.broadcasting.model import Timing
from bot.speech import _

LONGEST = timedelta(days=5 * 366)
"""From the first slot to the last. A rule that runs longer outlives every plan, and those who approved it."""
CYCLES = 7_600
"""Years. The calendar repeats every 400, weekdays and all, and dateutil looks for the next slot until the year 9999:
reckoned so much later, a rule that is never met is found out 20 times sooner, in under a second."""
FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY")
BOUNDS = {
    "INTERVAL": (1, 999), "COUNT": (1, 99_999), "BYMONTH": (1, 12), "BYMONTHDAY": (-31, 31), "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53), "BYSETPOS": (-366, 366), "BYHOUR": (0, 23), "BYMINUTE": (0, 59),
}  # fmt: skip
"""The parts that are numbers. dateutil loops for ever on an interval of 0 and silently never meets a 13th month."""
SINGLE = ("INTERVAL", "COUNT")
FROM_ZERO = ("BYHOUR", "BYMINUTE")
ONLY_WITH = {
    "BYMONTHDAY": ("YEARLY", "MONTHLY", "DAILY", "HOURLY"), "BYYEARDAY": ("YEARLY",), "BYWEEKNO": ("YEARLY",),
    "BYSETPOS": ("YEARLY", "MONTHLY"),
}  # fmt: skip
"""RFC 5545 has no meaning for them elsewhere, or none that anyone needs."""
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
BYDAY = re.compile(rf"([+-]?[1-9]\d?)?({'|'.join(WEEKDAYS)})")
UNTIL = re.compile(r"\d{8}(T\d{6}Z?)?")


class BadRule(ValueError):
    """A rule that can't be kept: what is wrong with it and what to do, in Vietnamese."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, read. `parts` are its parts but for COUNT and UNTIL; `start` and `until` are without zone, Hà Nội's."""

    start: datetime
    parts: Mapping[str, str]
    count: int | None
    until: datetime | None

    def slots(self) -> Iterator[datetime]:
        """The slots in order, with their zone; none later than LONGEST after the start, whatever the rule says.

        COUNT is counted here, so that dateutil always has an UNTIL.
        """
        last = self.start + LONGEST
        parts = ";".join(f"{name}={value}" for name, value in self.parts.items())
        until = _moved(min(self.until or last, last), CYCLES)
        found = rrulestr(f"{parts};UNTIL={until:%Y%m%dT%H%M%S}", dtstart=_moved(self.start, CYCLES))
        return (_moved(slot, -CYCLES).replace(tzinfo=HANOI) for slot in islice(found, self.count))


def _moved(at: datetime, years: int) -> datetime:
    return at.replace(year=at.year + years)


def rule_of(timing: Timing) -> Rule:
    """The rule of *timing*, which has one. BadRule when it can't be understood, has no start or no end."""
    if timing.at is None or timing.at.tzinfo is None:
        raise BadRule(_("Gửi nhiều đợt thì phải có giờ bắt đầu (at) kèm múi giờ, như 2026-12-01T09:00+07:00."))
    parts = _parts_of(timing.rule)
    if parts.get("FREQ") not in FREQUENCIES:
        raise BadRule(_("Quy tắc lặp (rule) phải có FREQ là một trong: {known}. Không gửi dày hơn mỗi giờ.").format(
            known=", ".join(FREQUENCIES)))  # fmt: skip
    for name, value in parts.items():
        _check(name, value, parts["FREQ"])
    count, until = parts.pop("COUNT", None), parts.pop("UNTIL", None)
    if (count is None) == (until is None):
        raise BadRule(_("Quy tắc lặp (rule) phải có đúng một chỗ kết thúc: thêm UNTIL=20261231 hoặc COUNT=10."))
    return Rule(local(timing.at), parts, int(count) if count else None, until_of(until) if until else None)


def next_slot(timing: Timing, after: datetime) -> datetime | None:
    """The first slot strictly after *after*; None when there is none. One that goes out once has one slot, `at`."""
    if not timing.rule:
        return timing.at if timing.at is not None and timing.at > after else None
    return next((slot for slot in rule_of(timing).slots() if slot > after), None)


def until_of(text: str) -> datetime:
    """The last moment that UNTIL allows, on Hà Nội's wall clock.

    RFC 5545 wants UTC ("…Z") beside a start that has a zone. Officers mean their own clock when they leave out the Z,
    and all of the day when they give only a day.
    """
    try:
        if len(text) == 8:
            return datetime.combine(datetime.strptime(text, "%Y%m%d"), time(23, 59, 59))  # noqa: DTZ007
        moment = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
    except ValueError:
        raise BadRule(_("UNTIL={text} không phải là một ngày có thật. Viết như 20261231.").format(text=text)) from None
    return local(moment.replace(tzinfo=UTC)) if text.endswith("Z") else moment


def _parts_of(rule: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in rule.strip().upper().removeprefix("RRULE:").removesuffix(";").split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value:
            raise BadRule(_("Không hiểu “{part}” trong quy tắc (rule). Viết như FREQ=WEEKLY;BYDAY=MO;COUNT=10.").format(
                part=part))  # fmt: skip
        if name in parts:
            raise BadRule(_("Quy tắc lặp (rule) có {name} hai lần. Bỏ bớt một.").format(name=name))
        parts[name] = value
    return parts


def _check(name: str, value: str, frequency: str) -> None:
    """BadRule when *value* can't be that of the part *name* in a rule of this *frequency*."""
    if name not in (*BOUNDS, "FREQ", "BYDAY", "UNTIL", "WKST"):
        raise BadRule(_("Quy tắc lặp (rule) không dùng được phần {name}. Bỏ phần đó đi.").format(name=name))
    # "The second Monday" means something in a month or a year alone.
    counted = name == "BYDAY" and frequency not in ("YEARLY", "MONTHLY") and re.search(r"\d", value)
    if counted or frequency not in ONLY_WITH.get(name, FREQUENCIES):
        raise BadRule(_("{name}={value} không dùng được với FREQ={frequency}. Bỏ phần đó hoặc đổi FREQ.").format(
            name=name, value=value, frequency=frequency))  # fmt: skip
    if not _is_sound(name, value):
        raise BadRule(_("{name}={value} trong quy tắc (rule) viết chưa đúng. Xem lại cách viết theo RFC 5545.").format(
            name=name, value=value))  # fmt: skip


def _is_sound(name: str, value: str) -> bool:
    match name:
        case "BYDAY":
            return all(BYDAY.fullmatch(each) for each in value.split(","))
        case "UNTIL":
            return UNTIL.fullmatch(value) is not None
        case "WKST":
            return value in WEEKDAYS
        case "FREQ":
            return True
        case _:
            return all(_is_within(name, each) for each in value.split(",")) and not (name in SINGLE and "," in value)


def _is_within(name: str, text: str) -> bool:
    low, high = BOUNDS[name]
    if not re.fullmatch(r"[+-]?\d{1,5}", text):
        return False
    return low <= int(text) <= high and (int(text) != 0 or name in FROM_ZERO)
