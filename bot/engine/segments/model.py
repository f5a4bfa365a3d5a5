"""The query as values. `str` of any of them is the canonical query, which parses to the same value again."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

from msgspec import Struct

Subject = Literal["ho", "xa", "tieng", "kenh", "chu-de", "dong-y", "dung-tin", "nguon"]
Deed = Literal["da-toi", "da-tra-loi", "xong"]
UNITS = {"days": "ngay", "hours": "gio"}
_BARE = re.compile(r"[^\s\"'“”‘’(),=!]+")


class Within(Struct, frozen=True):
    """In the last `count` days or hours."""

    count: int
    unit: Literal["days", "hours"] = "days"

    def __str__(self) -> str:
        return f"trong {self.count} {UNITS[self.unit]}"


class Ago(Struct, frozen=True):
    """On the day, in Hà Nội, that was `days` days before today."""

    days: int

    def __str__(self) -> str:
        return f"{self.days} ngay truoc"


class Before(Struct, frozen=True):
    """Before `day` began in Hà Nội."""

    day: date

    def __str__(self) -> str:
        return f"truoc {self.day.isoformat()}"


class After(Struct, frozen=True):
    """After `day` ended in Hà Nội."""

    day: date

    def __str__(self) -> str:
        return f"sau {self.day.isoformat()}"


When = Within | Ago | Before | After


class Everyone(Struct, frozen=True):
    """No condition at all."""

    def __str__(self) -> str:
        return "tat-ca"


class Is(Struct, frozen=True):
    """`subject` is one of `values`: codes and slugs as they are stored. Empty is not told, no topic, Vietnamese …"""

    subject: Subject
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.subject} {_listed(tuple(v or EMPTY[self.subject] for v in self.values))}"


EMPTY = {"ho": "chua-ro", "xa": "chua-ro", "chu-de": "chua-chon", "dong-y": "chua-hoi", "nguon": "khong-co"}
"""How a query names the empty value of a subject."""


class Has(Struct, frozen=True):
    """Field `name` of the dialogs has one of `values`; without any it has some value."""

    name: str
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"truong {_quoted(self.name)} {_listed(self.values) if self.values else 'da co'}"


class Seen(Struct, frozen=True):
    """When they were heard last (`when` None: never), or when we first met."""

    which: Literal["gap-cuoi", "gap-dau"]
    when: When | None

    def __str__(self) -> str:
        return f"{self.which} {self.when or 'chua bao gio'}"


class Did(Struct, frozen=True):
    """Reached, answered or finished a dialog, or one node of it; at some time in `when`, if that is set.

    `choices` are the ids of which one was taken.
    """

    deed: Deed
    dialog: str
    node: str = ""
    choices: tuple[str, ...] = ()
    when: When | None = None

    def __str__(self) -> str:
        place = f"{self.dialog}.{self.node}" if self.node else self.dialog
        parts = (self.deed, _quoted(place), _listed(self.choices) if self.choices else "", str(self.when or ""))
        return " ".join(part for part in parts if part)


class Got(Struct, frozen=True):
    """Was sent broadcast `broadcast`, or a run of that recurring broadcast; `None` is any broadcast at all.

    `runs` are the ids of those runs, for who has looked them up: no query names them.
    """

    broadcast: int | None
    when: When | None = None
    runs: tuple[int, ...] = ()

    def __str__(self) -> str:
        what = "da-gui" if self.broadcast is None else f"da-nhan {self.broadcast}"
        return f"{what} {self.when}" if self.when else what


class InDialog(Struct, frozen=True):
    """A question is open, and they were heard within the last half hour."""

    def __str__(self) -> str:
        return "dang-tro-chuyen"


class Not(Struct, frozen=True):
    """`part` doesn't hold."""

    part: Segment

    def __str__(self) -> str:
        return f"khong ({self.part})" if isinstance(self.part, Not) else f"khong {_inner(self.part)}"


class All(Struct, frozen=True):
    """Every one of two or more `parts` holds."""

    parts: tuple[Segment, ...]

    def __str__(self) -> str:
        return " va ".join(map(_inner, self.parts))


class AnyOf(Struct, frozen=True):
    """At least one of two or more `parts` holds."""

    parts: tuple[Segment, ...]

    def __str__(self) -> str:
        return " hoac ".join(map(_inner, self.parts))


Claim = Everyone | Is | Has | Seen | Did | Got | InDialog
Segment = Claim | Not | All | AnyOf


def is_everyone(segment: Segment) -> bool:
    """Whether *segment* leaves nobody out, as far as its form shows."""
    match segment:
        case Everyone():
            return True
        case All(parts=parts):
            return all(map(is_everyone, parts))
        case AnyOf(parts=parts):
            return any(map(is_everyone, parts))
        case _:
            return False


def _inner(part: Segment) -> str:
    return f"({part})" if isinstance(part, All | AnyOf) else str(part)


def _listed(values: tuple[str, ...]) -> str:
    quoted = [_quoted(value) for value in values]
    return f"= {quoted[0]}" if len(quoted) == 1 else f"trong ({', '.join(quoted)})"


def _quoted(value: str) -> str:
    """Bare where that reads the same. A value can't hold both kinds of quotation marks: a query can't either."""
    if _BARE.fullmatch(value):
        return value
    return f'"{value}"' if '"' not in value else f"'{value}'"
