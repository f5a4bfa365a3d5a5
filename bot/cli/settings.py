"""`bot settings`: every setting, what it is for and what it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.shell import print_json, settings_of
from bot.speech import _

if TYPE_CHECKING:
    from bot.config import Settings

MEANINGS = {
    "database_url": _("Nơi lưu mọi dữ liệu: sqlite:///tệp hoặc postgresql://người:mật-khẩu@máy/tên."),
    "host": _("Địa chỉ mạng để nghe; 0.0.0.0 là nghe ở mọi địa chỉ."),
    "port": _("Cổng để nghe; 0 là cổng nào trống cũng được."),
    "public_url": _("Địa chỉ mà bên ngoài vào được máy này; có nó thì Telegram gọi webhook, không phải tự hỏi."),
    "telegram_token": _("Mã do @BotFather cấp; có mã thì Telegram được bật."),
    "telegram_api": _("Máy chủ Bot API, nếu dùng máy chủ riêng."),
    "telegram_secret": _("Mã mà Telegram phải xuất trình mỗi lần gọi webhook; không đặt thì tự sinh ra."),
    "telegram_rate": _("Số tin Telegram mỗi giây, tính mọi cuộc trò chuyện."),
    "telegram_chat_gap": _("Số giây ít nhất giữa hai tin cho cùng một người."),
    "zalo_app_id": _("Mã ứng dụng của Official Account; có mã thì Zalo được bật."),
    "zalo_app_secret": _("Khóa bí mật của ứng dụng; cần khi bật Zalo."),
    "zalo_oa_id": _("Mã của Official Account; cần khi bật Zalo."),
    "zalo_oa_secret": _("OA Secret Key ở trang webhook, để kiểm chữ ký sự kiện; không phải khóa của ứng dụng."),
    "zalo_access_token": _("Access token đầu tiên, lấy từ API Explorer; mã mới hơn trong cơ sở dữ liệu được giữ."),
    "zalo_refresh_token": _("Refresh token đầu tiên, cùng cặp ấy."),
    "zalo_api": _("Máy chủ OpenAPI của Zalo."),
    "zalo_oauth": _("Máy chủ cấp token của Zalo."),
    "zalo_template_api": _("Máy chủ gửi tin mẫu theo số điện thoại của Zalo."),
    "zalo_rate": _("Số tin Zalo mỗi giây; ứng dụng được gọi 4.000 lần mỗi phút."),
    "zalo_chat_gap": _("Số giây ít nhất giữa hai tin Zalo cho một người."),
    "zalo_buttons": _("Đặt true để thử nút bấm; nơi Zalo từ chối thì các lựa chọn là danh sách đánh số."),
    "zalo_proof": _("Đặt true khi ứng dụng đòi appsecret_proof ở mỗi lần gọi."),
    "zalo_soak": _("Đặt true trong những ngày đầu: sự kiện sai chữ ký vẫn được nhận, và được nêu ra."),
    "zalo_code_verifier": _("43 ký tự, khi trang của Zalo cố định code challenge; không đặt thì mỗi lần tự sinh ra."),
    "zalo_site_code": _("Mã trong tên tệp zalo_verifier….html, để chứng minh tên miền là của mình."),
    "zalo_prices": _("Giá mỗi tin, tính bằng đồng: trả lời sau 48 giờ, tin mẫu theo mã, tin mẫu theo số điện thoại."),
    "zalo_phone_at_night": _("Đặt true để tin mẫu theo số điện thoại đi cả từ 22 giờ đến 6 giờ."),
    "zalobot_token": _("Mã của bot trên Zalo Bot Platform; có mã thì kênh ấy được bật."),
    "zalobot_api": _("Máy chủ của Zalo Bot Platform."),
    "zalobot_secret": _("Mã mà nó phải xuất trình mỗi lần gọi webhook; không đặt thì tự sinh ra."),
    "zalobot_rate": _("Số tin mỗi giây của Zalo Bot Platform."),
    "zalobot_quota": _("Số tin mỗi tháng mà gói cho phép; 0 là không giới hạn."),
    "web_secret": _("Khóa ký cookie của trang trò chuyện; không đặt thì tự tạo một lần và giữ trong tệp web-secret."),
    "trusted_proxy": _("Đặt true khi đứng sau máy chủ trung gian của mình: tin địa chỉ mà nó báo."),
    "office_hours": _("Giờ cán bộ trả lời bà con: thứ T2 đến T7 và CN, các nhóm cách nhau bằng dấu “;”. Ngày lễ nghỉ."),
    "dialogs": _("Thư mục các hội thoại."),
    "content": _("Thư mục lời nhắn, dữ kiện, địa danh và kế hoạch."),
    "locales": _("Thư mục các bản dịch."),
    "today": _("Một ngày cố định thay cho hôm nay, để trình diễn và thử: 2027-01-01."),
    "log": _("Ghi nhật ký máy từ mức nào: debug, info, warning, error."),
}


def settings(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help=_("In JSON, cho chương trình đọc."))] = False,
) -> None:
    """Show every setting."""
    current = settings_of(context)

    from bot.config import variable_of

    if as_json:
        print_json({variable_of(name): shown(current, name) for name in MEANINGS})
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(_("biến"), no_wrap=True)
    table.add_column(_("đang là"), overflow="fold")
    table.add_column(_("ý nghĩa"))
    for name, meaning in MEANINGS.items():
        is_changed = name in current.model_fields_set
        table.add_row(variable_of(name), shown(current, name), meaning, style="bold" if is_changed else "")
    Console().print(table)


def shown(settings: Settings, name: str) -> str:
    """The value as an operator may see it: no secret, no password."""
    from pydantic import SecretStr
    from sqlalchemy.engine import make_url

    value = getattr(settings, name)
    if name == "database_url":
        return make_url(value).render_as_string(hide_password=True)
    if isinstance(value, SecretStr):
        return _("(đã đặt)")
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
