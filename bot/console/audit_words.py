"""What the audit log's actions are called, for who reads it two years later."""

from __future__ import annotations

from bot.speech import _

ACTIONS = {
    "inbox.claim": _("nhận trả lời bà con"), "inbox.release": _("trả lại hàng chờ"),
    "inbox.reply": _("trả lời bà con"), "inbox.note": _("ghi chú về một cuộc trò chuyện"),
    "inbox.takeover": _("trả lời bà con ngay trong kênh, ngoài trang này"),
    "inbox.close": _("trả lời xong, trả lại bot"), "inbox.reopen": _("mở lại cuộc trò chuyện"),
    "fact.check": _("soát dữ kiện"), "fact.uncheck": _("thu lại lần soát dữ kiện"),
    "fact.withhold": _("tạm ngừng nói dữ kiện"), "fact.unwithhold": _("cho nói lại dữ kiện"),
    "broadcast.draft": _("soạn đợt gửi"), "broadcast.edit": _("sửa đợt gửi"), "broadcast.submit": _("trình duyệt"),
    "broadcast.approve": _("duyệt"), "broadcast.send_back": _("trả lại để sửa"), "broadcast.schedule": _("cho gửi"),
    "broadcast.start": _("bắt đầu gửi"), "broadcast.skip": _("bỏ một lượt gửi"), "broadcast.pause": _("tạm dừng"),
    "broadcast.resume": _("gửi tiếp"), "broadcast.cancel": _("hủy"), "broadcast.retry": _("gửi lại"),
    "broadcast.test": _("gửi thử"), "broadcast.done": _("gửi xong"), "broadcast.expire": _("hết hạn gửi"),
    "segment.save": _("lưu nhóm nhận"), "segment.delete": _("xóa nhóm nhận"), "segment.rename": _("đổi tên nhóm nhận"),
    "user.add": _("thêm cán bộ"), "user.role": _("đổi vai trò"), "user.disable": _("ngừng tài khoản"),
    "user.enable": _("mở lại tài khoản"), "user.invite": _("cấp đường dẫn cài đặt"),
    "user.enroll": _("cài xong tài khoản"), "user.address": _("ghi địa chỉ nhận tin thử"),
    "user.sign_in": _("đăng nhập"), "user.sign_out": _("đăng xuất"),
    "user.sign_out_everywhere": _("đăng xuất ở mọi nơi"), "contacts.import": _("nhập danh bạ"),
    "missed.example": _("thêm ví dụ cho một chủ đề"), "missed.content": _("ghi là cần nội dung"),
    "missed.ignored": _("bỏ qua điều chưa hiểu"), "missed.open": _("mở lại điều chưa hiểu"),
    "export.log": _("tải nhật ký"), "export.people": _("tải bảng số người"), "export.dialogs": _("tải bảng hội thoại"),
    "export.dialog": _("tải số của một hội thoại"), "export.coverage": _("tải bảng kế hoạch"),
    "export.missed": _("tải điều chưa hiểu"), "export.examples": _("tải ví dụ"),
    "export.audit": _("tải nhật ký việc làm"), "export.recipients": _("tải người nhận của đợt gửi"),
    "export.compare": _("tải bảng so sánh đợt gửi"), "zalo.authorise": _("cấp phép cho bot dùng OA Zalo"),
    "template.sync": _("hỏi lại nền tảng về các tin mẫu"), "export.unread": _("tải sự kiện không ai hiểu"),
}  # fmt: skip


def action_words(action: str) -> str:
    """The action in words; as it is written where there are none."""
    return _(ACTIONS[action]) if action in ACTIONS else action
