"""Reads the choices of a question."""

from __future__ import annotations

from bot.engine.model import Option
from bot.engine.words import fold
from bot.library.conditions import condition_from, fields_from
from bot.library.digests import token_of
from bot.library.links import DialogReader
from bot.library.table import Table


def options_from(reader: DialogReader, node: str, table: Table) -> tuple[Option, ...]:
    """The options under `choices`. Their ids, which are what buttons carry, differ within the node."""
    listed = table.tables("choices")
    if not listed:
        table.note("choices", "'choices' chưa có lựa chọn nào", "Thêm '- {label: …, go: …}'.")
    options = [_option_from(reader, node, entry) for entry in listed]
    seen: set[str] = set()
    for option in options:
        if option.id in seen and option.label:
            what = f"lựa chọn '{option.label}' trùng với lựa chọn khác khi bỏ dấu"
            table.source.note(option.line, what, "Đổi nhãn, hoặc thêm 'id: …' riêng.")
        seen.add(option.id)
    return tuple(options)


def _option_from(reader: DialogReader, node: str, table: Table) -> Option:
    label = table.text("label")
    name = table.slug("id") if table.has("id") else fold(label).replace(" ", "-")
    if label and not name:
        table.note("label", f"nhãn '{label}' không có chữ nào", "Viết nhãn bằng chữ, hoặc thêm 'id: …'.")
    option = Option(
        id=name, label=label, go=reader.target(table, "go"), token=token_of(reader.dialog, node, name),
        when=condition_from(table), set=fields_from(table), line=table.line,
    )  # fmt: skip
    table.finish()
    return option
