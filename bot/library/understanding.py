"""Reads what understanding builds on: the table of chat spellings, and the words that people use with us."""

from __future__ import annotations

from pathlib import Path

from bot.engine.understanding.model import Model
from bot.engine.understanding.spelling import FIRST, LAST, NUMBER, Row, Spellings
from bot.engine.words import fold, plain
from bot.library.source import Problem, Source, load_text, source_of
from bot.library.usage import USAGE, count_usage, unpacked


def load_spellings(content: Path, problems: list[Problem], *, afresh: bool = False) -> Spellings:
    """The table `content/understanding/spellings.tsv` and the words that people use with us; bare where they are not.

    The words are those that `bot understand --build` counted; *afresh*, or where it never did, they are counted now.
    """
    rows = _load_rows(content, problems)
    file = content / USAGE
    if afresh or not file.exists():
        return Spellings(rows, count_usage(content, rows))
    try:
        return Spellings(rows, unpacked(file.read_bytes()))
    except ValueError:  # msgspec's errors are such too
        source_of(file, content, problems).note(1, "không đọc được", "Tạo lại: python -m bot understand --build.")
        return Spellings(rows)


def _load_rows(content: Path, problems: list[Problem]) -> dict[str, tuple[Row, ...]]:
    file = content / "understanding/spellings.tsv"
    rows: dict[str, tuple[Row, ...]] = {}
    if file.exists():
        source = source_of(file, content, problems)
        text = load_text(file, source) or ""
        for number, line in enumerate(text.splitlines(), 1):
            if number > 1 and line.strip() and not line.startswith("# "):
                _take(line, number, source, rows)
    return rows


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
