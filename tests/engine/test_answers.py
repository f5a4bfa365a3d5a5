"""What typed answers are worth: amounts, days, phone numbers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.amounts import number_in
from bot.engine.answers import day_in, phone_in, value_of
from bot.engine.model import AskTyped

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("4", 4), ("4 người", 4), ("nhà có 4 người", 4), ("bốn", 4), ("bon nguoi", 4), ("0", 0), ("không", 0),
        ("mười lăm", 15), ("hai mươi", 20), ("hai mươi lăm", 25), ("một trăm linh năm", 105), ("5 trăm", 500),
        ("6 triệu", 6_000_000), ("1tr5", 1_500_000), ("1,5 triệu", 1_500_000), ("1.5tr", 1_500_000),
        ("1.500.000", 1_500_000), ("1.500.000đ", 1_500_000), ("1,500,000 VND", 1_500_000), ("1 500", None),
        ("1 triệu 500 nghìn", 1_500_000), ("1 triệu 50 nghìn", 1_050_000), ("1.500 nghìn", 1_500_000),
        ("500k", 500_000), ("hai chục triệu", 20_000_000), ("2 chục", 20), ("vài chục triệu", None),
        ("sáu triệu rưỡi", 6_500_000), ("sau trieu ruoi", 6_500_000), ("một triệu hai", 1_200_000),
        ("một triệu hai trăm", 1_200_000), ("1 tỷ 200 triệu", 1_200_000_000), ("hai trăm nghìn", 200_000),
        ("khoảng 20 triệu trong 36 tháng", 20_000_000), ("bà con nhà tôi 4 người", 4),
        ("10-15 triệu", None), ("từ 10 đến 15", None), ("bốn năm người", None), ("1.500 triệu", None), ("1,5", None),
        ("triệu", None), ("nhiều lắm", None), ("", None), ("9" * 4000, None), (".".join(["1", *["000"] * 1500]), None),
    ],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(typed: str, number: int | None) -> None:
    assert number_in(typed) == number


@given(st.integers(0, 10**9))
def test_a_number_comes_back_however_it_is_grouped(number: int) -> None:
    assert {number_in(shape) for shape in (str(number), f"{number:,}", f"{number:,}".replace(",", "."))} == {number}


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    number = number_in(text)
    assert number is None or number >= 0
    day_in(text, TODAY)
    phone_in(text)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2/9/1980", date(1980, 9, 2)), ("02-09-1980", date(1980, 9, 2)), ("ngày 2.9.1980", date(1980, 9, 2)),
        ("1/12", date(2026, 12, 1)), ("1/12/26", date(2026, 12, 1)), ("hôm nay", TODAY), ("hom nay", TODAY),
        ("mai", date(2026, 11, 24)), ("ngày kia", date(2026, 11, 25)),
        ("30/2/2026", None), ("13/13/2026", None), ("tuần sau", None), ("2/9/19801", None), ("", None),
    ],
)  # fmt: skip
def test_days_are_read_as_people_write_them(typed: str, day: date | None) -> None:
    assert day_in(typed, TODAY) == day


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0912345678", "0912345678"), ("0912 345 678", "0912345678"), ("+84 912.345.678", "0912345678"),
        ("84912345678", "0912345678"), ("(024) 3825-3536", None), ("091234567", None), ("12345", None),
        ("số nhà tôi", None),
    ],
)  # fmt: skip
def test_phone_numbers_are_made_uniform(typed: str, number: str | None) -> None:
    assert phone_in(typed) == number


def asks(kind: str, low: int | None = None, high: int | None = None, ask: str = "") -> AskTyped:
    return AskTyped("n", "d", ask=ask, type=kind, field="f", low=low, high=high)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("node", "typed", "value"),
    [
        (asks("number", 1, 20), "4 người", "4"), (asks("number", 1, 20), "40", None), (asks("number", 1), "0", None),
        (asks("number", 1, 10000, "Bao nhiêu triệu đồng?"), "20 triệu", "20"),
        (asks("number", 1, 10000, "Bao nhiêu triệu đồng?"), "20.000.000", "20"),
        (asks("number", 1, 10000, "Bao nhiêu triệu đồng?"), "1 triệu rưỡi", "1.5"),
        (asks("number", 1, 240, "Bao nhiêu tháng?"), "36000000", None),
        (asks("date"), "2/9/1980", "1980-09-02"), (asks("phone"), "0912 345 678", "0912345678"),
        (asks("text", 2, 10), " nuôi gà ", "nuôi gà"), (asks("text", 2, 10), "a", None),
        (asks("text", 2, 10), "nuôi gà và vịt", None), (asks("text"), "  ", None),
    ],
)  # fmt: skip
def test_an_answer_must_fit_the_question(node: AskTyped, typed: str, value: str | None) -> None:
    assert value_of(node, typed, TODAY) == value
