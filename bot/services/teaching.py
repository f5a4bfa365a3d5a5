"""What officers make of messages that were not understood: examples of a topic, a wish for content, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.engine.model import Dialog
from bot.library.examples import FOREIGN
from bot.services.broadcasting.rights import Refused
from bot.services.insight import readings
from bot.services.insight.figures import STATES, MissedGroup, State
from bot.speech import _
from bot.store import audit


def topics_of(dialogs: Mapping[str, Dialog]) -> Sequence[Dialog]:
    """The dialogs that words may lead to."""
    return [dialog for dialog in dialogs.values() if dialog.topic or dialog.words]


async def decide(
    database: AsyncEngine, folded: str, *, state: str, topic: str, by: str, area: Sequence[str],
    dialogs: Mapping[str, Dialog], now: Callable[[], datetime],
) -> MissedGroup | None:  # fmt: skip
    """Sort a group, or take back how it was sorted ("open"); the group as it is then.

    An example may be one of what is none of ours. None when nobody in *area* typed it. Raises `Refused`, with nothing
    changed.
    """
    chosen = _state(state)
    if chosen == "example" and topic not in {FOREIGN, *(dialog.id for dialog in topics_of(dialogs))}:
        raise Refused(_("Chọn chủ đề mà câu này là ví dụ, rồi bấm “Thêm ví dụ”."))
    kept = topic if chosen == "example" else ""
    async with database.begin() as db:
        if await readings.missed_group(db, folded, area=area) is None:
            return None
        at = now()
        await readings.decide_missed(db, folded, state=chosen, topic=kept, by=by, at=at)
        await audit.record(
            db, at=at, actor=by, action=f"missed.{chosen}", subject=subject_of(folded),
            detail={"topic": kept} if kept else {},
        )  # fmt: skip
        return await readings.missed_group(db, folded, area=area)


def subject_of(folded: str) -> str:
    """A group's name in the audit log, which is for ever: the words are a person's, and go when they are forgotten."""
    return f"missed:{sha256(folded.encode()).hexdigest()[:16]}"


def _state(text: str) -> State:
    for state in STATES:
        if text == state:
            return state
    raise Refused(_("Không có cách xếp “{state}”: tải lại trang rồi bấm lại.").format(state=text))
