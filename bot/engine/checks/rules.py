"""Every rule of the linter in one table. Ids are stable: staff, fixtures and documents cite them.

What leads nowhere (unknown nodes, dialogs, messages, topics, facts, placeholders) `bot.library` has refused to load.
"""

from __future__ import annotations

from bot.engine.checks.finding import Finding, Rule
from bot.speech import _

_TABLE = (
    Rule(
        "unreachable-node", "a node to which no way leads from the dialog's start",
        _("không có đường nào dẫn tới nút '{node}'"),
        _("Thêm một lựa chọn hoặc 'next' dẫn tới nút này, hoặc xóa nút đi."),
    ),
    Rule(
        "unreachable-dialog", "a dialog that no word, command, call or other dialog leads to",
        _("không có lời gõ, lệnh hay hội thoại nào dẫn tới '{dialog}'"),
        _("Thêm 'words', hoặc một lựa chọn dẫn tới đây."),
        "warning",
    ),
    Rule(
        "dead-end", "a node with no way on for somebody who may come to it",
        _("nút '{node}' không có lối đi tiếp{who}"), _("Thêm một lựa chọn ai cũng thấy, hoặc 'next' dẫn đi tiếp."),
    ),
    Rule(
        "far-from-menu", "a waiting node with neither menu, officer, stop nor an end within two answers",
        _("từ câu hỏi '{node}', hai bước chưa tới trang chính, gặp cán bộ hay kết thúc"),
        _("Thêm lựa chọn 'Về trang chính' (go: /menu) hoặc 'Gặp cán bộ' (go: /lien-he)."),
    ),
    Rule(
        "loop-without-wait", "a cycle of nodes none of which waits for the person, also across dialogs and calls",
        _("vòng lặp không dừng lại hỏi: {loop}"), _("Cho một câu hỏi vào vòng, hoặc dẫn một nhánh ra ngoài."),
    ),
    Rule(
        "missing-translation", "a text that people read without its translation",
        _("chưa có bản dịch ({language}): “{text}”"), _("Dịch trong locales/{language}/LC_MESSAGES/bot.po."),
    ),
    Rule(
        "expired-claim", "a message in season with a fact that has no version in force on the day",
        _("tin '{message}' dùng dữ kiện '{fact}' không có bản nào còn hiệu lực{since}"),
        _("Thêm bản mới cho dữ kiện, hoặc rút tin này lại."),
    ),
    Rule(
        "withheld-claim", "a message in season with a fact that is withheld",
        _("tin '{message}' dùng dữ kiện '{fact}' đang không được nói"), _("Bỏ dữ kiện này khỏi tin, hoặc rút tin lại."),
    ),
    Rule(
        "overdue-claim", "a message in season with a fact whose review day has passed",
        _("tin '{message}' dùng dữ kiện '{fact}' đã quá ngày soát lại{since}"),
        _("Soát lại dữ kiện rồi sửa 'checked' và 'review'."),
    ),
    Rule(
        "soon-overdue-claim", "a fact in use whose review day is near",
        _("dữ kiện '{fact}' phải soát lại trước ngày {day}"),
        _("Soát lại sớm, kẻo những tin dùng nó sẽ không được nói."),
        "warning",
    ),
    Rule(
        "unsourced-claim", "a sayable version without its law, or a message with numbers but without facts",
        _("'{name}' nói điều cụ thể mà không có nguồn"), _("Ghi căn cứ ở 'law', hoặc kê dữ kiện ở 'facts'."),
    ),
    Rule(
        "literal-value", "a fact's value written out where its placeholder belongs",
        _("giá trị “{value}” của dữ kiện '{fact}' được chép thẳng vào tin"), _("Thay bằng {placeholder}."),
    ),
    Rule(
        "template-literal", "a fact's value written out in an approved template, which would outlive the fact",
        _("mẫu '{template}' ghi sẵn giá trị “{value}” của dữ kiện '{fact}'"),
        _("Xin duyệt lại mẫu với một tham số ở chỗ đó."),
    ),
    Rule(
        "claim-in-dialog", "a number with its unit, a sum, phone, date or law in connecting words",
        _("lời dẫn nêu điều cụ thể: “{text}”"),
        _("Chuyển điều này vào một tin trong content/messages, có dữ kiện làm căn cứ."),
    ),
    Rule(
        "unasked-number", "connecting words that count with a number which no question asks for",
        _("lời dẫn dùng con số '{field}' mà không câu hỏi nào xin"),
        _("Hỏi con số ấy bằng 'type: number' và 'field: {field}', hoặc sửa tên."),
    ),
    Rule(
        "sibling-fold", "choices that may stand together and are the same once folded",
        _("hai lựa chọn cùng nút giống nhau khi bỏ dấu ({language}): “{first}”, “{second}”"),
        _("Đổi lời một lựa chọn cho khác hẳn."),
    ),
    Rule(
        "label-length", "a label or title longer than a channel shows",
        _("“{label}” ({language}) dài {length} chữ, {channel} chỉ hiện {limit}"), _("Rút gọn còn {limit} chữ."),
    ),
    Rule(
        "callback-length", "a choice whose token does not fit into a channel's button",
        _("mã của lựa chọn “{label}” dài {length} byte, {channel} chỉ nhận {limit}"),
        _("Rút ngắn tên nút hoặc 'id' của lựa chọn."),
    ),
    Rule(
        "reserved-label", "a label that is a built-in command's word but leads elsewhere",
        _("“{label}” là lời của lệnh '{command}' nhưng lại dẫn đi chỗ khác"),
        _("Đổi lời, hoặc dẫn tới đúng chỗ của lệnh."),
    ),
    Rule(
        "silent-audience", "a kind of household that may come to a say-list and hears nothing of it",
        _("ở nút '{node}', hộ '{households}' không nghe được gì"),
        _("Thêm một tin cho hộ này, hoặc rẽ họ sang nút khác."),
    ),
    Rule(
        "long-sentence", "a sentence with more syllables than people who read little can hold",
        _("câu có {count} tiếng, nhiều hơn {limit}: “{text}”"), _("Tách thành hai câu ngắn."),
    ),
    Rule(
        "long-average", "a text whose sentences are long on average",
        _("mỗi câu ở đây dài trung bình {count} tiếng, nhiều hơn {limit}"), _("Tách bớt câu, hoặc bỏ chữ thừa."),
    ),
    Rule(
        "many-sentences", "a text with too many sentences",
        _("đoạn này có {count} câu, nhiều hơn {limit}"), _("Tách thành hai tin, mỗi tin một ý."),
    ),
    Rule(
        "long-text", "a text with more syllables than people who read little read in a minute",
        _("đoạn này có {count} tiếng, nhiều hơn {limit}: người đọc chậm mất hơn một phút"),
        _("Nói gọn lại, hoặc tách thành hai tin."),
    ),
    Rule(
        "long-turn", "a node from which too much is said before somebody may answer",
        _("từ nút '{node}' bot nói liền {count} tiếng mới tới lượt bà con, nhiều hơn {limit}"),
        _("Hỏi một câu ở giữa, hoặc đưa bớt tin sang một lựa chọn."),
    ),
    Rule(
        "abbreviation", "an abbreviation without its long form before it",
        _("chữ viết tắt '{short}' chưa có lời đầy đủ đi trước"), _("Viết đầy đủ: {long}."),
    ),
    Rule(
        "plan-coverage", "a section of the plan that no dialog carries",
        _("mục {section} của kế hoạch chưa có hội thoại nào nói tới"), _("Ghi mục này ở 'plan' của tin mang nó."),
    ),
    Rule(
        "unused-message", "a message that no dialog says",
        _("tin '{message}' không có hội thoại nào dùng"), _("Đưa vào một hội thoại, hoặc xóa đi."), "warning",
    ),
    Rule(
        "unused-fact", "a fact that no message uses",
        _("dữ kiện '{fact}' không có tin nào dùng"), _("Dùng trong một tin, hoặc để lại làm tư liệu."), "warning",
    ),
    Rule(
        "unsettled-holiday", "a holiday that is near and that the State had yet to announce",
        _("ngày nghỉ {day} ({name}) còn phải xác nhận: {note}"),
        _("Xem thông báo, sửa ngày nếu cần, rồi bỏ 'confirm'."), "warning",
    ),
    Rule(
        "holidays-end", "a list of holidays without those of a year that is near: broadcasts would go out on them",
        _("chưa có ngày nghỉ nào của năm {year}"), _("Thêm các ngày nghỉ của năm {year}."), "warning",
    ),
    Rule(
        "words-clash", "a phrase that leads to two dialogs, or is a command as well",
        _("lời gõ “{words}” cũng dẫn tới '{other}'"), _("Để lời này ở một chỗ thôi."),
    ),
    Rule(
        "missing-phrase", "a fixed phrase that the engine needs",
        _("thiếu câu '{key}'"), _("Thêm dòng '{key}: …' vào dialogs/phrases.yaml."),
    ),
)  # fmt: skip

RULES = {rule.id: rule for rule in _TABLE}


def found(rule: str, path: str, line: int, **values: str) -> Finding:
    """A finding of *rule* at *path*:*line*; *values* fill its templates."""
    of = RULES[rule]
    return Finding(path, max(line, 1), of.id, of.what, of.remedy, of.severity, values)
