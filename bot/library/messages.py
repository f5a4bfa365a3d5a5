"""Reads the messages and stories of `content/`: a body and what it rests on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from bot.engine.content import Fact, Message, Version
from bot.library.content import AUDIENCES
from bot.library.media import media_from
from bot.library.source import Problem, Source, load_markdown, nearest, source_of
from bot.library.table import Table, check_slug, choose_from
from bot.messages import Media

STORIES = "chuyen"
"""What the ids of stories begin with."""
STORY_PHRASES = {"story-source": "{newspaper}, {year}", "story-source-no-year": "{newspaper}"}
"""The phrases that name a story's newspaper, and what stands in when a library doesn't word them."""
PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
FILLED = ("noi-hoi", "ten")
"""Placeholders that no fact stands behind: where to ask, the person's name."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What messages may rest on, and carry. `plan` is None when the content has no plan to check against."""

    facts: Mapping[str, Fact]
    plan: Mapping[str, str] | None
    phrases: Mapping[str, str]
    media: Mapping[str, Media]


def load_messages(content: Path, claims: Claims, problems: list[Problem]) -> dict[str, Message]:
    """Every message of `messages/<topic>/` and every story of `stories/`, by id."""
    messages: dict[str, Message] = {}
    for file in sorted([*(content / "messages").rglob("*.md"), *(content / "stories").glob("*.md")]):
        source = source_of(file, content, problems)
        folder = file.parent.name
        if folder == "messages" or file.parent.parent.name not in ("messages", content.name):
            source.note(1, "nội dung phải nằm trong thư mục của chủ đề", "Chuyển vào content/messages/<chủ đề>/.")
            continue
        message = _message_at(file, source, claims)
        if message is None:
            continue
        if message.id in messages:
            source.note(1, f"'{message.id}' đã có ở {messages[message.id].path}", "Đổi tên một tệp.")
        messages[message.id] = message
    return messages


def _message_at(file: Path, source: Source, claims: Claims) -> Message | None:
    check_slug(source, 1, file.stem)
    read = load_markdown(file, source)
    if read is None:
        return None
    head, body, line = read
    table = Table(source, head)
    is_story = file.parent.name == "stories"
    message = replace(_message_from(table, body, file, line), media=media_from(table, claims.media))
    if is_story:
        message = _as_story(message, table, claims.phrases)
    _check_head(table, message, claims)
    table.finish()
    if not body:
        source.note(line, "chưa có lời nào", "Viết nội dung dưới dòng '---' thứ hai.")
    _check_body(source, message, line, claims.facts)
    return message


def _message_from(table: Table, body: str, file: Path, line: int) -> Message:
    folder = file.parent.name
    message = Message(
        id=f"{STORIES if folder == 'stories' else folder}.{file.stem}", body=body, plan=table.texts("plan"),
        topic=table.text("topic", folder), facts=table.texts("facts"),
        audience=table.words("audience", AUDIENCES, "kiểu hộ"), since=table.day("since"), until=table.day("until"),
        as_of=table.day("as_of"), brief=table.flag("brief"), path=table.source.path, line=line,
    )  # fmt: skip
    if message.since and message.until and message.until < message.since:
        table.note("until", f"'until' {message.until} trước 'since' {message.since}", "Xem lại hai ngày.")
    return message


def _as_story(message: Message, table: Table, phrases: Mapping[str, str]) -> Message:
    """A story names its newspaper, and the year where we know it; by itself it is filed under `chuyen`."""
    newspaper, year = table.text("newspaper"), table.text("year", "")
    table.text("place", "")
    key = "story-source" if year else "story-source-no-year"
    source = phrases.get(key, STORY_PHRASES[key]).replace("{newspaper}", newspaper).replace("{year}", year)
    return replace(message, source=source, topic=table.text("topic", STORIES))


def _check_head(table: Table, message: Message, claims: Claims) -> None:
    for name, line in table.lined_texts("facts"):
        if name not in claims.facts:
            table.source.note(line, f"không có dữ kiện '{name}'", nearest(name, claims.facts))
    if claims.plan is None:
        return
    for name, line in table.lined_texts("plan"):
        if name not in claims.plan:
            table.source.note(line, f"kế hoạch không có mục '{name}'", nearest(name, claims.plan))


def _check_body(source: Source, message: Message, first_line: int, facts: Mapping[str, Fact]) -> None:
    for offset, text in enumerate(message.body.split("\n")):
        line = first_line + offset
        for name in PLACEHOLDER.findall(text):
            if name not in FILLED:
                _check_placeholder(source, message, line, name, facts)
        if {"{", "}"} & set(PLACEHOLDER.sub("", text)):
            source.note(line, "dấu ngoặc nhọn lẻ", "Viết {dữ-kiện.khóa}, hoặc bỏ dấu đó.")


def _check_placeholder(source: Source, message: Message, line: int, name: str, facts: Mapping[str, Fact]) -> None:
    fact, _, key = name.partition(".")
    if fact not in message.facts:
        remedy = f"Thêm '{fact}' vào 'facts'." if fact in facts else nearest(fact, (*message.facts, *FILLED))
        source.note(line, f"'{{{name}}}' không thuộc dữ kiện nào trong 'facts'", remedy)
    elif fact in facts:
        for version in _versions_said(facts[fact], message):
            if key not in version.values:
                what = f"dữ kiện '{fact}' từ {version.since} không có giá trị '{key}'"
                source.note(line, what, nearest(key, version.values) or choose_from(version.values))


def _versions_said(fact: Fact, message: Message) -> list[Version]:
    """The versions that *message* may come to show; all of them when it can show none."""
    first, last = message.since or date.min, message.until or date.max
    if message.as_of:
        first = last = message.as_of
    said = [
        version
        for version in fact.versions
        if version.state != "withhold" and version.since <= last and (version.until or date.max) >= first
    ]
    return said or list(fact.versions)
