"""Conversations as text files: what a person did, and what the bot then said and noted.

# title: Vay vốn, hộ cận nghèo       a header; every key but title, today, stop and topics is a field of the person
# today: 2026-12-31                  also between turns: the day, or a field, changes there

> /start vay-von                     the person's words; "> [2]" taps the second button last shown, "> [2, 1 earlier]"
< Bà con muốn xem phần nào?          that of the question before; "> (photo) lời" is a photo with a caption
  [1] 1. Vay được bao nhiêu          the bot's bubble and its buttons
* ho = can-ngheo                     what changed: a field, "* topic + x", "* handoff: queue", "* stop: week"
~ silent: reaction                   what was only noted: a deliberate silence, a miss, a fact that may not be said
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date

from msgspec.structs import replace

from bot.engine.events import (
    Alarmed,
    Ended,
    Event,
    FieldChanged,
    HandedOff,
    NotUnderstood,
    Offered,
    Replaced,
    Routed,
    Said,
    Silent,
    StopChanged,
    TopicChanged,
)
from bot.engine.state import Context, Library, Person, Session, Sprint
from bot.engine.step import advance
from bot.messages import Address, Choice, Incoming, Kind

HERE = Address("transcript", "1")
_HEADER = re.compile(r"# ([\w-]+): ?(.*)")
_BUTTON = re.compile(r"\[(\d+)(?:, (\d+) earlier)?\]")
_ASIDE = re.compile(r"\((\w+)\) ?(.*)", re.DOTALL)
_OTHERS = {kind.value: kind for kind in Kind if kind not in (Kind.TEXT, Kind.TAP, Kind.START)}


class ScriptError(ValueError):
    """A line of a script asks for what can't be done: a button that is not there, a day that is none."""


class Player:
    """One person's conversation with the real engine, their session stored as JSON between turns."""

    def __init__(self, library: Library, today: date, fields: Mapping[str, str] | None = None) -> None:
        self.library, self.today = library, today
        self.person = Person(fields=dict(fields or {}))
        self._stored = json.dumps(Session().to_dict())
        self._shown: list[tuple[Choice, ...]] = []
        self._count = 0

    def set(self, key: str, value: str) -> None:
        """Take a header in: the day, what the person stopped or follows, or one of their fields."""
        match key:
            case "title":
                pass
            case "today":
                self.today = _day(value)
            case "stop":
                self.person = replace(self.person, stop=value)
            case "topics":
                self.person = replace(self.person, topics=frozenset(value.split(", ")))
            case _:
                self.person = after(self.person, FieldChanged(key, value))

    def hear(self, line: str) -> Sprint:
        """One turn: *line* is what stands after "> " in a script. Raises `ScriptError`."""
        self._count += 1
        incoming = self._incoming(line)
        session = Session.from_dict(json.loads(self._stored))
        sprint = advance(self.library, session, incoming, Context(self.person, self.today))
        self._stored = json.dumps(sprint.session.to_dict())
        for event in sprint.events:
            self.person = after(self.person, event)
            if isinstance(event, Said) and event.choices:
                self._shown.append(event.choices)
        if self.person.stop == "forget":  # nothing is left of them: whoever writes next is new
            self.person, self._stored = Person(), json.dumps(Session().to_dict())
        return sprint

    def _incoming(self, line: str) -> Incoming:
        this = Incoming(HERE, str(self._count))
        if line.split(" ")[0] == "/start":
            return replace(this, kind=Kind.START, text=line.removeprefix("/start").strip())
        if button := _BUTTON.fullmatch(line):
            return replace(this, kind=Kind.TAP, tap=self._button(int(button[1]), int(button[2] or 0)))
        aside = _ASIDE.fullmatch(line)
        if aside and aside[1] in _OTHERS:
            this = replace(this, kind=_OTHERS[aside[1]])
            return replace(this, phone=aside[2]) if this.kind is Kind.CONTACT else replace(this, text=aside[2])
        return replace(this, text=line)

    def _button(self, number: int, earlier: int) -> str:
        if not 0 <= earlier < len(self._shown):
            raise ScriptError(f"no buttons were shown {earlier} questions earlier")
        choices = self._shown[-1 - earlier]
        if not 1 <= number <= len(choices):
            raise ScriptError(f"there is no button [{number}], only {len(choices)}")
        return choices[number - 1].id


