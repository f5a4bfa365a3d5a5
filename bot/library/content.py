"""Reads the facts, the plan's sections and the places of `content/`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import get_args

from bot.engine.content import Fact, State, Value, Version
from bot.engine.model import HOUSEHOLD_KINDS, NOT_TOLD
from bot.engine.state import Commune
from bot.library.formats import UNITS, raw_of, shown
from bot.library.source import Problem, Source, Spot, load_yaml, source_of
from bot.library.table import Table, check_slug

AUDIENCES = (*HOUSEHOLD_KINDS, NOT_TOLD)
COMMUNE_KINDS = ("xã", "phường", "đặc khu")
EXAMPLES = {"date": "2026-12-31", "percent": "6.24"}


@dataclass(frozen=True, slots=True)
class Speech:
    """The languages that values are written out in, and the catalogue for those that are words."""

    languages: tuple[str, ...]
    translate: Callable[[str, str], str]


def load_facts(content: Path, speech: Speech, problems: list[Problem]) -> dict[str, Fact]:
    """Every fact of `facts/*.yaml` by its id."""
    facts: dict[str, Fact] = {}
    for table in listed(content, "facts", problems):
        fact = fact_from(table, speech)
        if fact.id in facts:
            other = facts[fact.id]
            table.note("id", f"dữ kiện '{fact.id}' đã có ở {other.path}:{other.line}", "Bỏ bớt một, hoặc đổi id.")
        facts[fact.id] = fact
    return facts


def listed(content: Path, folder: str, problems: list[Problem]) -> Iterator[Table]:
    """The mappings in the lists that the files of a folder are."""
    for file in sorted((content / folder).glob("*.yaml")):
        source = source_of(file, content, problems)
        spot = load_yaml(file, source)
        if spot is None or not spot.value:
            continue
        if not isinstance(spot.value, list):
            source.note(spot.line, "tệp này phải là một danh sách", "Bắt đầu mỗi mục bằng '- id: …'.")
            continue
        yield from (Table(source, item) for item in spot.value)


def fact_from(table: Table, speech: Speech) -> Fact:
    """The fact in *table*; what does not fit is noted."""
    versions = [(entry.line, _version_from(entry, speech)) for entry in table.tables("versions")]
    if not versions:
        table.note("versions", "dữ kiện chưa có phiên bản nào", "Thêm 'versions:' với since, until, state, law.")
    versions.sort(key=lambda pair: pair[1].since)
    _check_timeline(table.source, versions)
    table.texts("code")  # of the sheet the facts were checked on: for people who read the file
    fact = Fact(
        id=table.slug("id"), about=table.text("about"), versions=tuple(version for _, version in versions),
        checked=_needed_day(table, "checked"), review=_needed_day(table, "review"),
        confidence=table.text("confidence", ""), audience=table.words("audience", AUDIENCES, "kiểu hộ"),
        evidence=table.texts("evidence"), note=table.text("note", ""), path=table.source.path, line=table.line,
    )  # fmt: skip
    table.finish()
    return fact


def _needed_day(table: Table, key: str) -> date:
    """A day that must be there; long past when it isn't, so that nothing is said on its strength."""
    return (table.day(key) if table.need(key) else None) or date.min


def _version_from(table: Table, speech: Speech) -> Version:
    values = table.table("values")
    version = Version(
        since=_needed_day(table, "since"), until=table.day("until"),
        state=table.word("state", get_args(State)),  # type: ignore[arg-type]  # one of these words
        law=table.text("law", ""), article=table.text("article", ""),
        values=_values_from(values, speech) if values else {},
    )  # fmt: skip
    if version.until is not None and version.until < version.since:
        table.note("until", f"'until' {version.until} trước 'since' {version.since}", "Xem lại hai ngày.")
    table.finish()
    return version


def _values_from(table: Table, speech: Speech) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for name, entry in table.named_tables():
        check_slug(table.source, entry.line, name)
        values[name] = _value_from(entry, speech)
    return values


def _value_from(table: Table, speech: Speech) -> Value:
    text, unit = table.text("value"), table.word("unit", UNITS)
    table.finish()
    try:
        raw = raw_of(text, unit)
    except ValueError:
        if text:
            example = EXAMPLES.get(unit, "1500000")
            table.note("value", f"'{text}' không phải là một giá trị '{unit}'", f"Viết như {example}.")
        return Value(text, unit, {})
    return Value(raw, unit, {each: shown(text, unit, each, speech.translate) for each in speech.languages})


def _check_timeline(source: Source, versions: list[tuple[int, Version]]) -> None:
    """Two versions in force on one day would leave it to chance which one people hear."""
    for (_, early), (line, late) in pairwise(versions):
        if date.min in (early.since, late.since):
            continue  # noted already: its day is missing
        if early.until is None or early.until >= late.since:
            what = f"phiên bản từ {late.since} chồng lên phiên bản từ {early.since}"
            last = late.since - timedelta(days=1)
            source.note(line, what, f"Ghi 'until: {last}' ở phiên bản trước.")


def load_plan(content: Path, problems: list[Problem], lines: dict[str, int]) -> dict[str, str] | None:
    """The plan's sections, id to words, and in *lines* where each stands; None when there is no `plan.yaml`."""
    table = _optional(content / "plan.yaml", content, problems)
    if table is None:
        return None
    sections: dict[str, str] = {}
    for key in ("document", "title", "period"):
        table.text(key, "")
    for entry in table.tables("sections"):
        name = entry.text("id")
        if name in sections:
            entry.note("id", f"mục '{name}' có hai lần", "Bỏ bớt một.")
        sections[name] = entry.text("text")
        lines[f"plan:{name}"] = entry.line_of("id")
        entry.finish()
    table.finish()
    return sections


def load_communes(content: Path, problems: list[Problem]) -> dict[str, Commune]:
    """Every commune of `places/*.yaml` by its code."""
    communes: dict[str, Commune] = {}
    for file in sorted((content / "places").glob("*.yaml")):
        table = _optional(file, content, problems)
        if table is None:
            continue
        table.text("source", "")
        table.day("since")
        for entry in table.tables("communes"):
            commune = _commune_from(entry)
            if commune.code in communes:
                entry.note("code", f"mã xã '{commune.code}' có hai lần", "Xem lại mã.")
            communes[commune.code] = commune
        table.finish()
    return communes


def _commune_from(table: Table) -> Commune:
    commune = Commune(
        code=table.text("code"), name=table.text("name"), kind=table.word("kind", COMMUNE_KINDS),
        old_communes=table.texts("old_communes"), old_districts=table.texts("old_districts"),
    )  # fmt: skip
    table.finish()
    return commune


def _optional(file: Path, content: Path, problems: list[Problem]) -> Table | None:
    if not file.exists():
        return None
    source = source_of(file, content, problems)
    spot: Spot | None = load_yaml(file, source)
    return None if spot is None else Table(source, spot)
