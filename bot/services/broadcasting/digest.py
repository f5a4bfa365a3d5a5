"""What was approved, as one number: it changes when anything does that decides who is told what, and when.

It is taken of definitions, never of rendered text: that a fact has another value from 1 January on is part of what
was approved, and the day alone changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Final

from msgspec import to_builtins

from bot.engine.content import Fact, Message
from bot.engine.model import WAITING, AnyNode, Branch, Call, Dialog
from bot.engine.rulings import as_filed
from bot.engine.state import Library
from bot.services.broadcasting.model import Body, Policy, Timing


def digest_of(
    library: Library, body: Body, segment: str, timing: Timing, policy: Policy, urgent: bool, audience: int,
    version: int,
) -> str:  # fmt: skip
    """64 hex digits, the same in every process and on every day. *segment* is the canonical query."""
    whole = {
        "body": body, "segment": segment, "timing": timing, "policy": policy, "urgent": urgent,
        "audience": audience, "version": version, "said": _said(library, body),
    }  # fmt: skip
    text = json.dumps(to_builtins(whole), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _said(library: Library, body: Body) -> dict[str, object]:
    """Every definition that a text of *body* is made of. What is not there (any more) is None."""
    dialogs = {name: library.dialogs.get(name) for name in _dialogs_of(library, body.dialog)}
    names = {*body.messages, *(name for dialog in dialogs.values() if dialog for name in _messages_of(dialog))}
    messages = {name: library.messages.get(name) for name in sorted(names)}
    facts = {name: library.facts.get(name) for message in messages.values() if message for name in message.facts}
    definitions = {
        "dialogs": {name: dialog and replace(dialog, path="", words_line=0) for name, dialog in dialogs.items()},
        "messages": {name: message and _message_of(message) for name, message in messages.items()},
        "facts": {name: fact and _definition_of(fact) for name, fact in facts.items()},
        "phrases": library.phrases,  # what stands round a message: its source, where to ask
        "places": {code: [commune.kind, commune.name] for code, commune in library.communes.items()},
        **_carriers(library, names),
    }
    built = _without_lines(to_builtins(definitions))
    return {"definitions": built, "translations": _translations(library, built)}


def _carriers(library: Library, names: Iterable[str]) -> dict[str, object]:
    """The templates of these messages, if any has one; what can find people is put in order."""
    found = [one for name in sorted(names) for one in library.templates.get(name, ())]
    built = [replace(one, path="", line=0, by=frozenset()) for one in found]
    return {"templates": [[sorted(one.by), plain] for one, plain in zip(found, built, strict=True)]} if found else {}


_LATER: Final[Mapping[str, object]] = {"media": None, "brief": False}
"""What messages came to have later, and what it is where they don't: what was approved before stays approved."""


def _message_of(message: Message) -> dict[str, object]:
    """A message as its file has it, less where it stands there; what it carries, if it does, by its bytes too."""
    built: dict[str, object] = to_builtins(replace(message, path="", line=0))
    return {name: value for name, value in built.items() if name not in _LATER or value != _LATER[name]}


def _definition_of(fact: Fact) -> dict[str, object]:
    """A fact as its file has it, less where it stands there. That officers checked it again changes nothing of what is
    said; that they withhold it does."""
    filed = as_filed(fact)
    built: dict[str, object] = to_builtins(
        replace(fact, path="", line=0, checked=filed.checked, review=filed.review, filed=None)
    )
    del built["filed"]
    return built


def _translations(library: Library, definitions: object) -> dict[str, dict[str, str]]:
    """Each text of *definitions* in every language that has one of its own."""
    texts = sorted(set(_texts(definitions)))
    others = [language for language in library.languages if language != "vi"]
    return {
        language: {text: told for text in texts if (told := library.translate(language, text)) != text}
        for language in others
    }


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts(part)


def _without_lines(value: object) -> object:
    """Where a node or an option stands in its file says nothing to anybody."""
    if isinstance(value, dict):
        kept = {name: part for name, part in value.items() if not (name == "line" and isinstance(part, int))}
        return {name: _without_lines(part) for name, part in kept.items()}
    return [_without_lines(part) for part in value] if isinstance(value, (list, tuple)) else value


def _dialogs_of(library: Library, start: str) -> list[str]:
    """*start*, and every dialog that it goes on with by itself or comes back from: none for ""."""
    found: list[str] = []
    waiting = [start] if start else []
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.append(name)
        dialog = library.dialogs.get(name)
        waiting += [other for node in dialog.nodes.values() for other in _goes_on_with(node)] if dialog else []
    return sorted(found)


def _goes_on_with(node: AnyNode) -> Iterable[str]:
    """Other dialogs that follow *node* without anybody choosing to go there."""
    if isinstance(node, WAITING):
        return ()
    if isinstance(node, Call):
        return (node.dialog,)
    targets = [target for _, target in node.arms] if isinstance(node, Branch) else [getattr(node, "next", None)]
    return [target.dialog for target in targets if target and target.dialog]


def _messages_of(dialog: Dialog) -> Iterator[str]:
    return (item.message for node in dialog.nodes.values() for item in node.say if item.message)
