"""What is approved: the digest changes with anything that decides who is told what and when, and with nothing else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.engine.state import Library
from bot.services.broadcasting.digest import digest_of
from bot.services.broadcasting.model import Body, Policy, Timing
from tests.library.packs import FACTS, LAI, MENU, PLACES, SOUND, VAY_VON, changed, load, write

MESSAGE, DIALOG, TEXT = (
    Body(("vay-von.lai",)),
    Body(dialog="vay-von"),
    Body(text={"vi": "Lời", "en": "Words"}, source="TB 1"),
)
AT = datetime(2026, 12, 1, 2, tzinfo=UTC)
PHRASES = "phrases:\n  source: 'Nguồn: {law}'\n"
FILES = {**SOUND, "dialogs/phrases.yaml": PHRASES}


def spoken(library: Library, catalogue: Mapping[str, str]) -> Library:
    """*library* with English words for some texts."""
    return replace(
        library, languages=("vi", "en"), is_translated=lambda language, text: language != "vi" and text in catalogue,
        translate=lambda language, text: catalogue.get(text, text) if language == "en" else text,
    )  # fmt: skip


def pack(root: Path, files: Mapping[str, str] = {}, catalogue: Mapping[str, str] = {}) -> Library:
    write(root, {**FILES, **files})
    return spoken(load(root), catalogue)


def digest(library: Library, body: Body = MESSAGE, **others: object) -> str:
    known: dict[str, object] = {
        "segment": "tat-ca", "timing": Timing(), "policy": Policy(), "urgent": False, "audience": 10, "version": 1,
    }  # fmt: skip
    return digest_of(library, body, **(known | others))  # type: ignore[arg-type]


def test_what_an_earlier_version_of_the_bot_approved_stays_approved(tmp_path: Path) -> None:
    assert digest(pack(tmp_path)) == "2b9e9cbc883e846916dfb711a6b863d7f5754280e2d7173c4c066710125f0260"


@pytest.mark.parametrize(
    "other",
    [
        {"segment": "ho = ngheo"}, {"timing": Timing(at=AT)}, {"timing": Timing(closes="20:00")},
        {"policy": Policy(gap=0)}, {"policy": Policy(confirmed=("everyone",))}, {"urgent": True}, {"audience": 11},
        {"version": 2}, {"body": Body(("vay-von.lai", "vay-von.khac"))}, {"body": DIALOG}, {"body": TEXT},
    ],
)  # fmt: skip
def test_each_decision_of_an_officer_counts(tmp_path: Path, other: dict[str, object]) -> None:
    library = pack(tmp_path)
    assert digest(library, **other) != digest(library)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other",
    [
        Body(text={"vi": "Lời khác", "en": "Words"}, source="TB 1"),
        Body(text={"vi": "Lời", "en": "Other words"}, source="TB 1"),
        Body(text={"vi": "Lời", "en": "Words"}, source="TB 2"),
    ],
)
def test_each_word_of_an_officer_counts(tmp_path: Path, other: Body) -> None:
    library = pack(tmp_path)
    assert digest(library, other) != digest(library, TEXT)


CHANGES: Mapping[str, tuple[str, Callable[[], str]]] = {
    "its words": ("content/messages/vay-von/lai.md", lambda: changed(LAI, "một năm", "mỗi năm")),
    "for whom it is": ("content/messages/vay-von/lai.md", lambda: changed(LAI, "[ngheo, chua-ro]", "[ngheo]")),
    "its season": ("content/messages/vay-von/lai.md", lambda: changed(LAI, "plan:", "until: 2026-12-01\nplan:")),
    "a value": ("content/facts/vay.yaml", lambda: changed(FACTS, "6.24", "6.25")),
    "a value of next year": ("content/facts/vay.yaml", lambda: changed(FACTS, "value: 7", "value: 8")),
    "the day a value ends": ("content/facts/vay.yaml", lambda: changed(FACTS, "2026-12-31", "2026-12-30")),
    "the state of a fact": ("content/facts/vay.yaml", lambda: changed(FACTS, "state: say", "state: withhold")),
    "the law of a fact": ("content/facts/vay.yaml", lambda: changed(FACTS, "Nghị định 1", "Nghị định 3")),
    "the review day": ("content/facts/vay.yaml", lambda: changed(FACTS, "2027-06-30", "2027-07-30")),
    "the line of the source": ("dialogs/phrases.yaml", lambda: changed(PHRASES, "Nguồn", "Theo")),
    "the name of an office": ("content/places/hanoi.yaml", lambda: changed(PLACES, "name: Ba Vì", "name: Suối Hai")),
}


@pytest.mark.parametrize("body", [MESSAGE, DIALOG], ids=["message", "dialog"])
@pytest.mark.parametrize("change", CHANGES)
def test_each_definition_that_is_used_counts(tmp_path: Path, change: str, body: Body) -> None:
    path, text = CHANGES[change]
    before, after = pack(tmp_path / "before"), pack(tmp_path / "after", {path: text()})
    assert digest(before, body) != digest(after, body)


@pytest.mark.parametrize(("old", "new"), [
    ("Lời nối", "Lời khác"), ("Xem gì?", "Xem chi?"), ("Mức vay", "Vay bao nhiêu"),
    ("ho: [ngheo, null]", "ho: [ngheo]"), ("{quan-tam: vay}", "{quan-tam: khac}"),
])  # fmt: skip
def test_each_node_of_a_dialog_counts(tmp_path: Path, old: str, new: str) -> None:
    before = pack(tmp_path / "before")
    after = pack(tmp_path / "after", {"dialogs/vay-von.yaml": changed(VAY_VON, old, new)})
    assert digest(before, DIALOG) != digest(after, DIALOG)
    assert digest(before) == digest(after)


def test_dialogs_that_follow_by_themselves_count_and_those_that_somebody_chooses_do_not(tmp_path: Path) -> None:
    calls = "dialog: goi\ntitle: Gọi\nnodes:\n  goi: {call: vay-von, next: het}\n  het: {end: true}\n"
    goes = "dialog: di\ntitle: Đi\nnodes:\n  loi: {say: [{text: Xin chào.}], next: /goi}\n"
    others = {"dialogs/goi.yaml": calls, "dialogs/di.yaml": goes}
    before = pack(tmp_path / "before", others)
    follows = pack(tmp_path / "follows", {**others, "dialogs/vay-von.yaml": changed(VAY_VON, "Lời nối", "Khác")})
    chosen = pack(tmp_path / "chosen", {**others, "dialogs/menu.yaml": changed(MENU, "cần gì", "cần chi")})
    for name in ("goi", "di"):
        body = Body(dialog=name)
        assert digest(follows, body) != digest(before, body)
        assert digest(chosen, body) == digest(before, body)


@pytest.mark.parametrize(
    "text", ["Lãi là {lai-suat.muc} một năm.\nHỏi {noi-hoi}.", "Nghị định 2", "Nguồn: {law}", "xã"]
)
def test_each_translation_counts(tmp_path: Path, text: str) -> None:
    library = pack(tmp_path)
    first, second = spoken(library, {text: "One"}), spoken(library, {text: "Two"})
    assert len({digest(library), digest(first), digest(second)}) == 3


@pytest.mark.parametrize("text", ["Lời nối.", "Xem gì?", "1. Mức vay", "Mức vay"])
def test_each_translation_of_a_dialog_counts(tmp_path: Path, text: str) -> None:
    library = pack(tmp_path)
    is_said = text != "1. Mức vay"
    assert (digest(spoken(library, {text: "One"}), DIALOG) != digest(library, DIALOG)) == is_said


def test_a_language_more_counts(tmp_path: Path) -> None:
    library = pack(tmp_path)
    assert digest(replace(library, languages=("vi", "en", "mww"))) != digest(library)


def test_what_is_not_used_and_where_things_stand_in_a_file_do_not_count(tmp_path: Path) -> None:
    before = pack(tmp_path / "before")
    moved = pack(tmp_path / "after", {
        "content/facts/vay.yaml": "# một dòng\n" + FACTS,
        "dialogs/vay-von.yaml": "# một dòng\n" + VAY_VON,
        "content/messages/vay-von/khac.md": changed(LAI, "Lãi là", "Mức là"),
    })  # fmt: skip
    for body in (MESSAGE, DIALOG):
        assert digest(before, body) == digest(moved, body)


def test_what_is_gone_has_a_digest_too(tmp_path: Path) -> None:
    library = pack(tmp_path)
    for body in (MESSAGE, DIALOG):
        assert digest(replace(library, messages={}, facts={}, dialogs={}), body) != digest(library, body)


def test_it_is_the_same_in_every_process() -> None:
    code = (
        "from tests.shipped import shipped; from tests.services.test_release_digest import digest, Body;"
        "library = shipped(); print(digest(library, Body(tuple(sorted(library.messages))[:9])),"
        "digest(library, Body(dialog=sorted(library.dialogs)[0])))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Ho_Chi_Minh"))
    }  # fmt: skip
    assert len(told) == 1
