"""What nobody could find out about Zalo without an Official Account, and how an operator settles each point.

The keys are those of the collected facts that the channel was built by; each point works both ways until it is settled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.speech import _


@dataclass(frozen=True, slots=True)
class Point:
    """A question, how to settle it on a live account, and the settings that it decides. `is_idle`: nothing depends on
    it, because we go another way."""

    key: str
    question: str
    settle: str
    settings: Sequence[str] = ()
    is_idle: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a running bot has seen: events with a right signature, token pairs that followed the first, consents."""

    signed: int = 0
    refreshes: int = 0
    consents: int = 0


POINTS: Sequence[Point] = (
    Point(
        "U1", _("Zalo còn nhận nút bấm trong tin trả lời không, và theo dạng nào?"),
        _("Đặt BOT_ZALO_BUTTONS=true rồi nhắn “menu” cho OA. Hiện nút, bấm được thì để nguyên; Zalo từ chối (-201, "
          "-233) thì bot tự gửi danh sách đánh số: đặt lại false."),
        ("BOT_ZALO_BUTTONS",),
    ),
    Point(
        "U2", _("Tin quá 2.000 chữ thì Zalo báo mã lỗi nào?"),
        _("Không phải làm gì: bot luôn cắt tin trước mức ấy."), is_idle=True,
    ),
    Point(
        "U3", _("Token hết hạn thì Zalo báo -216 hay -220?"),
        _("Để bot chạy quá 25 giờ, rồi xem token ở trang Kênh đã tự đổi. Mã nào bot cũng đổi đúng một lần."),
    ),
    Point(
        "U4", _("Đổi token bị từ chối thì Zalo trả lời thế nào?"),
        _("Chỉ biết được khi xảy ra: trang Kênh ghi nguyên lời của Zalo. Lời nào trừ -32, bot cũng dừng đổi và báo "
          "cấp phép lại."),
    ),
    Point(
        "U5", _("Code challenge (PKCE) cố định ở trang của Zalo, hay mỗi lần một khác?"),
        _("Bấm “Cấp phép Zalo” ở trang Kênh. Zalo báo sai thì chép Code Verifier của trang Zalo vào "
          "BOT_ZALO_CODE_VERIFIER rồi làm lại."),
        ("BOT_ZALO_CODE_VERIFIER",),
    ),
    Point(
        "U6", _("Chữ ký của webhook dùng khóa nào, dấu thời gian ở đâu?"),
        _("Ngày đầu đặt BOT_ZALO_SOAK=true, nhờ vài người nhắn tin, rồi xem số sự kiện sai chữ ký ở trang Kênh. "
          "Bằng 0 thì đặt lại false. Khác 0 thì xem BOT_ZALO_OA_SECRET có đúng là OA Secret Key không."),
        ("BOT_ZALO_SOAK", "BOT_ZALO_OA_SECRET"),
    ),
    Point(
        "U7", _("Bot tắt một lúc thì Zalo có gửi lại tin của người dân không?"),
        _("Bật “Webhook Retry” ở trang Zalo. Tắt bot một phút, nhắn một tin, bật lại: tin phải tới trong một giờ. "
          "Không tới thì mỗi lần bảo trì phải báo trước."),
    ),
    Point(
        "U8", _("Hai cổng cũ message/transaction và message/promotion nay trả lời gì?"),
        _("Không phải làm gì: bot không dùng hai cổng ấy."), is_idle=True,
    ),
    Point(
        "U9", _("Người chưa quan tâm OA thì Zalo báo -213 hay -232?"),
        _("Không phải làm gì: cả hai đều là “chưa tới được”, tin chờ người ấy nhắn."), is_idle=True,
    ),
    Point(
        "U10", _("Mỗi người nhận được bao nhiêu tin mẫu quảng bá mỗi tháng (4, 6 hay 30)?"),
        _("Hỏi Zalo trước đợt đầu tiên dùng mẫu “promotion”. Quá mức thì Zalo báo -218, trang Người nhận ghi rõ."),
    ),
    Point(
        "U11", _("OA cần gói nào, được gửi bao nhiêu tin mỗi phút?"),
        _("Xác thực OA và nâng gói trước. Gặp -224 hay -221 là gói hay xác thực chưa đủ; gặp -32 thì giảm "
          "BOT_ZALO_RATE."),
        ("BOT_ZALO_RATE",),
    ),
    Point(
        "U12", _("Tin bài (broadcast) chọn tỉnh theo mã nào sau sáp nhập?"),
        _("Không phải làm gì: bot gửi cho từng người, không dùng tin bài."), is_idle=True,
    ),
    Point(
        "U13", _("Tin mẫu theo số điện thoại có gửi được ban đêm không, giá bao nhiêu?"),
        _("So giá trong hợp đồng với BOT_ZALO_PRICES. Chỉ đặt BOT_ZALO_PHONE_AT_NIGHT=true khi Zalo đã trả lời bằng "
          "văn bản là được gửi từ 22 giờ đến 6 giờ."),
        ("BOT_ZALO_PRICES", "BOT_ZALO_PHONE_AT_NIGHT"),
    ),
    Point(
        "U14", _("Zalo Bot Platform: ảnh và webhook theo dạng nào, mỗi tháng được bao nhiêu tin?"),
        _("Chỉ khi bật kênh ấy: gửi một ảnh cho bot và xem bot trả lời; xem gói rồi đặt BOT_ZALOBOT_QUOTA."),
        ("BOT_ZALOBOT_QUOTA",),
    ),
    Point(
        "U15", _("Chỉ bấm Quan tâm, chưa nhắn, thì có nhận được tin trả lời không?"),
        _("Nhờ một người chưa từng nhắn bấm Quan tâm, rồi gửi thử cho riêng người ấy. Bot coi bấm Quan tâm là đã "
          "tương tác; Zalo báo -232 thì tin của họ chờ tới khi họ nhắn."),
    ),
    Point(
        "U16", _("Mã người dùng theo ứng dụng có trùng với mã mạng xã hội không?"),
        _("Không phải làm gì: bot chỉ dùng mã theo OA."), is_idle=True,
    ),
)  # fmt: skip

