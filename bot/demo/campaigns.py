"""The broadcasts of the made-up city: what officers drafted, and how far each came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.demo.staff import AREA, AREA_APPROVER, AREA_OFFICER, CITY_APPROVER, CITY_OFFICER
from bot.services.broadcasting.drafting import Draft
from bot.services.broadcasting.hours import HANOI
from bot.services.broadcasting.model import Body, Policy, Timing

Fate = Literal["draft", "submitted", "sent back", "approved", "waiting", "cancelled", "paused", "expired", "sent"]
"""How far it comes. "waiting" is scheduled and its time has not come; "sent" goes on to its end."""
LAST = 90
"""The days that `ago` counts in."""
HALTS = {"paused": 0.45, "expired": 0.3}
"""The share that goes out before an officer stops them."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """Drafted `ago` days before the last of LAST, at `hour` in Hà Nội; in a city of fewer days as much sooner.

    `starts`: so many days later, at nine; None is at once.
    """

    ago: int
    name: str
    body: Body
    segment: str
    fate: Fate = "sent"
    hour: int = 9
    starts: int | None = None
    rule: str = ""
    shelf_life: float = 72.0
    author: str = CITY_OFFICER
    approver: str = CITY_APPROVER
    growth: float = 0.1
    why: str = ""

    def draft_at(self, at: datetime) -> Draft:
        """What its author writes down at *at*."""
        start = None
        if self.starts is not None:
            day = at.astimezone(HANOI).replace(hour=9, minute=0, second=0, microsecond=0)
            start = day + timedelta(days=self.starts)
        timing = Timing(start, self.rule, shelf_life=self.shelf_life)
        return Draft(self.name, self.body, self.segment, timing, Policy(growth=self.growth))


def _text(vietnamese: str, english: str, source: str) -> Body:
    return Body(text={"vi": vietnamese, "en": english}, source=source)


POOR = "ho trong (ngheo, can-ngheo)"
REVIEW = _text(
    "Đợt rà soát hộ nghèo, hộ cận nghèo cuối năm đang làm ở các thôn, tổ. Bà con có giấy báo thì ở nhà đón tổ rà soát. "
    "Chưa thấy ai đến, bà con hỏi trưởng thôn hoặc tổ trưởng.",
    "The year-end review of poor and near-poor households is under way. If you had a notice, please be at home. If "
    "nobody has come, ask the head of your hamlet.",
    "Thông báo của Sở Y tế Hà Nội về rà soát hộ nghèo (dữ liệu thử)",
)
JOBS = _text(
    "Sáng thứ Bảy có phiên giao dịch việc làm. Đến xem không mất tiền. Bà con mang theo căn cước.",
    "There is a job fair on Saturday morning. Entry is free. Please bring your identity card.",
    "Lịch của Trung tâm Dịch vụ việc làm Hà Nội (dữ liệu thử)",
)
HEALTH = _text(
    "Trạm y tế khám sức khỏe miễn phí cho người từ 60 tuổi trong tuần này. Bà con mang theo thẻ bảo hiểm.",
    "The health station offers free check-ups for people of 60 and over this week. Please bring your insurance card.",
    "Lịch khám của trạm y tế xã (dữ liệu thử)",
)
SEWING = _text(
    "Lớp may công nghiệp còn chỗ. Học ba tháng, không mất học phí với hộ nghèo, hộ cận nghèo. "
    "Muốn học, bà con nhắn “học nghề”.",
    "The sewing class has places left. It takes three months and is free for poor and near-poor households.",
    "Thông báo tuyển sinh của trung tâm giáo dục nghề nghiệp (dữ liệu thử)",
)
FRAUD = _text(
    "Có kẻ gọi điện xưng là cán bộ vay vốn, đòi chuyển tiền trước. Vay ưu đãi không mất phí. "
    "Bà con đừng chuyển tiền cho ai.",
    "Somebody calls people in the name of the loan office and asks for money first. Loans carry no fee: do not pay.",
    "Cảnh báo của Công an thành phố Hà Nội (dữ liệu thử)",
)
BILL = _text(
    "Tiền hỗ trợ tiền điện quý này đã chuyển về xã. Bà con chưa nhận thì hỏi bộ phận một cửa.",
    "The electricity support of this quarter has reached the communes. If you have not had it, ask at the one-stop "
    "office.",
    "Quyết định của Ủy ban nhân dân thành phố Hà Nội (dữ liệu thử)",
)

CAMPAIGNS: Sequence[Campaign] = (
    Campaign(78, "Tự mình bước trước", Body(dialog="tu-luc"), "dong-y = co va ho = khac"),
    Campaign(66, "Rà soát hộ nghèo cuối năm", REVIEW, POOR),
    Campaign(58, "Học nghề: mời bà con xem", Body(dialog="hoc-nghe"), POOR, hour=14),
    Campaign(50, "Cảnh báo lừa đảo vay vốn", FRAUD, "chu-de = vay-von hoac ho = ngheo", hour=16),
    Campaign(44, "Phiên việc làm thứ Bảy hằng tuần", JOBS, "chu-de = viec-lam hoac da-toi viec-lam.hoi", starts=2,
             rule="FREQ=WEEKLY;BYDAY=TH;COUNT=9", growth=1.0),
    Campaign(37, "Vay vốn: tính thử trước khi vay", Body(dialog="vay-von"),
             "da-toi vay-von.hoi va khong da-toi vay-von.tinh-tien"),
    Campaign(30, "Tiền điện quý trước", BILL, POOR, "cancelled", starts=3, why="Số liệu chưa chốt, hẹn đợt sau."),
    Campaign(23, "Khám sức khỏe người cao tuổi", HEALTH, f"xa trong ({AREA})", hour=10, author=AREA_OFFICER,
             approver=AREA_APPROVER),
    Campaign(19, "Lớp may còn chỗ (đợt 1)", SEWING, POOR, "expired", hour=15, shelf_life=5,
             why="Trung tâm báo đã đủ người, chờ hỏi lại."),
    Campaign(12, "Tiền điện: tiền hỗ trợ đã về xã", BILL, POOR, hour=8),
    Campaign(6, "Chuyện người thật, việc thật", Body(dialog="guong-dien-hinh"), "ho = moi-thoat", hour=15),
    Campaign(3, "Khám sức khỏe đợt 2", HEALTH, f"xa trong ({AREA})", "waiting", hour=10, starts=5, author=AREA_OFFICER,
             approver=AREA_APPROVER),
    Campaign(2, "Nhắc rà soát lần cuối", REVIEW, POOR, "approved", hour=14, starts=4),
    Campaign(2, "Lớp may còn chỗ (đợt 2)", SEWING, POOR, "paused", hour=8,
             why="Một xã báo sai số điện thoại trong tin: tạm dừng để hỏi lại."),
    Campaign(1, "Cảnh báo lừa đảo dịp cuối năm", FRAUD, "dong-y = co", "submitted", hour=15, starts=3),
    Campaign(1, "Tiền điện quý này", BILL, POOR, "sent back", hour=9, starts=6,
             why="Thêm số điện thoại của bộ phận một cửa rồi gửi lại giúp tôi."),
    Campaign(1, "Học phí kỳ 2 (đang soạn)", Body(dialog="hoc-phi"), "chu-de = hoc-phi", "draft", hour=16),
)  # fmt: skip
"""In the order in which they are drafted."""
