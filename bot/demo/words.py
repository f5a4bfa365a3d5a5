"""What people of the made-up city are called and what they type, as it would be typed. Nobody real said any of it."""

from __future__ import annotations

FAMILIES = (
    "Nguyễn", "Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Trần", "Lê", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng",
    "Bùi", "Đỗ", "Ngô", "Dương", "Đinh", "Kiều", "Phùng", "Chu", "Quách", "Bạch",
)  # fmt: skip
MIDDLES = ("Thị", "Thị", "Thị", "Văn", "Văn", "Đức", "Thu", "Minh", "Ngọc", "Hữu", "Thanh", "Xuân", "Quang", "Kim")
GIVEN = (
    "An", "Bình", "Chiến", "Cúc", "Dung", "Đào", "Giang", "Hà", "Hải", "Hằng", "Hạnh", "Hiền", "Hoa", "Hòa", "Hồng",
    "Huệ", "Hương", "Khánh", "Lan", "Liên", "Loan", "Lợi", "Mai", "Mến", "Nga", "Nhàn", "Nhung", "Oanh", "Phúc",
    "Phương", "Quế", "Sơn", "Tâm", "Thắm", "Thảo", "Thắng", "Thơm", "Thủy", "Tình", "Toàn", "Tuyết", "Vân", "Xuyến",
    "Yến",
)  # fmt: skip
GREETINGS = ("xin chào", "chào em", "alo", "cho hỏi tí", "có ai không", "chao ban", "hello")
THANKS = ("cảm ơn", "cam on nhe", "vâng ạ", "dạ cảm ơn cán bộ", "ok", "da vang", "tốt quá")
POSTERS = ("poster-xa", "poster-cho", "loa-thon", "hoi-phu-nu", "hoi-nong-dan", "to-dan-pho", "truong-hoc", "tram-y-te")
"""Where the links that brought people hung."""
STRANGE = (
    "bao giờ có quà tết cho hộ nghèo", "bao gio co qua tet cho ho ngheo", "khi nào phát quà tết",
    "mất sổ hộ nghèo xin lại ở đâu", "mat so ho ngheo xin lai o dau", "làm lại căn cước công dân",
    "lam can cuoc o dau", "đổi bằng lái xe", "sổ đỏ đất vườn", "so do nha dat", "xin giấy khai sinh cho cháu",
    "giay khai sinh", "lương hưu tháng này có chưa", "luong huu", "bao nhiêu tuổi được nhận lương hưu",
    "trợ cấp thất nghiệp", "tro cap that nghiep", "hàng xóm bật karaoke to quá", "nhà tôi bị ngập",
    "nha toi bi ngap", "lợn bị dịch có được đền không", "lon chet dich co den khong", "xin xây lò đốt rác",
    "mua phân bón trả chậm", "giá lúa hôm nay", "thời tiết mai thế nào", "vay nóng", "bị xiết nợ phải làm sao",
    "con tôi nghiện điện thoại", "xin cho cháu đi cai nghiện", "ly hôn", "chia đất cho con", "xe buýt về quê",
    "lắp mạng wifi giá rẻ", "ti vi không có sóng", "bao giờ sửa đường thôn", "bao gio sua duong thon", "cống tắc",
    "xin con giống gà", "xin con giong ga", "cho hỏi tiêm phòng dại", "hiến máu", "đăng ký kết hôn",
    "mo the ngan hang", "quên mật khẩu vneid", "quen mat khau vneid", "vneid", "cháu học giỏi có thưởng không",
    "nộp thuế hộ kinh doanh", "xin tách hộ", "tach ho khau", "chuyển hộ khẩu về quê",
)  # fmt: skip
"""What the library says nothing of: most of it is not understood, and stands on the list of that."""
QUESTIONS = (
    "Nhà tôi năm nay có được xét hộ cận nghèo không?", "Tôi nộp đơn vay vốn từ tháng trước chưa thấy gọi.",
    "Chồng tôi mới mất, tôi cần làm giấy tờ gì để được trợ cấp?",
    "Con tôi học lớp 10 ở huyện khác có được miễn học phí không?",
    "Thẻ bảo hiểm của mẹ tôi hết hạn rồi, đổi ở đâu?", "Lớp học may bao giờ mở, tôi muốn đăng ký.",
    "Nhà dột quá mà tôi không có tên trong danh sách sửa nhà.", "Cho tôi hỏi trưởng thôn hay ủy ban nhận đơn?",
    "Toi muon hoi ve vay von nuoi bo", "Mẹ tôi 82 tuổi, chưa có trợ cấp, hỏi ai?",
    "Toi bi mat viec, xa co cho nao nhan khong", "Có người gọi bảo đóng tiền mới được vay, có đúng không?",
    "Xin cán bộ gọi lại cho tôi vào buổi tối.",
    "Đồng hồ điện nhà tôi dùng chung với hàng xóm, có được hỗ trợ tiền điện không?",
)  # fmt: skip
ANSWERS = (
    "Chào bà con, tôi đã xem hồ sơ. Bà con mang căn cước tới bộ phận một cửa sáng thứ Ba để tôi hướng dẫn ạ.",
    "Chào bác, danh sách năm nay đang rà soát, hết tháng này mới chốt. Có kết quả tôi nhắn bác ngay.",
    "Vâng, trường hợp này làm được ở xã nhà mình, không phải lên thành phố. Giấy tờ gồm đơn và bản sao căn cước.",
    "Bà con đừng chuyển tiền cho ai. Vay vốn ưu đãi không mất phí. Tôi đã báo công an xã việc này.",
    "Lớp học mở sau khi đủ 20 người. Tôi đã ghi tên bà con, có lịch tôi báo.",
    "Tôi đã gọi mà chưa gặp. Chiều mai từ 5 giờ tôi gọi lại nhé.",
)  # fmt: skip
NOTES = (
    "Đã gọi, chưa nghe máy. Chiều gọi lại.", "Hồ sơ bên chị Oanh giữ, chờ ký.",
    "Bác này hỏi lần hai rồi, ưu tiên trả lời.", "Cần hỏi lại Phòng Văn hóa - Xã hội.",
)  # fmt: skip
STORIES = (
    "Nhà tôi nuôi bốn con gà mái đẻ, năm ngoái bán trứng đủ tiền học cho cháu.",
    "Toi trong rau sach ban o cho lang", "Vợ chồng tôi học nghề may xong nhận hàng về làm tại nhà.",
    "Từ hai con dê vay vốn nay nhà tôi có mười một con.",
)  # fmt: skip
WORK = ("nuôi gà", "nuoi bo", "trồng rau", "mở quán nước", "mua máy khâu", "nuôi dê", "làm đậu phụ", "đan lát")
BUYERS = ("chợ làng", "quan an gan nha", "người trong xóm", "thương lái", "cho dau moi")
ASIDE_TEXTS = ("???", "ok", "dạ", "ừ", "không biết", "chiu", "😀")
FAILURES = ("Bad Request: chat not found", "Bad Request: user is deactivated")
"""What Telegram answers where nobody can be reached any more, in its words."""
