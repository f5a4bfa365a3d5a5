"""When a broadcast goes out and until when, what a missed slot does, and why a timing can't be kept.

Hours and recurrence are in modules of their own; this is the one door to all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from bot.services.broadcasting.faults import Fault
from bot.services.broadcasting.hours import (
    HANOI,
    NEVER,
    Holidays,
    closing,
    forecast,
    hours_of,
    may_send,
    next_opening,
)
from bot.services.broadcasting.model import Timing
from bot.services.broadcasting.recurrence import LONGEST, BadRule, next_slot, rule_of
from bot.services.broadcasting.timing_words import day_and_time, in_words, start_in_words
from bot.speech import _

__all__ = [
    "HANOI", "NEVER", "BadRule", "Holidays", "closing", "expiry", "faults_of", "forecast", "in_words", "is_missed",
    "may_send", "next_opening", "next_slot", "start_in_words",
]  # fmt: skip

HOUR = timedelta(hours=1)
YEARS = range(2000, 2200)
"""What is sent in others is a slip of the pen, and reckoning with them may overflow."""
MOST_HOURS = 366 * 24
"""The longest shelf life and grace. What is a year old is news to nobody."""


def is_missed(slot: datetime, now: datetime, timing: Timing) -> bool:
    """Whether a slot found at *now* is too late to run: more than `grace` hours after its time."""
    return now - slot > timedelta(hours=timing.grace)


def expiry(timing: Timing, started: datetime) -> datetime:
    """When what hasn't gone out of a run that began at *started* is stale; never before it began."""
    stale = started + timedelta(hours=timing.shelf_life)
    return max(started, stale if timing.not_after is None else min(stale, timing.not_after))


def faults_of(timing: Timing, now: datetime, holidays: Holidays | None = None) -> list[Fault]:
    """Why *timing* can't be kept, each with the field and the remedy; none when it can.

    A start outside the sending hours is no fault: what is due waits for the opening, and `in_words` says so. It is
    one when the shelf life ends before the opening comes (over Tết, with the *holidays*): then nothing would go out.
    """
    faults = [*_bad_moments(timing), *_bad_hours(timing), *_bad_lengths(timing)]
    if faults:
        return faults
    start = timing.at or now
    if start < now:
        told = _("Giờ bắt đầu (at) {at} đã qua. Chọn một giờ sau {now}.")
        faults.append(Fault("at", told.format(at=day_and_time(start), now=day_and_time(now))))
    slots = [start]
    if timing.rule:
        slots, broken = _slots_or_faults(timing)
        faults += broken
    return faults or [*_too_late(timing, slots, holidays or {})]


def _bad_moments(timing: Timing) -> Iterator[Fault]:
    for name, moment in (("at", timing.at), ("not_after", timing.not_after)):
        if moment is not None and moment.year not in YEARS:
            told = _("'{name}' {moment} không thể là ngày gửi tin. Xem lại năm.")
            yield Fault(name, told.format(name=name, moment=moment.isoformat()))
        elif moment is not None and moment.tzinfo is None:
            told = _("'{name}' {moment} thiếu múi giờ. Thêm +07:00 cho giờ Hà Nội: {remedy}.")
            meant = moment.replace(tzinfo=HANOI).isoformat()
            yield Fault(name, told.format(name=name, moment=moment.isoformat(), remedy=meant))


def _bad_hours(timing: Timing) -> Iterator[Fault]:
    try:
        hours_of(timing.opens, timing.closes)
    except ValueError:
        told = _(
            "Giờ gửi (opens, closes) không thể từ '{opens}' đến '{closes}'. Viết hai giờ khác nhau, "
            "như 07:00 và 20:30; cả ngày là 00:00 và 24:00."
        )
        yield Fault("opens", told.format(opens=timing.opens, closes=timing.closes))


def _bad_lengths(timing: Timing) -> Iterator[Fault]:
    if not 0 < timing.shelf_life <= MOST_HOURS:
        told = _("Hạn dùng (shelf_life) phải lớn hơn 0 và không quá {most} giờ, không phải {hours}. Ví dụ 72.")
        yield Fault("shelf_life", told.format(most=MOST_HOURS, hours=timing.shelf_life))
    if not 0 <= timing.grace <= MOST_HOURS:
        told = _("Số giờ trễ cho phép (grace) phải từ 0 đến {most}, không phải {hours}. Ví dụ 6.")
        yield Fault("grace", told.format(most=MOST_HOURS, hours=timing.grace))


def _slots_or_faults(timing: Timing) -> tuple[list[datetime], list[Fault]]:
    try:
        rule = rule_of(timing)
    except BadRule as exc:
        return [], [Fault("at" if timing.at is None else "rule", str(exc))]
    try:
        slots = list(rule.slots())
    except ValueError:  # dateutil's, of parts that are sound alone and shut each other out
        slots = []
    if rule.until is not None and rule.until < rule.start:
        told = _("Quy tắc lặp (rule) kết thúc (UNTIL) trước giờ bắt đầu (at). Sửa một trong hai.")
        return [], [Fault("rule", told)]
    if not slots:
        told = _("Quy tắc lặp (rule) không rơi vào ngày giờ nào. Xem lại các phần BY… của quy tắc.")
        return [], [Fault("rule", told)]
    return slots, [Fault("rule", line) for line in _unkeepable(rule.start + LONGEST, rule.until, rule.count, slots)]


def _unkeepable(last: datetime, until: datetime | None, count: int | None, slots: list[datetime]) -> Iterator[str]:
    if (until is not None and until > last) or (count is not None and len(slots) < count):
        yield _("Quy tắc lặp (rule) kéo dài quá 5 năm. Cho kết thúc sớm hơn bằng UNTIL hoặc COUNT.")
    if any(after - before < HOUR for before, after in pairwise(slots)):
        yield _("Quy tắc lặp (rule) gửi dày hơn mỗi giờ một đợt. Bớt BYMINUTE.")


def _too_late(timing: Timing, slots: list[datetime], holidays: Holidays) -> Iterator[Fault]:
    if timing.not_after is not None and timing.not_after <= slots[-1]:
        told = _("Hạn chót (not_after) {end} không sau đợt gửi {slot}. Lùi hạn chót hoặc gửi sớm hơn.")
        yield Fault("not_after", told.format(end=day_and_time(timing.not_after), slot=day_and_time(slots[-1])))
    elif all(next_opening(slot, timing, holidays) >= expiry(timing, slot) for slot in slots):
        opening = next_opening(slots[0], timing, holidays)
        told = _(
            "Tin hết hạn (shelf_life, not_after) trước khi tới giờ gửi {opening}, nên sẽ không gửi được cho ai. "
            "Đổi giờ bắt đầu (at) hoặc kéo dài hạn."
        )
        yield Fault("shelf_life", told.format(opening=day_and_time(opening)))
