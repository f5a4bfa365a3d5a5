"""Which of the words that work everywhere a message is: in any spelling, and with courtesy around it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from bot.engine.state import Library
from bot.engine.understanding.courtesy import ADDRESS, WISHES, barer
from bot.engine.understanding.spelling import accented_in
from bot.engine.understanding.syllables import marks_of
from bot.engine.words import fold, plain

LONGEST = 100
"""Letters of the longest message that is one command: "Dạ thôi em không muốn nhận tin nhắn nữa ạ" has 38."""
STOP = "stop"
_AROUND = " .,;:!?…/\\\"'“”‘’()[]*-"
"""Punctuation that people put around a word: "Dừng!" is "dừng"."""
_SENTENCE, _CLAUSE = re.compile(r"[.;!?\n]+"), re.compile("[,:]")

Words = tuple[str, ...]


@lru_cache(maxsize=4)
def _listed(library: Library) -> tuple[Mapping[str, str], Mapping[Words, list[tuple[Words, str]]]]:
    """Command by its spelling as listed, and by its folded words: with the accented ones, in the order of the file."""
    exact: dict[str, str] = {}
    folded: dict[Words, list[tuple[Words, str]]] = {}
    for name, spellings in library.commands.items():
        for spelling in spellings:
            words = accented_in(spelling, library.spellings)
            exact[plain(spelling)] = exact[" ".join(words)] = name
            folded.setdefault(tuple(map(fold, words)), []).append((words, name))
    return exact, folded


@lru_cache(maxsize=64)  # several parts of one turn ask
def command_in(library: Library, text: str) -> str:
    """The command that *text* is, or "": only a whole message is one. To stop, a sentence or its beginning is enough.

    Diacritics that were typed must go with those of the command: "đúng" (right) is not "dừng" (stop).
    """
    if len(text) > LONGEST:
        return ""
    found = _listed(library)[0].get(plain(text).strip(_AROUND)) or _said(library, text)
    if not found and any(_is_stop(library, part) for part in _parts(text)):
        return STOP
    return found


def _parts(text: str) -> list[str]:
    """The sentences of *text* and what stands before their commas, if there is more than one."""
    sentences = [part for part in _SENTENCE.split(text) if part.strip()]
    parts = [*sentences, *(_CLAUSE.split(part)[0] for part in sentences)]
    return parts if len(set(parts)) > 1 else []


def _is_stop(library: Library, clause: str) -> bool:
    """Whether *clause* says to stop beyond doubt: "dung" among others may be "đúng"."""
    return _said(library, clause) == STOP and not (clause.isascii() and len(clause.split()) == 1)


def _said(library: Library, text: str) -> str:
    exact, folded = _listed(library)
    words = accented_in(text, library.spellings)
    versions = [*dict.fromkeys(barer(words))] if words else []
    for version in versions:
        if _is_doubtful(words, version):
            continue
        if " ".join(version) in exact:
            return exact[" ".join(version)]
        for listed, name in folded.get(tuple(map(fold, version)), ()):
            if _agrees(version, listed):
                return name
    return ""


def _is_doubtful(words: Words, version: Words) -> bool:
    """Whether one unmarked word is left behind whoever speaks: "toi dung" may be "tôi đúng", "cho toi dung" is not."""
    before = words[: len(words) - len(version)]
    is_alone = len(version) == 1 and version[0].isascii() and len(version[0]) > 1
    return is_alone and any(word in ADDRESS for word in before) and not any(word in WISHES for word in before)


def _agrees(typed: Words, listed: Words) -> bool:
    """Whether no mark was typed that is not listed. Of a single word all must be, or none."""
    if len(typed) == 1:
        return typed[0].isascii() or typed == listed
    return all(marks_of(one) <= marks_of(other) for one, other in zip(typed, listed, strict=True))
