"""What `bot understand` prints: a decision and its reasons, marks by form and topic, what was learnt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.cli.shell import print_json
from bot.engine.state import Library
from bot.engine.understanding.danger import danger_in, signs_of_danger
from bot.engine.understanding.features import CONCEPT, EXACT
from bot.engine.understanding.judgement import Judgement
from bot.engine.understanding.orders import command_in
from bot.engine.understanding.signs import GROUP
from bot.engine.understanding.spelling import words_in
from bot.library.examples import Left, Lesson, Reason
from bot.library.measuring import MEASURES, Answer, Share, by_topic, share
from bot.speech import _

WIDE = 160
"""Columns of a table that goes into a file: four forms have room in it."""
LABEL, CELL = 46, 28
"""Columns of what is measured, and of one form of it in full."""
SHOWN, LEAST = 6, 0.05
"""Reasons told on either side, and how much one must count for: the rest is next to nothing."""
_MEANT: Mapping[str, str] = {
    "right": _("đúng, kể cả nhãn phụ"), "strict": _("đúng nhãn chính"),
    "direct": _("vào thẳng một chủ đề, trong mọi câu"), "direct_right": _("đã vào thẳng thì đúng"),
    "ours_direct": _("vào thẳng, trong những câu thuộc phần mình"),
    "buttons_right": _("hỏi lại thì có nút đúng"), "reached": _("tới đúng nơi, thẳng hay bằng nút"),
    "intruding": _("câu không thuộc phần mình mà vào chủ đề"), "danger": _("nguy cấp được nhận ra"),
    "false_alarms": _("báo nguy cấp nhầm"),
}  # fmt: skip
_LEFT: Mapping[Reason, str] = {
    "known": _("đã có"), "topic": _("không có chủ đề ấy"), "elsewhere": _("đã có ở chủ đề khác"),
    "private": _("có số điện thoại, số giấy tờ hay địa chỉ mạng"), "long": _("dài quá, nói nhiều việc"),
    "empty": _("không có chữ nào đọc được"),
}  # fmt: skip


def line_of(key: str | int | None, judgement: Judgement) -> dict[str, object]:
    """A decision as programs read it."""
    return {
        "id": key, "topic": judgement.topic, "confidence": round(judgement.confidence, 4),
        "action": judgement.action, "offered": list(judgement.offered),
    }  # fmt: skip


def explained(library: Library, text: str, judgement: Judgement) -> Iterator[str]:
    """The decision on *text* and what led to it, line by line."""
    yield _("Đọc thành: {words}").format(words=" ".join(words_in(text, library.spellings)) or "…")
    command = command_in(library, text)
    if command:
        yield _("Cả câu là lệnh “{command}”: lệnh đi trước mọi chủ đề.").format(command=command)
    danger = danger_in(library, text)
    if danger is not None:
        yield _("Bot báo nguy cấp ({kind}): nói số gọi khẩn cấp và chuyển cán bộ ngay.").format(kind=danger.kind)
    else:
        yield _decided(library, judgement)
    if judgement.runner_up is not None and judgement.runner_up not in judgement.offered:
        yield _("Đứng sau: {topic}.").format(topic=_titled(library, judgement.runner_up))
    evidence = judgement.evidence if danger is None else signs_of_danger(library, text)
    strong = [(words, weight) for words, weight in evidence if abs(weight) >= LEAST]
    yield from _reasons(_("Vì có:"), [entry for entry in strong if entry[1] > 0][:SHOWN])
    yield from _reasons(_("Tuy có:"), [entry for entry in strong if entry[1] < 0][-SHOWN:])
    yield _("Chưa đúng? Thêm câu này vào content/examples/<chủ đề>.txt, rồi chạy: bot understand --build")


def _reasons(title: str, entries: Sequence[tuple[str, float]]) -> Iterator[str]:
    if entries:
        yield title
        yield from (f"  {weight:+.2f}  {_named(name)}" for name, weight in entries)


def _named(name: str) -> str:
    """A feature of a model in words."""
    mark, words = name[0], name[1:]
    if mark == EXACT:
        return _("“{words}” viết đúng dấu").format(words=words)
    if mark in (CONCEPT, GROUP):
        return _("nhóm chữ “{name}”").format(name=words)
    return _("“{words}”").format(words=name.replace("^ ", _("(đầu câu) ")).replace(" $", _(" (cuối câu)")))


def _decided(library: Library, judgement: Judgement) -> str:
    sure = _percent(judgement.confidence)
    match judgement.action:
        case "enter":
            return _("Bot vào thẳng {topic}, chắc {sure}.").format(topic=_titled(library, judgement.topic), sure=sure)
        case "offer":
            offered = _(", hay ").join(_titled(library, topic) for topic in judgement.offered)
            return _("Bot hỏi lại có phải {topics} (đoán đầu chắc {sure}).").format(topics=offered, sure=sure)
        case _:
            told = _("Bot coi là không thuộc phần mình, chắc {sure}: nói cách khác, đưa lựa chọn, mời gặp cán bộ.")
            return told.format(sure=sure)


def _titled(library: Library, topic: str | None) -> str:
    dialog = library.dialogs.get(topic or "")
    return f"“{_(dialog.title)}” ({topic})" if dialog else f"({topic})"


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %".replace(".", ",")


def print_marks(answers: Mapping[str, Sequence[Answer]], *, as_json: bool, out: TextIO) -> None:
    """The marks of every form beside each other, then those of every topic."""
    if as_json:
        print_json({form: _marks(found) for form, found in answers.items()}, out)
        return
    console = Console(file=out, highlight=False)
    if not console.is_terminal:
        console.width = WIDE
    console.print(_whole(answers, is_wide=console.width >= LABEL + CELL * len(answers)))
    console.print(_topics(answers))


def _marks(answers: Sequence[Answer]) -> dict[str, object]:
    topics = {
        topic: {name: _told(share(found, name)) for name in ("right", "strict")}
        for topic, found in by_topic(answers).items()
    }
    return {"count": len(answers), **{name: _told(share(answers, name)) for name in MEASURES}, "topics": topics}


def _told(of: Share) -> dict[str, object]:
    return {"value": of.value, "part": of.part, "whole": of.whole, "interval": of.interval}


def _whole(answers: Mapping[str, Sequence[Answer]], *, is_wide: bool) -> Table:
    """Every measure by form; where there is little room, without what chance does to it."""
    title = _("Chấm điểm (trong ngoặc: khoảng tin cậy 95 %)") if is_wide else _("Chấm điểm")
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for form in answers:
        table.add_column(escape(form), justify="right", no_wrap=True)
    for name in MEASURES:
        table.add_row(_(_MEANT[name]), *(_cell(share(found, name), is_wide) for found in answers.values()))
    return table


def _cell(of: Share, is_wide: bool) -> str:
    if of.value is None or of.interval is None:
        return "–"
    if not is_wide:
        return _percent(of.value)
    low, high = of.interval
    return f"{_percent(of.value)} ({100 * low:.0f}–{100 * high:.0f}) {of.part}/{of.whole}"


def _topics(answers: Mapping[str, Sequence[Answer]]) -> Table:
    title = _("Từng chủ đề: số câu đúng, kể cả nhãn phụ (chỉ nhãn chính), trên tổng số")
    table = Table(title=title, title_justify="left")
    table.add_column(_("Chủ đề"))
    for form in answers:
        table.add_column(escape(form), justify="right", no_wrap=True)
    topics = {form: by_topic(found) for form, found in answers.items()}
    for topic in next(iter(topics.values()), {}):
        table.add_row(topic, *(_score(found.get(topic, ())) for found in topics.values()))
    return table


def _score(answers: Sequence[Answer]) -> str:
    right, strict = share(answers, "right"), share(answers, "strict")
    return f"{right.part} ({strict.part}) / {right.whole}"


def print_lesson(lesson: Lesson, files: Sequence[Path]) -> None:
    """What was added and what was left out, and what there is to do next."""
    for file in files:
        print(_("{file}: thêm {count} câu.").format(file=file, count=len(lesson.added[file.stem])))
    known = Counter(one.reason for one in lesson.left)["known"]
    if known:
        print(_("{count} câu đã có từ trước.").format(count=known))
    for one in lesson.left:
        if one.reason != "known":
            print(_left(one))
    if not files:
        print(_("Không có câu nào mới."))
        return
    print(_("Việc tiếp theo:"))
    print(_("1. Đọc lại những câu vừa thêm (git diff content/examples): bỏ tên người, sửa câu xếp nhầm."))
    print(_("2. Học lại: bot understand --build"))
    print(_("3. Xem có hiểu tốt hơn không: bot understand --labels TỆP, rồi chạy các bài thử."))


def _left(one: Left) -> str:
    why = _(_LEFT[one.reason])
    where = one.elsewhere or one.example.topic
    return _("Bỏ lại “{text}”: {why} ({topic}).").format(text=one.example.text, why=why, topic=where)
