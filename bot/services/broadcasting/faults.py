"""What is wrong with a draft, and with which of its fields, so that a form can say it in its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One line for the officer, with the remedy.

    `field` is "name", "segment", "source", "at" and so on; of an officer's text "text.vi", of what is to be confirmed
    "confirm.everyone", and "body" where the fault is the choice of what is said at all.
    """

    field: str
    text: str

    def __str__(self) -> str:
        return self.text


def lines_of(faults: Iterable[Fault]) -> list[str]:
    """The lines, for where there are no fields."""
    return [fault.text for fault in faults]


def by_field(faults: Iterable[Fault]) -> Mapping[str, str]:
    """The lines of each field as one text."""
    found: dict[str, list[str]] = {}
    for fault in faults:
        found.setdefault(fault.field, []).append(fault.text)
    return {field: " ".join(lines) for field, lines in found.items()}
