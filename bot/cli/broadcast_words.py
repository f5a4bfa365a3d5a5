"""A broadcast in words and as a program reads it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import to_builtins

from bot.cli.log import HANOI
from bot.services.broadcasting.model import Broadcast, Policy
from bot.services.broadcasting.rights import DIGITS_SEEN, STATES
from bot.services.broadcasting.timing import in_words
from bot.services.broadcasting.words import content_of, dong
from bot.speech import _


def as_dict(broadcast: Broadcast) -> dict[str, object]:
    """Every column, times in ISO."""
    built: dict[str, object] = to_builtins(broadcast)
    return built


def told(broadcast: Broadcast) -> str:
    """Where it is, and what comes next."""
    line = _("Đợt gửi {number} “{name}”: {state}.")
    lines = [line.format(number=broadcast.id, name=broadcast.name, state=STATES[broadcast.state])]
    if broadcast.state == "draft":
        lines.append(_("Xem trước: bot broadcast preview {number}").format(number=broadcast.id))
    elif broadcast.state == "submitted":
        lines.append(_("{count} người nhận. Mã để duyệt: {digest}").format(
            count=broadcast.audience, digest=broadcast.digest[:DIGITS_SEEN]))  # fmt: skip
    elif broadcast.state == "scheduled" and broadcast.due_at is not None:
        lines.append(_("Bắt đầu {at}.").format(at=shown(broadcast.due_at)))
    return "\n".join(lines)


def lines_of(broadcast: Broadcast) -> list[tuple[str, str]]:
    """All that officers decided of it and who they were, as (what, how it is)."""
    body = broadcast.body
    people = [
        (_("người soạn"), ", ".join(broadcast.authors)), (_("người trình"), broadcast.submitted_by),
        (_("người duyệt"), broadcast.approved_by),
    ]  # fmt: skip
    return [
        (_("số"), str(broadcast.id)),
        (_("tên"), broadcast.name),
        (_("tình trạng"), STATES[broadcast.state] + (f": {broadcast.reason}" if broadcast.reason else "")),
        (_("bản"), str(broadcast.version)),
        (_("nội dung"), content_of(body)),
        *((f"  {language}", text) for language, text in body.text.items()),
        *([(_("nguồn"), body.source)] if body.source else []),
        (_("nhóm người nhận"), broadcast.segment),
        (_("thời gian"), in_words(broadcast.timing)),
        *([(_("khẩn"), _("không chờ khoảng cách giữa hai đợt"))] if broadcast.urgent else []),
        (_("quy định"), "; ".join(_rules_of(broadcast.policy))),
        *((what, how) for what, how in people if how),
        *([(_("số người khi trình"), str(broadcast.audience))] if broadcast.digest else []),
        *([(_("mã để duyệt"), broadcast.digest[:DIGITS_SEEN])] if broadcast.digest else []),
        *([(_("đã chi"), dong(broadcast.spent))] if broadcast.spent else []),
        *((what, shown(at)) for what, at in _moments(broadcast) if at is not None),
    ]


def _rules_of(policy: Policy) -> Iterator[str]:
    yield _("cách đợt trước ít nhất {hours:g} giờ").format(hours=policy.gap)
    yield _("đông thêm nhiều nhất {share:g}%").format(share=100 * policy.growth)
    if policy.most:
        yield _("hoặc tới {most} người mỗi lượt").format(most=policy.most)
    yield _("tin chưa rõ thì gửi lại") if policy.unknown == "resend" else _("tin chưa rõ thì hỏi cán bộ")
    yield _("tự dừng khi hỏng quá {share:g}%").format(share=100 * policy.errors)
    if policy.budget:
        yield _("hết nhiều nhất {amount} mỗi lượt").format(amount=dong(policy.budget))
    if policy.phone:
        yield _("gửi cả tin mẫu theo số điện thoại")
    if not policy.waits:
        yield _("không chờ ai nhắn lại")
    if policy.confirmed:
        yield _("đã xác nhận: {words}").format(words=", ".join(policy.confirmed))


def _moments(broadcast: Broadcast) -> list[tuple[str, datetime | None]]:
    return [
        (_("sẽ bắt đầu"), broadcast.due_at if broadcast.state == "scheduled" else None),
        (_("bắt đầu"), broadcast.started_at),
        (_("kết thúc"), broadcast.ended_at),
    ]


def shown(at: datetime) -> str:
    """A moment on Hà Nội's clock."""
    return f"{at.astimezone(HANOI):%H:%M %d/%m/%Y}"
