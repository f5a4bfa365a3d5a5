"""Moments and numbers as officers type them."""

from __future__ import annotations

import re
from datetime import datetime

from bot.console.rendering import HANOI

MOMENT = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)(?:[T ](?P<hour>\d\d?):(?P<minute>\d\d))?")
WRITTEN = re.compile(
    r"(?:(?P<hour>\d\d?):(?P<minute>\d\d)[ ,]+)?(?P<day>\d\d?)/(?P<month>\d\d?)/(?P<year>\d{4})"
    r"(?:[ ,]+(?P<late_hour>\d\d?):(?P<late_minute>\d\d))?"
)
"""As browsers send a moment; and as people write it, with the time before the day or after it."""


def moment_from(text: str) -> datetime:
    """A moment in Hà Nội; midnight where no time is told. ValueError when it is none."""
    found = MOMENT.fullmatch(text.strip()) or WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    parts = {name: int(part) for name, part in found.groupdict().items() if part}
    hour, minute = parts.pop("late_hour", parts.pop("hour", 0)), parts.pop("late_minute", parts.pop("minute", 0))
    return datetime(parts["year"], parts["month"], parts["day"], hour, minute, tzinfo=HANOI)


def typed_moment(at: datetime | None) -> str:
    """*at* as a field for moments holds it."""
    return f"{at.astimezone(HANOI):%Y-%m-%dT%H:%M}" if at is not None else ""


def number_from(text: str) -> float:
    """A number with a decimal comma, or a point. ValueError when it is none, or not finite."""
    if not re.fullmatch(r"-?\d{1,9}([.,]\d{1,6})?", text.strip()):
        raise ValueError(text)
    return float(text.strip().replace(",", "."))


def typed_number(value: float) -> str:
    """ "0,5"."""
    return f"{value:g}".replace(".", ",")


def money_from(text: str) -> int:
    """Whole đồng, with points or spaces between the thousands or without. ValueError when it is none."""
    if not re.fullmatch(r"\d{1,12}|\d{1,3}([. ]\d{3}){1,3}", text.strip()):
        raise ValueError(text)
    return int(re.sub(r"[. ]", "", text))


def typed_money(amount: int) -> str:
    """ "1.200.000"."""
    return f"{amount:,}".replace(",", ".")


def id_from(text: str) -> int | None:
    """The number of a row; None when it is none that a database could hold."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
