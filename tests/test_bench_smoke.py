"""The benchmarks themselves work: small runs of them, with real processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def bench(*arguments: str, file: Path) -> dict[str, Any]:
    """What the command found, once it says that all is well."""
    command = [sys.executable, "-m", "tests.bench", *arguments, "--json", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    result: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return result


def test_killed_it_loses_nothing_and_acts_on_nothing_twice(tmp_path: Path) -> None:
    result = bench("crash", "--smoke", file=tmp_path / "crash.json")
    assert result["updates"] > 20
    assert (result["answered"], result["lost"], result["acted_twice"]) == (result["updates"], 0, 0)


def test_killed_in_a_broadcast_it_loses_nobody_and_says_so_of_every_doubt(tmp_path: Path) -> None:
    result = bench("crash-broadcast", "--smoke", file=tmp_path / "broadcast.json")
    assert result["problems"] == []
    assert [(one["policy"], one["audience"], one["lost"]) for one in result["verdicts"]] == [
        ("ask", 400, 0), ("resend", 400, 0),
    ]  # fmt: skip


def test_killed_at_an_await_of_its_sender_it_loses_nobody(tmp_path: Path) -> None:
    result = bench("crash-awaits", "--stride", "45", file=tmp_path / "awaits.json")
    assert result["kills"] >= 4
    assert (result["lost"], result["faults"]) == (0, 0)


def test_killed_where_money_is_spent_no_budget_is_passed_and_no_charge_forgotten(tmp_path: Path) -> None:
    result = bench("crash-awaits", "--metered", "--stride", "90", file=tmp_path / "awaits.json")
    assert result["kills"] >= 4
    assert (result["lost"], result["faults"]) == (0, 0)


def test_killed_by_the_dozen_it_forgets_no_charge_of_zalo_and_passes_no_budget(tmp_path: Path) -> None:
    result = bench("crash-zalo", "--smoke", file=tmp_path / "zalo.json")
    assert result["problems"] == []
    for verdict in result["verdicts"]:
        assert 0 < verdict["charged"] <= verdict["spent"] <= verdict["budget"]


def test_every_turn_beside_the_floor_is_answered_right(tmp_path: Path) -> None:
    sizes = ("--people", "20", "--turns", "300", "--warmup", "0", "--rounds", "1")
    result = bench("turns", *sizes, file=tmp_path / "turns.json")
    assert result["wrong_or_lost"] == 0
    assert {window["peer"] for window in result["windows"]} == {"floor", "ours"}


def test_questions_are_answered_over_the_web(tmp_path: Path) -> None:
    asked = tmp_path / "questions.jsonl"
    asked.write_text('{"text": "Tôi muốn vay vốn", "label": "vay-von"}\n{"text": "qwertz"}\n', encoding="utf-8")
    result = bench("questions", str(asked), file=tmp_path / "result.json")
    assert [(fate["kind"], fate["topic"]) for fate in result["fates"]] == [("routed", "vay-von"), ("missed", "")]


def test_a_sentence_is_understood_within_the_time_and_memory_there_is(tmp_path: Path) -> None:
    result = bench("understand", "--processes", "1", "--crowded", file=tmp_path / "understand.json")
    assert result["problems"] == []
    assert result["figures"]["sentences"] > 4000
    assert result["figures"]["memory_mib"] < 64


def test_no_page_of_the_console_costs_more_for_a_longer_log(tmp_path: Path) -> None:
    result = bench("console", "--smoke", file=tmp_path / "console.json")
    assert result["interactions"][1] > 4 * result["interactions"][0]
    assert len(result["seconds"]) > 20
    assert result["faults"] == []


def test_over_all_windows_of_zalo_plan_ledger_and_its_own_books_agree(tmp_path: Path) -> None:
    result = bench("zalo-broadcast", "--smoke", file=tmp_path / "zalo.json")
    assert result["problems"] == []
    rich, poor = result["verdicts"]
    assert rich["planned"] == rich["spent"] == rich["charged"] > 0
    assert rich["woken"] > 0
    assert 0 < poor["charged"] == poor["spent"] <= poor["budget"]
