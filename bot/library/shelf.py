"""Holds the library that is in use, and exchanges it only for one that is sound."""

from __future__ import annotations

from pathlib import Path

from bot.engine.rulings import Rulings, ruled
from bot.engine.state import Library
from bot.library.load import load_library
from bot.library.source import LibraryError, Problem


class Shelf:
    """The library in use; without what *understands* free text where nobody writes. Raises LibraryError when there is
    none to begin with."""

    def __init__(self, dialogs: Path, content: Path, locales: Path, *, understands: bool = True) -> None:
        self._folders, self._understands = (dialogs, content, locales), understands
        self._read = self._library = self._load()
        self._rulings = Rulings()

    @property
    def library(self) -> Library:
        """The last good one. Take it once a turn: a reload puts another in its place."""
        return self._library

    def reload(self) -> tuple[Problem, ...]:
        """Read the folders again (blocks: about 0.5 s). On problems, returned, the last good library stays."""
        try:
            self._read = self._load()
        except LibraryError as exc:
            return exc.problems
        self._library = ruled(self._read, self._rulings)
        return ()

    def _load(self) -> Library:
        return load_library(*self._folders, understands=self._understands)

    def rule(self, rulings: Rulings) -> None:
        """Lay what officers ruled over the files from the next turn on; the same again changes nothing."""
        if rulings != self._rulings:
            self._rulings, self._library = rulings, ruled(self._read, rulings)
