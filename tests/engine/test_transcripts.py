"""Golden conversations over the shipped dialogs, and the format that they are written in.

`--update-transcripts` rewrites what the bot says in them; the difference is then for a person to read.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.engine.model import HOUSEHOLD_KINDS
from bot.engine.state import Library
from bot.engine.transcript import ScriptError, play
from bot.library.load import load_library

ROOT = Path(__file__).parent.parent.parent
TRANSCRIPTS = sorted((ROOT / "tests/transcripts").glob("*.txt"))


@pytest.fixture(scope="module")
def shipped() -> Library:
    return load_library(ROOT / "dialogs", ROOT / "content", ROOT / "locales")


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_golden_conversation_goes_as_it_did(path: Path, shipped: Library, request: pytest.FixtureRequest) -> None:
    script = path.read_text(encoding="utf-8")
    played = play(shipped, script)
    if request.config.getoption("update_transcripts"):
        path.write_text(played, encoding="utf-8")
    else:
        assert played == script


def test_every_topic_is_played_for_two_kinds_of_household(shipped: Library) -> None:
    topics = {path.stem.partition(".")[0]: set[str]() for path in TRANSCRIPTS}
    for path in TRANSCRIPTS:
        topics[path.stem.partition(".")[0]].add(path.stem.partition(".")[2])
    for dialog in shipped.dialogs.values():
        if dialog.topic:
            assert len(topics.get(dialog.id, set()) & set(HOUSEHOLD_KINDS)) >= 2, dialog.id


SMALL = """\
dialog: menu
title: Trang chính
topic: true
nodes:
  hoi:
    say: [{text: Chào bà con.}]
    ask: Bà con muốn gì?
    choices:
      - {label: Vay vốn, go: vay}
      - {label: Gặp cán bộ, go: gap}
      - {label: Thôi nhận tin, go: nghi}
      - {label: Quên tôi đi, go: quen}
  vay: {subscribe: [menu], next: so}
  so: {ask: "Nhà mình mấy người?", type: number, field: so, next: hoi, give_up: hoi}
  gap: {handoff: vay-von, next: hoi}
  nghi: {stop: week, next: hoi}
  quen: {stop: forget, next: het}
  het: {say: [{text: "Tạm biệt.\\n\\nChúc bà con khỏe."}], end: true}
"""


@pytest.fixture
def small(tmp_path: Path) -> Library:
    (tmp_path / "menu.yaml").write_text(SMALL, encoding="utf-8")
    return load_library(tmp_path, tmp_path / "content", tmp_path / "locales")


QUESTION = """\
< Chào bà con.

  Bà con muốn gì?
  [1] 1. Vay vốn
  [2] 2. Gặp cán bộ
  [3] 3. Thôi nhận tin
  [4] 4. Quên tôi đi
"""


def test_the_format_shows_words_buttons_and_what_changed(small: Library) -> None:
    played = play(small, "# title: Thử\n# ho: ngheo\n> /start\n> [1]\n> 4 người\n> gặp cán bộ\n> (reaction)\n> [3]\n")
    assert played == (
        f"# title: Thử\n# ho: ngheo\n\n> /start\n{QUESTION}"
        "\n> [1]\n* topic + menu\n* dong-y = co\n< Nhà mình mấy người?\n"
        f"\n> 4 người\n* so = 4\n{QUESTION}"
        f"\n> gặp cán bộ\n* handoff: vay-von\n{QUESTION}"
        "\n> (reaction)\n~ silent: reaction\n"
        f"\n> [3]\n* stop: week\n{QUESTION}"
    )


def test_playing_a_transcript_again_changes_nothing(small: Library) -> None:
    played = play(
        small, "# today: 2026-12-31\n> /start\n> [1]\n# today: 2027-01-01\n# ho: khac\n> nhiều lắm\n> [9 lạ]\n"
    )
    assert "\n\n# today: 2027-01-01\n# ho: khac\n\n> nhiều lắm\n~ not understood: 1\n" in played
    assert play(small, played) == played


def test_an_earlier_button_can_be_pressed_again(small: Library) -> None:
    played = play(small, "> /start\n> [2]\n> [2, 1 earlier]\n> [1, 1 earlier]\n")
    assert "> [2, 1 earlier]\n~ silent: second tap" in played


def test_who_asked_to_be_forgotten_is_new(small: Library) -> None:
    played = play(small, "# ho: ngheo\n> /start\n> [4]\n> /start\n")
    assert played.endswith(f"* stop: forget\n< Tạm biệt.\n\n  Chúc bà con khỏe.\n\n> /start\n{QUESTION}")


@pytest.mark.parametrize(
    "script",
    ["> /start\n> [5]\n", "> /start\n> [0]\n", "\n> [1]\n", "> /start\n> [1, 1 earlier]\n", "\n# today: mai\n"],
)
def test_a_script_that_cannot_be_played_names_the_line(small: Library, script: str) -> None:
    with pytest.raises(ScriptError, match=r"^line 2: "):
        play(small, script, date(2026, 11, 23))
