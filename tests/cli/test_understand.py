"""`bot understand` as people and programs run it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli.commands import commands
from bot.cli.shell import Shell
from bot.config import Settings
from tests.shipped import ROOT

Run = Callable[..., Result]
VAY = """\
dialog: vay-von
title: Vay vốn
topic: true
words: [vay vốn, mượn tiền]
nodes:
  het: {say: [{text: Vâng.}], end: true}
"""
QUESTIONS: tuple[dict[str, Any], ...] = (
    {"id": "a", "text": "Tôi muốn vay vốn", "label": "vay-von", "variants": {"teen": "t muốn zay zốn"}},
    {"id": "b", "text": "Trời có mưa không", "label": "ngoai", "also": None, "variants": {"teen": "troi mua k"}},
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A library of one topic that knows no more than its phrases."""
    for name in ("dialogs", "content", "locales"):
        (tmp_path / name).mkdir()
    (tmp_path / "dialogs/vay-von.yaml").write_text(VAY, encoding="utf-8")
    return Settings(
        database_url="sqlite:////nowhere/bot.db", dialogs=tmp_path / "dialogs", content=tmp_path / "content",
        locales=tmp_path / "locales",
    )  # fmt: skip


@pytest.fixture
def run(settings: Settings, clock: Callable[[], datetime]) -> Run:
    """Run `bot understand`."""

    def run(*words: str, settings: Settings = settings) -> Result:
        return CliRunner().invoke(commands, ["understand", *words], obj=Shell(clock, lambda: settings))

    return run


@pytest.fixture
def file(tmp_path: Path) -> str:
    """The questions as a file."""
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in QUESTIONS), encoding="utf-8")
    return str(path)


def test_a_file_is_answered_line_by_line_as_json(run: Run, file: str) -> None:
    done = run("--file", file)
    assert (done.exit_code, done.stderr) == (0, "")
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"id": "a", "topic": "vay-von", "confidence": 1.0, "action": "enter", "offered": []},
        {"id": "b", "topic": None, "confidence": 0.0, "action": "none", "offered": []},
    ]


def test_a_question_may_have_no_id_and_its_letters_any_composition(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('\n{"text": "VAY VO\u0302\u0301N", "source": "x"}\n', encoding="utf-8")
    [line] = run("--file", str(path)).stdout.splitlines()
    assert json.loads(line)["topic"] == "vay-von"
    assert json.loads(line)["id"] is None


def test_marks_are_given_for_each_form_and_topic(run: Run, file: str) -> None:
    done = run("--labels", file)
    assert done.exit_code == 0
    assert "text" in done.stdout
    assert "teen" in done.stdout
    assert "100,0 % (34–100) 2/2" in done.stdout
    [line] = run("--labels", file, "--json").stdout.splitlines()
    marks = json.loads(line)
    assert (marks["text"]["right"]["value"], marks["teen"]["right"]["value"]) == (1, 0.5)
    loans = marks["teen"]["topics"]["vay-von"]
    assert [(loans[name]["part"], loans[name]["whole"]) for name in ("right", "strict")] == [(0, 1), (0, 1)]


def test_lines_and_marks_of_one_file_go_different_ways(run: Run, file: str, tmp_path: Path) -> None:
    bare = tmp_path / "bare.jsonl"
    bare.write_text("".join(json.dumps({"id": one["id"], "text": one["text"]}) + "\n" for one in QUESTIONS))
    for words in (("--file", file, "--labels"), ("--file", str(bare), "--labels", file)):
        done = run(*words)
        assert done.exit_code == 0
        assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["a", "b"]
        assert "2/2" in done.stderr
        assert "1/2" in done.stderr


def test_one_sentence_is_explained(run: Run) -> None:
    done = run("Nhà tôi muốn VAY VỐN")
    assert done.exit_code == 0
    assert "Đọc thành: nha toi muon vay von" in done.stdout
    assert "Bot vào thẳng “Vay vốn” (vay-von), chắc 100,0 %." in done.stdout
    assert "không thuộc phần mình" in run("Trời có mưa không").stdout
    assert json.loads(run("vay vốn", "--json").stdout)["topic"] == "vay-von"


def test_what_is_a_command_is_told_to_be_one(run: Run) -> None:
    shipped = Settings(database_url="sqlite:////nowhere/bot.db", dialogs=ROOT / "dialogs", content=ROOT / "content")
    assert "lệnh “stop”" in run("DỪNG!", settings=shipped).stdout


def test_what_staff_added_is_learnt_once_and_says_what_to_do_next(run: Run, settings: Settings, tmp_path: Path) -> None:
    export = tmp_path / "examples.jsonl"
    rows = (
        {"text": "mượn ít tiền mua bò", "topic": "vay-von"}, {"text": "gọi 0912345678", "topic": "vay-von"},
        {"text": "học may", "topic": "hoc-nghe"},
    )  # fmt: skip
    export.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    done = run("--learn", str(export))
    assert done.exit_code == 0
    assert (settings.content / "examples/vay-von.txt").read_text(encoding="utf-8") == "mượn ít tiền mua bò\n"
    for words in ("vay-von.txt: thêm 1 câu", "“gọi 0912345678”: có số điện thoại", "không có chủ đề ấy", "--build"):
        assert words in done.stdout
    again = run("--learn", str(export))
    assert "1 câu đã có từ trước." in again.stdout
    assert "Không có câu nào mới." in again.stdout


@pytest.mark.parametrize(("words", "told"), [
    ((), "Cần một câu"), (("--labels",), "Thiếu tệp"), (("--file", "nowhere.jsonl"), "nowhere.jsonl"),
    (("vay", "--here", "x"), "Không có hội thoại x."), (("--picked",), "Chưa có cơ sở dữ liệu"),
])  # fmt: skip
def test_what_cant_be_done_is_told_in_one_line(run: Run, words: tuple[str, ...], told: str) -> None:
    done = run(*words)
    assert (done.exit_code, done.stdout) == (1, "")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_line_that_is_no_question_is_named_with_its_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"text": "a"}\n{"tekst": "b"}\n', encoding="utf-8")
    assert f"{path}:2: " in run("--file", str(path)).stderr
    assert f"{path}:1: " in run("--learn", str(path)).stderr
    unlabelled = tmp_path / "y.jsonl"
    unlabelled.write_text('{"id": 7, "text": "a"}\n', encoding="utf-8")
    assert "“a”" in run("--labels", str(unlabelled)).stderr


def test_what_was_learnt_is_built_into_a_model_once_and_used(run: Run, settings: Settings) -> None:
    (settings.content / "examples").mkdir()
    for topic, things in (("vay-von", ("bò", "dê", "lợn", "gà")), ("ngoai", ("phim", "kịch", "bóng đá", "ca nhạc"))):
        told = "mượn ít tiền mua {}" if topic == "vay-von" else "tối nay xem {} ở đâu"
        lines = "".join(f"{told.format(thing)}\n" for thing in things)
        (settings.content / f"examples/{topic}.txt").write_text(lines, encoding="utf-8")
    assert "model.json: " in run("--build").stdout
    assert "giữ nguyên" in run("--build").stdout
    done = run("muon it tien mua trau")
    assert "Bot vào thẳng “Vay vốn”" in done.stdout
    assert "Vì có:" in done.stdout
    assert "+" in done.stdout
    assert json.loads(run("tối nay xem hát ở đâu", "--json").stdout)["topic"] is None
