"""The words of a drawn dialog: as its file has them, for who writes it, or as people would say them, for officers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from textwrap import shorten, wrap

from bot.engine.checks.moves import Move
from bot.engine.model import (
    AnyNode,
    AskChoice,
    AskTyped,
    Branch,
    Call,
    Condition,
    Dialog,
    End,
    Handoff,
    Item,
    Say,
    SetFields,
    Stop,
    Subscribe,
)
from bot.engine.state import Library
from bot.speech import _

LETTERS = 38
"""Letters of 12 px that fit on a line of a box."""
KINDS: Mapping[type[AnyNode], str] = {
    Say: _("nói"), AskChoice: _("hỏi, có lựa chọn"), AskTyped: _("hỏi, gõ trả lời"), Branch: _("rẽ nhánh"),
    SetFields: _("ghi nhớ"), Call: _("gọi hội thoại khác"), Handoff: _("chuyển cán bộ"),
    Subscribe: _("nhận tin theo chủ đề"), Stop: _("dừng tin"), End: _("kết thúc"),
}  # fmt: skip
"""What each kind of node is called."""
_BY = {
    "answer": _("trả lời"), "give_up": _("sai nhiều lần"), "skip": _("bỏ qua"),
    "next": _("tiếp"), "back": _("xong thì"), "call": _("gọi"),
}  # fmt: skip
_SETS = {None: _("chưa biết"), "any": _("đã biết")}
_NAMES = {
    "ho": _("loại hộ"), "xa": _("xã, phường"), "lang": _("tiếng"), "ten": _("tên"), "dong-y": _("đồng ý nhận tin"),
    "ngheo": _("hộ nghèo"), "can-ngheo": _("hộ cận nghèo"), "moi-thoat": _("hộ mới thoát nghèo"), "khac": _("hộ khác"),
    "co": _("có"), "khong": _("không"), "vi": "tiếng Việt", "en": "English",
}  # fmt: skip
_TYPED = {
    "text": _("gõ vài chữ"), "number": _("gõ một con số"), "date": _("gõ một ngày"),
    "phone": _("gõ số điện thoại"), "commune": _("gõ tên xã, phường"),
}  # fmt: skip
_STOPS = {
    "week": _("dừng tin một tuần"), "broadcasts": _("dừng tin gửi chung"), "all": _("dừng mọi tin"),
    "forget": _("xóa hết dữ liệu"), "none": _("nhận tin lại"),
}  # fmt: skip
_SAID = 2
"""Lines of a content message that a box shows: enough to know it by."""
_HOLE = re.compile(r"\{([a-z0-9-]+)\.([a-z0-9-]+)\}")
_MARKS = re.compile(r"\*\*|^\s*[-•]\s+", re.MULTILINE)


class Wording:
    """As the file has it: nodes, messages and fields by their ids."""

    letters = LETTERS

    def head(self, node: AnyNode) -> str:
        """What stands over the box."""
        return node.id

    def told(self, item: Item) -> list[str]:
        """Something that the node says, line by line."""
        if item.message:
            return [f"▸ {line}" for line in wrap(item.message, self.letters - 2)]
        return wrap(f"“{item.text}”", self.letters)

    def asked(self, text: str) -> str:
        """A question, or what a choice is called."""
        return text

    def effect(self, node: AnyNode) -> str:
        """What a node does besides speaking."""
        match node:
            case AskTyped(type=type_, field=field):
                return f"{field}: {type_}"
            case SetFields(set=fields):
                return self.setting(fields)
            case Stop(stop=stop):
                return f"stop: {stop}"
            case Subscribe(topics=topics, on=on):
                return f"{'subscribe' if on else 'unsubscribe'}: {', '.join(topics)}"
            case Handoff(queue=queue):
                return f"handoff: {queue}"
            case _:
                return ""

    def way(self, move: Move) -> str:
        """What a way out is called, with what it asks for and what it changes."""
        label = self.asked(move.label) or _(_BY.get(move.by, ""))
        condition = self.condition(move.when)
        if move.by == "arm":
            label = condition or _("còn lại")
        elif condition:
            label = f"{label} ({condition})"
        return f"{label}{self.noted(move)}"

    def noted(self, move: Move) -> str:
        """What a choice changes, behind its words."""
        return f" [{self.setting(move.set)}]" if move.set and move.label else ""

    def elsewhere(self, move: Move) -> str:
        """Where a way leads that no arrow shows: to another dialog, or back."""
        return f"→ /{move.to.dialog}" if move.to.dialog else f"↩ {move.to.node}"

    def setting(self, fields: Mapping[str, str]) -> str:
        """What is written down."""
        return ", ".join(f"{name}: {value or 'null'}" for name, value in fields.items())

    def condition(self, when: Condition) -> str:
        """A condition: "ho: ngheo hoặc can-ngheo"."""
        either = _(" hoặc ")
        shown = {
            field: either.join(_(_SETS[value]) if value in _SETS else self.name(value or "") for value in values)
            for field, values in when.fields.items()
        }
        return "; ".join(f"{self.name(field)}: {values}" for field, values in shown.items())

    def name(self, key: str) -> str:
        """A field, or one of its values."""
        return key


class PlainWording(Wording):
    """As officers read it: questions and messages by their words, in the language of *say*, with the day's values."""

    letters = 36  # the console's letters are a little wider

    def __init__(self, library: Library, dialog: Dialog, say: Callable[[str], str], today: date) -> None:
        self._library, self._dialog, self._say, self._today = library, dialog, say, today

    def head(self, node: AnyNode) -> str:
        return _(KINDS[type(node)])

    def told(self, item: Item) -> list[str]:
        message = self._library.messages.get(item.message)
        words = self.filled(self._say(message.body)) if message else self._say(item.text) if item.text else item.message
        return wrap(" ".join(_MARKS.sub("", words).split()), self.letters, max_lines=_SAID, placeholder=" …")

    def asked(self, text: str) -> str:
        return self._say(text) if text else ""

    def effect(self, node: AnyNode) -> str:
        match node:
            case AskTyped(type=type_):
                return _(_TYPED[type_])
            case Call(dialog=called):
                return _("sang “{title}” rồi quay lại").format(title=self.title(called))
            case Stop(stop=stop):
                return _(_STOPS[stop])
            case Subscribe(topics=topics):
                return ", ".join(self.title(topic) for topic in topics)
            case SetFields(set=fields):
                return self.setting(fields)
            case _:
                return ""

    def elsewhere(self, move: Move) -> str:
        if move.to.dialog:
            return f"→ {shorten(self.title(move.to.dialog), self.letters - 3, placeholder='…')}"
        node = self._dialog.nodes.get(move.to.node)
        ask = self.asked(getattr(node, "ask", "")) or next(iter(self._first_words(node)), "")
        return f"↩ {shorten(ask or move.to.node, self.letters - 3, placeholder='…')}"

    def noted(self, move: Move) -> str:
        return ""  # its own words say it

    def setting(self, fields: Mapping[str, str]) -> str:
        return ", ".join(f"{self.name(field)}: {self.name(value) or _('bỏ')}" for field, value in fields.items())

    def name(self, key: str) -> str:
        return _(_NAMES[key]) if key in _NAMES else key.replace("-", " ")

    def title(self, dialog: str) -> str:
        """A dialog by its title."""
        found = self._library.dialogs.get(dialog)
        return self._say(found.title) if found else dialog

    def filled(self, text: str) -> str:
        """*text* with the values that its facts have today; one that has none is left open."""
        return _HOLE.sub(lambda hole: self._value(hole[1], hole[2]), text)

    def _value(self, name: str, key: str) -> str:
        fact = self._library.facts.get(name)
        version = fact.on(self._today) if fact else None
        value = version.values.get(key) if version else None
        return self._say(value.shown["vi"]) if value and "vi" in value.shown else "…"

    def _first_words(self, node: AnyNode | None) -> list[str]:
        return [line for item in (node.say if node else ()) for line in self.told(item)][:1]
