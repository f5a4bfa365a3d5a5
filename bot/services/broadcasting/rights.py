"""Who may do what with a broadcast, and in which state; each refusal is a line that names the remedy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.broadcasting.model import Broadcast, Policy, State
from bot.speech import _
from bot.store import officers
from bot.store.officers import Officer, Role

DRAFTERS: Sequence[Role] = ("officer", "approver", "admin")
APPROVERS: Sequence[Role] = ("approver", "admin")
ROLES: Mapping[Role, str] = {
    "admin": _("quản trị"), "officer": _("cán bộ soạn"), "approver": _("người duyệt"), "staff": _("người xem"),
}  # fmt: skip
STATES: Mapping[State, str] = {
    "draft": _("bản nháp"), "submitted": _("chờ duyệt"), "approved": _("đã duyệt"), "scheduled": _("đã lên lịch"),
    "sending": _("đang gửi"), "paused": _("tạm dừng"), "done": _("đã gửi xong"), "cancelled": _("đã hủy"),
    "expired": _("đã hết hạn"),
}  # fmt: skip
USUAL_GAP = Policy().gap
DIGITS_TYPED, DIGITS_SEEN = 12, 16
"""How much of a digest an approver must name at least: 64 bits are beyond what anybody could make up a match for."""


class Refused(Exception):
    """An officer may not do this, or not now. `lines` say why and what to do; their text is whole."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines: Sequence[str] = lines


class Outdated(Refused):
    """Somebody else changed it since this officer looked: show both, and ask again."""


class Voided(Refused):
    """What was submitted or approved is no longer what would be sent: `broadcast` must be submitted again."""

    def __init__(self, broadcast: Broadcast, line: str) -> None:
        super().__init__(line)
        self.broadcast = broadcast


async def officer_of(db: AsyncConnection, login: str, roles: Sequence[Role]) -> Officer:
    """The active officer of this login, who has one of *roles*; `Refused` for anybody else."""
    officer = await officers.find(db, login)
    if officer is None:
        raise Refused(_("Không có cán bộ “{login}”: thêm bằng lệnh “bot user add”.").format(login=login))
    if not officer.is_active:
        raise Refused(_("Tài khoản “{login}” đã ngừng: nhờ quản trị mở lại.").format(login=login))
    if officer.role not in roles:
        told = _("“{login}” là {role}, không làm được việc này: cần {needed}.")
        needed = _(" hoặc ").join(_(ROLES[role]) for role in roles)
        raise Refused(told.format(login=login, role=_(ROLES[officer.role]), needed=needed))
    return officer


def check_urgent(officer: Officer, urgent: bool, gap: float) -> None:
    """Only an admin lets a broadcast break in on people's rest, be it by the mark or by a *gap* shorter than usual."""
    if officer.role == "admin":
        return
    if urgent:
        raise Refused(_("Chỉ quản trị được đánh dấu khẩn, và sửa đợt gửi khẩn: bỏ dấu khẩn, hoặc nhờ quản trị."))
    if gap < USUAL_GAP:
        told = _(
            "Chỉ quản trị được rút khoảng cách giữa hai đợt (gap) xuống dưới {hours:g} giờ: tăng lên, hoặc nhờ họ."
        )
        raise Refused(told.format(hours=USUAL_GAP))


def check_area(officer: Officer, broadcast: Broadcast) -> None:
    """Who works for some communes changes only what was drafted for these, or some of them."""
    if officer.communes and not (broadcast.area and set(broadcast.area) <= set(officer.communes)):
        told = _("Đợt gửi {number} không thuộc các xã, phường mà “{login}” phụ trách: nhờ người phụ trách nơi đó.")
        raise Refused(told.format(number=broadcast.id, login=officer.login))


def check_state(broadcast: Broadcast, states: Sequence[State]) -> None:
    """`Refused` when *broadcast* is in none of these states."""
    if broadcast.state not in states:
        told = _("Đợt gửi {number} {state}; việc này chỉ làm được khi: {wanted}.")
        wanted = ", ".join(_(STATES[state]) for state in states)
        raise Refused(told.format(number=broadcast.id, state=_(STATES[broadcast.state]), wanted=wanted))


def check_second_person(officer: Officer, broadcast: Broadcast) -> None:
    """Who had a hand in it, in this version or an earlier one, is no second person."""
    if officer.login in (*broadcast.authors, broadcast.submitted_by):
        told = _("“{login}” đã soạn, sửa hoặc trình đợt gửi này nên không được duyệt: nhờ người duyệt khác.")
        raise Refused(told.format(login=officer.login))


def why_not_approve(officer: Officer, broadcast: Broadcast) -> str:
    """What keeps *officer* from approving *broadcast*, as `Desk.approve` would tell it; "" when nothing does."""
    if officer.role not in APPROVERS:
        told = _("Đợt gửi chờ người duyệt: {needed}.")
        return told.format(needed=_(" hoặc ").join(_(ROLES[role]) for role in APPROVERS))
    return _refusal_of(officer, broadcast, check_second_person, check_area)


def why_not_move(officer: Officer, broadcast: Broadcast) -> str:
    """What keeps *officer* from submitting, pausing or cancelling *broadcast*, whatever its state; "" when nothing."""
    if officer.role not in DRAFTERS:
        return _("Bạn xem được mà không sửa được đợt gửi.")
    return _refusal_of(officer, broadcast, check_area)


def why_not_edit(officer: Officer, broadcast: Broadcast) -> str:
    """What keeps *officer* from changing what *broadcast* says; an urgent one anybody may stop, but not rewrite."""
    return why_not_move(officer, broadcast) or _refusal_of(officer, broadcast, _check_as_urgent)


def _check_as_urgent(officer: Officer, broadcast: Broadcast) -> None:
    check_urgent(officer, broadcast.urgent, broadcast.policy.gap)


def _refusal_of(officer: Officer, broadcast: Broadcast, *checks: Callable[[Officer, Broadcast], None]) -> str:
    for check in checks:
        try:
            check(officer, broadcast)
        except Refused as refusal:
            return str(refusal)
    return ""


def check_seen(broadcast: Broadcast, digest_seen: str) -> None:
    """An approval is of what the approver saw, to the letter."""
    seen = digest_seen.strip().lower()
    if len(seen) < DIGITS_TYPED or not broadcast.digest.startswith(seen):
        told = _("Bản đã xem không phải bản đang chờ duyệt ({digest}…): mở xem lại đợt gửi {number} rồi mới duyệt.")
        raise Refused(told.format(digest=broadcast.digest[:DIGITS_SEEN], number=broadcast.id))
