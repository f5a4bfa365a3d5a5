"""The dialogs and content as they are shipped, and small dialogs that tests write out themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.engine.model import Dialog
from bot.engine.state import Library
from bot.library.dialogs import load_dialogs
from bot.library.load import load_library

ROOT = Path(__file__).parent.parent


@cache
def shipped() -> Library:
    """The library that a fresh install talks from."""
    return load_library(ROOT / "dialogs", ROOT / "content", ROOT / "locales")


def read_dialogs(sources: Mapping[str, str]) -> Mapping[str, Dialog]:
    """Dialogs from the text of their files, by id."""
    with TemporaryDirectory() as folder:
        for name, source in sources.items():
            Path(folder, f"{name}.yaml").write_text(source)
        problems: list[object] = []
        dialogs, _ = load_dialogs(Path(folder), problems)  # type: ignore[arg-type]
        assert not problems, problems
    return dialogs


def library_of(sources: Mapping[str, str]) -> Library:
    """A library of these dialogs alone, with the shipped phrases, commands, content and places; no model knows them."""
    return replace(shipped(), dialogs=read_dialogs(sources), model=None)
