"""Takes typed values out of a mapping of a file, noting what does not fit; what nobody asked for is unknown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from bot.library.source import Source, Spot, nearest

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
FLAGS = {"true": True, "false": False}


class Table:
    """One mapping of a file. Every accessor returns a value of its type even when it notes a problem.

    Call `finish` when all keys were asked for: what is left is unknown to us, often a misspelling.
    """

    def __init__(self, source: Source, spot: Spot) -> None:
        self.source = source
        self.line = spot.line
        self.spot = spot
        self._asked: set[str] = set()
        self._entries: dict[str, Spot] = {}
        if isinstance(spot.value, dict):
            self._entries = spot.value
        else:
            source.note(spot.line, "ở đây phải là các dòng 'khóa: giá trị'", "Xem lại thụt đầu dòng.")

    def has(self, key: str) -> bool:
        self._asked.add(key)
        return key in self._entries

    def keys(self) -> Iterable[str]:
        return self._entries.keys()

    def get(self, key: str) -> Spot | None:
        self._asked.add(key)
        return self._entries.get(key)

    def line_of(self, key: str) -> int:
        """The line of *key*, or of the mapping when it has none."""
        spot = self._entries.get(key)
        return spot.line if spot else self.line

    def note(self, key: str, what: str, remedy: str = "") -> None:
        self.source.note(self.line_of(key), what, remedy)

    def need(self, key: str) -> Spot | None:
        """The value of a key that must be there and not be null."""
        spot = self.get(key)
        if spot is None or spot.value is None:
            self.note(key, f"thiếu '{key}'", f"Thêm dòng '{key}: …'.")
            return None
        return spot

    def text(self, key: str, default: str | None = None) -> str:
        """One text, stripped. Without a *default* it must be there."""
        spot = self.need(key) if default is None else self.get(key)
        if spot is None or spot.value is None:
            return default or ""
        return text_of(self.source, spot, key)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text alone counts as a list of one."""
        return tuple(text for text, _line in self.lined_texts(key))

    def lined_texts(self, key: str) -> list[tuple[str, int]]:
        """As `texts`, each with its line."""
        return [(text_of(self.source, spot, key), spot.line) for spot in self.spots(key)]

    def slug(self, key: str) -> str:
        text = self.text(key)
        if text:
            check_slug(self.source, self.line_of(key), text)
        return text

    def integer(self, key: str) -> int | None:
        text = self.text(key, "")
        if text and not re.fullmatch(r"-?\d+", text):
            self.note(key, f"'{key}' phải là một con số, không phải '{text}'", "Viết số liền, không có dấu chấm.")
            return None
        return int(text) if text else None

    def flag(self, key: str) -> bool:
        text = self.text(key, "false")
        if text not in FLAGS:
            self.note(key, f"'{key}' phải là true hay false, không phải '{text}'", "Viết true hoặc false.")
        return FLAGS.get(text, False)

    def day(self, key: str) -> date | None:
        text = self.text(key, "")
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.note(key, f"'{text}' không phải là một ngày", "Viết năm-tháng-ngày, ví dụ 2026-12-31.")
            return None

    def word(self, key: str, known: Iterable[str], default: str | None = None) -> str:
        """One of the *known* words; the first of them when it is not."""
        known = tuple(known)
        text = self.text(key, default)
        if text in known:
            return text
        if text:
            self.note(key, f"'{key}' không thể là '{text}'", choose_from(known))
        return known[0]

    def words(self, key: str, known: Iterable[str], what: str) -> tuple[str, ...]:
        """A list of *known* words; *what* names one of them in the problem ("kiểu hộ")."""
        known = tuple(known)
        found = self.lined_texts(key)
        for text, line in found:
            if text not in known:
                self.source.note(line, f"không có {what} '{text}'", nearest(text, known) or choose_from(known))
        return tuple(text for text, _line in found if text in known)

    def spots(self, key: str) -> list[Spot]:
        """The items of a list, or the one value that stands in its place; none when it is missing."""
        spot = self.get(key)
        if spot is None or spot.value is None:
            return []
        return spot.value if isinstance(spot.value, list) else [spot]

    def tables(self, key: str) -> list[Table]:
        """A list of mappings."""
        return [Table(self.source, spot) for spot in self.spots(key)]

    def table(self, key: str) -> Table | None:
        spot = self.get(key)
        return None if spot is None or spot.value is None else Table(self.source, spot)

    def named_tables(self) -> list[tuple[str, Table]]:
        """Every entry, each a mapping itself: nodes, values of a fact."""
        self._asked.update(self._entries)
        return [(name, Table(self.source, spot)) for name, spot in self._entries.items()]

    def named_texts(self) -> dict[str, str]:
        """Every entry, each a text; null is an empty one."""
        self._asked.update(self._entries)
        return {
            name: "" if spot.value is None else text_of(self.source, spot, name) for name, spot in self._entries.items()
        }

    def finish(self) -> None:
        for key in self._entries:
            if key not in self._asked:
                remedy = nearest(key, self._asked) or choose_from(sorted(self._asked))
                self.note(key, f"không có khóa '{key}' ở đây", remedy)


def text_of(source: Source, spot: Spot, key: str) -> str:
    """The text at *spot*, stripped; a list or a mapping in its place is noted."""
    if isinstance(spot.value, str):
        return spot.value.strip()
    source.note(spot.line, f"'{key}' phải là chữ", 'Chữ bắt đầu bằng "{" hay "[" để trong "…".')
    return ""


def check_slug(source: Source, line: int, text: str) -> bool:
    """Whether *text* may be an id; notes the problem when not."""
    if SLUG.fullmatch(text):
        return True
    source.note(line, f"'{text}' không dùng làm tên được", "Chỉ dùng chữ thường không dấu, số và gạch nối: muc-vay.")
    return False


def choose_from(known: Iterable[str]) -> str:
    return f"Chọn trong: {', '.join(known)}."
