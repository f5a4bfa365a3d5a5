"""How facts stand, and what is noted in a rehearsal, in the words of officers."""

from __future__ import annotations

from collections.abc import Mapping

from bot.engine.events import Alarmed, Event, FieldChanged, HandedOff, NotUnderstood, Replaced, Silent
from bot.services.broadcasting.rendering import REASONS
from bot.services.fact_usage import Standing
from bot.speech import _

STANDINGS: Mapping[Standing, tuple[str, str]] = {
    "withheld": ("bad", _("đang tạm ngừng nói")), "overdue": ("bad", _("quá ngày soát lại")),
    "none": ("bad", _("không có bản nào còn hiệu lực")), "file": ("", _("không nói với bà con")),
    "soon": ("warn", _("sắp tới ngày soát lại")), "confirm": ("warn", _("nói, kèm lời xin xác nhận")),
    "said": ("good", _("đang nói")),
}  # fmt: skip
"""Shape (a class of badges) and words of each standing."""
VERSION_STATES = {
    "say": _("nói"), "confirm": _("nói, kèm lời xin xác nhận"), "withhold": _("không nói"),
}  # fmt: skip


def standing_words(standing: Standing) -> tuple[str, str]:
    """The shape and the words of a fact's standing."""
    shape, words = STANDINGS[standing]
    return shape, _(words)


def state_words(state: str) -> str:
    """What a version's state says of it."""
    return _(VERSION_STATES[state])


def reason_words(reason: str) -> str:
    """Why a fact isn't said."""
    return _(REASONS.get(reason, reason))


def event_words(event: Event) -> str:
    """What a turn noted besides what it said; "" for what the conversation shows anyway."""
    match event:
        case FieldChanged(field=name, value=value):
            return _("{field} = {value}").format(field=name, value=value or _("(xóa)"))
        case HandedOff(queue=queue):
            return _("chuyển cho cán bộ: {queue}").format(queue=queue)
        case Alarmed(kind=kind):
            return _("có thể đang gặp nguy: {kind}").format(kind=kind)
        case NotUnderstood():
            return _("bot chưa hiểu")
        case Replaced(message=message, fact=fact, reason=reason):
            told = _("không nói “{message}”: dữ kiện “{fact}” {reason}")
            return told.format(message=message, fact=fact, reason=reason_words(reason))
        case Silent():
            return _("bot cố ý không nói gì")
        case _:
            return ""
