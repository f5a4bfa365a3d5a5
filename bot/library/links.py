"""What one file says of another: noted while reading, looked up when everything is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.engine.content import Message
from bot.engine.model import Dialog, Target
from bot.library.source import Source, nearest
from bot.library.table import Table

LinkKind = Literal["dialog", "message", "topic"]


@dataclass(frozen=True, slots=True)
class Link:
    """A name of something in another file, and where it stands."""

    kind: LinkKind
    name: str
    source: Source
    line: int


@dataclass(slots=True)
class DialogReader:
    """A dialog being read: its node names so far, and what its nodes say of each other and of other files."""

    source: Source
    dialog: str
    links: list[Link]
    names: list[str] = field(default_factory=list)
    targets: list[tuple[str, int]] = field(default_factory=list)

    def link(self, kind: LinkKind, name: str, line: int) -> str:
        if name:
            self.links.append(Link(kind, name, self.source, line))
        return name

    def target(self, table: Table, key: str) -> Target:
        """Where *key*, which must be there, leads: "muc-vay" is a node of this dialog, "/menu" another dialog."""
        text, line = table.text(key), table.line_of(key)
        if text.startswith("/"):
            return Target(dialog=self.link("dialog", text[1:], line))
        if text:
            self.targets.append((text, line))
        return Target(node=text)

    def check_targets(self) -> None:
        for name, line in self.targets:
            if name not in self.names:
                self.source.note(line, f"không có nút '{name}'", nearest(name, self.names))


def check_links(links: Iterable[Link], dialogs: Mapping[str, Dialog], messages: Mapping[str, Message]) -> None:
    """Note every link that leads nowhere, with the nearest name that is there."""
    names = {
        "dialog": list(dialogs),
        "message": list(messages),
        "topic": [dialog.id for dialog in dialogs.values() if dialog.topic],
    }
    for link in links:
        known = names[link.kind]
        if link.name not in known:
            link.source.note(link.line, f"không có {_WHAT[link.kind]} '{link.name}'", _remedy(link, known))


_WHAT = {"dialog": "hội thoại", "message": "nội dung", "topic": "chủ đề nhận tin"}


def _remedy(link: Link, known: list[str]) -> str:
    if link.kind == "message" and " " in link.name:
        return 'Lời nối ngắn thì viết {text: "…"}.'
    if link.kind == "message":
        return nearest(link.name, known) or "Viết nội dung đó trong content/messages/."
    if link.kind == "topic":
        return nearest(link.name, known) or "Ghi 'topic: true' ở hội thoại đó."
    return nearest(link.name, known)
