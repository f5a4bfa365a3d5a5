"""Sentences as people say them, one a line and a file for each thing they ask for: read, and added to by staff."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from unicodedata import normalize

from msgspec import Struct

from bot.engine.understanding.judgement import DANGER
from bot.engine.words import fold
from bot.library.json_lines import lines_from

FOLDER = "examples"
FOREIGN, NO_DANGER = "ngoai", "khong-nguy-cap"
NO_DIALOG = frozenset((FOREIGN, DANGER, NO_DANGER))
"""Names of files that no dialog has: what is none of ours, danger, and what only sounds like it."""
LONGEST = 200
"""Letters of the longest sentence taken. The longest we wrote has 130; a whole story teaches many things at once."""
_PRIVATE = re.compile(r"(?:\+84|\b0)(?:[\s.\-]?\d){8,11}|\b\d{9}\b|\S+@\S+|https?://|www\.", re.ASCII)
"""A phone number, a citizen's number (12 digits from 0, once 9 of any), an address on the net; not "100.000.000"."""

Reason = Literal["known", "topic", "elsewhere", "private", "long", "empty"]
"""Why a sentence is not added: it is there already; no such topic; it is there under another topic; it holds somebody's
number or address; it is too long; nothing in it can be read."""


class Example(Struct, frozen=True):
    """A line of the console's export."""

    text: str
    topic: str


@dataclass(frozen=True, slots=True)
class Left:
    """An example that is not added, and why. `elsewhere` is the topic that has it."""

    example: Example
    reason: Reason
    elsewhere: str = ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What there is to add, by topic in the order it came, and what is left out."""

    added: Mapping[str, Sequence[str]]
    left: Sequence[Left]

    @property
    def count(self) -> int:
        """Sentences to add."""
        return sum(map(len, self.added.values()))


def load_examples(content: Path) -> dict[str, list[str]]:
    """The sentences by what they ask for; none where there is no such folder."""
    files = sorted((content / FOLDER).glob("*.txt"))
    return {file.stem: file.read_text(encoding="utf-8").splitlines() for file in files}


def examples_from(data: bytes) -> list[Example]:
    """The examples of a JSON Lines file; ValueError names the first line that isn't one."""
    return lines_from(data, Example)


def lesson_from(examples: Iterable[Example], there: Mapping[str, Sequence[str]], topics: Iterable[str]) -> Lesson:
    """Sort *examples* into what is new beside those that are *there*. *topics* are the dialogs that words lead to.

    Sentences are the same when they fold alike, as the tests of the examples hold them to be.
    """
    homes = {fold(line): topic for topic, lines in there.items() for line in lines}
    known = NO_DIALOG | set(topics)
    added: dict[str, list[str]] = {}
    left: list[Left] = []
    for example in examples:
        text = " ".join(normalize("NFC", example.text).split())
        reason = _reason(text, example.topic, known, homes)
        if reason is not None:
            left.append(Left(example, reason, homes.get(fold(text), "") if reason == "elsewhere" else ""))
            continue
        homes[fold(text)] = example.topic
        added.setdefault(example.topic, []).append(text)
    return Lesson(added, left)


def _reason(text: str, topic: str, known: frozenset[str], homes: Mapping[str, str]) -> Reason | None:
    folded = fold(text)
    if topic not in known:
        return "topic"
    if folded in homes:
        return "known" if homes[folded] == topic else "elsewhere"
    if not folded:
        return "empty"
    if _PRIVATE.search(text):
        return "private"
    return "long" if len(text) > LONGEST else None


def add_examples(content: Path, lesson: Lesson) -> list[Path]:
    """Write the new sentences under those that are there; the files that changed."""
    changed = []
    for topic, lines in lesson.added.items():
        file = content / FOLDER / f"{topic}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        before = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        spare = file.with_suffix(".txt~")  # a full disk or a pulled plug must not cost the sentences that are there
        spare.write_text("".join(f"{line}\n" for line in (*before, *lines)), encoding="utf-8")
        spare.replace(file)
        changed.append(file)
    return changed
