"""Where facts are used, and how each stands on a day: what staff must know before they vouch for one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.engine.checks.claims import REVIEW_SOON
from bot.engine.content import Fact, Lapse, Message, Version, lapses
from bot.engine.rulings import as_filed, digest_of, is_worth
from bot.engine.state import Library
from bot.services.broadcasting.model import Broadcast
from bot.store.rulings import Kind, Ruling, check_in

Standing = Literal["withheld", "overdue", "none", "file", "soon", "confirm", "said"]
"""Withheld by an officer / past its review day / no version in force / withheld by its file / to be reviewed within a
month / said with "please confirm" / said."""


@dataclass(frozen=True, slots=True)
class FactSheet:
    """One fact as staff see it. `check` and `withheld` are the rulings in force; `stale_check` one that an edit of the
    file has made worthless."""

    fact: Fact
    digest: str
    version: Version | None
    standing: Standing
    messages: Sequence[str]
    dialogs: Sequence[str]
    check: Ruling | None
    stale_check: Ruling | None
    withheld: Ruling | None

    @property
    def is_silent(self) -> bool:
        """Whether nobody is told it today."""
        return self.standing in ("withheld", "overdue", "none", "file")


def sheets(library: Library, today: date, found: Iterable[Ruling]) -> Sequence[FactSheet]:
    """Every fact, those first whose review day is longest past."""
    ruled = {(one.fact, one.kind): one for one in found}
    using, carried = _messages_by_fact(library), _dialogs_by_message(library)
    made = [_sheet(fact, today, ruled, using.get(fact.id, ()), carried) for fact in library.facts.values()]
    return sorted(made, key=lambda sheet: (sheet.fact.review, sheet.fact.id))


def silent_today(library: Library, today: date) -> Mapping[Lapse, Sequence[str]]:
    """Why something can't be said *today*, with the messages that it silences: as `bot check` tells it."""
    found: dict[Lapse, list[str]] = {}
    for name, message in sorted(library.messages.items()):
        for lapse in lapses(message, library.facts, today):
            found.setdefault(lapse, []).append(name)
    return found


def uses(library: Library, broadcast: Broadcast, messages: Iterable[str]) -> bool:
    """Whether *broadcast* says one of *messages*: itself, or in the dialog that it begins."""
    dialog = library.dialogs.get(broadcast.body.dialog)
    said = {item.message for node in dialog.nodes.values() for item in node.say} if dialog else set()
    return bool(said.union(broadcast.body.messages).intersection(messages))


def _sheet(
    fact: Fact, today: date, ruled: Mapping[tuple[str, Kind], Ruling], using: Sequence[Message],
    carried: Mapping[str, Sequence[str]],
) -> FactSheet:  # fmt: skip
    check, withheld = ruled.get((fact.id, "checked")), ruled.get((fact.id, "withheld"))
    version = as_filed(fact).on(today)
    is_current = check is not None and is_worth(check_in(check), fact)
    dialogs = dict.fromkeys(dialog for message in using for dialog in carried.get(message.id, ()))
    return FactSheet(
        fact, digest_of(fact), version, _standing(fact, version, today, withheld), [one.id for one in using],
        list(dialogs), check if is_current else None, check if check and not is_current else None, withheld,
    )  # fmt: skip


def _standing(fact: Fact, version: Version | None, today: date, withheld: Ruling | None) -> Standing:
    if withheld is not None:
        return "withheld"
    if version is None:
        return "none"
    if version.state == "withhold":
        return "file"
    if fact.review < today:
        return "overdue"
    if fact.review <= today + REVIEW_SOON:
        return "soon"
    return "confirm" if version.state == "confirm" else "said"


def _messages_by_fact(library: Library) -> Mapping[str, Sequence[Message]]:
    found: dict[str, list[Message]] = {}
    for message in library.messages.values():
        for fact in message.facts:
            found.setdefault(fact, []).append(message)
    return found


def _dialogs_by_message(library: Library) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for dialog in library.dialogs.values():
        for node in dialog.nodes.values():
            for item in node.say:
                if item.message and dialog.id not in found.setdefault(item.message, []):
                    found[item.message].append(dialog.id)
    return found
