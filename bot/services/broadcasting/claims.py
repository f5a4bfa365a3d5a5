"""The claims that a broadcast makes: the facts in it, the law they rest on, and until when that stands. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from bot.engine.content import Fact, Message, Version, lapses
from bot.engine.state import Library
from bot.services.broadcasting.rendering import Lapsed
from bot.speech import _

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Claim:
    """A fact as it is said on a day. `until` is the last day on which it is said in these words."""

    fact: str
    about: str
    law: str
    until: date
    needs_confirming: bool


def claims_of(library: Library, messages: Iterable[Message], today: date) -> list[Claim]:
    """The facts of *messages*, each once, as they are said *today*; those that can't be said are left out."""
    claims = {}
    for message in messages:
        for name in message.facts:
            fact = library.facts.get(name)
            version = fact.on(message.as_of or today) if fact else None
            if fact and version:
                claims[name, version.since] = _claim(fact, version, message)
    return list(claims.values())


def _claim(fact: Fact, version: Version, message: Message) -> Claim:
    ends = [fact.review] if message.as_of or version.until is None else [fact.review, version.until]
    law = ", ".join(part for part in (version.law, version.article) if part)
    return Claim(fact.id, fact.about, law, min(ends), version.state == "confirm")


def changes_within(library: Library, messages: Iterable[Message], first: date, last: date) -> list[str]:
    """What happens to *messages* between two days: a fact lapses, or has another value, or their season ends."""
    told = []
    for message in messages:
        told += _changes(library, message, first, last)
    return list(dict.fromkeys(told))


def _changes(library: Library, message: Message, first: date, last: date) -> list[str]:
    days = sorted(day for day in _turning_days(library, message) if first < day <= last)
    for day in days:
        shown = f"{day:%d/%m/%Y}"
        found = lapses(message, library.facts, day)
        if found:
            lapse = Lapsed(found[0].fact, found[0].reason)
            told = _("Từ {day} tin “{name}” không nói được nữa: dữ kiện {lapse}. Khi ấy việc gửi tự tạm dừng.")
            return [told.format(day=shown, name=message.id, lapse=lapse)]
        if message.until is not None and day > message.until:
            return [_("Từ {day} tin “{name}” hết mùa, không gửi nữa.").format(day=shown, name=message.id)]
    if days:
        told = _("Từ {day} tin “{name}” nói con số mới. Xem trước lại như vào ngày ấy.")
        return [told.format(day=f"{days[0]:%d/%m/%Y}", name=message.id)]
    return []


def _turning_days(library: Library, message: Message) -> set[date]:
    """Days on which something about *message* may be different from the day before."""
    facts = [library.facts[name] for name in message.facts if name in library.facts]
    days = {fact.review + DAY for fact in facts}
    if message.as_of is None:
        days |= {version.since for fact in facts for version in fact.versions}
        days |= {version.until + DAY for fact in facts for version in fact.versions if version.until}
    return days | ({message.until + DAY} if message.until else set())
