"""The start of a run: what was approved is compared with what would go out now, and whoever is too late is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.state import Library
from bot.services.broadcasting.model import Broadcast, to_json
from bot.services.broadcasting.release import void
from bot.services.broadcasting.targeting import fingerprint, segment_of, size_of
from bot.services.broadcasting.timing import HANOI, is_missed, next_slot
from bot.speech import _
from bot.store import audit
from bot.store.broadcasts import change_state, insert
from bot.store.models import broadcasts, contacts


async def begin(
    db: AsyncConnection, broadcast: Broadcast, library: Library, *, channels: Sequence[str], at: datetime
) -> None:
    """Start the run that is due, or say why not. The row is locked by the caller."""
    slot = broadcast.due_at or at
    if await fingerprint(db, library, broadcast) != broadcast.digest:
        await _void(db, broadcast, _("Nội dung hoặc nhóm nhận đã đổi sau khi duyệt: cần duyệt lại."), at)
        return
    segment = await segment_of(db, library, broadcast.segment)
    size = await size_of(db, segment, channels, at)
    if size > max(broadcast.audience * (1 + broadcast.policy.growth), broadcast.policy.most):
        grown = _("Nhóm nhận đã tăng từ {before} lên {now} người: cần duyệt lại.")
        await _void(db, broadcast, grown.format(before=broadcast.audience, now=size), at)
        return
    is_recurring = bool(broadcast.timing.rule)
    if is_missed(slot, at, broadcast.timing):
        await _skip(db, broadcast, slot, at)
    elif is_recurring:
        await _begin_child(db, broadcast, str(segment), slot, at)
    else:
        await _begin_itself(db, broadcast, str(segment), at)
    if is_recurring:
        await _await_next(db, broadcast, slot, at)


async def _begin_itself(db: AsyncConnection, broadcast: Broadcast, segment: str, at: datetime) -> None:
    """*segment* is the query itself from now on: what a saved one is changed to is nothing that anybody approved."""
    ceiling = await _greatest_contact(db)
    await change_state(
        db, broadcast.id, from_=("scheduled",), to="sending", reason="", started_at=at, ceiling=ceiling, slot=at,
        segment=segment,
    )  # fmt: skip
    await _record(db, broadcast, "start", at)


async def _begin_child(
    db: AsyncConnection, broadcast: Broadcast, segment: str, slot: datetime, at: datetime
) -> None:  # fmt: skip
    """One run of a recurring broadcast. UNIQUE(parent, slot) holds it to one, whatever else goes wrong."""
    taken = select(broadcasts.c.id).where(broadcasts.c.parent_id == broadcast.id, broadcasts.c.slot == slot)
    if (await db.execute(taken)).first() is not None:
        return
    name = f"{broadcast.name} ({slot.astimezone(HANOI):%d/%m %H:%M})"
    number = await insert(
        db, name=name, state="sending", body=to_json(broadcast.body), segment=segment,
        timing=to_json(broadcast.timing), policy=to_json(broadcast.policy), urgent=broadcast.urgent,
        version=broadcast.version, authors=to_json(broadcast.authors), area=to_json(broadcast.area),
        submitted_by=broadcast.submitted_by,
        approved_by=broadcast.approved_by, digest=broadcast.digest, audience=broadcast.audience, created_at=at,
        changed_at=at, parent_id=broadcast.id, slot=slot, started_at=at, ceiling=await _greatest_contact(db),
    )  # fmt: skip
    await _record(db, broadcast, "start", at, {"run": number, "slot": slot.isoformat()})


async def _skip(db: AsyncConnection, broadcast: Broadcast, slot: datetime, at: datetime) -> None:
    late = _("Bỏ lượt {slot}: đã trễ hơn {hours:g} giờ.").format(
        slot=f"{slot.astimezone(HANOI):%H:%M %d/%m/%Y}", hours=broadcast.timing.grace
    )
    await _record(db, broadcast, "skip", at, {"slot": slot.isoformat(), "reason": late})
    if not broadcast.timing.rule:
        await change_state(db, broadcast.id, from_=("scheduled",), to="expired", reason=late, ended_at=at)


async def _await_next(db: AsyncConnection, broadcast: Broadcast, slot: datetime, at: datetime) -> None:
    """The next slot; of several that went by while nothing ran, the last may still be in time."""
    following = next_slot(broadcast.timing, slot)
    if following is None:
        await change_state(db, broadcast.id, from_=("scheduled",), to="done", ended_at=at, due_at=None)
        return
    await db.execute(update(broadcasts).where(broadcasts.c.id == broadcast.id).values(due_at=following))


async def _void(db: AsyncConnection, broadcast: Broadcast, reason: str, at: datetime) -> None:
    """What was approved is not what would go out: it is a draft again."""
    await void(db, broadcast, at=at, reason=reason)
    await _record(db, broadcast, "start", at, {"reason": reason}, outcome="refused")


async def _record(
    db: AsyncConnection, broadcast: Broadcast, action: str, at: datetime, detail: Mapping[str, Any] | None = None,
    outcome: audit.Outcome = "done",
) -> None:  # fmt: skip
    subject = f"broadcast:{broadcast.id}"
    await audit.record(
        db, at=at, actor="system", action=f"broadcast.{action}", subject=subject, outcome=outcome, detail=detail
    )


async def _greatest_contact(db: AsyncConnection) -> int:
    """Who comes later is not in the audience."""
    return int((await db.execute(select(func.coalesce(func.max(contacts.c.id), 0)))).scalar_one())
