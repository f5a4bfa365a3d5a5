"""A rule as people say it. What has no plain words is told as it was written: better odd than wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from bot.services.broadcasting.recurrence import WEEKDAYS, Rule
from bot.speech import _

DAYS = (_("thứ Hai"), _("thứ Ba"), _("thứ Tư"), _("thứ Năm"), _("thứ Sáu"), _("thứ Bảy"), _("Chủ nhật"))
PLACES = {
    "1": _("{day} đầu tiên"), "2": _("{day} lần thứ 2"), "3": _("{day} lần thứ 3"), "4": _("{day} lần thứ 4"),
    "-1": _("{day} cuối cùng"),
}  # fmt: skip
EVERY = {
    "DAILY": (_("hằng ngày"), _("{n} ngày một lần")),
    "WEEKLY": (_("{days} hằng tuần"), _("{days}, {n} tuần một lần")),
    "MONTHLY": (_("{days} hằng tháng"), _("{days}, {n} tháng một lần")),
    "YEARLY": (_("{days} hằng năm"), _("{days}, {n} năm một lần")),
    "HOURLY": (_("mỗi giờ một lần"), _("{n} giờ một lần")),
}
"""For an interval of one and of more. `days` are the days of the week, of the month or of the year."""
MOST_TIMES = 4
"""Times of day that are read out; more of them are a rule for machines."""


def rule_in_words(rule: Rule) -> str | None:
    """ "thứ Hai hằng tuần lúc 9:00, từ 30/11/2026 đến 31/12/2026"; None when there are no plain words for it."""
    frequency = rule.parts["FREQ"]
    days, times = _DAYS_OF[frequency](rule), _times(rule)
    if days is None or times is None:
        return None
    interval = int(rule.parts.get("INTERVAL", 1))
    words = f"{_(EVERY[frequency][interval > 1]).format(days=days, n=interval)} {times}"
    if rule.until is None:
        return _("{words}, từ {start}, {count} lần").format(words=words, start=day(rule.start), count=rule.count)
    return _("{words}, từ {start} đến {until}").format(words=words, start=day(rule.start), until=day(rule.until))


def clock(hour: int, minute: int) -> str:
    return f"{hour}:{minute:02}"


def day(at: datetime) -> str:
    return f"{at.day}/{at.month}/{at.year}"


def _times(rule: Rule) -> str | None:
    if rule.parts["FREQ"] == "HOURLY":
        return _("tính từ {time}").format(time=clock(rule.start.hour, rule.start.minute))
    hours = _numbers(rule.parts.get("BYHOUR", str(rule.start.hour)))
    minutes = _numbers(rule.parts.get("BYMINUTE", str(rule.start.minute)))
    if len(hours) * len(minutes) > MOST_TIMES:
        return None
    return _("lúc {times}").format(times=_listed([clock(hour, minute) for hour in hours for minute in minutes]))


def _hourly(rule: Rule) -> str | None:
    return "" if rule.parts.keys() <= {"FREQ", "INTERVAL"} else None


def _daily(rule: Rule) -> str | None:
    return "" if _has_only(rule) else None


def _weekly(rule: Rule) -> str | None:
    if not _has_only(rule, "BYDAY"):
        return None
    days = set(rule.parts.get("BYDAY", WEEKDAYS[rule.start.weekday()]).split(","))
    return _listed([_(name) for code, name in zip(WEEKDAYS, DAYS, strict=True) if code in days])


def _monthly(rule: Rule) -> str | None:
    if "BYDAY" in rule.parts and _has_only(rule, "BYDAY"):
        return _listed([_weekday_in_month(each) for each in rule.parts["BYDAY"].split(",")])
    if _has_only(rule, "BYMONTHDAY"):
        days = _numbers(rule.parts.get("BYMONTHDAY", str(rule.start.day)))
        return _listed([_month_day(each) for each in sorted(days, key=lambda number: number % 32)])
    return None


def _yearly(rule: Rule) -> str | None:
    """One day of one month. A day of the month without its month would come every month."""
    parts = rule.parts
    if not _has_only(rule, "BYMONTH", "BYMONTHDAY") or ("BYMONTHDAY" in parts and "BYMONTH" not in parts):
        return None
    months = _numbers(parts.get("BYMONTH", str(rule.start.month)))
    days = _numbers(parts.get("BYMONTHDAY", str(rule.start.day)))
    if len(months) > 1 or len(days) > 1 or days[0] < 0:
        return None
    return _("ngày {day}/{month}").format(day=days[0], month=months[0])


_DAYS_OF: Mapping[str, Callable[[Rule], str | None]] = {
    "DAILY": _daily, "WEEKLY": _weekly, "MONTHLY": _monthly, "YEARLY": _yearly, "HOURLY": _hourly,
}  # fmt: skip


def _has_only(rule: Rule, *parts: str) -> bool:
    """Whether no other part says when. On which day weeks begin matters only to every second week and rarer."""
    known = {"FREQ", "INTERVAL", "BYHOUR", "BYMINUTE", *parts}
    if rule.parts.get("WKST") == "MO" or rule.parts.get("INTERVAL", "1") == "1":
        known.add("WKST")
    return rule.parts.keys() <= known


def _weekday_in_month(text: str) -> str | None:
    place, weekday = text[:-2].removeprefix("+"), _(DAYS[WEEKDAYS.index(text[-2:])])
    return _(PLACES[place]).format(day=weekday) if place in PLACES else None


def _month_day(number: int) -> str | None:
    if number == -1:
        return _("ngày cuối cùng")
    return _("ngày {day}").format(day=number) if number > 0 else None


def _numbers(text: str) -> list[int]:
    return sorted({int(each) for each in text.split(",")})


def _listed(items: Sequence[str | None]) -> str | None:
    """ "a, b và c"; None when any has no words."""
    named = [item for item in items if item is not None]
    if len(named) < len(items):
        return None
    *first, last = named
    return _("{first} và {last}").format(first=", ".join(first), last=last) if first else last
