"""Values as people read them."""

from __future__ import annotations

import pytest

from bot.library.formats import raw_of, shown


@pytest.mark.parametrize(
    ("text", "unit", "vi", "en"),
    [
        ("1500000", "dong", "1,5 triệu đồng", "1.5 million dong"),
        ("2000000", "dong", "2 triệu đồng", "2 million dong"),
        ("1490000", "dong", "1,49 triệu đồng", "1.49 million dong"),
        ("1234567", "dong", "1.234.567 đồng", "1,234,567 dong"),
        ("650000", "dong", "650.000 đồng", "650,000 dong"),
        ("999999", "dong", "999.999 đồng", "999,999 dong"),
        ("10000000000", "dong", "10 tỷ đồng", "10 billion dong"),
        ("2500000000", "dong", "2,5 tỷ đồng", "2.5 billion dong"),
        ("1234500000", "dong", "1.234.500.000 đồng", "1,234,500,000 dong"),
        ("0", "dong", "0 đồng", "0 dong"),
        ("6.24", "percent", "6,24%", "6.24%"),
        ("7.488", "percent", "7,488%", "7.488%"),
        ("100", "percent", "100%", "100%"),
        ("120", "month", "120 tháng", "120 months"),
        ("1", "month", "1 tháng", "1 month"),
        ("10", "day", "10 ngày", "10 days"),
        ("5", "year", "5 năm", "5 years"),
        ("4", "person", "4 người", "4 people"),
        ("30", "kwh", "30 kWh", "30 kWh"),
        ("1260", "number", "1.260", "1,260"),
        ("1800.1233", "phone", "1800.1233", "1800.1233"),
        ("0243", "phone", "0243", "0243"),
        ("Mẫu số 01", "text", "Mẫu số 01", "Form 01"),
        ("2027-01-01", "date", "1/1/2027", "1 January 2027"),
    ],
)
def test_values_read_as_people_say_them(text: str, unit: str, vi: str, en: str) -> None:
    def translate(language: str, words: str) -> str:
        return {"Mẫu số 01": "Form 01"}.get(words, words) if language == "en" else words

    raw_of(text, unit)
    assert [shown(text, unit, language, translate) for language in ("vi", "en")] == [vi, en]


def test_another_language_takes_its_nouns_from_the_catalogue() -> None:
    assert shown("3", "month", "fr", lambda _language, word: {"tháng": "mois"}[word]) == "3 mois"


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("1.500.000", "dong"),
        ("1_000", "dong"),
        ("1e6", "dong"),
        ("nan", "number"),
        ("6,24", "percent"),
        ("1/1/2027", "date"),
    ],
)
def test_what_is_no_value_of_its_unit_is_refused(text: str, unit: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        raw_of(text, unit)


def test_raw_values_are_numbers_where_the_unit_is_one() -> None:
    assert [raw_of("1500000", "dong"), raw_of("6.24", "percent"), raw_of("0243", "phone")] == [1500000, 6.24, "0243"]
