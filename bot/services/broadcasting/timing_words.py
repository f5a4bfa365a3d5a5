"""A timing as people say it: what those who approve a broadcast put their names to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.services.broadcasting.hours import Hours, hours_of, local
from bot.services.broadcasting.model import Timing
from bot.services.broadcasting.recurrence import BadRule, rule_of
from bot.services.broadcasting.rule_words import clock, day, rule_in_words
from bot.speech import _

USUAL_SHELF_LIFE = Timing().shelf_life


def in_words(timing: Timing) -> str:
    """ "thứ Hai hằng tuần lúc 9:00, từ 30/11/2026 đến 31/12/2026; gửi từ 7:00 đến 20:30".

    Every timing has words, those with faults as well. What is not as usual is said at the end.
    """
    return "; ".join((start_in_words(timing), *_hours(timing), *_end(timing)))


def day_and_time(at: datetime) -> str:
    """ "9:00 ngày 30/11/2026", in Hà Nội."""
    here = local(at) if at.tzinfo else at
    return _("{time} ngày {day}").format(time=clock(here.hour, here.minute), day=day(here))


def start_in_words(timing: Timing) -> str:
    """When it begins, alone: "thứ Hai hằng tuần lúc 9:00, từ 30/11/2026 đến 31/12/2026"."""
    if not timing.rule:
        return day_and_time(timing.at) if timing.at else _("ngay khi được phát")
    try:
        rule = rule_of(timing)
    except BadRule:
        return _("theo quy tắc “{rule}”").format(rule=timing.rule)
    odd = _("theo quy tắc “{rule}” kể từ {start}").format(rule=timing.rule, start=day_and_time(rule.start))
    return rule_in_words(rule) or odd


def _hours(timing: Timing) -> Iterator[str]:
    try:
        hours = hours_of(timing.opens, timing.closes)
    except ValueError:
        yield _("giờ gửi từ “{opens}” đến “{closes}”").format(opens=timing.opens, closes=timing.closes)
        return
    opens, closes = (clock(*map(int, text.split(":"))) for text in (timing.opens, timing.closes))
    if hours.is_all_day:
        yield _("gửi suốt ngày đêm")
    elif hours.closes > timedelta(days=1):
        yield _("gửi từ {opens} đến {closes} hôm sau").format(opens=opens, closes=closes)
    else:
        yield _("gửi từ {opens} đến {closes}").format(opens=opens, closes=closes)
    if _starts_outside(timing, hours):
        yield _("giờ bắt đầu nằm ngoài giờ gửi, nên tin chờ đến giờ gửi")
    if timing.on_holidays:
        yield _("kể cả ngày nghỉ")


def _starts_outside(timing: Timing, hours: Hours) -> bool:
    """No fault, but it may surprise."""
    if timing.at is None or timing.at.tzinfo is None:
        return False
    here = local(timing.at)
    return here - here.replace(hour=0, minute=0, second=0, microsecond=0) not in hours


def _end(timing: Timing) -> Iterator[str]:
    if timing.shelf_life != USUAL_SHELF_LIFE:
        hours = f"{timing.shelf_life:g}".replace(".", ",")
        yield _("quá {hours} giờ thì thôi không gửi nữa").format(hours=hours)
    if timing.not_after is not None:
        yield _("chậm nhất {end}").format(end=day_and_time(timing.not_after))
