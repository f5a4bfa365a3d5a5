"""Typed answers: taken, offered to pick from, or asked for again."""

from __future__ import annotations

from dataclasses import replace as node_replace

from msgspec.structs import replace

from bot.engine.answers import value_of
from bot.engine.asking import with_ways_out
from bot.engine.commands import put_off
from bot.engine.events import NotUnderstood, Typed
from bot.engine.model import AskTyped
from bot.engine.places import find_communes
from bot.engine.render import language_of
from bot.engine.state import Commune, Sprint
from bot.engine.topics import understand
from bot.engine.turn import Turn, numbered
from bot.engine.understanding.orders import command_in
from bot.engine.understanding.questions import asks
from bot.engine.walk import led, wait, walk
from bot.engine.words import number_named
from bot.messages import Choice

MOST = 16
"""Communes offered for one name: an old district became up to fifteen."""
SHORT = 200
"""Letters up to which an answer in words is short; a story, or a word to an officer, may hold questions of its own."""


def read_typed(turn: Turn, node: AskTyped, text: str) -> Sprint:
    """Take *text* as the answer to *node*, if it can be one and doesn't ask about something else."""
    if command_in(turn.library, text) == "later":
        return put_off(turn)
    elsewhere = _elsewhere(turn, node, text)
    if elsewhere is not None:
        return elsewhere
    if node.type == "commune":
        found = find_communes(turn.library, text)
        return take_communes(turn, node, found) if found else _misfit(turn, node, text)
    value = value_of(node, turn.stated.get(node.field, text), turn.context.today)
    return _misfit(turn, node, text) if value is None else accept(turn, node, value)


def _elsewhere(turn: Turn, node: AskTyped, text: str) -> Sprint | None:
    """What a question in place of a short answer leads to; None where it may be the answer."""
    in_words = node.type == "text"
    if (in_words and (node.high is None or node.high > SHORT)) or not asks(text, of_words=in_words):
        return None
    return understand(turn, text, surely=True)


def take_communes(turn: Turn, node: AskTyped, found: tuple[Commune, ...]) -> Sprint:
    """Take the one commune that was named, or let the person pick among several."""
    return accept(turn, node, found[0].code) if len(found) == 1 else _offer(turn, node, found)


def fits(turn: Turn, node: AskTyped, text: str) -> bool:
    """Whether *text* can be the answer to *node*."""
    if node.type == "commune":
        return bool(find_communes(turn.library, text))
    return value_of(node, text, turn.context.today) is not None


def accept(turn: Turn, node: AskTyped, value: str) -> Sprint:
    """Store the answer and go on."""
    turn.events.append(Typed(turn.before.dialog, node.id))
    turn.stated.pop(node.field, None)
    turn.set(node.field, value)
    return walk(turn, led(turn, turn.before.dialog, node.next))


def _offer(turn: Turn, node: AskTyped, found: tuple[Commune, ...]) -> Sprint:
    """Several communes are meant: let the person pick. Their codes wait in the session's offers."""
    turn.phrase("commune-which")
    seq = turn.before.seq + 1
    shown = found[:MOST]
    lang = language_of(turn.library, turn.fields)
    choices = tuple(
        Choice(f"{seq:x}.o{i}", f"{i}. {turn.library.translate(lang, commune.kind).capitalize()} {commune.name}")
        for i, commune in enumerate(shown, start=1)
    )
    turn.flush((*choices, *numbered(turn, node, [], 0)))
    return Sprint(
        replace(turn.before, seq=seq, offers=tuple(commune.code for commune in shown), bare=1), tuple(turn.events)
    )


def offered(turn: Turn, text: str) -> str | None:
    """The offer that a tap ("o2"), a number or a name picks."""
    offers = turn.before.offers
    if not offers:
        return None
    number = number_named(text.removeprefix("o"), len(offers))
    if number is not None:
        return offers[number - 1] if 1 <= number <= len(offers) else None
    found = {commune.code for commune in find_communes(turn.library, text)} & set(offers)
    return found.pop() if len(found) == 1 else None


def _misfit(turn: Turn, node: AskTyped, text: str) -> Sprint:
    """A typed answer that doesn't fit: another topic, another try, ways out as well, then what the author laid."""
    if command_in(turn.library, text) == "no":
        return put_off(turn)
    elsewhere = understand(turn, text, surely=True)  # an answer that failed is likelier than a topic half meant
    if elsewhere is not None:
        return elsewhere
    turn.events.append(NotUnderstood(text, turn.before.tries + 1))
    here = (turn.before.dialog, node.id)
    if turn.before.tries + 1 >= node.tries:
        return walk(turn, led(turn, here[0], node.give_up))
    if node.again:
        turn.words(here[0], here[1], node.again)
        node = node_replace(node, ask="")
    else:
        turn.phrase(f"again-{node.type}")
    sprint = wait(turn, here, node, tries=turn.before.tries + 1)
    return sprint if turn.before.tries == 0 else with_ways_out(turn, sprint)
