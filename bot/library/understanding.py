"""Reads what understanding builds on: the table of chat spellings, and the words that people use with us."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from bot.engine.understanding.model import Model
from bot.engine.understanding.spelling import FIRST, LAST, NUMBER, Row, Spellings
from bot.engine.understanding.syllables import SYLLABLES
from bot.engine.understanding.usage import Usage
from bot.engine.words import composed, fold, plain
from bot.library.source import Problem, Source, load_text, source_of

_WORD = re.compile(r"[^\W0-9_]+")
TWICE = 2
"""A pair counts from its second time on, and what isn't Vietnamese likewise: the first may be somebody's slip."""


def load_spellings(content: Path, problems: list[Problem]) -> Spellings:
    """The table `content/understanding/spellings.tsv` and the words of `content/examples`; bare where they are not."""
    file = content / "understanding/spellings.tsv"
    rows: dict[str, tuple[Row, ...]] = {}
    if file.exists():
        source = source_of(file, content, problems)
        text = load_text(file, source) or ""
        for number, line in enumerate(text.splitlines(), 1):
            if number > 1 and line.strip() and not line.startswith("# "):
                _take(line, number, source, rows)
    return Spellings(rows, _said(content / "examples", rows))


def _take(line: str, number: int, source: Source, rows: dict[str, tuple[Row, ...]]) -> None:
    """Put the reading in *line* among *rows*: typed, read as, behind, before, source, note."""
    cells = [cell.strip() for cell in line.split("\t")]
    if len(cells) < 5 or not cells[0] or not cells[1] or not cells[4]:
        source.note(number, "dòng phải có: cách gõ, đọc là, đứng sau, đứng trước, nguồn", "Ngăn các cột bằng dấu tab.")
        return
    typed, *_ = cells
    earlier = rows.get(plain(typed), ())
    if len(plain(typed).split()) != 1:
        source.note(number, f"'{typed}' có dấu cách", "Mỗi dòng là một chữ viết liền.")
    elif earlier and not earlier[-1].after and not earlier[-1].before:
        source.note(number, f"'{typed}' đã có một dòng cho mọi chỗ ở trên", "Xếp dòng đó xuống cuối.")
    else:
        row = Row(tuple(plain(cells[1]).split()), _context(cells[2]), _context(cells[3]))
        rows[plain(typed)] = (*earlier, row)


def _context(cell: str) -> frozenset[str]:
    return frozenset(word if word in (NUMBER, FIRST, LAST) else fold(word) for word in cell.split())


def _said(examples: Path, rows: dict[str, tuple[Row, ...]]) -> Usage:
    """How often each word and each pair of words stands in the examples, folded; the table's words count as known."""
    files = [*sorted(examples.glob("*.txt")), *sorted((examples.parent / "understanding/danger").glob("*.txt"))]
    folded: dict[str, str] = {}
    lines = list(_lines(files, folded))
    words = Counter(word for line in lines for word in line)
    known = {word for word, times in words.items() if times >= TWICE or word in SYLLABLES} - rows.keys()
    known |= {fold(word) for row in rows.values() for one in row for word in one.reading}
    counts = {word: max(words[word], 1) for word in sorted(known)}
    pairs = Counter[tuple[str, str]]()
    for line in lines:
        pairs.update(pair for pair in pairwise(line) if pair[0] in known and pair[1] in known)
    kept = {" ".join(pair): times for pair, times in pairs.items() if times >= TWICE}
    return Usage(counts, kept, [form for form in sorted(folded) if not form.isascii() and folded[form] in known])


def _lines(files: Sequence[Path], folded: dict[str, str]) -> Iterator[list[str]]:
    """The folded words of each line, every word one and the same text wherever it stands: else they would take 12 MB,
    which a process that goes on doesn't give back. *folded* keeps each form's folding."""
    for file in files:
        for line in composed(file.read_text(encoding="utf-8")).splitlines():
            forms = _WORD.findall(line)
            for form in forms:
                if form not in folded:
                    folded[form] = sys.intern(fold(form))
            yield [folded[form] for form in forms]


def load_model(content: Path, problems: list[Problem]) -> Model | None:
    """What `bot understand --build` has learnt, from `content/understanding/model.json`; None where it is not."""
    file = content / "understanding/model.json"
    if not file.exists():
        return None
    try:
        return Model.from_json(file.read_bytes())
    except ValueError:  # msgspec's errors are such too
        source_of(file, content, problems).note(1, "không đọc được", "Tạo lại: python -m bot understand --build.")
        return None
