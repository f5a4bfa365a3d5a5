"""Reads `content/templates/*.yaml`: texts that a platform approved, by the content message that each carries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from bot.engine.content import Carrier, Fact, Message, Parameter, Tag, Template
from bot.engine.templates import PARAMETER
from bot.library.content import listed
from bot.library.messages import FILLED, PLACEHOLDER
from bot.library.source import Problem, nearest
from bot.library.table import Table

CHANNELS = ("zalo",)
CARRIERS: Mapping[str, Carrier] = {"uid": "template", "phone": "phone"}
"""By what a template finds somebody, in Zalo's words."""
NAME = re.compile(r"[A-Za-z0-9_]{1,64}")


@dataclass(frozen=True, slots=True)
class Said:
    """What templates carry."""

    messages: Mapping[str, Message]
    facts: Mapping[str, Fact]


def load_templates(
    content: Path, messages: Mapping[str, Message], facts: Mapping[str, Fact], problems: list[Problem]
) -> dict[str, tuple[Template, ...]]:
    """Every template, by its message. Two that would carry one message the same way are a problem: which one goes?"""
    templates: dict[str, tuple[Template, ...]] = {}
    said, seen = Said(messages, facts), set[str]()
    for table in listed(content, "templates", problems):
        template = _template_from(table, said)
        if template.id in seen:
            table.note("id", f"mẫu '{template.id}' có hai lần", "Bỏ bớt một.")
        seen.add(template.id)
        others = templates.get(template.message, ())
        _check_rivals(table, template, others)
        templates[template.message] = (*others, template)
    return templates


def _template_from(table: Table, said: Said) -> Template:
    name = table.text("message")
    message = said.messages.get(name)
    if name and message is None:
        table.note("message", f"không có nội dung '{name}'", nearest(name, said.messages))
    template = Template(
        id=table.text("id"), channel=table.word("channel", CHANNELS, CHANNELS[0]), message=name,
        tag=table.word("tag", get_args(Tag)),  # type: ignore[arg-type]  # one of these words
        by=_carriers_from(table), text=table.text("text"), parameters=_parameters_from(table, message, said.facts),
        path=table.source.path, line=table.line,
    )  # fmt: skip
    _check_text(table, template)
    table.finish()
    return template


def _carriers_from(table: Table) -> frozenset[Carrier]:
    found = table.words("by", CARRIERS, "cách gửi")
    if not found:
        table.note("by", "chưa nói mẫu được gửi theo gì", "Thêm 'by: [uid]', 'by: [phone]', hoặc cả hai.")
    return frozenset(CARRIERS[word] for word in found)


def _parameters_from(table: Table, message: Message | None, facts: Mapping[str, Fact]) -> tuple[Parameter, ...]:
    entries = table.table("parameters")
    named = entries.named_tables() if entries else []
    return tuple(_parameter_from(name, entry, message, facts) for name, entry in named)


def _parameter_from(name: str, table: Table, message: Message | None, facts: Mapping[str, Fact]) -> Parameter:
    if not NAME.fullmatch(name):
        table.source.note(table.line, f"'{name}' không phải tên tham số", "Chép đúng tên trong mẫu: chữ, số và '_'.")
    parameter = Parameter(
        name=name, value=table.text("value"), most=_most_of(table), default=table.text("default", ""),
        needed=table.flag("required") if table.has("required") else True,
    )  # fmt: skip
    table.finish()
    for key, text in (("value", parameter.value), ("default", parameter.default)):
        if message is not None:
            _check_placeholders(table, key, text, message, facts)
    _check_lengths(table, parameter, facts)
    return parameter


def _most_of(table: Table) -> int:
    most = table.integer("max") if table.need("max") else None
    if most is not None and most < 1:
        table.note("max", f"'max' không thể là {most}", "Viết số chữ nhiều nhất mà mẫu cho, ví dụ 'max: 30'.")
    return max(most or 1, 1)


def _check_placeholders(table: Table, key: str, text: str, message: Message, facts: Mapping[str, Fact]) -> None:
    for name in PLACEHOLDER.findall(text):
        fact, _, value = name.partition(".")
        if name in FILLED:
            continue
        if fact not in message.facts:
            remedy = nearest(name, (*FILLED, *message.facts)) or f"Thêm '{fact}' vào 'facts' của tin '{message.id}'."
            table.note(key, f"'{{{name}}}' không phải chỗ điền của tin '{message.id}'", remedy)
        elif fact in facts and not all(value in version.values for version in facts[fact].versions):
            known = dict.fromkeys(each for version in facts[fact].versions for each in version.values)
            table.note(key, f"dữ kiện '{fact}' không phải lúc nào cũng có giá trị '{value}'", nearest(value, known))


def _check_lengths(table: Table, parameter: Parameter, facts: Mapping[str, Fact]) -> None:
    """What is known beforehand must fit; a person's name and office are only known when it is sent."""
    for key, text in (("value", parameter.value), ("default", parameter.default)):
        length = max(map(len, _written_out(text, facts)), default=0)
        if length > parameter.most:
            table.note(
                key, f"'{text}' dài {length} chữ, tham số chỉ nhận {parameter.most}",
                "Chọn giá trị ngắn hơn, hoặc xin duyệt lại mẫu.",
            )  # fmt: skip


def _written_out(text: str, facts: Mapping[str, Fact]) -> Iterable[str]:
    """*text* with each value of its first fact; as it is, less its placeholders, when no fact is in it."""
    bare = PLACEHOLDER.sub("", text)
    shown = [
        bare + version.values[key].shown.get("vi", "")
        for name in PLACEHOLDER.findall(text)
        for fact, _, key in [name.partition(".")]
        if fact in facts
        for version in facts[fact].versions
        if key in version.values
    ]
    return shown or [bare]


def _check_text(table: Table, template: Template) -> None:
    names = [parameter.name for parameter in template.parameters]
    standing = list(dict.fromkeys(PARAMETER.findall(template.text)))
    for name in standing:
        if name not in names:
            table.note("text", f"<{name}> không có trong 'parameters'", nearest(name, names) or "Thêm tham số này.")
    for name in names:
        if name not in standing:
            table.note("parameters", f"tham số '{name}' không đứng trong 'text'", "Chép lại đúng lời mẫu đã duyệt.")


def _check_rivals(table: Table, template: Template, others: Iterable[Template]) -> None:
    for other in others:
        if other.channel == template.channel and other.by & template.by:
            what = f"tin '{template.message}' đã có mẫu '{other.id}' gửi theo cùng cách"
            table.note("message", what, "Bỏ bớt một, hoặc sửa 'by'.")
