"""Connecting words in dialogs make no claim: no sums, shares, dates, phone numbers or laws but what the person told."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.engine.checks.finding import Finding
from bot.engine.checks.rules import found
from bot.engine.checks.subject import Subject, Text, texts_of
from bot.engine.model import AskTyped
from bot.engine.stated import fields_in

_DIGIT_WORDS = "một|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười|mươi|trăm|vài"
_UNITS = "đồng|nghìn|ngàn|triệu|tỷ|tỉ|%|phần trăm|tuổi|tháng|năm|ngày|tuần|kwh|số điện|người|lần|mét|m2|km"
_CLAIMS = re.compile(
    rf"\d[\d.,]*\s*(?:{_UNITS})(?!\w)"
    rf"|(?<!\w)(?:{_DIGIT_WORDS})\s+(?:nghìn|ngàn|triệu|tỷ|tỉ|phần trăm)(?!\w)"
    r"|\d{1,2}[/-]\d{1,2}(?:[/-]\d{2,4})?|(?:ngày|tháng|năm)\s+\d+"
    r"|(?<!\d)(?:0\d{2,3}|1[89]00)[ .]?\d{3,4}[ .]?\d{0,4}|(?:tổng đài|gọi|số)\s+1\d\d(?!\d)"
    r"|\d[\d.]*\.\d{3}(?!\d)",
    re.IGNORECASE,
)
_LAWS = re.compile(
    r"Nghị định|Nghị quyết|Thông tư|Công văn"
    r"|(?:Quyết định|Luật|Điều|Khoản)\s+(?:số\s+)?\d|\d+/(?:\d{4}/)?[A-ZĐ]{2}"
)
_FILLED = {"ten", "noi-hoi"}
"""What else the engine fills in."""
_EXAMPLES = ("date", "phone")
"""Questions for these show by an example what to type: "ví dụ 2/9/1980"."""


def check_connecting(subject: Subject) -> Iterator[Finding]:
    """claim-in-dialog"""
    for text in texts_of(subject.library):
        if text.where in ("message", "note", "phrase") or _shows_an_example(text):
            continue
        match = _CLAIMS.search(text.text) or _LAWS.search(text.text)
        if match:
            yield found("claim-in-dialog", text.path, text.line, text=match.group(0))


def check_numbers(subject: Subject) -> Iterator[Finding]:
    """unasked-number"""
    nodes = (node for dialog in subject.library.dialogs.values() for node in dialog.nodes.values())
    asked = {node.field for node in nodes if isinstance(node, AskTyped) and node.type == "number"} | _FILLED
    for text in texts_of(subject.library):
        fields = fields_in(text.text) if text.node is not None else ()
        for field in dict.fromkeys(name for name in fields if name not in asked):
            yield found("unasked-number", text.path, text.line, field=field)


def _shows_an_example(text: Text) -> bool:
    return isinstance(text.node, AskTyped) and text.node.type in _EXAMPLES and text.where in ("ask", "again")
