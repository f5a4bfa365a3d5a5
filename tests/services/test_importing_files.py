"""Files of contacts as officers write them: what is read, and what is refused with its place."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.importing.reading import Entry, Fault, read_contacts
from bot.services.importing.values import Values
from tests.shipped import shipped

TODAY = date(2026, 11, 23)
PAPER = "Phiếu số 12 ngày 03/11/2026"
FULL = """\
kênh,mã,hộ,xã,tiếng,tên,chủ đề,đồng ý,ngày đồng ý
telegram,100000001,cận nghèo,00118,tiếng Việt,Nguyễn Thị Lan,"vay-von, Học nghề",Phiếu số 12,03/11/2026
"""


def read(text: str | bytes) -> list[Entry | Fault]:
    content = text.encode() if isinstance(text, str) else text
    return list(read_contacts(content, Values(shipped(), TODAY)))


def fault_of(column: str, cell: str) -> Fault:
    """What is told of a line where *column* holds *cell* and all else is right."""
    cells = {"kênh": "telegram", "mã": "100000001", "đồng ý": PAPER, column: cell}
    file = io.StringIO()
    csv.writer(file).writerows([list(cells), list(cells.values())])
    [fault] = read(file.getvalue())
    assert isinstance(fault, Fault), fault
    assert fault.remedy
    assert (fault.line, fault.column) == (2, column)
    return fault


def test_a_full_line_is_read() -> None:
    fields = {"ho": "can-ngheo", "xa": "00118", "lang": "vi", "ten": "Nguyễn Thị Lan"}
    evidence = "Phiếu số 12 (03/11/2026)"
    assert read(FULL) == [Entry(2, "telegram", "100000001", fields, ("vay-von", "hoc-nghe"), evidence)]


@pytest.mark.parametrize(
    "content",
    [
        FULL.encode("utf-8-sig"),
        FULL.replace("\n", "\r\n").encode(),
        FULL.replace("\n", "\r").encode(),
        FULL.rstrip("\n").encode(),
        FULL.replace('"vay-von, Học nghề"', "vay-von | Học nghề").replace(",", ";").encode(),
        FULL.replace('"vay-von, Học nghề"', "vay-von | Học nghề").replace(",", "\t").encode(),
        FULL.replace("kênh,mã,hộ,xã,tiếng,tên,chủ đề,đồng ý,ngày đồng ý",
                     "KENH,Ma,loai ho,xa/phuong,ngon ngu,Ho va ten,chu de,dong y,ngay dong y").encode(),
        FULL.replace("kênh,mã,hộ,xã,tiếng,tên,chủ đề,đồng ý,ngày đồng ý",
                     "channel,id,household,commune,language,name,topics,consent,consent date").encode(),
        FULL.replace(",", " , ").replace(' "', '"').replace('" ', '"').encode(),
        FULL.replace("Nguyễn Thị", '"Nguyễn\nThị').replace("Lan", 'Lan"').encode(),
    ],
    ids=("bom", "crlf", "cr", "no-last-newline", "semicolons", "tabs", "no-diacritics", "english", "spaces", "newline"),
)  # fmt: skip
def test_excel_may_write_it_otherwise(content: bytes) -> None:
    assert read(content) == read(FULL)


def test_lines_are_counted_as_an_editor_does() -> None:
    line = f'telegram,{{}},"Nguyễn\nVăn A",{PAPER}\n'
    text = "sep=,\nkênh,mã,tên,đồng ý\n" + line.format(1000001) + "\n,,,\n" + line.format("x") + line.format(1000001)
    found = read(text)
    assert [one.line for one in found] == [3, 7, 9]
    assert "dòng 3" in str(found[2])


def test_a_formula_is_text() -> None:
    [entry] = read(f'kênh,mã,tên,đồng ý\ntelegram,1000001,"=HYPERLINK(""x"")",{PAPER}\n')
    assert isinstance(entry, Entry)
    assert entry.fields["ten"] == '=HYPERLINK("x")'


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        ("kênh", "telegarm", "telegram"),
        ("kênh", "", "trống"),
        ("mã", "1.23457E+11", "Excel"),
        ("mã", "0912345678", "chữ số"),
        ("mã", "@lan", "chữ số"),
        ("mã", "", "trống"),
        ("hộ", "can ngèo", "cận nghèo"),
        ("xã", "Bồ Đề", "00118"),
        ("xã", "Phú Thượngg", "00091"),
        ("xã", "Sài Gòn", "không có"),
        ("tiếng", "Pháp", "en"),
        ("tên", "x" * 201, "200"),
        ("chủ đề", "vay-von, hoc-nge", "hoc-nghe"),
        ("đồng ý", "", "trống"),
        ("đồng ý", "có", "ngày"),
        ("đồng ý", "đồng ý ngày 03/11/2026", "ở đâu"),
        ("đồng ý", "Không đồng ý, phiếu 12 ngày 03/11/2026", "không đồng ý"),
        ("đồng ý", "Phiếu số 12 ngày 31/02/2026", "31/02/2026"),
        ("đồng ý", "Phiếu số 12 ngày 24/11/2026", "chưa tới"),
        ("ngày đồng ý", "24/11/2026", "chưa tới"),
        ("ngày đồng ý", "hôm qua", "hôm qua"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_a_remedy(column: str, cell: str, told: str) -> None:
    assert told in str(fault_of(column, cell))


def test_today_is_not_the_future() -> None:
    [entry] = read(f"kênh,mã,đồng ý\nwebchat,a1b2c3d4,Gặp ở hội trường thôn ngày {TODAY:%d/%m/%Y}\n")
    assert isinstance(entry, Entry)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "kênh"),
        ("kênh,mã\n".encode(), "đồng ý"),
        ("kênh,mã,đồng ý,hoo\n".encode(), "hộ"),
        ("kênh,mã,đồng ý,ma\n".encode(), "hai lần"),
        (FULL.encode("utf-16"), "UTF-8"),
        (FULL.encode() + b"\xff", "Dòng 3"),
        (FULL.encode() + b"a\0", "Dòng 3"),
        ((FULL + 'telegram,"1,,\n').encode(), "ngoặc kép"),
        ((FULL + f"telegram,1000002,,,,,,{PAPER},,thừa\n").encode(), "nhiều ô"),
    ],
)
def test_a_file_that_is_not_one_is_told(content: bytes, told: str) -> None:
    fault = read(content)[-1]
    assert isinstance(fault, Fault)
    assert told in str(fault)


@given(
    st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: (FULL + text).encode(errors="ignore")))
)
def test_whatever_the_file_holds_it_is_read_to_the_end(content: bytes) -> None:
    """No exception, and everything has a line of the file."""
    assert all(1 <= one.line <= content.count(b"\n") + content.count(b"\r") + 1 for one in read(content))
