"""Facts as timelines of versions, and messages that may be said only while every fact in them stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from bot.messages import Media

State = Literal["say", "confirm", "withhold"]
"""Said as it is / said with "please confirm at your commune" / never said."""


@dataclass(frozen=True, slots=True)
class Value:
    """A typed value: `raw` as in the file, `shown[language]` as people read it ("1,5 triệu đồng")."""

    raw: str | int | float
    unit: str
    shown: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Version:
    """What a fact is from one day until another. `until` None is unknown, not forever: the review day guards it."""

    since: date
    until: date | None
    state: State
    law: str
    article: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. `audience` are the kinds of household it concerns; `evidence` is for staff, never for citizens.

    `filed` is the fact of the file, where officers ruled otherwise since (`bot.engine.rulings`).
    """

    id: str
    about: str
    versions: tuple[Version, ...]
    checked: date
    review: date
    confidence: str
    audience: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    note: str = ""
    path: str = ""
    line: int = 0
    filed: Fact | None = None

    def on(self, day: date) -> Version | None:
        """The version in force on *day*, or None."""
        for version in self.versions:
            if version.since <= day and (version.until is None or day <= version.until):
                return version
        return None


@dataclass(frozen=True, slots=True)
class Message:
    """One content message. `body` is Markdown with placeholders `{fact-id.key}`, `{noi-hoi}`, `{ten}`.

    `audience` empty is everyone; NOT_TOLD in it is people whose household is not known.
    `since` and `until` bound the days on which it is said at all; `as_of` takes the facts as of a later day
    ("from 1 January the line will be …"). `source` is a newspaper and year, for stories. `media` goes with it.
    `brief` leaves the source out from under it: who is in danger reads the number to call, and nothing else.
    """

    id: str
    body: str
    plan: tuple[str, ...]
    topic: str
    facts: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    as_of: date | None = None
    source: str = ""
    media: Media | None = None
    brief: bool = False
    path: str = ""
    line: int = 0


Carrier = Literal["template", "phone"]
"""By what a template finds somebody: their id on the platform, or their phone number. Named as the routes are."""
Tag = Literal["transaction", "care", "promotion"]
"""What a template is for, as the platform filed it: it asks more of promotion (not at night)."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a template leaves open. `value` is text with a message's placeholders; `default` stands in for one that
    comes out empty or longer than `most` letters. One that is not `needed` may be left out."""

    name: str
    value: str
    most: int
    default: str = ""
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Template:
    """A text that a platform approved beforehand, which carries the content message `message` to people whom it lets us
    write to in no other way. `id` is the platform's; `text` is what was approved, with `<name>` for each parameter."""

    id: str
    channel: str
    message: str
    tag: Tag
    by: frozenset[Carrier]
    text: str
    parameters: tuple[Parameter, ...] = ()
    path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Lapse:
    """Why a fact can't be said on a day, for staff: `reason` is one of the words below."""

    fact: str
    reason: Literal["no version", "withheld", "overdue for review", "unknown fact"]
    since: date | None = None


def lapses(message: Message, facts: Mapping[str, Fact], today: date) -> list[Lapse]:
    """Every fact of *message* that may not be said *today*; empty when the message may be."""
    found: list[Lapse] = []
    for name in message.facts:
        fact = facts.get(name)
        if fact is None:
            found.append(Lapse(name, "unknown fact"))
            continue
        version = fact.on(message.as_of or today)
        if version is None:
            ends = [v.until for v in fact.versions if v.until is not None and v.until < today]
            found.append(Lapse(name, "no version", max(ends, default=None)))
        elif version.state == "withhold":
            found.append(Lapse(name, "withheld", version.since))
        elif today > fact.review:
            found.append(Lapse(name, "overdue for review", fact.review))
    return found


def is_in_season(message: Message, today: date) -> bool:
    """Whether the calendar lets *message* be said today (not a lapse: it is simply not its time)."""
    return (message.since is None or message.since <= today) and (message.until is None or today <= message.until)


def fits(message: Message, household: str) -> bool:
    """Whether *message* is for people of this kind of household (NOT_TOLD when unknown)."""
    return not message.audience or household in message.audience
