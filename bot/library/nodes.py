"""Reads the nodes of a dialog: each has one action, and may say something before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict, get_args

from bot.engine.model import (
    AnyNode,
    AskChoice,
    AskTyped,
    Branch,
    Call,
    Condition,
    End,
    Handoff,
    Item,
    Say,
    SetFields,
    Stop,
    StopKind,
    Subscribe,
    Target,
    TypedAs,
)
from bot.library.conditions import condition_from, fields_from
from bot.library.digests import digest_of
from bot.library.links import DialogReader
from bot.library.options import options_from
from bot.library.source import Source, Spot
from bot.library.table import Table, text_of

ACTIONS = ("ask", "branch", "set", "call", "handoff", "subscribe", "unsubscribe", "stop", "end")
DEFAULT_TRIES = 3


class Common(TypedDict):
    """What every node has."""

    id: str
    digest: str
    say: tuple[Item, ...]
    line: int


def node_from(reader: DialogReader, name: str, table: Table) -> AnyNode | None:
    """The node in *table*; None when it does nothing, or two things."""
    actions = [key for key in ACTIONS if table.has(key)]
    if len(actions) > 1:
        one, two = sorted(actions, key=table.line_of)[:2]
        table.note(two, f"nút '{name}' vừa có '{one}' vừa có '{two}'", "Tách thành hai nút, nối bằng 'next'.")
        return None
    if not actions and not (table.has("say") and table.has("next")):
        remedy = f"Thêm 'next', hoặc một trong: {', '.join(ACTIONS)}."
        table.source.note(table.line, f"nút '{name}' không dẫn đi đâu", remedy)
        return None
    common: Common = {
        "id": name, "digest": digest_of(table.spot), "say": _items_from(reader, table), "line": table.line,
    }  # fmt: skip
    node = BUILDERS[actions[0] if actions else "say"](reader, table, common)
    table.finish()
    return node


def _items_from(reader: DialogReader, table: Table) -> tuple[Item, ...]:
    return tuple(_item_from(reader, table.source, spot) for spot in table.spots("say"))


def _item_from(reader: DialogReader, source: Source, spot: Spot) -> Item:
    if not isinstance(spot.value, dict):
        return Item(message=reader.link("message", text_of(source, spot, "say"), spot.line))
    table = Table(source, spot)
    item = Item(text=table.text("text"))
    table.finish()
    return item


def _say(reader: DialogReader, table: Table, common: Common) -> Say:
    return Say(**common, next=reader.target(table, "next"))


def _ask(reader: DialogReader, table: Table, common: Common) -> AskChoice | AskTyped:
    ask = table.text("ask")
    if table.has("choices"):
        return AskChoice(**common, ask=ask, options=options_from(reader, common["id"], table))
    if not table.has("type") and not table.has("field"):
        table.note("ask", "câu hỏi chưa có cách trả lời", "Thêm 'choices', hoặc 'type' và 'field'.")
    return _ask_typed(reader, table, common, ask)


def _ask_typed(reader: DialogReader, table: Table, common: Common, ask: str) -> AskTyped:
    """Without `give_up` somebody whose answers never fit goes where "bỏ qua" leads, or on without the value."""
    kind: TypedAs = table.word("type", get_args(TypedAs), "text")  # type: ignore[assignment]  # one of these words
    low, high = table.integer("low"), table.integer("high")
    if low is not None and high is not None and low > high:
        table.note("high", f"'high' ({high}) nhỏ hơn 'low' ({low})", "Đổi chỗ hai số.")
    tries = table.integer("tries")
    if tries is not None and tries < 1:
        table.note("tries", "'tries' phải từ 1 trở lên", f"Bỏ dòng này thì là {DEFAULT_TRIES}.")
    skip = reader.target(table, "skip") if table.has("skip") else None
    after = reader.target(table, "next")
    give_up = reader.target(table, "give_up") if table.has("give_up") else skip or after
    return AskTyped(
        **common, ask=ask, type=kind, field=table.text("field"), again=table.text("again", ""),
        tries=tries or DEFAULT_TRIES, low=low, high=high, next=after, give_up=give_up, skip=skip,
    )  # fmt: skip


def _branch(reader: DialogReader, table: Table, common: Common) -> Branch:
    arms = table.tables("branch")
    for index, arm in enumerate(arms):
        if arm.has("when") == (index == len(arms) - 1):
            what = "nhánh cuối không được có 'when'" if arm.has("when") else "chỉ nhánh cuối được bỏ 'when'"
            arm.source.note(arm.line, what, "Để '- {go: …}' làm nhánh cuối, cho mọi người còn lại.")
    if not arms:
        table.note("branch", "'branch' chưa có nhánh nào", "Thêm '- {when: {…}, go: …}' và '- {go: …}'.")
    return Branch(**common, arms=tuple(_arm(reader, arm) for arm in arms))


def _arm(reader: DialogReader, table: Table) -> tuple[Condition, Target]:
    arm = condition_from(table), reader.target(table, "go")
    table.finish()
    return arm


def _set(reader: DialogReader, table: Table, common: Common) -> SetFields:
    fields = fields_from(table)
    if not fields:
        table.note("set", "'set' chưa ghi gì", "Viết 'set: {tên: giá trị}'.")
    return SetFields(**common, set=fields, next=reader.target(table, "next"))


def _call(reader: DialogReader, table: Table, common: Common) -> Call:
    dialog = reader.link("dialog", table.text("call").removeprefix("/"), table.line_of("call"))
    return Call(**common, dialog=dialog, next=reader.target(table, "next"))


def _handoff(reader: DialogReader, table: Table, common: Common) -> Handoff:
    return Handoff(**common, queue=table.text("handoff"), next=reader.target(table, "next"))


def _subscribe(reader: DialogReader, table: Table, common: Common) -> Subscribe:
    key = "subscribe" if table.has("subscribe") else "unsubscribe"
    topics = tuple(reader.link("topic", topic, line) for topic, line in table.lined_texts(key))
    if not topics:
        table.note(key, f"'{key}' chưa có chủ đề nào", f"Viết '{key}: [vay-von]'.")
    return Subscribe(**common, topics=topics, on=key == "subscribe", next=reader.target(table, "next"))


def _stop(reader: DialogReader, table: Table, common: Common) -> Stop:
    stop: StopKind = table.word("stop", get_args(StopKind))  # type: ignore[assignment]  # one of these words
    return Stop(**common, stop=stop, next=reader.target(table, "next"))


def _end(_reader: DialogReader, table: Table, common: Common) -> End:
    if not table.flag("end"):
        table.note("end", "'end' chỉ có thể là true", "Viết 'end: true'.")
    return End(**common)


BUILDERS: dict[str, Callable[[DialogReader, Table, Common], AnyNode]] = {
    "say": _say,
    "ask": _ask,
    "branch": _branch,
    "set": _set,
    "call": _call,
    "handoff": _handoff,
    "subscribe": _subscribe,
    "unsubscribe": _subscribe,
    "stop": _stop,
    "end": _end,
}
