"""Keeps `bot.po` in step with the texts: adds the new, keeps the translated, sets aside the gone."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from bot.library.catalogue import PO_FILE, load_po, text_in
from bot.library.source import LibraryError, Problem, source_of
from bot.library.texts import SourceText

HEADER = """\
# Translations from Vietnamese. Translate msgid into msgstr and keep what stands in {…} as it is.
# Entries marked fuzzy aren't used.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: %s\\n"

"""
"""Ours instead of Babel's, whose dates would change the file every time it is written."""


def update_catalogue(locales: Path, language: str, texts: Iterable[SourceText]) -> bool:
    """Write the catalogue of *language* for *texts*; false when it was up to date. LibraryError when it is broken."""
    problems: list[Problem] = []
    po = locales / language / PO_FILE
    catalog = load_po(po, source_of(po, locales, problems)) if po.exists() else Catalog(language)
    if catalog is None:
        raise LibraryError(problems)
    template = _template(texts)
    _revive(catalog, template)
    # Guesses of Babel's (fuzzy matching) would put one fact's words under another's law.
    catalog.update(template, no_fuzzy_matching=True)
    new = HEADER % language + _written(catalog)
    if po.exists() and po.read_text(encoding="utf-8") == new:
        return False
    po.parent.mkdir(parents=True, exist_ok=True)
    po.write_text(new, encoding="utf-8")
    return True


def _written(catalog: Catalog) -> str:
    """Without line numbers, which would change with every line added above; unwrapped, so that texts can be found."""
    file = BytesIO()
    write_po(file, catalog, width=0, omit_header=True, sort_by_file=True, include_lineno=False)
    return file.getvalue().decode()


def _revive(catalog: Catalog, template: Catalog) -> None:
    """A text that comes back finds its translation again; Babel would leave it among the obsolete."""
    for key, entry in list(catalog.obsolete.items()):
        if entry.id in template and entry.id not in catalog:
            catalog[entry.id] = catalog.obsolete.pop(key)


def _template(texts: Iterable[SourceText]) -> Catalog:
    template = Catalog()
    for each in texts:
        template.add(each.text, locations=[(each.path, each.line)])
    return template


def catalogue_problems(locales: Path, language: str, texts: Iterable[SourceText]) -> list[Problem]:
    """What the catalogue of *language* lacks (at the text's place), and what in it no text asks for (at its own)."""
    po = locales / language / PO_FILE
    problems: list[Problem] = []
    source = source_of(po, locales, problems)
    catalog = load_po(po, source) if po.exists() else Catalog(language)
    if catalog is None:
        return problems
    translated = {str(entry.id): text_in(entry) for entry in catalog if entry.id}
    wanted: set[str] = set()
    for each in texts:
        if each.text not in wanted and not translated.get(each.text):
            what = f"chưa có bản dịch '{language}': '{_beginning(each.text)}'"
            problems.append(Problem(each.path, each.line, what, f"Dịch trong {source.path}."))
        wanted.add(each.text)
    for entry in catalog:
        if entry.id and str(entry.id) not in wanted:
            what = f"bản dịch không còn dùng: '{_beginning(str(entry.id))}'"
            source.note(entry.lineno or 1, what, "Cập nhật lại tệp dịch.")
    return sorted(problems)


def _beginning(text: str) -> str:
    first = text.split("\n", 1)[0]
    return first if len(first) <= 60 else first[:59] + "…"
