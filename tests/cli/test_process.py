"""`python -m bot run` as a real process: it says where it is, answers, and stops when told to."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@contextmanager
def running(folder: Path, **variables: str) -> Iterator[subprocess.Popen[str]]:
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "BOT_PORT": "0", **variables}
    command = [sys.executable, "-m", "bot", "run"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def address_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://\S+(?=/health)", line):
            return found[0]
    raise AssertionError(process.communicate()[1])


def test_it_says_where_it_is_and_stops_when_told(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        with urllib.request.urlopen(f"{address_of(process)}/health", timeout=10) as response:
            told = json.load(response)
        assert told["status"] == "ok"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    assert (tmp_path / "var/bot.db").exists()


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"BOT_PRT": "1"}, "BOT_PORT"),
        ({"BOT_PORT": "x"}, "BOT_PORT"),
        ({"BOT_DATABASE_URL": "sqlite:///damaged.db"}, "damaged"),
    ],
)
def test_what_cannot_work_stops_it_with_one_line(tmp_path: Path, variables: dict[str, str], said: str) -> None:
    (tmp_path / "damaged.db").write_bytes(os.urandom(8192))
    with running(tmp_path, **variables) as process:
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, len(err.splitlines())) == (1, "", 1)
    assert said in err


def test_a_broken_dialog_stops_it_by_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "dialogs").mkdir()
    (tmp_path / "dialogs/menu.yaml").write_text(
        "dialog: menu\ntitle: Trang\nnodes: {het: {endd: true}}\n", encoding="utf-8"
    )
    with running(tmp_path, BOT_DIALOGS=str(tmp_path / "dialogs")) as process:
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (1, "")
    assert all(re.match(r"(dialogs|content)/\S+:\d+: ", line) for line in err.splitlines())
    assert "dialogs/menu.yaml:3: " in err
    assert not (tmp_path / "var/bot.db").exists()


def test_a_port_that_is_taken_stops_it_with_one_line(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        port = address_of(first).rpartition(":")[2]
        (tmp_path / "other").mkdir()
        with running(tmp_path / "other", BOT_PORT=port) as second:
            out, err = second.communicate(timeout=20)
    assert (second.returncode, out, len(err.splitlines())) == (1, "", 1)
    assert port in err


def test_a_second_bot_on_one_sqlite_file_stops_before_it_touches_anything(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        address_of(first)
        with running(tmp_path) as second:
            out, err = second.communicate(timeout=20)
        assert (second.returncode, out, len(err.splitlines())) == (1, "", 1)
        assert "var/bot.db" in err
        first.kill()
        first.wait(timeout=20)
    with running(tmp_path) as third:  # whoever was killed holds nothing
        address_of(third)
