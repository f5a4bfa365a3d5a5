"""Reads `when:` and `set:`: fields with the values wanted of them, or given to them."""

from __future__ import annotations

from bot.engine.model import ALWAYS, HOUSEHOLD_KINDS, NOT_TOLD, Condition
from bot.library.source import Source, Spot, nearest
from bot.library.table import Table, choose_from, text_of

ANY = "any"
HOUSEHOLD = "ho"


def condition_from(table: Table) -> Condition:
    """The condition under `when`; without one it always holds."""
    fields = table.table("when")
    if fields is None:
        return ALWAYS
    return Condition({name: _wanted(fields, name) for name in list(fields.keys())})


def fields_from(table: Table) -> dict[str, str]:
    """The fields and values under `set`; an empty value (or null) unsets."""
    fields = table.table("set")
    if fields is None:
        return {}
    given = fields.named_texts()
    if given.get(HOUSEHOLD):
        _check_household(table.source, fields.line_of(HOUSEHOLD), given[HOUSEHOLD])
    return given


def _wanted(fields: Table, name: str) -> tuple[str | None, ...]:
    spot = fields.get(name)
    if spot is None or spot.value is None:
        return (None,)
    items = spot.value if isinstance(spot.value, list) else [spot]
    return tuple(_value(fields.source, item, name) for item in items)


def _value(source: Source, spot: Spot, name: str) -> str | None:
    if spot.value is None:
        return None
    text = text_of(source, spot, name)
    if name == HOUSEHOLD and text != ANY:
        _check_household(source, spot.line, text)
    return text


def _check_household(source: Source, line: int, text: str) -> None:
    """A misspelt kind would hold for nobody, and nobody would notice."""
    if text in HOUSEHOLD_KINDS:
        return
    remedy = nearest(text, HOUSEHOLD_KINDS) or choose_from(HOUSEHOLD_KINDS)
    source.note(line, f"không có kiểu hộ '{text}'", "Chưa biết thì viết null." if text == NOT_TOLD else remedy)
