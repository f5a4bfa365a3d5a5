"""What must hold before a broadcast moves on: each check returns, or raises `Refused` with what to do."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.segments import Segment
from bot.services.broadcasting import drafting, rendering, targeting, timing
from bot.services.broadcasting.drafting import Draft, World
from bot.services.broadcasting.faults import lines_of
from bot.services.broadcasting.model import Broadcast, Timing
from bot.services.broadcasting.rights import Refused, Voided
from bot.speech import _
from bot.store.officers import Officer


async def check_draft(db: AsyncConnection, draft: Draft, world: World) -> tuple[Segment, int]:
    """Nothing is wrong with *draft*: its segment, and how many people that is."""
    found = await drafting.examine(db, draft, world)
    if found.segment is None or found.faults:
        raise Refused(*lines_of(found.faults))
    return found.segment, found.audience


async def check_communes(db: AsyncConnection, officer: Officer, segment: Segment, world: World) -> None:
    """Who works for some communes writes to, and signs for, the people of these alone."""
    if not officer.communes:
        return
    strangers = await targeting.outside(db, segment, officer.communes, world.channels, world.at)
    if strangers:
        told = _(
            "“{login}” chỉ phụ trách các xã, phường {communes}, mà nhóm này có {count} người ở nơi khác. "
            "Thêm điều kiện xã vào nhóm, hoặc nhờ người phụ trách cả thành phố."
        )
        raise Refused(told.format(login=officer.login, communes=", ".join(officer.communes), count=strangers))


async def check_unchanged(db: AsyncConnection, was: Broadcast, world: World) -> None:
    """What would be sent is what was submitted. `Voided` when it isn't and nobody was sent anything yet."""
    if await targeting.fingerprint(db, world.library, was) == was.digest:
        return
    if was.started_at is None:
        told = _("Nội dung, dữ kiện, bản dịch hoặc nhóm của đợt gửi {number} đã đổi từ khi trình: xem và trình lại.")
        raise Voided(was, told.format(number=was.id))
    told = _("Nội dung của đợt gửi {number} đã đổi từ khi duyệt, không gửi tiếp được: hủy và soạn đợt mới.")
    raise Refused(told.format(number=was.id))


def check_sayable(was: Broadcast, world: World) -> None:
    """Nothing in it has lapsed: for that, a day passing is enough."""
    faults = rendering.faults_of(world.library, was.body, world.channels, world.today)
    if faults:
        raise Refused(*lines_of(faults))


def check_in_time(when: Timing, at: datetime) -> datetime:
    """It is not too late to begin: when it falls due."""
    late = _("Đã quá giờ gửi: sửa lại thời gian rồi trình lại.")
    if when.rule:
        slot = timing.next_slot(when, at)
        if slot is None:
            raise Refused(late)
        return slot
    due = when.at or at
    if timing.is_missed(due, at, when) or (when.not_after is not None and when.not_after <= at):
        raise Refused(late)
    return due


def check_shelf(was: Broadcast, at: datetime) -> None:
    """What it says is still fresh."""
    if was.started_at is not None and timing.expiry(was.timing, was.started_at) <= at:
        told = _("Đợt gửi {number} đã hết hạn gửi, tin không còn hợp thời: soạn đợt mới.")
        raise Refused(told.format(number=was.id))
