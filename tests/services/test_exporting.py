"""Whatever people write, a file of it opens as text."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from bot.services.exporting.formats import FORMATS, FORMULA, MOST_LETTERS
from bot.services.exporting.table import Column

COLUMNS = (Column("text", "=1"), Column("n", "Số", "number"))
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
NASTY = st.sampled_from(FORMULA).flatmap(lambda sign: WORDS.map(lambda words: sign + words))


def written(format: str, text: str) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder, "x")
        file = FORMATS[format](path, COLUMNS)
        file.write([(text, 5)])
        file.close()
        return path.read_bytes()


@given(WORDS | NASTY)
def test_no_cell_of_a_csv_begins_as_a_formula(text: str) -> None:
    rows = list(csv.reader(io.StringIO(written("csv", text).decode("utf-8-sig"), newline="")))
    assert not any(cell.startswith(FORMULA) for row in rows for cell in row)
    assert rows[1][0] in (text, f"'{text}")


@given(WORDS | NASTY)
def test_a_json_line_is_one_line_and_says_the_same(text: str) -> None:
    body = written("jsonl", text).decode()
    assert body.count("\n") == 1
    assert json.loads(body) == {"text": text, "n": 5}


@settings(max_examples=30, deadline=None)
@given(NASTY)
def test_a_workbook_has_no_formula(text: str) -> None:
    sheet = load_workbook(io.BytesIO(written("xlsx", text))).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}


def test_what_a_cell_of_a_workbook_cant_hold_is_cut() -> None:
    sheet = load_workbook(io.BytesIO(written("xlsx", "a" * (MOST_LETTERS + 1)))).worksheets[0]
    assert len(sheet["A2"].value) == MOST_LETTERS
