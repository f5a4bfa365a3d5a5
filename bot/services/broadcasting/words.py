"""What officers call the parts of a broadcast, at the command line and in the console alike."""

from __future__ import annotations

from collections.abc import Mapping

from bot.services.broadcasting.model import Body
from bot.speech import _

STATUSES: Mapping[str, str] = {
    "sent": _("đã gửi"), "failed": _("hỏng"), "blocked": _("bị chặn"), "opted_out": _("đã thôi nhận"),
    "expired": _("hết hạn"), "unknown": _("chưa rõ"), "queued": _("đang chờ"), "claimed": _("đang chờ"),
}  # fmt: skip
"""What became of a message."""
UNREACHABLE: Mapping[str, str] = {
    "stopped": _("đã thôi nhận tin"), "no_consent": _("chưa đồng ý nhận tin"), "blocked": _("đã chặn bot"),
    "no_address": _("không có địa chỉ ở kênh đang bật"),
}  # fmt: skip
"""Why somebody of a segment can't be written to."""
ROUTES: Mapping[str, str] = {
    "free": _("miễn phí (vừa nhắn)"), "paid": _("trả phí (nhắn mấy ngày trước)"),
    "template": _("tin mẫu, theo tài khoản"), "phone": _("tin mẫu, theo số điện thoại"),
    "later": _("khi họ nhắn lại"), "unpaid": _("chờ: ngân sách không đủ"),
}  # fmt: skip
"""By which route a message gets to somebody, or why it waits (`deliveries.route`)."""


def dong(amount: int) -> str:
    """An amount of money: "1.234.500 đồng"."""
    return _("{amount} đồng").format(amount=f"{amount:,}".replace(",", "."))


def content_of(body: Body) -> str:
    """What it is made of, in a few words."""
    if body.messages:
        return _("tin {names}").format(names=", ".join(body.messages))
    if body.dialog:
        return _("hội thoại {name}").format(name=body.dialog)
    return _("lời của cán bộ")
