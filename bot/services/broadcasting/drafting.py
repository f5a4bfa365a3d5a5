"""What an officer writes down for a broadcast, and everything that is wrong with it, found before any of it is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.base import Channel
from bot.engine.segments import Segment, SegmentError, is_everyone
from bot.engine.state import Library
from bot.engine.templates import template_for
from bot.services.broadcasting import rendering, targeting, timing
from bot.services.broadcasting.faults import Fault
from bot.services.broadcasting.model import Body, Broadcast, Policy, Timing, to_json
from bot.services.routing import message_of, metered
from bot.services.templates import why_not
from bot.speech import _
from bot.store import templates

LONGEST_NAME = 120
MOST_MONEY = 1_000_000_000
"""More than a message to everybody in Hà Nội costs: it is a slip of the pen."""
EVERYONE, EMPTY = "everyone", "empty"
CONFIRMATIONS = (EVERYONE, EMPTY)


class Draft(Struct, frozen=True):
    """What officers decide of a broadcast. `segment` is a query, or "@name" for a saved one."""

    name: str
    body: Body
    segment: str
    timing: Timing = Timing()
    policy: Policy = Policy()
    urgent: bool = False

    def to_row(self) -> dict[str, object]:
        """Its columns in the database."""
        return {
            "name": self.name.strip(), "body": to_json(self.body), "segment": self.segment.strip(),
            "timing": to_json(self.timing), "policy": to_json(self.policy), "urgent": self.urgent,
        }  # fmt: skip


def draft_of(broadcast: Broadcast) -> Draft:
    """What officers decided of *broadcast*, to be changed and handed in again."""
    return Draft(
        broadcast.name, broadcast.body, broadcast.segment, broadcast.timing, broadcast.policy, broadcast.urgent
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class World:
    """What a draft is held against: the library and the channels of the moment, and the time."""

    library: Library
    channels: Mapping[str, Channel]
    at: datetime
    today: date


@dataclass(frozen=True, slots=True)
class Finding:
    """`faults` are all there are, each with its field. Without any, `segment` is set."""

    faults: Sequence[Fault]
    segment: Segment | None = None
    audience: int = 0


async def examine(db: AsyncConnection, draft: Draft, world: World) -> Finding:
    """Everything that is wrong with *draft*, and how many it is for."""
    faults = [
        *_name_faults(draft.name),
        *rendering.faults_of(world.library, draft.body, world.channels, world.today),
        *timing.faults_of(draft.timing, world.at, world.library.holidays),
        *_policy_faults(draft.policy),
        *await _phone_faults(db, draft, world),
    ]
    try:
        segment = await targeting.segment_of(db, world.library, draft.segment)
    except SegmentError as error:
        return Finding([*faults, Fault("segment", _("Nhóm người nhận: {error}").format(error=error))])
    audience = await targeting.size_of(db, segment, world.channels, world.at)
    return Finding([*faults, *_unconfirmed(segment, audience, draft.policy)], segment, audience)


def _name_faults(name: str) -> Sequence[Fault]:
    if not name.strip():
        return [Fault("name", _("Tên: đợt gửi phải có tên, để mọi người nhận ra nó."))]
    if len(name.strip()) > LONGEST_NAME or "\n" in name.strip():
        told = _("Tên: phải gọn trong một dòng, nhiều nhất {limit} chữ.")
        return [Fault("name", told.format(limit=LONGEST_NAME))]
    return []


_BOUNDS: Mapping[str, tuple[Callable[[Policy], float], float, float, str]] = {
    "gap": (lambda policy: policy.gap, 0, 720, _("Khoảng cách giữa hai đợt (gap): từ 0 đến 720 giờ.")),
    "growth": (lambda policy: policy.growth, 0, 1, _("Mức tăng số người (growth): từ 0 đến 1; 0.1 là một phần mười.")),
    "most": (lambda policy: policy.most, 0, 1_000_000, _("Số người nhiều nhất mỗi lượt (most): từ 0 đến 1000000.")),
    "budget": (lambda policy: policy.budget, 0, MOST_MONEY, _("Ngân sách (budget): từ 0 đến 1000000000 đồng.")),
    "errors": (lambda policy: policy.errors, 0.001, 1, _("Mức lỗi thì tự dừng (errors): trên 0, nhiều nhất 1.")),
}


def _policy_faults(policy: Policy) -> Sequence[Fault]:
    faults = [
        Fault(field, _(told)) for field, (value, low, high, told) in _BOUNDS.items()
        if not low <= value(policy) <= high  # NaN is a fault
    ]  # fmt: skip
    unknown = [word for word in policy.confirmed if word not in CONFIRMATIONS]
    if unknown:
        told = _("Không có điều “{word}” để xác nhận. Chọn trong: {known}.")
        faults.append(Fault("confirmed", told.format(word=unknown[0], known=", ".join(CONFIRMATIONS))))
    return faults


async def _phone_faults(db: AsyncConnection, draft: Draft, world: World) -> Sequence[Fault]:
    """Why nothing can go by phone numbers, where that is asked for."""
    if not draft.policy.phone:
        return []
    names, message = metered(world.channels), message_of(draft.body)
    if not names:
        return [Fault("phone", _("Không kênh nào đang bật gửi được tin mẫu theo số điện thoại: bỏ chọn này."))]
    told = []
    for name in names:
        template = template_for(world.library, message, name, "phone")
        filed = await templates.of(db, name) if template is not None else {}
        told.append(why_not(template, filed.get(template.id) if template is not None else None))
    return [Fault("phone", told[0])] if all(told) else []


def _unconfirmed(segment: Segment, audience: int, policy: Policy) -> Sequence[Fault]:
    """An audience that is rarely meant must be asked for in so many words."""
    if is_everyone(segment) and EVERYONE not in policy.confirmed:
        told = _("Nhóm người nhận là tất cả mọi người ({audience} người): nếu đúng ý, xác nhận “everyone”.")
        return [Fault(f"confirm.{EVERYONE}", told.format(audience=audience))]
    if not audience and EMPTY not in policy.confirmed:
        told = _("Nhóm người nhận chưa có ai: xem lại điều kiện, hoặc xác nhận “empty” nếu đúng ý.")
        return [Fault(f"confirm.{EMPTY}", told)]
    return []
