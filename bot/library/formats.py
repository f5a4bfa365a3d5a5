"""Values of facts as people read them, in each language: "1,5 triệu đồng", "6,24%", "1 January 2027"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from babel.dates import format_date
from babel.numbers import format_compact_decimal, format_decimal

Translate = Callable[[str, str], str]

NOUNS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "dong": {"vi": ("đồng", "đồng"), "en": ("dong", "dong")},
    "month": {"vi": ("tháng", "tháng"), "en": ("month", "months")},
    "day": {"vi": ("ngày", "ngày"), "en": ("day", "days")},
    "year": {"vi": ("năm", "năm"), "en": ("year", "years")},
    "person": {"vi": ("người", "người"), "en": ("person", "people")},
    "kwh": {"vi": ("kWh", "kWh"), "en": ("kWh", "kWh")},
}
"""One and many. Babel's own Vietnamese has no words for spans of time and none for people."""
NUMBERS = ("percent", "number", *NOUNS)
UNITS = (*NUMBERS, "phone", "text", "date")
DAY_PATTERNS = {"vi": "d/M/y", "en": "d MMMM y"}
MILLION, BILLION = 10**6, 10**9


def raw_of(text: str, unit: str) -> str | int | float:
    """The value that *text* stands for; ValueError when it isn't one of *unit*."""
    if unit == "date":
        return date.fromisoformat(text).isoformat()
    if unit not in NUMBERS:
        return text
    number = _decimal(text)
    return int(number) if number == number.to_integral_value() else float(number)


def shown(text: str, unit: str, language: str, translate: Translate) -> str:
    """*text*, a valid value of *unit*, as a reader of *language* expects it."""
    if unit == "date":
        pattern = DAY_PATTERNS.get(language, "long")
        return format_date(date.fromisoformat(text), pattern, locale=language)
    if unit == "text":
        return translate(language, text)
    if unit == "phone":
        return text
    return _number(_decimal(text), unit, language, translate)


def _number(number: Decimal, unit: str, language: str, translate: Translate) -> str:
    if unit == "percent":
        return _digits(number, language) + "%"
    digits = _money(number, language) if unit == "dong" else _digits(number, language)
    if unit not in NOUNS:
        return digits
    one, many = NOUNS[unit].get(language) or (translate(language, NOUNS[unit]["vi"][0]),) * 2
    return f"{digits} {one if number == 1 else many}"


def _money(number: Decimal, language: str) -> str:
    """Millions and billions by name when two decimals tell the sum exactly, else every digit: no sum is rounded."""
    scale = BILLION if abs(number) >= BILLION else MILLION
    if abs(number) < MILLION or number % (scale // 100):
        return _digits(number, language)
    return format_compact_decimal(number, format_type="long", locale=language, fraction_digits=2)


def _digits(number: Decimal, language: str) -> str:
    return format_decimal(number, locale=language, decimal_quantization=False)


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if not number.is_finite() or "_" in text or "e" in text.lower():
        raise ValueError(text)
    return number
