"""Days without broadcasts: those that are near are settled, and the list doesn't end before a year that is near."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.engine.checks.finding import Finding
from bot.engine.checks.rules import found
from bot.engine.checks.subject import HOLIDAYS_PATH, Subject, line_of

SOON = timedelta(days=60)
"""Tết's days are announced some two months ahead, and broadcasts are approved weeks ahead of them."""


def check_holidays(subject: Subject) -> Iterator[Finding]:
    """unsettled-holiday, holidays-end"""
    library, horizon = subject.library, subject.today + SOON
    for day, note in library.unsettled.items():
        if subject.today <= day <= horizon:
            yield found(
                "unsettled-holiday", HOLIDAYS_PATH, line_of(library, "holidays", str(day)),
                day=f"{day:%d/%m/%Y}", name=library.holidays[day], note=note,
            )  # fmt: skip
    last = max(library.holidays, default=None)
    if last is not None and last.year < horizon.year:
        yield found("holidays-end", HOLIDAYS_PATH, line_of(library, "holidays", str(last)), year=str(last.year + 1))
