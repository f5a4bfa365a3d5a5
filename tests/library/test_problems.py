"""Each mistake in a file is named by file and line, with what to do; all of them at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.library.packs import FACTS, LAI, MENU, PLACES, PLAN, SOUND, VAY_VON, changed, problems_with, write

DIALOG, FACT, BODY = "dialogs/vay-von.yaml", "content/facts/vay.yaml", "content/messages/vay-von/lai.md"
HEAD = "dialog: vay-von\ntitle: Vay vốn\ntopic: true\nnodes:\n"  # four lines: the node under it is on line 5
TYPED = "a: {ask: Gì?, type: number, field: so, next: a"


def in_dialog(old: str, new: str) -> tuple[str, str]:
    return DIALOG, changed(VAY_VON, old, new)


def in_facts(old: str, new: str) -> tuple[str, str]:
    return FACT, changed(FACTS, old, new)


def in_message(old: str, new: str) -> tuple[str, str]:
    return BODY, changed(LAI, old, new)


DIALOG_FAULTS = [
    (in_dialog("next: hoi", "nex: hoi"), 6, "không dẫn đi đâu"),
    (in_dialog("title: Vay vốn", "titel: Vay vốn"), 2, "không có khóa 'titel' ở đây. Gần nhất: 'title'."),
    (in_dialog("title: Vay vốn\n", ""), 1, "thiếu 'title'"),
    (in_dialog("dialog: vay-von", "dialog: vay-tien"), 1, "khác tên tệp 'vay-von'"),
    (in_dialog("topic: true", "topic: có"), 3, "phải là true hay false"),
    (in_dialog("nodes:", "start: mo-dua\nnodes:"), 5, "không có nút 'mo-dua'. Gần nhất: 'mo-dau'."),
    (in_dialog("next: hoi", "next: hoii"), 8, "không có nút 'hoii'. Gần nhất: 'hoi'."),
    (in_dialog("go: /menu", "go: /menuu"), 13, "không có hội thoại 'menuu'. Gần nhất: 'menu'."),
    (in_dialog("vay-von.lai,", "vay-von.lay,"), 7, "không có nội dung 'vay-von.lay'. Gần nhất: 'vay-von.lai'."),
    (in_dialog("vay-von.lai,", "Chào bà con,"), 7, 'Lời nối ngắn thì viết {text: "…"}.'),
    (in_dialog("{text: Lời nối.}", "{txt: Lời nối.}"), 7, "không có khóa 'txt'"),
    (in_dialog("{text: Lời nối.}", "[a]"), 7, "'say' phải là chữ"),
    (in_dialog("ngheo, null", "ngheoo"), 12, "không có kiểu hộ 'ngheoo'. Gần nhất: 'ngheo'."),
    (in_dialog("ngheo, null", "chua-ro"), 12, "Chưa biết thì viết null."),
    (in_dialog("label: Mức vay", "label: trang chinh"), 13, "trùng với lựa chọn khác khi bỏ dấu"),
    (in_dialog("label: Mức vay", 'label: "!!!"'), 12, "không có chữ nào"),
    (in_dialog("label: Mức vay, ", ""), 12, "thiếu 'label'"),
    (in_dialog("  hoi:", "  Hỏi:"), 9, "'Hỏi' không dùng làm tên được"),
    (in_dialog("topic: true", "topic: true\ntopic: true"), 4, "khóa 'topic' có hai lần"),
    (in_dialog("ask: Xem gì?", "ask: Xem: gì?"), 10, "không hiểu được YAML"),
    (in_dialog("ask: Xem gì?", "ask: !!python/name:os.system Gì?"), 10, "không dùng thẻ"),
    (in_dialog("words: [vay tiền]", "words: &a [*a]"), 4, "không dùng '*'"),
    (in_dialog("vay tiền", "vay \x07"), 4, "ký tự lạ"),
    ((DIALOG, "- a\n"), 1, "khóa: giá trị"),
    ((DIALOG, HEAD.replace("nodes:\n", "")), 1, "chưa có nút nào"),
    ((DIALOG, HEAD + "  a: {}\n"), 5, "nút 'a' không dẫn đi đâu"),
    ((DIALOG, HEAD + "  a: {say: [{text: A}]}\n"), 5, "nút 'a' không dẫn đi đâu"),
    ((DIALOG, HEAD + "  a:\n    end: true\n    ask: Gì?\n"), 7, "vừa có 'end' vừa có 'ask'"),
    ((DIALOG, HEAD + "  a: {end: false}\n"), 5, "'end' chỉ có thể là true"),
    ((DIALOG, HEAD + "  a: {end: true, next: a}\n"), 5, "không có khóa 'next' ở đây"),
    ((DIALOG, HEAD + "  a: {ask: Gì?, next: a}\n"), 5, "câu hỏi chưa có cách trả lời"),
    ((DIALOG, HEAD + "  a: {ask: Gì?, choices: []}\n"), 5, "chưa có lựa chọn nào"),
    ((DIALOG, HEAD + f"  {TYPED.replace('number', 'nunber')}}}\n"), 5, "'type' không thể là 'nunber'"),
    ((DIALOG, HEAD + f"  {TYPED}, low: 5, high: 2}}\n"), 5, "nhỏ hơn 'low' (5)"),
    ((DIALOG, HEAD + f"  {TYPED}, low: năm}}\n"), 5, "'low' phải là một con số"),
    ((DIALOG, HEAD + f"  {TYPED}, tries: 0}}\n"), 5, "'tries' phải từ 1 trở lên"),
    ((DIALOG, HEAD + "  a: {branch: []}\n"), 5, "chưa có nhánh nào"),
    ((DIALOG, HEAD + "  a:\n    branch:\n      - {when: {ho: ngheo}, go: a}\n"), 7, "nhánh cuối không được có 'when'"),
    ((DIALOG, HEAD + "  a:\n    branch:\n      - {go: a}\n      - {go: a}\n"), 7, "chỉ nhánh cuối được bỏ 'when'"),
    ((DIALOG, HEAD + "  a: {set: {ho: giau}, next: a}\n"), 5, "không có kiểu hộ 'giau'"),
    ((DIALOG, HEAD + "  a: {set: {}, next: a}\n"), 5, "'set' chưa ghi gì"),
    ((DIALOG, HEAD + "  a: {call: menuu, next: a}\n"), 5, "không có hội thoại 'menuu'"),
    ((DIALOG, HEAD + "  a: {handoff: vay-von}\n"), 5, "thiếu 'next'"),
    ((DIALOG, HEAD + "  a: {subscribe: [menu], next: a}\n"), 5, "không có chủ đề nhận tin 'menu'"),
    ((DIALOG, HEAD + "  a: {unsubscribe: [], next: a}\n"), 5, "chưa có chủ đề nào"),
    ((DIALOG, HEAD + "  a: {stop: month, next: a}\n"), 5, "'stop' không thể là 'month'"),
    (("dialogs/them.yml", MENU), 1, "đuôi .yml không được đọc"),
    (("dialogs/phrases.yaml", "phrase: {a: b}\n"), 1, "thiếu 'phrases'"),
    (("dialogs/commands.yaml", "commands:\n  menu: {word: [a]}\n"), 2, "không có khóa 'word' ở đây"),
]
CONTENT_FAULTS = [
    (in_facts("until: 2026-12-31", "until: 2027-03-01"), 16, "từ 2026-01-01. Ghi 'until: 2026-12-31'"),
    (in_facts("until: 2026-12-31", "until: null"), 16, "chồng lên"),
    (in_facts("until: 2026-12-31", "until: 2025-12-31"), 11, "trước 'since' 2026-01-01"),
    (in_facts("until: 2026-12-31", "until: 31/12/2026"), 11, "'31/12/2026' không phải là một ngày"),
    (in_facts("  checked: 2026-01-01\n", ""), 1, "thiếu 'checked'"),
    (in_facts("review: 2027-06-30", "review: 2027-02-30"), 6, "không phải là một ngày"),
    (in_facts("state: say", "state: nói"), 12, "'state' không thể là 'nói'"),
    (in_facts("unit: percent", "unit: percents"), 15, "'unit' không thể là 'percents'"),
    (in_facts("value: 6.24", "value: 6,24%"), 15, "không có khóa '24%' ở đây"),
    (in_facts("value: 6.24", 'value: "6,24"'), 15, "không phải là một giá trị 'percent'"),
    (in_facts("audience: [ngheo]", "audience: [ngheoo]"), 4, "không có kiểu hộ 'ngheoo'"),
    (in_facts("id: lai-suat", "id: lai_suat"), 1, "không dùng làm tên được"),
    ((FACT, FACTS + FACTS), 23, "dữ kiện 'lai-suat' đã có ở content/facts/vay.yaml:1"),
    ((FACT, FACTS[: FACTS.index("  versions")]), 1, "chưa có phiên bản nào"),
    ((FACT, "facts:\n  - a\n"), 1, "phải là một danh sách"),
    (in_message("[lai-suat]", "[lai-suat, lai-xuat]"), 4, "không có dữ kiện 'lai-xuat'. Gần nhất: 'lai-suat'."),
    (in_message("facts: [lai-suat]\n", ""), 7, "Thêm 'lai-suat' vào 'facts'."),
    (in_message("lai-suat.muc}", "lai-suat.mux}"), 8, "không có giá trị 'mux'. Gần nhất: 'muc'."),
    (in_message("{noi-hoi}", "{noi-hoii}"), 9, "không thuộc dữ kiện nào trong 'facts'. Gần nhất: 'noi-hoi'."),
    (in_message("{noi-hoi}", "{noi-hoi"), 9, "dấu ngoặc nhọn lẻ"),
    (in_message("[I.1.a]", "[I.1.b]"), 2, "kế hoạch không có mục 'I.1.b'. Gần nhất: 'I.1.a'."),
    (in_message("chua-ro]", "chua-biet]"), 5, "không có kiểu hộ 'chua-biet'"),
    (in_message("topic: vay-von", "topic: vay-von\nsince: 2027-01-01\nuntil: 2026-01-01"), 5, "trước 'since'"),
    (in_message("topic: vay-von", "topic: vay-von\nas_of: tới"), 4, "không phải là một ngày"),
    (in_message("topic: vay-von", "topics: vay-von"), 3, "không có khóa 'topics' ở đây. Gần nhất: 'topic'."),
    ((BODY, LAI[: LAI.index("Lãi")]), 8, "chưa có lời nào"),
    ((BODY, "Lãi là 6%.\n"), 1, "thiếu phần đầu"),
    (("content/messages/le.md", LAI), 1, "trong thư mục của chủ đề"),
    (("content/messages/vay-von/Lãi.md", LAI), 1, "'Lãi' không dùng làm tên được"),
    (("content/stories/chi-n.md", "---\nyear: 2024\n---\nChị N. nuôi gà.\n"), 2, "thiếu 'newspaper'"),
    (("content/plan.yaml", PLAN + "  - {id: I.1.a, text: B}\n"), 4, "mục 'I.1.a' có hai lần"),
    (("content/places/hanoi.yaml", changed(PLACES, "kind: xã", "kind: xa")), 3, "'kind' không thể là 'xa'"),
    (("locales/en/LC_MESSAGES/bot.po", 'msgid "Hỏi {noi-hoi}"\nmsgstr "Ask {noi}"\n'), 1, "{noi-hoi}, {noi}"),
    (("locales/en/LC_MESSAGES/bot.po", 'msgid "a"\nmsgtr "b"\n'), 2, "không hiểu được dòng này"),
]


@pytest.mark.parametrize(("fault", "line", "words"), DIALOG_FAULTS + CONTENT_FAULTS)
def test_a_mistake_is_named_at_its_line(tmp_path: Path, fault: tuple[str, str], line: int, words: str) -> None:
    path, text = fault
    found = [str(problem) for problem in problems_with(tmp_path, {path: text})]
    assert any(each.startswith(f"{path}:{line}: ") and words in each for each in found), found


def test_all_mistakes_are_told_at_once_in_order(tmp_path: Path) -> None:
    faults = in_dialog("next: hoi", "next: hoii"), in_facts("state: say", "state: nói"), in_message("[I.", "[II.")
    files = dict(faults)
    found = problems_with(tmp_path, files)
    assert [(problem.path, problem.line) for problem in found] == [(FACT, 12), (BODY, 2), (DIALOG, 8)]


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    write(tmp_path, SOUND)
    (tmp_path / "dialogs" / "anh.yaml").write_bytes(b"\xff\xd8\xff")
    [problem] = problems_with(tmp_path, {})
    assert str(problem).startswith("dialogs/anh.yaml:1: tệp không phải là văn bản UTF-8.")


def test_a_key_is_needed_only_of_versions_that_the_message_may_show(tmp_path: Path) -> None:
    """A message about the year 2026 doesn't break because the fact is told otherwise from 2027 on."""
    facts = changed(FACTS, "muc: {value: 7", "moi: {value: 7")
    files = {FACT: facts, BODY: changed(LAI, "topic: vay-von", "until: 2026-12-31")}
    write(tmp_path, SOUND | files)
    [problem] = problems_with(tmp_path, {FACT: facts})
    assert problem.what == "dữ kiện 'lai-suat' từ 2027-01-01 không có giá trị 'muc'"
    assert problems_with(tmp_path, {**files, "dialogs/x.yml": ""})[0].path == "dialogs/x.yml"
