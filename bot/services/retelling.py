"""A conversation as the person saw it: their words, our answers with their choices, broadcasts in their place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Literal

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.shown import Shown, shown_in
from bot.channels.webchat import html_from, html_of
from bot.services.sending.script import addressed, message_from
from bot.store import conversations
from bot.store.conversations import ANSWERED, HEARD

Who = Literal["person", "bot", "broadcast", "officer", "event"]
ARRIVED = ("sent", "claimed", "queued")
"""Statuses that need no remark: it is there, or on its way."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line, oldest first. `html` is ours and safe; `text` the person's, an event's or, without `html`, that of an
    officer who wrote in a platform's own chat tool (`detail` "zalo:<their id there>"), and must be escaped.

    `kind` is the log's word for what was done. `trouble` says what became of a message that didn't arrive, `status` how
    far one of ours came.
    """

    id: int
    at: datetime
    who: Who
    kind: str = ""
    text: str = ""
    html: str = ""
    choices: tuple[str, ...] = ()
    trouble: str = ""
    dialog: str = ""
    node: str = ""
    detail: str = ""
    broadcast: int | None = None
    name: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Retold:
    """Some lines of a conversation. *older* is where to go on from with `before`; None at its beginning."""

    lines: Sequence[Line]
    older: int | None


async def conversation(
    db: AsyncConnection, contact_id: int, *, name: str = "", before: int | None = None, limit: int = 60
) -> Retold:
    """The newest *limit* lines with this person, or those before the line *before*. *name* is the person's."""
    rows = await conversations.lines(db, contact_id, before=before, limit=limit + 1)
    is_more, rows = len(rows) > limit, rows[-limit:]
    until = None if before is None else await conversations.moment_of(db, contact_id, before)
    since = rows[0]["at"] if is_more else None
    told = await conversations.broadcasts_told(db, contact_id, since=since, until=until)
    lines = chain(_lines(rows), (_broadcast(row, name) for row in told))
    return Retold(sorted(lines, key=lambda line: line.at), rows[0]["id"] if is_more else None)


def _lines(rows: Iterable[RowMapping]) -> Iterator[Line]:
    seen = set[int]()
    for row in rows:
        delivery = row["delivery_id"]
        if delivery is not None and delivery in seen:
            continue  # what began a dialog was said in one message, and logged by what it says
        if delivery is not None:
            seen.add(delivery)
        line = _line(row)
        if line is not None:
            yield line


def _line(row: RowMapping) -> Line | None:
    """None for what nobody could have seen: an opened page, a message that was emptied."""
    kind, place = row["kind"], {"dialog": row["dialog"], "node": row["node"], "detail": row["detail"]}
    if kind in HEARD:
        is_silent = kind == "start" and not row["text"]
        return None if is_silent else Line(row["id"], row["at"], "person", kind, row["text"], **place)
    if kind not in ("said", ANSWERED):
        return Line(row["id"], row["at"], "event", kind, row["text"], **place)
    if kind == ANSWERED and row["delivery_id"] is None:  # written in a platform's own chat tool
        return Line(row["id"], row["at"], "officer", kind, row["text"], **place)
    shown = shown_in(row["payload"]) if row["payload"] else None
    if shown is None:
        return None
    who: Who = "officer" if kind == ANSWERED else "broadcast" if row["broadcast_id"] else "bot"
    return Line(
        row["id"], row["at"], who, kind, "", shown.html, shown.choices, _trouble(row), **place,
        broadcast=row["broadcast_id"], status=row["status"] or "",
    )  # fmt: skip


def _broadcast(row: RowMapping, name: str) -> Line:
    message = addressed(message_from(row["message"]), name)
    carried = html_of(message.media) if message.media else ""
    shown = Shown(carried + html_from(message.text), tuple(choice.label for choice in message.choices))
    return Line(
        row["id"], row["sent_at"], "broadcast", "broadcast", "", shown.html, shown.choices, _trouble(row),
        broadcast=row["broadcast_id"], name=row["name"],
    )  # fmt: skip


def _trouble(row: RowMapping) -> str:
    return "" if row["status"] in ARRIVED else str(row["status"])
