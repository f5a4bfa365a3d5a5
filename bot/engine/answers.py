"""Reading an answer: which option a text means, and what a typed answer is worth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from bot.engine.amounts import number_in
from bot.engine.model import AskTyped, Option
from bot.engine.state import Library
from bot.engine.words import fold, number_named, plain

MILLION = 10**6
_DAY = re.compile(r"(?<!\d)(\d{1,2})\s*[/.\- ]\s*(\d{1,2})(?:\s*[/.\- ]\s*(\d{4}|\d{2}))?(?!\d|[/.\-]\d)", re.ASCII)
_PHONE = re.compile(r"^(?:\+?84|0)(\d{9})$", re.ASCII)


def option_named(library: Library, options: Sequence[Option], text: str, language: str) -> Option | None:
    """The option that *text* names by its label or number. Diacritics decide between labels that fold alike."""
    labels = [(option, library.translate(language, option.label)) for option in options]
    for shape in (plain, fold):
        wanted = shape(text)
        exact = [option for option, label in labels if wanted and shape(label) == wanted]
        if len(exact) == 1:
            return exact[0]
    number = number_named(text)
    return options[number - 1] if number is not None and 1 <= number <= len(options) else None


def option_meant(library: Library, options: Sequence[Option], text: str, language: str) -> Option | None:
    """The one option whose label holds the words typed, or whose whole label was typed among others.

    One word with diacritics must have the right ones: "đúng" (right) doesn't mean "Dừng tất cả" (stop all).
    """
    shape = plain if not text.isascii() and " " not in text.strip() else fold
    labels = [(option, _words(shape(library.translate(language, option.label)))) for option in options]
    wanted = _words(shape(text))
    if len(wanted) < 4 or number_named(text) is not None:
        return None
    inside = [option for option, label in labels if f" {wanted} " in f" {label} "]
    around = [option for option, label in labels if len(label) >= 4 and f" {label} " in f" {wanted} "]
    for found in (inside, around):
        if len(found) == 1:
            return found[0]
    return None


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text))


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
    """A number within the bounds; where the question asks for millions, "20 triệu" is 20."""
    number = number_in(text)
    if number is None:
        return None
    if number % MILLION == 0 and not _within(node, number) and "trieu" in fold(node.ask):
        number //= MILLION
    return str(number) if _within(node, number) else None


def _within(node: AskTyped, size: int) -> bool:
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
