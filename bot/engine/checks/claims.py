"""Claims: every message's facts stand on the day, have a source, and are filled in rather than written out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from bot.engine.checks.finding import Finding
from bot.engine.checks.rules import found
from bot.engine.checks.subject import Subject
from bot.engine.content import Fact, Lapse, Message, Value, is_in_season, lapses

REVIEW_SOON = timedelta(days=30)
"""Long enough for an officer to write to the office in charge and hear back."""
FILLED = ("noi-hoi", "ten")
"""Placeholders that the engine fills from the person."""
CLAIM_UNITS = ("dong", "percent", "phone", "date", "kwh")
"""Values of these units can't stand in a text by chance; a bare "5" can."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_LIST_NUMBER = re.compile(r"^\s*\d+[.)]\s", re.MULTILINE)
_RULES = {
    "no version": "expired-claim", "withheld": "withheld-claim", "overdue for review": "overdue-claim",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unsayable:
    """A message that may not be said on the day, and the facts why: what staff must see to."""

    message: Message
    lapses: tuple[Lapse, ...]


def unsayable(subject: Subject) -> list[Unsayable]:
    """The messages in season on the day that would be replaced by the honest fallback, by id."""
    library, today = subject.library, subject.today
    season = (message for _, message in sorted(library.messages.items()) if is_in_season(message, today))
    lapsed = (Unsayable(message, tuple(lapses(message, library.facts, today))) for message in season)
    return [entry for entry in lapsed if entry.lapses]


def check_lapses(subject: Subject) -> Iterator[Finding]:
    """expired-claim, withheld-claim, overdue-claim"""
    for entry in unsayable(subject):
        message = entry.message
        for lapse in entry.lapses:
            if lapse.reason in _RULES:
                since = f" ({lapse.since:%d/%m/%Y})" if lapse.since else ""
                yield found(
                    _RULES[lapse.reason], message.path, message.line, message=message.id, fact=lapse.fact, since=since
                )


def check_reviews(subject: Subject) -> Iterator[Finding]:
    """soon-overdue-claim"""
    used = {fact for message in subject.library.messages.values() for fact in message.facts}
    for fact in subject.library.facts.values():
        if fact.id in used and subject.today <= fact.review <= subject.today + REVIEW_SOON:
            yield found("soon-overdue-claim", fact.path, fact.line, fact=fact.id, day=f"{fact.review:%d/%m/%Y}")


def check_sources(subject: Subject) -> Iterator[Finding]:
    """unsourced-claim"""
    for fact in subject.library.facts.values():
        if any(version.state != "withhold" and not version.law for version in fact.versions):
            yield found("unsourced-claim", fact.path, fact.line, name=fact.id)
    for message in subject.library.messages.values():
        if not message.facts and not message.source and _states_something(message.body):
            yield found("unsourced-claim", message.path, message.line, name=message.id)


def _states_something(body: str) -> bool:
    named = (name for name in _PLACEHOLDER.findall(body) if name not in FILLED)
    bare = _LIST_NUMBER.sub("", _PLACEHOLDER.sub("", body))
    return any(named) or any(letter.isdigit() for letter in bare)


def check_literals(subject: Subject) -> Iterator[Finding]:
    """literal-value"""
    for message in subject.library.messages.values():
        for fact_id in message.facts:
            fact = subject.library.facts.get(fact_id)
            for key, value in (_claims(fact) if fact else {}).items():
                at = _place(message.body, value)
                if at >= 0:
                    yield found(
                        "literal-value", message.path, message.line + message.body.count("\n", 0, at),
                        fact=fact_id, value=value, placeholder="{" + f"{fact_id}.{key}" + "}",
                    )  # fmt: skip


def check_templates(subject: Subject) -> Iterator[Finding]:
    """template-literal"""
    library = subject.library
    for template in (template for carried in library.templates.values() for template in carried):
        message = library.messages[template.message]
        for fact in (library.facts[name] for name in message.facts if name in library.facts):
            for value in _claims(fact).values():
                if _place(template.text, value) >= 0:
                    yield found(
                        "template-literal", template.path, template.line, template=template.id, value=value,
                        fact=fact.id,
                    )  # fmt: skip


def _claims(fact: Fact) -> dict[str, str]:
    """The shown values of *fact* that are claims wherever they stand, by key."""
    shown: dict[str, Value] = {key: value for version in fact.versions for key, value in version.values.items()}
    return {key: value.shown["vi"] for key, value in shown.items() if value.unit in CLAIM_UNITS and "vi" in value.shown}


def _place(body: str, value: str) -> int:
    """Where *value* stands in *body* as a whole, or -1: "1,5 triệu" does not stand in "21,5 triệu"."""
    bare = _PLACEHOLDER.sub(lambda found_: " " * len(found_.group(0)), body)
    match = re.search(rf"(?<![\w,.]){re.escape(value)}(?!\w)", bare)
    return match.start() if match else -1
