"""A sound pack becomes the values that the engine reads."""

from __future__ import annotations

import unicodedata
from datetime import date
from pathlib import Path

import pytest

from bot.engine.model import AskChoice, AskTyped, Branch, Dialog, Item, Option, Say, Target
from bot.library.load import load_commands, load_library
from bot.library.source import LibraryError
from tests.library.packs import SOUND, VAY_VON, changed, load, write

SHIPPED = Path(__file__).parents[2]
ONE_NODE = "dialog: a\ntitle: A\nnodes:\n  ket: {end: true}\n"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    write(tmp_path, SOUND)
    return tmp_path


def options_of(dialog: Dialog, node: str) -> tuple[Option, ...]:
    found = dialog.nodes[node]
    assert isinstance(found, AskChoice)
    return found.options


def test_the_shipped_pack_loads() -> None:
    library = load_library(SHIPPED / "dialogs", SHIPPED / "content", SHIPPED / "locales")
    assert len(library.communes) == 126
    assert {"menu", "chao", "dung"} <= library.dialogs.keys()


def test_only_dialogs_are_needed(tmp_path: Path) -> None:
    write(tmp_path, {"dialogs/a.yaml": ONE_NODE})
    library = load(tmp_path)
    assert list(library.dialogs) == ["a"]
    assert (library.phrases, library.commands, library.languages) == ({}, {}, ("vi",))


def test_without_dialogs_there_is_no_library(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="không có thư mục này"):
        load(tmp_path)
    (tmp_path / "dialogs").mkdir()
    with pytest.raises(LibraryError, match="chưa có hội thoại nào"):
        load(tmp_path)


def test_a_dialog_has_what_its_file_says(pack: Path) -> None:
    dialog = load(pack).dialogs["vay-von"]
    assert (dialog.title, dialog.topic, dialog.words, dialog.start) == ("Vay vốn", True, ("vay tiền",), "mo-dau")
    assert dialog.path == "dialogs/vay-von.yaml"
    first = dialog.nodes["mo-dau"]
    assert isinstance(first, Say)
    assert (first.say, first.next, first.line) == (
        (Item(message="vay-von.lai"), Item(text="Lời nối.")),
        Target(node="hoi"),
        6,
    )
    amount, back = options_of(dialog, "hoi")
    assert (amount.id, amount.line, amount.set) == ("muc-vay", 12, {"quan-tam": "vay"})
    assert amount.when.fields == {"ho": ("ngheo", None)}
    assert back.go == Target(dialog="menu")
    assert len({amount.token, back.token}) == 2
    assert {len(amount.token), len(first.digest), len(dialog.version)} == {8, 12}


def test_a_digest_changes_with_its_node_only(pack: Path) -> None:
    before = load(pack).dialogs["vay-von"]
    moved = changed(VAY_VON, "nodes:\n", "# a remark\n\nnodes:\n")
    write(pack, {"dialogs/vay-von.yaml": changed(moved, "label: Mức vay", 'label: "Vay bao nhiêu", id: muc-vay')})
    after = load(pack).dialogs["vay-von"]
    assert after.nodes["mo-dau"].digest == before.nodes["mo-dau"].digest
    assert after.nodes["hoi"].digest != before.nodes["hoi"].digest
    assert after.version != before.version
    assert options_of(after, "hoi")[0].token == options_of(before, "hoi")[0].token


def test_someone_whose_answers_never_fit_is_led_on(tmp_path: Path) -> None:
    node = "ask: Mấy người?, type: number, field: so, low: 1, high: 20, next: ket"
    nodes = f"  a: {{{node}}}\n  b: {{{node}, skip: a}}\n  c: {{{node}, skip: a, give_up: b, tries: 2}}\n"
    write(tmp_path, {"dialogs/a.yaml": ONE_NODE + nodes})
    found = load(tmp_path).dialogs["a"].nodes
    asked = [node for node in found.values() if isinstance(node, AskTyped)]
    assert [(node.give_up.node, node.tries, node.low, node.high) for node in asked] == [
        ("ket", 3, 1, 20), ("a", 3, 1, 20), ("b", 2, 1, 20),
    ]  # fmt: skip


def test_words_and_numbers_stay_as_they_were_written(tmp_path: Path) -> None:
    """`no`, `on` and a leading zero mean in YAML 1.1 what no officer means by them."""
    arms = "  re: {branch: [{when: {a: no, b: 0243, c: ~}, go: ket}, {go: ket}]}\n"
    write(tmp_path, {"dialogs/a.yaml": ONE_NODE + arms})
    branch = load(tmp_path).dialogs["a"].nodes["re"]
    assert isinstance(branch, Branch)
    assert branch.arms[0][0].fields == {"a": ("no",), "b": ("0243",), "c": (None,)}


def test_content_has_what_its_files_say(pack: Path) -> None:
    library = load(pack)
    message, fact = library.messages["vay-von.lai"], library.facts["lai-suat"]
    assert message.body == "Lãi là {lai-suat.muc} một năm.\nHỏi {noi-hoi}."
    assert (message.plan, message.topic, message.audience) == (("I.1.a",), "vay-von", ("ngheo", "chua-ro"))
    assert (message.path, message.line) == ("content/messages/vay-von/lai.md", 8)
    assert (fact.path, fact.line, fact.review) == ("content/facts/vay.yaml", 1, date(2027, 6, 30))
    old, new = fact.on(date(2026, 12, 31)), fact.on(date(2027, 1, 1))
    assert old is not None
    assert new is not None
    assert old.values["muc"].shown == {"vi": "6,24%", "en": "6.24%"}
    assert (new.until, new.state, new.article) == (None, "confirm", "Điều 3")
    assert library.plan == {"I.1.a": "Tuyên truyền."}
    assert library.communes["09661"].old_districts == ("huyện Ba Vì",)


@pytest.mark.parametrize(
    ("year", "phrases", "source"),
    [
        ("year: 2024", "", "Hànộimới, 2024"),
        ("", "", "Hànộimới"),
        ("year: 2024", 'phrases: {story-source: "Theo báo {newspaper}, năm {year}."}', "Theo báo Hànộimới, năm 2024."),
    ],
)
def test_a_story_names_its_newspaper(pack: Path, year: str, phrases: str, source: str) -> None:
    story = f"---\nnewspaper: Hànộimới\n{year}\nplace: xã Ba Vì\n---\nChị N. nuôi gà.\n"
    write(pack, {"content/stories/chi-n.md": story})
    if phrases:
        write(pack, {"dialogs/phrases.yaml": phrases})
    message = load(pack).messages["chuyen.chi-n"]
    assert (message.source, message.topic) == (source, "chuyen")


def test_commands_have_words_for_people_and_names_for_channels(pack: Path) -> None:
    commands = "commands:\n  menu: {words: [trang chính], slash: [menu, home], description: Về trang chính}\n"
    write(pack, {"dialogs/commands.yaml": commands})
    assert load(pack).commands == {"menu": ("trang chính", "menu", "home")}
    [menu] = load_commands(pack / "dialogs")
    assert (menu.slash, menu.description) == (("menu", "home"), "Về trang chính")


def test_letters_are_composed_whatever_keyboard_wrote_them(tmp_path: Path) -> None:
    text = ONE_NODE.replace("title: A", "title: Tiền điện")
    write(tmp_path, {"dialogs/a.yaml": "\ufeff" + unicodedata.normalize("NFD", text)})
    assert load(tmp_path).dialogs["a"].title == "Tiền điện"