PROOFS: Mapping[str, str] = {
    "U3": _("Đã rõ: token đã tự đổi {count} lần."),
    "U5": _("Đã rõ: đã cấp phép {count} lần qua đường dẫn."),
    "U6": _("Đã rõ: {count} sự kiện có chữ ký đúng."),
}


def proofs(evidence: Evidence) -> Mapping[str, str]:
    """The points that what was seen settles, with what was seen, in words."""
    counts = {"U3": evidence.refreshes, "U5": evidence.consents, "U6": evidence.signed}
    return {key: _(PROOFS[key]).format(count=count) for key, count in counts.items() if count > 0}


def steps(public_url: str) -> Sequence[str]:
    """What is done by hand on Zalo's pages, in order, with our addresses in it ("": not reachable from outside)."""
    here = public_url or "https://…"
    return (
        _("Ở developers.zalo.me: tạo ứng dụng, bật sản phẩm Official Account, liên kết với OA đã xác thực."),
        _("Xác minh tên miền: đặt BOT_ZALO_SITE_CODE bằng mã trong tên tệp zalo_verifier….html."),
        _("Callback của Official Account: {url}").format(url=f"{here}/console/channels/zalo/callback"),
        _("Webhook: {url}; bật mọi sự kiện và “Webhook Retry”, tắt “Lọc cú pháp”.").format(url=f"{here}/hooks/zalo"),
        _("Chép App ID, Secret Key của ứng dụng, mã OA và OA Secret Key của trang webhook vào BOT_ZALO_APP_ID, "
          "BOT_ZALO_APP_SECRET, BOT_ZALO_OA_ID, BOT_ZALO_OA_SECRET."),
        _("Chạy bot, rồi bấm “Cấp phép Zalo” ở trang Kênh bằng tài khoản quản trị của OA."),
    )  # fmt: skip
