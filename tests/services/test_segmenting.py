"""Segments in words and by menus: the words say what the query says, and menus write what parses to what was picked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.segments import names_of, parse
from bot.engine.segments.model import All, AnyOf, Not, Segment
from bot.services.segmenting.menus import SUBJECTS, condition, joined, parts_of
from bot.services.segmenting.words import in_words
from tests.engine.segments import SEGMENTS
from tests.shipped import shipped

LIBRARY = shipped()
NAMES = names_of(LIBRARY)


@pytest.mark.parametrize(("query", "words"), [
    ("tat-ca", "tất cả mọi người"),
    ('ho = can-ngheo va xa = "xã Ba Vì" va chu-de = hoc-nghe', "hộ cận nghèo ở xã Ba Vì quan tâm Học nghề"),
    ('xa = "huyện Ba Vì" va ho trong (ngheo, can-ngheo)', "hộ nghèo hoặc hộ cận nghèo ở huyện Ba Vì cũ"),
    ("khong ho = ngheo", "người không phải hộ nghèo"),
    ("ho = ngheo va khong da-nhan 12 trong 7 ngay", "hộ nghèo chưa nhận đợt gửi số 12 trong 7 ngày qua"),
    ("ho = ngheo hoac tieng = en", "hộ nghèo, hoặc người dùng tiếng Anh"),
    ("(ho = ngheo hoac kenh = web) va gap-cuoi trong 30 ngay",
     "người (là hộ nghèo hoặc có kênh trang web), và nhắn lần cuối trong 30 ngày qua"),
    ("khong gap-cuoi chua bao gio", "người đã từng nhắn"),
    ("khong (khong ho = khac)", "người là hộ khác"),
    ("xong hoc-nghe 3 ngay truoc", "người đã xong “Học nghề” đúng 3 ngày trước"),
])  # fmt: skip
def test_a_query_is_told_as_people_say_it(query: str, words: str) -> None:
    assert in_words(parse(query, NAMES), LIBRARY) == words


def test_a_question_is_quoted_and_its_answer_named() -> None:
    told = in_words(parse("da-tra-loi vay-von.hoi", NAMES), LIBRARY)
    assert told == "người đã trả lời câu “Bà con muốn xem tiếp phần nào?” của “Vay vốn ưu đãi”"


@given(SEGMENTS)
def test_every_segment_has_words_without_holes(segment: Segment) -> None:
    told = in_words(segment, LIBRARY)
    assert told
    assert not {"{", "}", "None"} & set(told.split())
    assert "  " not in told


@pytest.mark.parametrize("subject", SUBJECTS)
def test_whatever_a_menu_offers_can_be_understood(subject: str) -> None:
    found = SUBJECTS[subject]
    values = [value for value, _shown in found.options(LIBRARY)] or ["7"]
    for value in values:
        for days in ("", "7") if found.timed and subject != "gap-dau" else ("7",):
            assert joined("", condition(subject, value, days), LIBRARY)


@given(SEGMENTS, SEGMENTS, st.booleans(), st.booleans())
def test_joining_adds_to_what_was_there(before: Segment, added: Segment, either: bool, negated: bool) -> None:
    written = joined(str(before), str(added), LIBRARY, either=either, negated=negated)
    new = Not(added) if negated else added
    kind = AnyOf if either else All
    parts = before.parts if isinstance(before, kind) else (before,)
    assert parse(written, NAMES) == parse(str(kind((*parts, new))), NAMES)


@given(SEGMENTS)
def test_what_is_left_without_a_condition_is_all_the_others(segment: Segment) -> None:
    query = str(segment)
    for part in parts_of(query, LIBRARY):
        left = parse(part.rest, NAMES)
        assert left != segment
        assert str(left) == part.rest
