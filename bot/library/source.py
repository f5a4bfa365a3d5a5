"""Reads the files that officers edit, and says what is wrong with them by file and line.

Scalars stay as they were written (a phone number keeps its leading zero, `no` is a word): whoever asks for a number or
a day says so (`table.py`). The nodes come from PyYAML's libyaml composer, which knows their lines and runs no tags:
ruamel.yaml's round-trip loader read 70 KB/s here, this reads 860, and the whole pack must load in under a second.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.engine.words import fold

PLAIN_NULLS = ("", "~", "null")
KNOWN_TAGS = {
    yaml.ScalarNode: "tag:yaml.org,2002:str",
    yaml.SequenceNode: "tag:yaml.org,2002:seq",
    yaml.MappingNode: "tag:yaml.org,2002:map",
}
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong in a file, in Vietnamese: `path` as "dialogs/vay-von.yaml", what it is, and what to do."""

    path: str
    line: int
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}. {self.remedy}".rstrip()


class LibraryError(Exception):
    """The files can't be used. `problems` holds all of them, sorted by place, not just the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Spot:
    """A value of a file with its line; for the value of a key, the line of the key. None is YAML's null."""

    line: int
    value: str | list[Spot] | dict[str, Spot] | None

    def plain(self) -> object:
        """The value alone, as JSON can hold it."""
        if isinstance(self.value, dict):
            return {key: spot.plain() for key, spot in self.value.items()}
        if isinstance(self.value, list):
            return [spot.plain() for spot in self.value]
        return self.value


@dataclass(frozen=True, slots=True)
class Source:
    """One file being read: `path` as people should see it, and the list that its problems go to."""

    path: str
    problems: list[Problem]

    def note(self, line: int, what: str, remedy: str = "") -> None:
        self.problems.append(Problem(self.path, line, what, remedy))


def source_of(file: Path, root: Path, problems: list[Problem]) -> Source:
    """*file* named from *root*'s own name on: "content/facts/vay.yaml" for root `/srv/content`."""
    return Source((root.name / file.relative_to(root)).as_posix(), problems)


def nearest(name: str, names: Iterable[str]) -> str:
    """A remedy that names the one of *names* most like *name*; empty when none is."""
    from rapidfuzz import fuzz, process  # 3 MB: a library without problems does without

    best = process.extractOne(name, list(names), scorer=fuzz.ratio, processor=fold, score_cutoff=60)
    return f"Gần nhất: '{best[0]}'." if best else ""


def load_yaml(file: Path, source: Source) -> Spot | None:
    """The content of a YAML file; None when it can't be read, with the problem noted."""
    text = load_text(file, source)
    return None if text is None else parse_yaml(text, source)


def load_markdown(file: Path, source: Source) -> tuple[Spot, str, int] | None:
    """Front matter, body (stripped) and the line on which the body begins; None when it can't be read."""
    text = load_text(file, source)
    if text is None:
        return None
    found = FRONT_MATTER.match(text)
    if found is None:
        source.note(1, "thiếu phần đầu giữa hai dòng '---'", "Thêm hai dòng '---', ở giữa là plan, topic, facts.")
        return None
    head = parse_yaml(found.group(1) or "", source, first_line=2)
    if head is None:
        return None
    body = text[found.end() :]
    blank = body[: len(body) - len(body.lstrip())]
    return head, body.strip(), text[: found.end()].count("\n") + blank.count("\n") + 1


def load_text(file: Path, source: Source) -> str | None:
    """The text in composed letters, so that the same word typed on different keyboards is the same."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        source.note(1, "tệp không phải là văn bản UTF-8", "Lưu lại tệp với bảng mã UTF-8.")
        return None
    except OSError as exc:
        source.note(1, f"không đọc được tệp ({exc.strerror})", "Xem lại tên và quyền đọc của tệp.")
        return None
    return unicodedata.normalize("NFC", text)


def parse_yaml(text: str, source: Source, first_line: int = 1) -> Spot | None:
    """The one document in *text*; an empty one is an empty mapping. `first_line` is the file's line of its first."""
    try:
        root = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        line = first_line + (mark.line if mark else 0)
        remedy = 'Xem thụt đầu dòng; chữ có ": " hay "#" để trong "…".'
        source.note(line, f"không hiểu được YAML ({exc.problem})", remedy)
        return None
    except yaml.reader.ReaderError as exc:
        line = first_line + text[: exc.position].count("\n")
        source.note(line, "có ký tự lạ không đọc được", "Xóa ký tự đó rồi gõ lại dòng này.")
        return None
    if root is None:
        return Spot(first_line, {})
    return _Builder(source, first_line).spot(root)


class _Builder:
    """Composer nodes to spots. An alias would make one node stand twice, and small files endless: refused."""

    def __init__(self, source: Source, first_line: int) -> None:
        self._source = source
        self._first_line = first_line
        self._seen: set[int] = set()

    def spot(self, node: Any, line: int | None = None) -> Spot:
        line = self._line_of(node) if line is None else line
        if id(node) in self._seen:
            self._source.note(line, "không dùng '*' để nhắc lại phần khác", "Viết lại phần đó ra đây.")
            return Spot(line, None)
        self._seen.add(id(node))
        if node.tag != KNOWN_TAGS[type(node)] and node.tag != "!":
            self._source.note(line, f"không dùng thẻ '{node.tag}'", "Bỏ thẻ đó đi.")
        if isinstance(node, yaml.MappingNode):
            return Spot(line, self._mapping(node))
        if isinstance(node, yaml.SequenceNode):
            return Spot(line, [self.spot(child) for child in node.value])
        is_null = not node.style and node.value in PLAIN_NULLS
        return Spot(line, None if is_null else node.value)

    def _mapping(self, node: Any) -> dict[str, Spot]:
        entries: dict[str, Spot] = {}
        for key, value in node.value:
            line = self._line_of(key)
            if not isinstance(key, yaml.ScalarNode):
                self._source.note(line, "khóa phải là một từ", 'Chữ bắt đầu bằng "{" hay "[" để trong "…".')
            elif key.value in entries:
                self._source.note(line, f"khóa '{key.value}' có hai lần", "Bỏ bớt một.")
            else:
                entries[key.value] = self.spot(value, line)
        return entries

    def _line_of(self, node: Any) -> int:
        return int(node.start_mark.line) + self._first_line
