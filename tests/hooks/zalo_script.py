"""A golden transcript as what passes between a person's Zalo and ours: what they do, and what they then read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bot.channels.layout import plain
from bot.messages import Choice
from tests.fakes.zalo import FakeUser, Shown

Way = Literal["tap", "number", "label"]
"""How a person chooses: a button of Zalo's, the number in front of a line, or its words."""
NOT_ON_ZALO = ("(edited)", "(poll)", "(other)", "(unblocked)")
"""What nobody can do there; to follow again begins anew, as the webhook's own tests show."""
MAX_BUTTONS = 5
_HEADER = re.compile(r"# ([\w-]+): ?(.*)")
_CHOICE = re.compile(r"  \[(\d+)\] (.*)")
_BUTTON = re.compile(r"\[(\d+)(?:, (\d+) earlier)?\]")


@dataclass
class Bubble:
    """One message of ours, in Markdown, and the labels of its choices."""

    lines: list[str]
    labels: list[str] = field(default_factory=list)
    asks_phone: bool = False

    def seen(self, has_buttons: bool) -> list[tuple[str, tuple[str, ...]]]:
        """The messages that a person reads: text, and titles of buttons."""
        text, card = plain("\n".join(self.lines)), [("", ())] if self.asks_phone else []
        if not self.labels or (has_buttons and len(self.labels) <= MAX_BUTTONS):
            return [(text, tuple(self.labels)), *card]
        lines = "\n".join(label if label[0].isdigit() else f"• {label}" for label in self.labels)
        return [(f"{text}\n\n{lines}", ()), *card]


@dataclass
class Move:
    """One line of a person, the headers that stand before it, and the answers under it."""

    line: str
    headers: list[tuple[str, str]]
    bubbles: list[Bubble] = field(default_factory=list)


def moves_in(path: Path) -> list[Move]:
    """The transcript, move by move."""
    moves: list[Move] = []
    headers: list[tuple[str, str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if header := _HEADER.fullmatch(line):
            headers.append((header[1], header[2]))
        elif line.startswith("> "):
            moves.append(Move(line[2:], headers))
            headers = []
        elif moves and not line.startswith(("* ", "~ ")):
            _take_in(line, moves[-1].bubbles)
    for move in moves:
        for bubble in move.bubbles:
            while not bubble.lines[-1]:
                bubble.lines.pop()
    return moves


def _take_in(line: str, bubbles: list[Bubble]) -> None:
    if line.startswith("< "):
        bubbles.append(Bubble([line[2:]]))
    elif line == "  [phone]":
        bubbles[-1].asks_phone = True
    elif choice := _CHOICE.fullmatch(line):
        bubbles[-1].labels.append(choice[2])
    elif bubbles:
        bubbles[-1].lines.append(line[2:])


async def do(person: FakeUser, line: str, offered: list[tuple[Choice, ...]], way: Way) -> None:
    """Have *person* do what *line* says. *offered*: the choices of every question so far."""
    if button := _BUTTON.fullmatch(line):
        earlier = int(button[2] or 0)
        choice = offered[-1 - earlier][int(button[1]) - 1]
        await _choose(person, choice, way if not earlier else "tap")
    elif line.startswith("("):
        await _aside(person, *line[1:].split(")", 1))
    else:
        await person.write(line)


async def _choose(person: FakeUser, choice: Choice, way: Way) -> None:
    number, dot, words = choice.label.partition(". ")
    if way == "tap" and f"#{choice.id}" in (button.payload for button in _newest(person).buttons):
        await person.click(choice.label)
    elif (
        way == "tap"
    ):  # a button of an older message, or one that came as a line: what it carries comes in all the same
        await person.write(f"#{choice.id}")
    elif not dot:
        await person.write(choice.label)
    else:
        await person.write(number if way == "number" else words)


async def _aside(person: FakeUser, kind: str, words: str) -> None:
    words = words.strip()
    match kind:
        case "photo":
            await person.send_image(text=words)
        case "contact" if words:
            await person.submit_info(phone=f"84{words[1:]}")
        case _:
            await ASIDES[kind](person)


ASIDES = {
    "sticker": FakeUser.send_sticker,
    "voice": FakeUser.send_audio,
    "video": FakeUser.send_video,
    "file": FakeUser.send_file,
    "location": FakeUser.send_location,
    "contact": FakeUser.send_card,
    "reaction": FakeUser.react,
    "blocked": FakeUser.unfollow,
}


def _newest(person: FakeUser) -> Shown:
    return next(shown for shown in reversed(person.shown) if not shown.is_mine)
