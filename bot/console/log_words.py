"""Lines of the log in words, for who doesn't know how the bot keeps them."""

from __future__ import annotations

from collections.abc import Mapping

from bot.engine.model import Dialog
from bot.services.broadcasting.words import STATUSES
from bot.speech import _

ACTS = {
    "text": _("nhắn"), "tap": _("bấm nút cũ"), "start": _("mở đầu"), "edited": _("sửa tin"),
    "sticker": _("gửi hình dán"), "photo": _("gửi ảnh"), "voice": _("gửi lời nói"), "video": _("gửi phim"),
    "file": _("gửi tệp"),
    "location": _("gửi vị trí"), "contact": _("gửi số điện thoại"), "reaction": _("thả cảm xúc"), "poll": _("bỏ phiếu"),
    "other": _("gửi thứ khác"), "chose": _("chọn"), "typed": _("gõ trả lời"), "command": _("gõ lệnh"),
    "routed": _("hỏi một chủ đề"), "offered": _("bot hỏi lại ý"),
    "alarmed": _("nhắn, có thể đang gặp nguy"), "missed": _("bot chưa hiểu"), "said": _("bot nói"),
    "handoff": _("chuyển cho cán bộ"),
    "stop": _("đổi việc nhận tin"), "blocked": _("chặn bot"), "unblocked": _("bỏ chặn bot"),
    "replaced": _("điều này đang được kiểm tra nên chưa nói"), "answered": _("cán bộ trả lời"),
    "broadcast": _("tin gửi"),
}  # fmt: skip


def act_words(kind: str) -> str:
    """What was done, in words."""
    return _(ACTS[kind]) if kind in ACTS else kind


def trouble_words(status: str) -> str:
    """What became of a message that did not arrive, in words."""
    return _(STATUSES[status]) if status in STATUSES else status


def place_words(dialogs: Mapping[str, Dialog], dialog: str, node: str) -> str:
    """The question that somebody was at; the node's name where it asks nothing, or is gone."""
    known = dialogs.get(dialog)
    there = known.nodes.get(node) if known else None
    return _(str(getattr(there, "ask", "") or "")) or node
