"""Menus that write a query: a condition is picked from lists, and joined to what stands there already."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.engine.model import AskChoice, AskTyped
from bot.engine.segments import Segment, SegmentError, names_of, parse
from bot.engine.segments.model import All, AnyOf, Not
from bot.engine.state import Library
from bot.services.segmenting.words import CHANNELS, CONSENTS, HOUSEHOLDS, LANGUAGES, STOPS, in_words
from bot.speech import _

Options = Sequence[tuple[str, str]]
"""Pairs of what the query says and what the menu shows."""
MOST_OPTIONS = 400
"""Entries of a menu; questions of all dialogs are the longest, and beyond this nobody scrolls."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a condition may be about. `kind`: one of `options`; a "word" with `options` to help; a "number"; nothing.

    `timed`: whether "in the last … days" may be said of it.
    """

    label: str
    kind: Literal["options", "word", "number", "none"]
    options: Callable[[Library], Options] = lambda _library: ()
    timed: bool = False


def _fixed(words: Mapping[str, str], empty: str = "") -> Callable[[Library], Options]:
    return lambda _library: [(value or empty, _(told)) for value, told in words.items()]


def _communes(library: Library) -> Options:
    districts = dict.fromkeys(old for commune in library.communes.values() for old in commune.old_districts)
    names = [f"{commune.kind} {commune.name}" for commune in library.communes.values()]
    return [(name, name) for name in (*sorted(names), *sorted(districts))]


def _topics(library: Library) -> Options:
    return [(one.id, _(one.title)) for one in library.dialogs.values() if one.topic]


def _dialogs(library: Library) -> Options:
    return sorted(((one.id, _(one.title)) for one in library.dialogs.values()), key=lambda pair: pair[1])


def _questions(library: Library) -> Options:
    found = [
        (f"{dialog.id}.{node.id}", f"{_(dialog.title)}: {' '.join(_(node.ask).split())[:80]}")
        for dialog in library.dialogs.values() for node in dialog.nodes.values()
        if isinstance(node, AskChoice | AskTyped) and node.ask
    ]  # fmt: skip
    return sorted(found, key=lambda pair: pair[1])[:MOST_OPTIONS]


def _fields(library: Library) -> Options:
    return [(name, name) for name in sorted(names_of(library).fields)]


SUBJECTS: Mapping[str, Subject] = {
    "ho": Subject(_("Diện hộ"), "options", _fixed(HOUSEHOLDS, "chua-ro")),
    "xa": Subject(_("Nơi ở"), "word", _communes),
    "chu-de": Subject(_("Chủ đề quan tâm"), "options", _topics),
    "kenh": Subject(_("Kênh"), "options", _fixed(CHANNELS)),
    "tieng": Subject(_("Ngôn ngữ"), "options", _fixed(LANGUAGES)),
    "dong-y": Subject(_("Đồng ý nhận tin"), "options", _fixed(CONSENTS, "chua-hoi")),
    "dung-tin": Subject(_("Dừng tin"), "options", _fixed(STOPS)),
    "gap-cuoi": Subject(_("Lần nhắn cuối"), "none", timed=True),
    "gap-dau": Subject(_("Lần nhắn đầu"), "none", timed=True),
    "da-toi": Subject(_("Đã tới hội thoại"), "options", _dialogs, timed=True),
    "xong": Subject(_("Đã xong hội thoại"), "options", _dialogs, timed=True),
    "da-tra-loi": Subject(_("Đã trả lời câu hỏi"), "options", _questions, timed=True),
    "da-nhan": Subject(_("Đã nhận đợt gửi số"), "number", timed=True),
    "da-gui": Subject(_("Đã được gửi đợt tin nào đó"), "none", timed=True),
    "truong": Subject(_("Đã cho biết điều"), "options", _fields),
    "nguon": Subject(_("Đến qua đường dẫn"), "word"),
}
"""By the word that the query begins with."""
PLAIN = ("da-toi", "xong", "da-tra-loi", "da-nhan")
"""Subjects whose value follows without a sign."""


def condition(subject: str, value: str, days: str = "") -> str:
    """The query for one condition. `SegmentError` is raised by whoever reads it: here nothing is looked up."""
    quoted = '"{}"'.format(value.replace('"', "").strip())
    words = {"truong": f"truong {quoted} da co", "da-gui": "da-gui", "gap-cuoi": "gap-cuoi", "gap-dau": "gap-dau"}
    if subject == "gap-cuoi" and not days.strip():
        return "gap-cuoi chua bao gio"
    if subject in PLAIN:
        written = f"{subject} {value.strip() if subject == 'da-nhan' else quoted}"
    else:
        written = words.get(subject, f"{subject} = {quoted}")
    return f"{written} trong {days.strip()} ngay" if SUBJECTS[subject].timed and days.strip() else written


def joined(query: str, added: str, library: Library, *, either: bool = False, negated: bool = False) -> str:
    """*query* and (or, with *either*) the condition *added*. Raises `SegmentError`: what was there stays as it was."""
    names = names_of(library)
    new: Segment = parse(added, names)
    new = Not(new) if negated else new
    if not query.strip():
        return str(new)
    kind, old = (AnyOf if either else All), parse(query, names)
    before = old.parts if isinstance(old, kind) else (old,)
    return str(kind((*before, new)))


@dataclass(frozen=True, slots=True)
class Part:
    """One of the conditions that a query is made of, and what would be left without it."""

    words: str
    rest: str


def parts_of(query: str, library: Library) -> Sequence[Part]:
    """The conditions of *query*, for taking out one by one; none of one that can't be understood, or is only one."""
    try:
        segment = parse(query, names_of(library))
    except SegmentError:
        return ()
    if not isinstance(segment, All | AnyOf):
        return ()
    kind, parts = type(segment), segment.parts
    others = [_left(kind, (*parts[:at], *parts[at + 1 :])) for at in range(len(parts))]
    return [Part(in_words(part, library), rest) for part, rest in zip(parts, others, strict=True)]


def _left(kind: type[All] | type[AnyOf], parts: tuple[Segment, ...]) -> str:
    return str(parts[0] if len(parts) == 1 else kind(parts))
