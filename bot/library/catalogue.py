"""Translations from `locales/<language>/LC_MESSAGES/bot.po`, looked up by the Vietnamese text itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from babel.core import UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.pofile import PoFileError, read_po

from bot.library.source import Problem, Source, load_text, source_of

SOURCE_LANGUAGE = "vi"
PO_FILE = Path("LC_MESSAGES", "bot.po")
PLACEHOLDER = re.compile(r"\{[^{}\n]*\}")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every translation by language and source text."""

    texts: Mapping[str, Mapping[str, str]]

    @property
    def languages(self) -> tuple[str, ...]:
        """The source language first."""
        return tuple(dict.fromkeys((SOURCE_LANGUAGE, *self.texts)))

    def has(self, language: str, text: str) -> bool:
        """Whether *text* has a translation, be it the same as the source ("English")."""
        return text in self.texts.get(language, {})

    def translate(self, language: str, text: str) -> str:
        """*text* in *language*, or as it is when there is no translation."""
        known = self.texts.get(language)
        return known.get(text, text) if known else text


def load_catalogue(locales: Path, problems: list[Problem]) -> Catalogue:
    """The catalogues under *locales*, which may be missing. Entries marked fuzzy are guesses and aren't used."""
    texts: dict[str, Mapping[str, str]] = {}
    for file in sorted(locales.glob(f"*/{PO_FILE.as_posix()}")):
        source = source_of(file, locales, problems)
        catalog = load_po(file, source)
        if catalog is not None:
            usable = (entry for entry in catalog if _is_usable(entry, source))
            texts[file.parent.parent.name] = {str(entry.id): text_in(entry) for entry in usable}
    return Catalogue(texts)


def load_po(file: Path, source: Source) -> Catalog | None:
    """The entries of one file; None when it can't be read, with the problem noted."""
    text = load_text(file, source)
    if text is None:
        return None
    try:
        return read_po(text.splitlines(keepends=True), locale=file.parent.parent.name, abort_invalid=True)
    except PoFileError as exc:
        source.note(exc.lineno + 1, "không hiểu được dòng này của tệp dịch", 'Xem lại msgid, msgstr và dấu "…".')
    except (ValueError, UnknownLocaleError):
        source.note(1, "tên thư mục không phải là một ngôn ngữ", "Đặt tên như 'en'.")
    return None


def text_in(entry: Entry) -> str:
    """The translation that *entry* holds; empty when it has none or a guess."""
    return entry.string if isinstance(entry.string, str) and not entry.fuzzy else ""


def _is_usable(entry: Entry, source: Source) -> bool:
    """Whether *entry* is a translation that keeps the placeholders of its source."""
    text, translation = str(entry.id), text_in(entry)
    if not text or not translation:
        return False
    differing = placeholders(text) ^ placeholders(translation)
    if differing:
        what = f"bản dịch khác bản gốc về {', '.join(sorted(differing))}"
        source.note(entry.lineno or 1, what, "Chép lại nguyên chữ trong {…}.")
    return not differing


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))