def after(person: Person, event: Event) -> Person:
    """*person* once *event* has happened to them."""
    match event:
        case FieldChanged(field, ""):
            return replace(person, fields={name: value for name, value in person.fields.items() if name != field})
        case FieldChanged(field, value):
            return replace(person, fields={**person.fields, field: value})
        case TopicChanged(topic, on):
            return replace(person, topics=person.topics | {topic} if on else person.topics - {topic})
        case StopChanged("forget"):
            return Person(stop="forget")
        case StopChanged(stop):
            return replace(person, stop=stop)
        case _:
            return person


def play(library: Library, script: str, today: date = date(2026, 11, 23)) -> str:
    """The whole transcript of *script*: its headers and the person's lines as they are, everything else anew.

    *today* is the day when no header names one. Raises `ScriptError`, naming the line.
    """
    player, played, in_headers = Player(library, today), list[str](), False
    for number, line in enumerate(script.splitlines(), start=1):
        try:
            if header := _HEADER.fullmatch(line):
                player.set(header[1], header[2])
                played += [line] if in_headers or not played else ["", line]
            elif line.startswith("> "):
                played += ["", line, *lines_of(player.hear(line[2:]))]
        except ScriptError as error:
            raise ScriptError(f"line {number}: {error}") from None
        in_headers = header is not None
    return "\n".join(played) + "\n"


def lines_of(sprint: Sprint) -> Iterator[str]:
    """What a turn did, as a transcript shows it."""
    for event in sprint.events:
        if isinstance(event, Said):
            yield from _bubble(event)
        elif line := note_of(event):
            yield line


def _bubble(said: Said) -> Iterator[str]:
    first, *rest = said.text.split("\n")
    if said.media:
        yield f"< ({said.media.kind}) {said.media.name}: {said.media.says}"
    yield f"< {first}".rstrip()
    yield from (f"  {line}".rstrip() for line in rest)
    yield from (f"  [{number}] {choice.label}" for number, choice in enumerate(said.choices, start=1))
    if said.asks_phone:
        yield "  [phone]"


def note_of(event: Event) -> str:
    """The line of an event that says nothing to the person; "" for those that only repeat what the lines show."""
    match event:
        case FieldChanged(field, value):
            return f"* {field} = {value}".rstrip()
        case TopicChanged(topic, on):
            return f"* topic {'+' if on else '-'} {topic}"
        case HandedOff(queue):
            return f"* handoff: {queue}"
        case StopChanged(stop):
            return f"* stop: {stop}"
        case Silent() | NotUnderstood() | Replaced() | Routed() | Offered() | Alarmed() | Ended():
            return _aside_of(event)
        case _:
            return ""


def _aside_of(event: Silent | NotUnderstood | Replaced | Routed | Offered | Alarmed | Ended) -> str:
    match event:
        case Silent(reason):
            return f"~ silent: {reason}"
        case NotUnderstood(_, misses):
            return f"~ not understood: {misses}"
        case Replaced(message, fact, reason):
            return f"~ not said: {message} ({fact} {reason})"
        case Routed(dialog):
            return f"~ routed: {dialog}"
        case Offered(topics):
            return f"~ offered: {', '.join(topics)}"
        case Alarmed(kind):
            return f"~ alarmed: {kind}"
        case Ended(dialog, reason):
            return "" if reason in ("done", "onward") else f"~ ended: {dialog} ({reason})"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ScriptError(f"{text!r} is not a day such as 2027-01-01") from None
