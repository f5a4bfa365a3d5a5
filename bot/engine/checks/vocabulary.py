"""What people may type and what the bot says by itself: phrases that lead to two places, phrases that are missing."""

from __future__ import annotations

from collections.abc import Iterator

from bot.engine.checks.finding import Finding
from bot.engine.checks.options import LEADS
from bot.engine.checks.rules import found
from bot.engine.checks.subject import PHRASES_PATH, Subject, line_of, texts_of
from bot.engine.step import PHRASES
from bot.engine.words import fold


def check_words(subject: Subject) -> Iterator[Finding]:
    """words-clash"""
    library = subject.library
    taken = {fold(word): name for name, words in library.commands.items() for word in words}
    homes = {fold(word): LEADS.get(name, "") for name, words in library.commands.items() for word in words}
    for dialog in library.dialogs.values():
        own: set[str] = set()
        for words in dialog.words:
            key = fold(words)
            if key in taken and key not in own and homes.get(key) != dialog.id:
                line = line_of(library, "words", dialog.id)
                yield found("words-clash", dialog.path, line, words=words, other=taken[key])
            own.add(key)
            taken.setdefault(key, dialog.id)


def check_phrases(subject: Subject) -> Iterator[Finding]:
    """missing-phrase"""
    for key in PHRASES:
        if not subject.library.phrases.get(key):
            yield found("missing-phrase", PHRASES_PATH, 1, key=key)


def check_translations(subject: Subject) -> Iterator[Finding]:
    """missing-translation: each text once, at the first place where it stands."""
    for language in subject.library.languages:
        seen: set[str] = set()
        for text in texts_of(subject.library) if language != "vi" else ():
            if text.text in seen or not any(letter.isalpha() for letter in text.text):
                continue
            seen.add(text.text)
            if not subject.library.is_translated(language, text.text):
                shown = " ".join(text.text.split())
                short = shown if len(shown) <= 60 else shown[:59] + "…"
                yield found("missing-translation", text.path, text.line, language=language, text=short)
