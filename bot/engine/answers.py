"""Reading an answer: which option a text means, and what a typed answer is worth."""

from __future__ import annotations

import re
from datetime import date, timedelta

from bot.engine.amounts import number_in
from bot.engine.model import AskTyped
from bot.engine.words import fold

MILLION = 10**6
_DAY = re.compile(r"(?<!\d)(\d{1,2})\s*[/.\- ]\s*(\d{1,2})(?:\s*[/.\- ]\s*(\d{4}|\d{2}))?(?!\d|[/.\-]\d)", re.ASCII)
_PHONE = re.compile(r"^(?:\+?84|0)(\d{9})$", re.ASCII)


def value_of(node: AskTyped, text: str, today: date) -> str | None:
    """What a typed answer is worth, as a field stores it; None when it doesn't fit. Communes are read elsewhere."""
    match node.type:
        case "number":
            return _number(node, text)
        case "date":
            day = day_in(text, today)
            return day.isoformat() if day else None
        case "phone":
            return phone_in(text)
        case _:
            words = text.strip()
            return words if words and _within(node, len(words)) else None


def _number(node: AskTyped, text: str) -> str | None:
    """A number within the bounds; where the question asks for millions, "20 triệu" is 20 and "6,5" is 6.5."""
    number, in_millions = number_in(text), "trieu" in fold(node.ask)
    if number is None and in_millions:
        number = number_in(f"{text} triệu")
    if number is None:
        return None
    value = number / MILLION if in_millions and not _within(node, number) else number
    return f"{value:.12g}" if _within(node, value) else None


def _within(node: AskTyped, size: float) -> bool:
    return (node.low is None or size >= node.low) and (node.high is None or size <= node.high)


def day_in(text: str, today: date) -> date | None:
    """A day as people type it: "1/12/2026", "1-12", "hôm nay", "mai"."""
    folded = fold(text)
    near = {"hom nay": 0, "ngay mai": 1, "mai": 1, "ngay kia": 2}
    if folded in near:
        return today + timedelta(days=near[folded])
    match = _DAY.search(text)
    if match is None:
        return None
    day, month, year = match.groups()
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0) if year else today.year, int(month), int(day))
    except ValueError:
        return None


def phone_in(text: str) -> str | None:
    """A Vietnamese phone number as "0" and nine digits, from "0912 345 678" or "+84 912 345 678"."""
    match = _PHONE.match(re.sub(r"[\s.\-()]", "", text))
    return "0" + match.group(1) if match else None
