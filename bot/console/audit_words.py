"""What the audit log's actions are called, for who reads it two years later."""

from __future__ import annotations

from bot.speech import _

ACTIONS = {
    "broadcast.draft": _("soạn đợt gửi"), "broadcast.edit": _("sửa đợt gửi"), "broadcast.submit": _("trình duyệt"),
    "broadcast.approve": _("duyệt"), "broadcast.send_back": _("trả lại để sửa"), "broadcast.schedule": _("cho gửi"),
    "broadcast.start": _("bắt đầu gửi"), "broadcast.skip": _("bỏ một lượt gửi"), "broadcast.pause": _("tạm dừng"),
    "broadcast.resume": _("gửi tiếp"), "broadcast.cancel": _("hủy"), "broadcast.retry": _("gửi lại"),
    "broadcast.test": _("gửi thử"), "broadcast.done": _("gửi xong"), "broadcast.expire": _("hết hạn gửi"),
    "segment.save": _("lưu nhóm nhận"), "segment.delete": _("xóa nhóm nhận"), "segment.rename": _("đổi tên nhóm nhận"),
    "user.add": _("thêm cán bộ"), "user.role": _("đổi vai trò"), "user.disable": _("ngừng tài khoản"),
    "user.enable": _("mở lại tài khoản"), "user.invite": _("cấp đường dẫn cài đặt"),
    "user.enroll": _("cài xong tài khoản"),
    "user.sign_in": _("đăng nhập"), "user.sign_out": _("đăng xuất"),
    "user.sign_out_everywhere": _("đăng xuất ở mọi nơi"), "contacts.import": _("nhập danh bạ"),
}  # fmt: skip


def action_words(action: str) -> str:
    """The action in words; as it is written where there are none."""
    return _(ACTIONS[action]) if action in ACTIONS else action
