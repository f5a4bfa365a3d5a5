"""A reload never takes a sound library away."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.engine.understanding.spelling import BARE
from bot.library.shelf import Shelf
from bot.library.source import LibraryError
from tests.library.packs import SOUND, VAY_VON, changed, write
from tests.shipped import ROOT, shipped


def shelf_of(root: Path) -> Shelf:
    return Shelf(root / "dialogs", root / "content", root / "locales")


def test_a_reload_takes_up_what_was_changed(tmp_path: Path) -> None:
    write(tmp_path, SOUND)
    shelf = shelf_of(tmp_path)
    write(tmp_path, {"dialogs/vay-von.yaml": changed(VAY_VON, "title: Vay vốn", "title: Vay tiền")})
    assert shelf.reload() == ()
    assert shelf.library.dialogs["vay-von"].title == "Vay tiền"


def test_a_broken_reload_keeps_the_last_good_library(tmp_path: Path) -> None:
    write(tmp_path, SOUND)
    shelf = shelf_of(tmp_path)
    good = shelf.library
    write(tmp_path, {"dialogs/vay-von.yaml": changed(VAY_VON, "next: hoi", "next: hoii")})
    [problem] = shelf.reload()
    assert str(problem) == "dialogs/vay-von.yaml:8: không có nút 'hoii'. Gần nhất: 'hoi'."
    assert shelf.library is good


def test_a_broken_start_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LibraryError):
        shelf_of(tmp_path)


def test_a_process_that_only_sends_holds_nothing_to_understand_people_with() -> None:
    folders = (ROOT / "dialogs", ROOT / "content", ROOT / "locales")
    sends = Shelf(*folders, understands=False)
    assert (sends.library.model, sends.library.dangers, sends.library.spellings) == (None, None, BARE)
    assert sends.library.messages == shipped().messages
    assert sends.reload() == ()
    assert sends.library.model is None
    assert Shelf(*folders).library.model is not None
