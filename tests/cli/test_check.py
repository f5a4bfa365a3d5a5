"""`bot check`: what it prints, what a program reads, and the exit code."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

from rich.console import Console

from bot.cli.check import run_check
from bot.engine.state import Library
from bot.library.load import load_library
from bot.library.source import LibraryError, Problem

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 23)


def shipped() -> Library:
    return load_library(ROOT / "dialogs", ROOT / "content", ROOT / "locales")


def seeded(rule: str) -> Library:
    folder = ROOT / "tests" / "fixtures" / "checks" / rule
    return load_library(folder / "dialogs", folder / "content", folder / "locales")


def check(
    loaded: Library | LibraryError, today: date = TODAY, *, graph: Path | None = None, as_json: bool = False
) -> tuple[int, str]:
    """The exit code and what was printed."""
    console = Console(file=StringIO(), width=200)
    code = run_check(loaded, today=today, graph=graph, as_json=as_json, translate=lambda text: text, console=console)
    assert isinstance(console.file, StringIO)
    return code, console.file.getvalue()


def test_the_shipped_dialogs_pass_and_every_section_of_the_plan_is_carried() -> None:
    code, printed = check(shipped())
    assert code == 0, printed
    assert "III.1.a-3" in printed
    assert "chưa có" not in printed


def test_staff_are_told_which_facts_cannot_be_said_on_a_day_and_why() -> None:
    code, printed = check(seeded("expired-claim"), date(2027, 3, 1))
    assert code == 1
    [row] = [line for line in printed.splitlines() if "lai-vay" in line and "│" in line]
    assert "không có bản nào còn hiệu lực" in row
    assert "30/06/2026" in row
    assert "vay.lai" in row


def test_a_program_reads_the_same() -> None:
    code, printed = check(seeded("overdue-claim"), as_json=True)
    report = json.loads(printed)
    assert code == 1
    assert report["lapses"] == [
        {"fact": "lai-vay", "reason": "overdue for review", "messages": ["vay.lai"], "since": "2026-11-22"}
    ]
    assert "overdue-claim" in {finding["rule"] for finding in report["findings"]}


def test_files_that_cannot_be_read_are_told_by_line() -> None:
    broken = LibraryError([Problem("dialogs/a.yaml", 3, "không có nút 'b'", "Gần nhất: 'c'.")])
    code, printed = check(broken)
    assert (code, printed.splitlines()[0]) == (1, "dialogs/a.yaml:3: không có nút 'b'. Gần nhất: 'c'.")
    assert json.loads(check(broken, as_json=True)[1])["problems"][0]["line"] == 3


def test_a_dialog_is_drawn_into_the_file_that_bears_its_name(tmp_path: Path) -> None:
    assert check(shipped(), graph=tmp_path / "vay-von.svg")[0] == 0
    assert ElementTree.parse(tmp_path / "vay-von.svg").getroot().tag.endswith("svg")
    code, printed = check(shipped(), graph=tmp_path / "khong-co.svg")
    assert code == 1
    assert "khong-co" in printed
    assert not (tmp_path / "khong-co.svg").exists()
