"""Say-lists by kind of household: whoever comes to one hears at least one of its items."""

from __future__ import annotations

from collections.abc import Iterator

from bot.engine.checks.finding import Finding
from bot.engine.checks.flow import HOUSEHOLD, Flow, Value
from bot.engine.checks.rules import found
from bot.engine.checks.subject import Subject
from bot.engine.content import fits, is_in_season
from bot.engine.model import NOT_TOLD, Item


def check_audience(subject: Subject) -> Iterator[Finding]:
    """silent-audience"""
    flow = Flow(subject.library, HOUSEHOLD)
    for dialog in subject.library.dialogs.values():
        met = flow.in_dialog(dialog.id)
        for node in dialog.nodes.values():
            households = sorted(value or NOT_TOLD for value in met.get(node.id, set()))
            deaf = [name for name in households if node.say and not any(hears(subject, i, name) for i in node.say)]
            if deaf:
                yield found("silent-audience", dialog.path, node.line, node=node.id, households=", ".join(deaf))


def hears(subject: Subject, item: Item, household: Value) -> bool:
    """Whether *household* hears *item* on the subject's day."""
    if not item.message:
        return bool(item.text)
    message = subject.library.messages.get(item.message)
    if message is None:
        return True  # an unknown message is a fault of its own
    return is_in_season(message, subject.today) and fits(message, household or NOT_TOLD)
