"""The query of a segment while it is written: in words, with its fault at its place, and menus that add to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.console.access import area_of
from bot.console.people import Group, groups_of
from bot.console.visit import Visit
from bot.engine.segments import Segment, SegmentError
from bot.engine.segments.model import All, Is
from bot.engine.state import Library
from bot.services.broadcasting.targeting import SAVED, segment_of
from bot.services.segmenting.menus import SUBJECTS, Options, Part, condition, joined, parts_of
from bot.services.segmenting.words import in_words
from bot.speech import _
from bot.store import segments
from bot.store.segments import Breakdown


@dataclass(frozen=True, slots=True)
class Wrong:
    """Where a query can't be understood: what stands before, the word itself, what comes after, and what to do.

    `mended` is the query with the nearest known word in its place; "" where there is none.
    """

    before: str
    word: str
    after: str
    told: str
    mended: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A query as it stands in the form. Without `wrong` there is `words`, and `people` once they were counted."""

    text: str
    words: str = ""
    wrong: Wrong | None = None
    parts: Sequence[Part] = ()
    people: Breakdown | None = None
    groups: Sequence[Group] = ()
    is_narrowed: bool = False


@dataclass(frozen=True, slots=True)
class Builder:
    """The menus as they were left. `options` are those of the subject; `told` is what is wrong with what was picked."""

    subject: str = "ho"
    value: str = ""
    days: str = ""
    options: Options = ()
    saved: Sequence[str] = ()
    told: str = ""
    subjects: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """How the value is given: see `Subject`."""
        return SUBJECTS[self.subject].kind

    @property
    def is_timed(self) -> bool:
        """Whether "in the last … days" may be added."""
        return SUBJECTS[self.subject].timed


async def read_query(db: AsyncConnection, visit: Visit, text: str, *, counted: bool = False) -> Query:
    """*text* understood. Counting looks at the people of the officer's area alone."""
    library = visit.site.library()
    if not text:
        return Query("")
    try:
        segment = await segment_of(db, library, text)
    except SegmentError as error:
        return Query(text, wrong=_wrong(text, error))
    people = await count_of(db, visit, segment) if counted else None
    parts = () if text.startswith(SAVED) else parts_of(text, library)
    groups = groups_of(visit, people) if people else ()
    return Query(text, in_words(segment, library), None, parts, people, groups, bool(area_of(visit.officer)))


async def count_of(db: AsyncConnection, visit: Visit, segment: Segment) -> Breakdown:
    """The people of *segment* whom the officer may see."""
    area, world = area_of(visit.officer), visit.site.world
    seen = All((segment, Is("xa", tuple(area)))) if area else segment
    return await segments.breakdown(db, seen, at=world.at, channels=tuple(world.channels))


def _wrong(text: str, error: SegmentError) -> Wrong:
    start = min(error.column - 1, len(text))
    opening = text[start : start + 1] if text[start : start + 1] in ('"', "'", "“") else ""
    length = len(error.word) + 2 * len(opening) if error.word else 1
    before, word, after = text[:start], text[start : start + length], text[start + length :]
    is_there = error.word and word.strip("\"'“”") == error.word
    mended = f"{before}{_quoted(error.nearest)}{after}" if error.nearest and is_there else ""
    return Wrong(before, word, after, str(error), mended)


def _quoted(word: str) -> str:
    return f'"{word}"' if " " in word else word


async def builder_of(db: AsyncConnection, visit: Visit, *, told: str = "") -> Builder:
    """The menus as the form left them, or as they begin."""
    subject = visit.field("b-subject")
    subject = subject if subject in SUBJECTS else "ho"
    found = SUBJECTS[subject]
    return Builder(
        subject, visit.field("b-value"), visit.field("b-days"), found.options(visit.site.library()),
        [one.name for one in await segments.every(db)], told,
        {name: _(one.label) for name, one in SUBJECTS.items()},
    )  # fmt: skip


def built(visit: Visit) -> tuple[str, str]:
    """(the query after what was pressed, what is wrong with what was picked)."""
    query, pressed, library = visit.field("segment"), visit.field("build"), visit.site.library()
    if pressed == "add":
        return _added(visit, query, library)
    if pressed == "saved" and visit.field("b-saved"):
        return f"{SAVED}{visit.field('b-saved')}", ""
    if pressed.startswith("="):  # a query that a button carries: mended, or without one of its conditions
        return pressed.removeprefix("="), ""
    return query, ""


def _added(visit: Visit, query: str, library: Library) -> tuple[str, str]:
    subject = visit.field("b-subject")
    if subject not in SUBJECTS:
        return query, _("Chọn một điều kiện trong danh sách.")
    if SUBJECTS[subject].kind != "none" and not visit.field("b-value"):
        return query, _("Chọn hoặc viết một giá trị cho điều kiện này.")
    if query.startswith(SAVED):
        return query, _("Nhóm đã lưu không ghép thêm được ở đây: mở nhóm ấy để sửa, hoặc xóa tên nhóm trong câu.")
    added = condition(subject, visit.field("b-value"), visit.field("b-days"))
    is_either, is_negated = visit.field("b-join") == "or", bool(visit.field("b-not"))
    try:
        return joined(query, added, library, either=is_either, negated=is_negated), ""
    except SegmentError as error:
        return query, str(error)
