"""What carries what: sections of the plan by dialogs, messages by dialogs, facts by messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.engine.checks.finding import Finding
from bot.engine.checks.moves import reached
from bot.engine.checks.rules import found
from bot.engine.checks.subject import PLAN_PATH, Subject, line_of
from bot.engine.state import Library


def messages_of(library: Library, dialog: str) -> frozenset[str]:
    """The ids of the messages that *dialog* may say."""
    nodes = library.dialogs[dialog].nodes
    return frozenset(item.message for node in reached(library, dialog) for item in nodes[node].say if item.message)


def plan_coverage(library: Library) -> Mapping[str, tuple[str, ...]]:
    """For each section of the plan, the dialogs that carry it or a part of it; in the plan's order."""
    carried: dict[str, set[str]] = {}
    for dialog in library.dialogs:
        for name in messages_of(library, dialog):
            message = library.messages.get(name)
            for section in message.plan if message else ():
                carried.setdefault(section, set()).add(dialog)
    return {section: _carriers(section, carried) for section in library.plan}


def _carriers(section: str, carried: Mapping[str, set[str]]) -> tuple[str, ...]:
    """A heading is carried by whatever carries its parts: "III.1" by "III.1.a-3"."""
    below = (f"{section}.", f"{section}-")
    carriers = (dialogs for name, dialogs in carried.items() if name == section or name.startswith(below))
    return tuple(sorted(set[str]().union(*carriers)))


def check_plan(subject: Subject) -> Iterator[Finding]:
    """plan-coverage"""
    for section, dialogs in plan_coverage(subject.library).items():
        if not dialogs:
            yield found("plan-coverage", PLAN_PATH, line_of(subject.library, "plan", section), section=section)


def check_unused(subject: Subject) -> Iterator[Finding]:
    """unused-message, unused-fact"""
    library = subject.library
    said = frozenset[str]().union(*(messages_of(library, dialog) for dialog in library.dialogs))
    used = {fact for message in library.messages.values() for fact in message.facts}
    for message in library.messages.values():
        if message.id not in said:
            yield found("unused-message", message.path, message.line, message=message.id)
    for fact in library.facts.values():
        if fact.id not in used and any(version.state != "withhold" for version in fact.versions):
            yield found("unused-fact", fact.path, fact.line, fact=fact.id)
