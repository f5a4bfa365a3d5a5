"""A conversation tried out before anybody has it: the real engine, a made-up person, and what each message rests on.

Nothing is stored. What the person did is kept as the lines of a transcript and played again from the start: the same
lines always give the same conversation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.channels.webchat import html_from
from bot.engine.content import Lapse, Version, lapses
from bot.engine.events import Alarmed, Event, FieldChanged, HandedOff, NotUnderstood, Replaced, Said, Silent
from bot.engine.state import Library, Sprint
from bot.engine.transcript import Player, ScriptError
from bot.engine.walk import GREETED, HELLO
from bot.messages import Choice

MOST = 60
"""Lines of one rehearsal: three times as many as any dialog takes, and played again within a few milliseconds."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Who is made up, and when: a dialog to begin with, household, commune and language as fields hold them, a day."""

    dialog: str
    day: date
    household: str = ""
    commune: str = ""
    language: str = ""

    @property
    def fields(self) -> Mapping[str, str]:
        """What the person told before. Who was greeted already comes straight to the dialog."""
        greeted = "" if self.dialog == HELLO else "1"
        told = {"ho": self.household, "xa": self.commune, "lang": self.language, GREETED: greeted}
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class Ground:
    """A fact that a message rests on: the version said that day; `lapse` is why it isn't said."""

    fact: str
    about: str
    version: Version | None
    review: date | None
    lapse: Lapse | None


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message of the bot's. `html` is ours and safe; `message` is the content it carries, on its `grounds`."""

    html: str
    choices: tuple[Choice, ...]
    message: str
    grounds: Sequence[Ground]


@dataclass(frozen=True, slots=True)
class Step:
    """What the person did, the answer, and what was only noted: events that nobody sees."""

    line: str
    label: str
    bubbles: Sequence[Bubble]
    noted: Sequence[Event]


def rehearse(library: Library, setting: Setting, lines: Sequence[str]) -> Sequence[Step]:
    """The conversation of *lines*, each as a transcript has it behind "> ". Those that can't be done are left out."""
    player = Player(library, setting.day, setting.fields)
    begin = f"/start {setting.dialog}"
    steps, choices = [_step(library, setting.day, begin, "", player.hear(begin))], tuple[Choice, ...]()
    for line in lines[:MOST]:
        choices = next((bubble.choices for bubble in reversed(steps[-1].bubbles) if bubble.choices), choices)
        try:
            sprint = player.hear(line)
        except ScriptError:
            continue
        steps.append(_step(library, player.today, line, _label(line, choices), sprint))
    return steps


def _label(line: str, choices: Sequence[Choice]) -> str:
    """What was pressed, in words; else what was typed."""
    number = line[1:-1] if line.startswith("[") and line.endswith("]") else ""
    return choices[int(number) - 1].label if number.isdigit() and 0 < int(number) <= len(choices) else line


def _step(library: Library, day: date, line: str, label: str, sprint: Sprint) -> Step:
    bubbles = [_bubble(library, day, event) for event in sprint.events if isinstance(event, Said)]
    kinds = (Alarmed, FieldChanged, HandedOff, NotUnderstood, Replaced, Silent)
    return Step(line, label, bubbles, [event for event in sprint.events if isinstance(event, kinds)])


def _bubble(library: Library, day: date, said: Said) -> Bubble:
    return Bubble(html_from(said.text), said.choices, said.message, grounds_of(library, said.message, day))


def grounds_of(library: Library, name: str, day: date) -> Sequence[Ground]:
    """The facts that the content message *name* rests on, as they stand on *day*; none for other words."""
    message = library.messages.get(name)
    if message is None:
        return ()
    lapsed = {one.fact: one for one in lapses(message, library.facts, day)}
    grounds = []
    for each in message.facts:
        fact = library.facts.get(each)
        version = fact.on(message.as_of or day) if fact else None
        about, review = (fact.about, fact.review) if fact else ("", None)
        grounds.append(Ground(each, about, version, review, lapsed.get(each)))
    return grounds
