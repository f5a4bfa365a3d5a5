"""Whether a person gets a broadcast's message now, later or not at all: decided from how things stand this moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.services.broadcasting.model import Broadcast
from bot.speech import _
from bot.store.segments.audience import AGREED
from bot.store.standing import Standing

IN_CONVERSATION = timedelta(minutes=2)
"""Who wrote so lately is in the middle of something: a broadcast waits until they are done."""

A_MOMENT = timedelta(minutes=1)
"""Until then it is known what became of another broadcast's message that is on its way to the same person."""


@dataclass(frozen=True, slots=True)
class Now:
    """Send it."""


@dataclass(frozen=True, slots=True)
class Later:
    """Put it off until then. `route` says of what waits for the person to write, why (`bot.store.waiting.PARKED`)."""

    until: datetime
    why: str
    route: str = ""


@dataclass(frozen=True, slots=True)
class Never:
    """They don't get it: the status that says so, and why."""

    status: str
    why: str
    route: str = ""


Decision = Now | Later | Never


def decide(broadcast: Broadcast, person: Standing | None, at: datetime) -> Decision:
    """What consent, block, gap and a conversation going on say about *person*; None is somebody forgotten."""
    if person is None:
        return Never("opted_out", _("Người này đã xin xóa dữ liệu."))
    if person.status != "active":
        return Never("blocked", _("Người này đã chặn bot, hoặc tài khoản không còn."))
    if person.stop != "none" and not (person.stopped_until is not None and person.stopped_until <= at):
        return Never("opted_out", _("Người này đã thôi nhận tin."))
    if person.consent != AGREED:
        return Never("opted_out", _("Người này chưa đồng ý nhận tin."))
    return Now() if broadcast.urgent else _when(broadcast, person, at)


def _when(broadcast: Broadcast, person: Standing, at: datetime) -> Decision:
    """Now, unless something else reaches *person* or occupies them."""
    gap = timedelta(hours=broadcast.policy.gap)
    if person.told_at is not None and at < person.told_at + gap:
        return Later(person.told_at + gap, _("Hoãn: vừa nhận một đợt gửi khác."))
    if broadcast.policy.gap and person.is_being_told:
        return Later(at + A_MOMENT, _("Hoãn: một đợt gửi khác đang tới người này."))
    if person.heard_at is not None and at < person.heard_at + IN_CONVERSATION:
        return Later(person.heard_at + IN_CONVERSATION, _("Hoãn: đang trò chuyện với bot."))
    return Now()
