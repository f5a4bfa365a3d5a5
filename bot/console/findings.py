"""What a picture shows, in a sentence: the title of each chart, and the trend beside each number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from bot.console.rendering import day_of, number, share
from bot.console.visit import Visit
from bot.services.insight.figures import Span
from bot.speech import _

RANGES = (7, 30, 90)
"""Days that one may look back over: a week, a month, a season."""
STEADY = 0.02
"""Changes of less than two per cent are noise."""


def days_asked(visit: Visit) -> int:
    """How many days the page is about."""
    text = visit.query.get("days", "")
    return int(text) if text in map(str, RANGES) else 30


def span_of(today: date, days: int) -> Span:
    """The last *days* days, today included."""
    return Span(today - timedelta(days=days - 1), today)


def short_day(visit: Visit, day: date) -> str:
    """A day under a chart: "3/11", or in English "3 Nov"."""
    return f"{day.day}/{day.month}" if visit.language == "vi" else day_of("en", day).rpartition(" ")[0]


def change(visit: Visit, now: float, before: float) -> str:
    """How a number has changed, in words; "" when there is nothing to compare it with."""
    if before <= 0:
        return ""
    by = now / before - 1
    if abs(by) < STEADY:
        return _("không đổi")
    part = share(visit.language, abs(by), 1)
    return (_("tăng {share}") if by > 0 else _("giảm {share}")).format(share=part)


def daily(visit: Visit, now: Sequence[int], before: Sequence[int]) -> str:
    """The title of the line of people a day."""
    mean = sum(now) / max(1, len(now))
    words = _("Mỗi ngày trung bình {count} người nhắn với bot").format(count=number(visit.language, mean))
    moved = change(visit, mean, sum(before) / max(1, len(before)))
    return f"{words}, {moved}" if moved else words


def busiest(hours: Sequence[int]) -> tuple[int, str]:
    """The hour at which most is heard, and the title that says so."""
    top = max(range(len(hours)), key=lambda hour: hours[hour])
    if not any(hours):
        return top, _("Chưa có tin nhắn nào trong những ngày này")
    return top, _("Bà con nhắn nhiều nhất từ {hour} giờ đến {next} giờ").format(hour=top, next=top + 1)
