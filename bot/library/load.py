"""Reads everything that the engine needs into one checked library."""

from __future__ import annotations

from pathlib import Path

from bot.engine.state import Library
from bot.engine.understanding.spelling import BARE
from bot.library.catalogue import load_catalogue
from bot.library.content import Speech, load_communes, load_facts, load_plan
from bot.library.dangers import load_dangers
from bot.library.dialogs import load_dialogs
from bot.library.holidays import load_holidays
from bot.library.links import check_links
from bot.library.media import load_media
from bot.library.messages import Claims, load_messages
from bot.library.phrases import CommandSpec, load_commands, load_phrases, phrase_lines, read_commands
from bot.library.source import LibraryError, Problem
from bot.library.templates import load_templates
from bot.library.understanding import load_model, load_spellings

__all__ = ["CommandSpec", "LibraryError", "Problem", "load_commands", "load_library"]


def load_library(dialogs: Path, content: Path, locales: Path, *, understands: bool = True) -> Library:
    """The library in these folders; only *dialogs* must be there. LibraryError with every problem at once.

    Without what *understands* free text it is 7 MB smaller: nobody writes to a process that only sends.
    """
    problems: list[Problem] = []
    if not dialogs.is_dir():
        raise LibraryError([Problem(dialogs.name, 1, "không có thư mục này", "Xem lại BOT_DIALOGS.")])
    catalogue = load_catalogue(locales, problems)
    trees, links = load_dialogs(dialogs, problems)
    phrases = load_phrases(dialogs, problems)
    commands = read_commands(dialogs, problems)
    facts = load_facts(content, Speech(_spoken(catalogue.languages), catalogue.translate), problems)
    lines: dict[str, int] = {}
    plan = load_plan(content, problems, lines)
    messages = load_messages(content, Claims(facts, plan, phrases, load_media(content, problems)), problems)
    templates = load_templates(content, messages, facts, problems)
    communes = load_communes(content, problems)
    holidays = load_holidays(content, problems)
    spellings = load_spellings(content, problems) if understands else BARE
    model = load_model(content, problems) if understands else None
    dangers = load_dangers(content, problems) if understands else None
    check_links(links, trees, messages)
    if not trees and not problems:
        problems.append(Problem(dialogs.name, 1, "thư mục chưa có hội thoại nào", "Thêm một tệp như chao.yaml."))
    if problems:
        raise LibraryError(problems)
    lines.update({f"phrases:{key}": line for key, line in phrase_lines(dialogs).items()})
    lines.update(holidays.lines)
    lines.update({f"words:{dialog.id}": dialog.words_line for dialog in trees.values()})
    return Library(
        dialogs=trees, messages=messages, facts=facts, communes=communes, phrases=phrases,
        commands={command.name: (*command.words, *command.slash) for command in commands}, plan=plan or {},
        translate=catalogue.translate, is_translated=catalogue.has, languages=catalogue.languages, lines=lines,
        holidays=holidays.names, unsettled=holidays.unsettled, templates=templates, spellings=spellings, model=model,
        dangers=dangers,
    )  # fmt: skip


def _spoken(languages: tuple[str, ...]) -> tuple[str, ...]:
    """Values are written out in English too when nothing else is translated: it costs nothing and reads better."""
    return tuple(dict.fromkeys((*languages, "en")))
