"""Templates that a platform approved: which message each carries, and mistakes named at their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.engine.content import Parameter
from tests.library.packs import SOUND, changed, load, problems_with, write

FILE = "content/templates/zalo.yaml"
TEMPLATES = """\
- id: "7895417a7d3f9461cd2e"
  message: vay-von.lai
  tag: care
  by: [uid, phone]
  text: Chào <ten>, lãi nay là <lai>.
  parameters:
    ten: {value: "{ten}", max: 30, default: bà con}
    lai: {value: "{lai-suat.muc}", max: 10}
"""


def test_a_template_is_found_by_the_message_that_it_carries(tmp_path: Path) -> None:
    write(tmp_path, SOUND | {FILE: TEMPLATES})
    [template] = load(tmp_path).templates["vay-von.lai"]
    assert (template.id, template.channel, template.tag) == ("7895417a7d3f9461cd2e", "zalo", "care")
    assert template.by == {"template", "phone"}
    assert template.parameters == (
        Parameter("ten", "{ten}", 30, "bà con"), Parameter("lai", "{lai-suat.muc}", 10),
    )  # fmt: skip
    assert (template.path, template.line) == (FILE, 1)


def test_a_pack_without_the_folder_has_no_templates(tmp_path: Path) -> None:
    write(tmp_path, SOUND)
    assert load(tmp_path).templates == {}


def test_one_message_may_go_by_id_with_one_template_and_by_phone_with_another(tmp_path: Path) -> None:
    by_id = changed(TEMPLATES, "[uid, phone]", "[uid]")
    by_phone = changed(changed(TEMPLATES, "[uid, phone]", "[phone]"), "7895417a7d3f9461cd2e", "301")
    write(tmp_path, SOUND | {FILE: by_id + by_phone})
    assert [one.by for one in load(tmp_path).templates["vay-von.lai"]] == [{"template"}, {"phone"}]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("vay-von.lai", "vay-von.lay", 2, "không có nội dung 'vay-von.lay'. Gần nhất: 'vay-von.lai'."),
        ("tag: care", "tag: promo", 3, "'tag' không thể là 'promo'. Chọn trong: transaction, care, promotion."),
        ("[uid, phone]", "[uid, sms]", 4, "không có cách gửi 'sms'"),
        ("  by: [uid, phone]\n", "", 1, "chưa nói mẫu được gửi theo gì. Thêm 'by: [uid]'"),
        ("<lai>", "<muc>", 5, "<muc> không có trong 'parameters'"),
        ("<ten>, lãi", "bà con, lãi", 6, "tham số 'ten' không đứng trong 'text'. Chép lại đúng lời mẫu đã duyệt."),
        ("max: 30", "max: 0", 7, "'max' không thể là 0"),
        ("max: 30, ", "", 7, "thiếu 'max'"),
        ("default: bà con", "default: bà con thân mến", 7, "tham số chỉ nhận 12"),
        ("{ten}", "{tenn}", 7, "'{tenn}' không phải chỗ điền của tin 'vay-von.lai'. Gần nhất: 'ten'."),
        ("{lai-suat.muc}", "{lai-suat.muk}", 8, "không phải lúc nào cũng có giá trị 'muk'. Gần nhất: 'muc'."),
        ("{lai-suat.muc}", "{han.muc}", 8, "'{han.muc}' không phải chỗ điền"),
        ("max: 10", "max: 3", 8, "dài 5 chữ, tham số chỉ nhận 3"),
        ("max: 10", "max: 10, requird: false", 8, "không có khóa 'requird' ở đây. Gần nhất: 'required'."),
        ("ten: {value", "tên: {value", 7, "'tên' không phải tên tham số"),
        ('id: "7895417a7d3f9461cd2e"', "id:", 1, "thiếu 'id'"),
        (TEMPLATES, "templates: []\n", 1, "tệp này phải là một danh sách"),
    ],
)
def test_a_mistake_is_named_at_its_line(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    text = TEMPLATES.replace("max: 30", "max: 12") if "thân mến" in new else TEMPLATES
    found = [str(problem) for problem in problems_with(tmp_path, {FILE: changed(text, old, new)})]
    assert any(each.startswith(f"{FILE}:{line}: ") and words in each for each in found), found


def test_two_templates_that_would_carry_one_message_the_same_way_are_refused(tmp_path: Path) -> None:
    twice = TEMPLATES + changed(TEMPLATES, "7895417a7d3f9461cd2e", "301")
    found = [str(problem) for problem in problems_with(tmp_path, {FILE: twice})]
    assert any(f"{FILE}:10: tin 'vay-von.lai' đã có mẫu '7895417a7d3f9461cd2e'" in each for each in found), found
    found = [str(problem) for problem in problems_with(tmp_path, {FILE: TEMPLATES + TEMPLATES})]
    assert any(f"{FILE}:9: mẫu '7895417a7d3f9461cd2e' có hai lần" in each for each in found), found
