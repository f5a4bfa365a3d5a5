"""Texts as a person reads them: translated, filled in, with their source, or the honest fallback."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from msgspec.structs import replace

from bot.engine.content import Lapse, Message, Version, lapses
from bot.engine.state import Library
from bot.messages import Media

_PLACEHOLDER = re.compile(r"\{([a-z0-9-]+)(?:\.([a-z0-9-]+))?\}")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message's text on a day, and what goes with it; `lapse` is why the fallback stands in its place."""

    text: str
    lapse: Lapse | None = None
    media: Media | None = None


def language_of(library: Library, fields: Mapping[str, str]) -> str:
    """The person's language, or the source language when we have no such translation."""
    language = fields.get("lang", "")
    return language if language in library.languages else "vi"


def words_of(library: Library, text: str, fields: Mapping[str, str]) -> str:
    """Connecting words in the person's language, with `{ten}` and `{noi-hoi}` filled in."""
    text = library.translate(language_of(library, fields), text)
    if "{" not in text:
        return text
    return text.replace("{noi-hoi}", where_to_ask(library, fields)).replace("{ten}", fields.get("ten", ""))


def phrase(library: Library, key: str, fields: Mapping[str, str], **filled: str) -> str:
    """One of the fixed phrases of `dialogs/phrases.yaml`; a library without it yields nothing."""
    text = words_of(library, library.phrases.get(key, ""), fields)
    for name, value in filled.items():
        text = text.replace("{" + name + "}", value)
    return text


def title_of(library: Library, dialog: str, fields: Mapping[str, str]) -> str:
    """What *dialog*, which is there, is called in the person's language."""
    return library.translate(language_of(library, fields), library.dialogs[dialog].title)


def where_to_ask(library: Library, fields: Mapping[str, str]) -> str:
    """The office of the person's own commune, or "your commune's office" when we don't know it."""
    commune = library.communes.get(fields.get("xa", ""))
    language = language_of(library, fields)
    if commune is None:
        return library.translate(language, library.phrases.get("ask-where", "UBND xã, phường nơi bà con ở"))
    text = library.translate(language, library.phrases.get("ask-where-commune", "UBND {kind} {name}"))
    kind = library.translate(language, commune.kind)
    return text.replace("{kind}", kind).replace("{name}", commune.name)


def render(library: Library, message: Message, fields: Mapping[str, str], today: date) -> Rendered:
    """*message* as this person reads it today: its claims, their law, and what to confirm where."""
    name = fields.get("ten", "") if "{ten}" in message.body else ""  # else every person would have texts of their own
    return _render(library, message, language_of(library, fields), where_to_ask(library, fields), name, today)


@lru_cache(maxsize=4096)
def _render(library: Library, message: Message, language: str, office: str, name: str, today: date) -> Rendered:
    fixed = {"noi-hoi": office, "ten": name}
    lapsed = lapses(message, library.facts, today)
    if lapsed:
        return Rendered(_fill(library, _phrase(library, "checking", language), fixed, language, today), lapsed[0])
    on = message.as_of or today
    parts = [_fill(library, library.translate(language, message.body), fixed, language, on)]
    used = [(fact, version) for f in message.facts if (fact := library.facts[f]) and (version := fact.on(on))]
    if any(version.state == "confirm" for _, version in used):
        parts.append(_fill(library, _phrase(library, "confirm", language), fixed, language, on))
    laws = [] if message.brief else _laws(library, [version for _, version in used], language)
    if laws:
        parts.append("_" + _phrase(library, "source", language).replace("{law}", "; ".join(laws)) + "_")
    elif message.source:
        parts.append("_" + library.translate(language, message.source) + "_")
    media = message.media and replace(message.media, says=library.translate(language, message.media.says))
    return Rendered("\n\n".join(parts), media=media)


def filled(library: Library, text: str, fields: Mapping[str, str], on: date, language: str = "vi") -> str:
    """*text* with its placeholders filled in for this person, its facts as they are *on* that day."""
    office = where_to_ask(library, {**fields, "lang": language})
    return _fill(library, text, {"noi-hoi": office, "ten": fields.get("ten", "")}, language, on)


def _phrase(library: Library, key: str, language: str) -> str:
    return library.translate(language, library.phrases.get(key, ""))


def _laws(library: Library, versions: list[Version], language: str) -> list[str]:
    """Each law once, with all its articles that *versions* rest on."""
    articles: dict[str, dict[str, None]] = {}
    for version in versions:
        if version.law:
            articles.setdefault(version.law, {}).update(dict.fromkeys([version.article] if version.article else []))
    return [", ".join(library.translate(language, part) for part in (law, *of)) for law, of in articles.items()]


def _fill(library: Library, text: str, fixed: Mapping[str, str], language: str, on: date) -> str:
    def value(match: re.Match[str]) -> str:
        name, key = match.group(1), match.group(2)
        if key is None:
            return fixed.get(name, match.group(0))
        fact = library.facts.get(name)
        version = fact.on(on) if fact else None
        shown = version.values[key].shown if version and key in version.values else None
        return shown.get(language) or shown["vi"] if shown else match.group(0)

    return _PLACEHOLDER.sub(value, text)
