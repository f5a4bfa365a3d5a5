"""The days on which nothing is sent: as shipped, and with mistakes in them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.library.packs import SOUND, changed, load, problems_with, write
from tests.shipped import shipped

FILE = "content/holidays.yaml"
DAYS = """\
holidays:
- date: 2027-01-01
  name: Tết Dương lịch
  source: Điều 112
- date: 2027-02-05
  name: Giao thừa
  source: Điều 112
  confirm: true
  note: Xem lại khi có thông báo.
"""


def test_holidays_are_days_with_their_names(tmp_path: Path) -> None:
    write(tmp_path, SOUND | {FILE: DAYS})
    assert load(tmp_path).holidays == {date(2027, 1, 1): "Tết Dương lịch", date(2027, 2, 5): "Giao thừa"}
    assert load(tmp_path).unsettled == {date(2027, 2, 5): "Xem lại khi có thông báo."}


def test_a_pack_without_the_file_has_no_holidays(tmp_path: Path) -> None:
    write(tmp_path, SOUND)
    assert load(tmp_path).holidays == {}


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("2027-02-05", "5/2/2027", 5, "'5/2/2027' không phải là một ngày"),
        ("2027-02-05", "2027-02-30", 5, "không phải là một ngày"),
        ("date: 2027-02-05", "date:", 5, "thiếu 'date'"),
        ("2027-02-05", "2027-01-01", 5, "ngày 2027-01-01 đã có ở trên: 'Tết Dương lịch'. Bỏ bớt một."),
        ("2027-02-05", "2026-12-31", 5, "ngày 2026-12-31 đứng sau ngày 2027-01-01"),
        ("  name: Giao thừa\n", "", 5, "thiếu 'name'"),
        ("  name: Tết Dương lịch\n  source: Điều 112\n", "  name: Tết\n", 2, "thiếu 'source'"),
        ("confirm: true", "confirm: có", 8, "phải là true hay false"),
        ("  note: Xem lại khi có thông báo.\n", "", 8, "chưa nói phải xác nhận điều gì. Thêm dòng 'note: …'."),
        ("note:", "notes:", 9, "không có khóa 'notes' ở đây. Gần nhất: 'note'."),
        ("holidays:", "holiday:", 1, "không có khóa 'holiday' ở đây. Gần nhất: 'holidays'."),
        (DAYS, "- 2027-01-01\n", 1, "khóa: giá trị"),
        (DAYS, "holidays: [2027-01-01]\n", 1, "khóa: giá trị"),
    ],
)
def test_a_mistake_is_named_at_its_line(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    found = [str(problem) for problem in problems_with(tmp_path, {FILE: changed(DAYS, old, new)})]
    assert any(each.startswith(f"{FILE}:{line}: ") and words in each for each in found), found


def test_the_shipped_holidays_hold_the_days_of_the_labour_code_in_2027() -> None:
    """Điều 112: 1/1, Tết (29 tháng Chạp to mùng 5), 10/3 by the moon (16/4), 30/4, 1/5, 2/9 and the days beside it."""
    days = shipped().holidays
    tet = {date(2027, 2, day) for day in range(5, 11)}
    fixed = {date(2027, month, day) for month, day in [(1, 1), (4, 16), (4, 30), (5, 1), (9, 1), (9, 2), (9, 3)]}
    assert tet | fixed <= days.keys()
    assert "mùng 1)" in days[date(2027, 2, 6)]
    assert all(date(2026, 12, 1) <= day <= date(2027, 12, 31) for day in days)
