"""Numbers that people tell by the way: "nhà 4 người, muốn vay 20 triệu". Each goes by the field that asks for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

from bot.engine.amounts import Amount, amounts_in

MILLION = 10**6
PEOPLE, INCOME, LOAN, MONTHS = "so-nguoi", "thu-trieu", "vay-trieu", "vay-thang"
"""Fields that dialogs ask for: people of the household, what it earns a month and what it would borrow (both in
millions of đồng), and in how many months it would pay that back."""
_OF_A_HOUSEHOLD = {"nha", "ho", "dinh", "tat", "tong", "gom"}
_OF_PEOPLE = (("nguoi",), ("khau",), ("nhan", "khau"), ("mieng", "an"))
_SOME = {"gia", "con", "lon", "khuyet", "om", "benh", "di", "lam", "dang", "cao", "tan", "khac", "me", "bo", "chau"}
"""After "2 người": these are two of the household, not all of it."""
_EARNED = {"thang", "luong", "nhap", "thu", "kiem"}
_OWED = {"tra", "gop", "dong", "no", "da", "lai"}
"""Before a sum: it is paid, or owed already."""
_EACH_PERSON = ("nguoi", "moi")
_PAID = {"trong", "tra", "gop"}
_FIELD = re.compile(r"\{([a-z-]+)(?:/([a-z-]+))?\}")
_DIGITS = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,12})?")


def stated_in(text: str) -> Mapping[str, str]:
    """Numbers in *text* by field, in the unit that its question asks for. Two for one field are none."""
    found: dict[str, set[str]] = {}
    for amount in amounts_in(text):
        for field, read in _READERS.items():
            value = read(amount)
            if value is not None:
                found.setdefault(field, set()).add(value)
                break
    return {field: values.pop() for field, values in found.items() if len(values) == 1}


def _people(amount: Amount) -> str | None:
    length = next((len(words) for words in _OF_PEOPLE if amount.after[: len(words)] == words), 0)
    is_whole = amount.after[length : length + 1] == () or amount.after[length] not in _SOME
    is_named = not _OF_A_HOUSEHOLD.isdisjoint(amount.before) or amount.after[:length][-1:] in (("khau",), ("an",))
    return str(amount.value) if length and is_whole and is_named and not amount.is_sum else None


def _income(amount: Amount) -> str | None:
    is_monthly = "thang" in (*amount.before[:2], *amount.after[:2]) or not _EARNED.isdisjoint(amount.before[:3])
    is_whole = _OWED.isdisjoint(amount.before[:3]) and _EACH_PERSON not in pairwise(amount.before)
    return _millions(amount) if is_monthly and is_whole else None


def _loan(amount: Amount) -> str | None:
    is_wanted = "vay" in amount.before and {"da", "no", "dang"}.isdisjoint(amount.before)
    return _millions(amount) if is_wanted else None


def _millions(amount: Amount) -> str | None:
    return f"{amount.value / MILLION:.12g}" if amount.is_sum else None


def _months(amount: Amount) -> str | None:
    if amount.is_sum or _PAID.isdisjoint(amount.before[:3]) or not amount.after:
        return None
    months = {"thang": 1, "nam": 12}.get(amount.after[0], 0) * amount.value
    return str(months) if months else None


_READERS: Mapping[str, Callable[[Amount], str | None]] = {
    PEOPLE: _people, LOAN: _loan, INCOME: _income, MONTHS: _months,
}  # fmt: skip


def with_numbers(text: str, fields: Mapping[str, str], shown: Callable[[str, float], str]) -> str:
    """*text* with `{field}` and `{field/field}` filled in; "" when one of them is not known, or is none.

    `shown(field, value)` is a value as people read it, of a quotient that of the field which is divided.
    """
    found = {match.group(0): _value(match, fields) for match in _FIELD.finditer(text)}
    for hole, value in found.items():
        if value is None:
            return ""
        text = text.replace(hole, shown(hole.strip("{}").split("/")[0], value))
    return text


def fields_in(text: str) -> Iterator[str]:
    """The fields that *text* counts with."""
    return (name for match in _FIELD.finditer(text) for name in match.groups() if name)


def _value(match: re.Match[str], fields: Mapping[str, str]) -> float | None:
    numbers = [float(fields[name]) if _DIGITS.fullmatch(fields.get(name, "")) else None for name in match.groups("")]
    whole, parts = numbers[0], numbers[1] if match.group(2) else 1.0
    return whole / parts if whole is not None and parts else None


def is_sum(field: str) -> bool:
    """Whether the field holds millions of đồng."""
    return field.endswith("-trieu")


def digits_of(value: float, language: str) -> str:
    """A number in the person's language, to two places: "1,5", "830.000"."""
    digits = f"{round(value, 2):,.12g}"
    return digits if language == "en" else digits.translate(str.maketrans(",.", ".,"))
