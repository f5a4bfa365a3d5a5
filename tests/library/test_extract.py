"""The catalogue follows the texts and keeps what people translated."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.library.catalogue import load_catalogue
from bot.library.extract import catalogue_problems, update_catalogue
from bot.library.source import LibraryError
from bot.library.texts import SourceText, texts_of_code, texts_of_library
from tests.library.packs import FACTS, SOUND, changed, load, write

PO = "locales/en/LC_MESSAGES/bot.po"
HELLO = SourceText("Chào bà con.\n\nHỏi {noi-hoi}.", "content/messages/chao/chao.md", 5)
LOAN = SourceText("Vay vốn", "dialogs/vay-von.yaml", 2)


def translate(root: Path, text: str, translation: str) -> None:
    """What a translator does in the file, by hand."""
    po = root / PO
    po.write_text(changed(po.read_text(), f'msgid "{text}"\nmsgstr ""', f'msgid "{text}"\nmsgstr "{translation}"'))


def test_a_translation_survives_updates_and_removal(tmp_path: Path) -> None:
    locales = tmp_path / "locales"
    assert update_catalogue(locales, "en", [HELLO, LOAN])
    translate(tmp_path, "Vay vốn", "Loans")
    moved = SourceText("Vay vốn", "dialogs/vay-von.yaml", 9)
    assert not update_catalogue(locales, "en", [HELLO, moved])
    assert load_catalogue(locales, []).translate("en", "Vay vốn") == "Loans"

    assert update_catalogue(locales, "en", [HELLO])
    assert '#~ msgid "Vay vốn"' in (tmp_path / PO).read_text()
    assert load_catalogue(locales, []).translate("en", "Vay vốn") == "Vay vốn"
    update_catalogue(locales, "en", [HELLO, LOAN])
    assert load_catalogue(locales, []).translate("en", "Vay vốn") == "Loans"


def test_the_file_is_the_same_however_often_and_in_whatever_order_it_is_written(tmp_path: Path) -> None:
    update_catalogue(tmp_path / "a", "en", [HELLO, LOAN])
    update_catalogue(tmp_path / "b", "en", [LOAN, HELLO])
    assert (tmp_path / "a/en/LC_MESSAGES/bot.po").read_bytes() == (tmp_path / "b/en/LC_MESSAGES/bot.po").read_bytes()


def test_missing_and_stale_translations_are_named(tmp_path: Path) -> None:
    locales = tmp_path / "locales"
    update_catalogue(locales, "en", [LOAN])
    found = [(problem.path, problem.line) for problem in catalogue_problems(locales, "en", [HELLO])]
    assert found == [("content/messages/chao/chao.md", 5), (PO, 10)]
    assert catalogue_problems(locales, "fr", [LOAN])[0].what == "chưa có bản dịch 'fr': 'Vay vốn'"


def test_a_complete_catalogue_has_no_problems(tmp_path: Path) -> None:
    update_catalogue(tmp_path / "locales", "en", [LOAN])
    translate(tmp_path, "Vay vốn", "Loans")
    assert catalogue_problems(tmp_path / "locales", "en", [LOAN]) == []


def test_a_guess_is_not_used(tmp_path: Path) -> None:
    write(tmp_path, {PO: '#, fuzzy\nmsgid "Vay vốn"\nmsgstr "Loans?"\n'})
    assert load_catalogue(tmp_path / "locales", []).translate("en", "Vay vốn") == "Vay vốn"
    assert len(catalogue_problems(tmp_path / "locales", "en", [LOAN])) == 1


def test_a_broken_catalogue_is_never_written_over(tmp_path: Path) -> None:
    write(tmp_path, {PO: 'msgid "a"\nmsgtr "b"\n'})
    with pytest.raises(LibraryError, match=r"bot\.po:2: "):
        update_catalogue(tmp_path / "locales", "en", [LOAN])
    assert "msgtr" in (tmp_path / PO).read_text()


def test_everything_that_people_read_is_collected(tmp_path: Path) -> None:
    facts = changed(FACTS, "muc: {value: 6.24, unit: percent}", "muc: {value: Mẫu số 01, unit: text}")
    texts = {
        "content/facts/vay.yaml": facts,
        "dialogs/phrases.yaml": "phrases:\n  more: Xem thêm\n",
        "dialogs/commands.yaml": "commands:\n  menu: {words: [a], description: Về đầu}\n",
        "content/stories/chi-n.md": "---\nnewspaper: Hànộimới\n---\nChị N. nuôi gà.\n",
    }
    write(tmp_path, SOUND | texts)
    found = {each.text: f"{each.path}:{each.line}" for each in texts_of_library(load(tmp_path), tmp_path / "dialogs")}
    assert found == {
        "Trang chính": "dialogs/vay-von.yaml:13", "Bà con cần gì?": "dialogs/menu.yaml:4",
        "Vay vốn": "dialogs/vay-von.yaml:1", "Lời nối.": "dialogs/vay-von.yaml:6", "Xem gì?": "dialogs/vay-von.yaml:9",
        "Mức vay": "dialogs/vay-von.yaml:12", "Xem thêm": "dialogs/phrases.yaml:2", "Về đầu": "dialogs/commands.yaml:2",
        "Nghị định 1": "content/facts/vay.yaml:1", "Nghị định 2": "content/facts/vay.yaml:1",
        "Điều 3": "content/facts/vay.yaml:1", "Mẫu số 01": "content/facts/vay.yaml:1",
        "Lãi là {lai-suat.muc} một năm.\nHỏi {noi-hoi}.": "content/messages/vay-von/lai.md:8",
        "Chị N. nuôi gà.": "content/stories/chi-n.md:4", "Hànộimới": "content/stories/chi-n.md:1",
        "xã": "content/places:1",
    }  # fmt: skip


def test_marked_texts_of_code_and_templates_are_collected(tmp_path: Path) -> None:
    code = {"bot/a.py": 'x = 1\ny = _("Đã gửi")\n', "bot/web/templates/p.html": "<p>{{ _('Xin chào') }}</p>\n"}
    write(tmp_path, code)
    assert texts_of_code(tmp_path / "bot") == [
        SourceText("Đã gửi", "bot/a.py", 2),
        SourceText("Xin chào", "bot/web/templates/p.html", 1),
    ]


def test_translations_reach_labels_and_values(tmp_path: Path) -> None:
    facts = changed(FACTS, "muc: {value: 6.24, unit: percent}", "muc: {value: Mẫu số 01, unit: text}")
    po = 'msgid "Mẫu số 01"\nmsgstr "Form 01"\n\nmsgid "Vay vốn"\nmsgstr "Loans"\n'
    write(tmp_path, SOUND | {"content/facts/vay.yaml": facts, PO: po})
    library = load(tmp_path)
    assert library.languages == ("vi", "en")
    assert library.facts["lai-suat"].versions[0].values["muc"].shown == {"vi": "Mẫu số 01", "en": "Form 01"}
    assert library.translate("en", "Vay vốn") == "Loans"
    assert library.translate("en", "Chưa dịch") == "Chưa dịch"
