"""The query language of segments: many ways to say one thing, and errors that point at the place."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.engine.segments import Profile, SegmentError, explain, is_everyone, matches, names_of, parse
from bot.engine.segments.matching import BroadcastGot, Happened
from bot.engine.segments.model import (
    Ago,
    All,
    AnyOf,
    Before,
    Did,
    Everyone,
    Got,
    Has,
    InDialog,
    Is,
    Not,
    Seen,
    Segment,
    Within,
)
from bot.engine.segments.words import PHRASES
from tests.engine.segments import SEGMENTS
from tests.shipped import shipped

NAMES = names_of(shipped())
AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
"""Ten in the morning in Hà Nội."""


@pytest.mark.parametrize(
    ("queries", "meant"),
    [
        (("ho = ngheo", "Hộ = Nghèo", 'household = "HỘ NGHÈO"', "loại hộ = poor"), Is("ho", ("ngheo",))),
        (
            ("ho trong (ngheo, can-ngheo)", "household in (poor, 'cận nghèo')", "ho in (ngheo, ngheo, “can ngheo”)"),
            Is("ho", ("ngheo", "can-ngheo")),
        ),
        (("ho != khac", "not ho = khac", "không hộ = khác", "ho khong trong (khac)"), Not(Is("ho", ("khac",)))),
        (("ho = chua-ro", 'ho = "chưa rõ"', "household = unknown"), Is("ho", ("",))),
        (("xa = 00070", "xa = hoan-kiem", 'phường = "Phường Hoàn Kiếm"', "WARD = Hoàn-Kiếm"), Is("xa", ("00070",))),
        (('xa = "xã Thạch Thán"', "commune = quoc-oai", 'xa = "Sài Sơn"'), Is("xa", ("09895",))),
        (("tieng = vi", "language = vietnamese", "ngôn-ngữ = Việt"), Is("tieng", ("vi",))),
        (("chu-de = hoc-nghe", 'topic = "Học nghề"', "chủ đề = HỌC-NGHỀ"), Is("chu-de", ("hoc-nghe",))),
        (("chu-de = chua-chon", "topic = none"), Is("chu-de", ("",))),
        (("dong-y = khong", "consent = no", 'đồng ý = "không đồng ý"'), Is("dong-y", ("khong",))),
        (("dung-tin = tuan", "stop = week"), Is("dung-tin", ("week",))),
        (('truong nghe = "Nấu ăn"', "field nghe = nau-an"), Has("nghe", ("nau-an",))),
        (("truong nghe chua co", "field nghe is not set", "not field nghe set"), Not(Has("nghe"))),
        (("gap-cuoi trong 30 ngay", "Last seen within 30 days", "gặp cuối in 30 days"), Seen("gap-cuoi", Within(30))),
        (("gap-cuoi chua bao gio", "last seen never"), Seen("gap-cuoi", None)),
        (("first seen before 2026-11-01", "gặp đầu trước 1/11/2026"), Seen("gap-dau", Before(date(2026, 11, 1)))),
        (("da-toi hoc-nghe", "reached dialog 'Học nghề'", "đã tới học-nghề"), Did("da-toi", "hoc-nghe")),
        (("da-toi hoc-nghe.hoi", "reached node hoc-nghe.hoi"), Did("da-toi", "hoc-nghe", "hoi")),
        (
            ("da-tra-loi hoc-nghe.thich-nghe = nau-an trong 3 gio", "answered 'Học nghề.thich-nghe' = 'Nấu ăn' in 3 h"),
            Did("da-tra-loi", "hoc-nghe", "thich-nghe", ("nau-an",), Within(3, "hours")),
        ),
        (("xong hoc-nghe 3 ngay truoc", "finished hoc-nghe 3 days ago"), Did("xong", "hoc-nghe", when=Ago(3))),
        (("chua da-nhan 12", "not got broadcast 12"), Not(Got(12))),
        (("chưa đã gửi trong 7 ngày", "not contacted within 7 days"), Not(Got(None, Within(7)))),
        (("dang-tro-chuyen", "in a dialog right now"), InDialog()),
        (("tat-ca", "Everyone", "((tất cả))"), Everyone()),
        (
            ("ho=ngheo va xa=00070 hoac tieng=en", "(ho = poor and xa = 00070) or language = en"),
            AnyOf((All((Is("ho", ("ngheo",)), Is("xa", ("00070",)))), Is("tieng", ("en",)))),
        ),
    ],
)  # fmt: skip
def test_many_ways_to_write_one_segment(queries: tuple[str, ...], meant: Segment) -> None:
    assert [parse(query, NAMES) for query in queries] == [meant] * len(queries)


def test_an_old_district_is_every_commune_made_of_it() -> None:
    codes = {code for code, c in shipped().communes.items() if "quận Hoàn Kiếm" in c.old_districts}
    assert len(codes) > 1
    found = parse('xa = "quận Hoàn Kiếm"', NAMES)
    assert isinstance(found, Is)
    assert set(found.values) == codes


@pytest.mark.parametrize(
    ("query", "column", "kind", "near"),
    [
        ("hoo = ngheo", 1, "field", "ho"),
        ("ho = ngheo va last sen within 3 days", 15, "field", "last-seen"),
        ("ho = ngeo", 6, "ho", "ngheo"),
        ('ho trong (ngheo, "cận ngèo")', 18, "ho", "can-ngheo"),
        ('xa = "Hoàng Kiếm"', 6, "xa", "Hoàn Kiếm"),
        ("chu-de = hoc-nge", 10, "chu-de", "hoc-nghe"),
        ("xong hoc-nghee", 6, "dialog", "hoc-nghe"),
        ("xong hoc-nghe.hoi", 6, "dialog", "hoc-nghe"),
        ("da-toi hoc-nghe.hoii", 8, "node", "hoc-nghe.hoi"),
        ("da-tra-loi hoc-nghe.biet-ho", 12, "node", ""),
        ("da-tra-loi hoc-nghe.thich-nghe = nau-ann", 34, "choice", "nau-an"),
        ("truong ngeh = 1", 8, "field", "nghe"),
        ('truong nghe = ""', 15, "value", ""),
        ("gap-cuoi trong 0 ngay", 16, "number", ""),
        ("gap-cuoi trong 99999999999 ngay", 16, "number", ""),
        ("gap-dau truoc 2026-13-01", 15, "date", ""),
        ("", 1, "syntax", ""),
        ("ho =", 5, "syntax", ""),
        ("xa = Hoàn Kiếm", 11, "syntax", ""),
        ("(ho = ngheo", 12, "syntax", ""),
        ('ho = "ngheo', 6, "syntax", ""),
        ("ho ! xa", 4, "syntax", ""),
        ("(" * 13 + "tat-ca" + ")" * 13, 13, "syntax", ""),
        ("tat-ca " * 1000, 4001, "syntax", ""),
    ],
)
def test_an_error_names_the_column_and_the_nearest(query: str, column: int, kind: str, near: str) -> None:
    with pytest.raises(SegmentError) as caught:
        parse(query, NAMES)
    error = caught.value
    assert (error.column, error.kind, error.nearest) == (column, kind, near)
    assert str(error).startswith(f"Cột {column}: ")
    assert "\n" not in str(error)


@given(SEGMENTS)
def test_the_canonical_query_says_the_same(segment: Segment) -> None:
    assert parse(str(segment), NAMES) == segment


_PIECES = st.sampled_from(
    [*PHRASES, "(", ")", ",", "=", "!=", '"', "“", "3", "hoc-nghe", "hoc-nghe.hoi", "2026-11-23", "1/2/2026", "ngheo"]
)


@given(st.text() | st.lists(_PIECES, max_size=12).map(" ".join))
@example("gap-dau sau 31/2/2026")
@example("gap-dau sau 9999-12-31")
@example('nguon = "\x00"')
def test_whatever_is_written_is_a_segment_or_an_error_of_ours(query: str) -> None:
    try:
        segment = parse(query, NAMES)
    except SegmentError:
        return
    assert parse(str(segment), NAMES) == segment
    matches(segment, Profile(1), AT)


def test_everyone_is_known_in_any_form() -> None:
    for query in ("tat-ca", "tat-ca va everyone", "ho = ngheo hoac tat-ca"):
        assert is_everyone(parse(query, NAMES))
    assert not is_everyone(parse("ho = ngheo va tat-ca", NAMES))


def _day(hour: int, days_ago: int) -> datetime:
    """The hour in Hà Nội, that many days before the 23rd."""
    return datetime(2026, 11, 23, tzinfo=UTC) + timedelta(hours=hour - 7, days=-days_ago)


@pytest.mark.parametrize(
    ("ended", "holds"), [(_day(0, 3), True), (_day(23, 3), True), (_day(23, 4), False), (_day(0, 2), False)]
)
def test_days_ago_is_a_day_of_hanoi(ended: datetime, holds: bool) -> None:
    person = Profile(1, events=(Happened("ended", "hoc-nghe", "", "done", ended),))
    assert matches(parse("xong hoc-nghe 3 ngay truoc", NAMES), person, AT) is holds


def test_only_an_end_that_is_done_finishes() -> None:
    person = Profile(1, events=(Happened("ended", "hoc-nghe", "", "loop", AT),))
    assert not matches(parse("xong hoc-nghe", NAMES), person, AT)


def test_a_run_counts_as_its_recurring_broadcast_once_it_was_sent() -> None:
    person = Profile(1, broadcasts=(BroadcastGot(7, 5, "sent", AT), BroadcastGot(8, None, "failed", None)))
    held = {number: matches(parse(f"da-nhan {number}", NAMES), person, AT) for number in (5, 7, 8, 9)}
    assert held == {5: True, 7: True, 8: False, 9: False}


def test_a_week_that_is_over_stops_nothing() -> None:
    person = Profile(1, stop="week", stopped_until=AT)
    assert matches(parse("stop = none", NAMES), person, AT)
    assert matches(parse("stop = week", NAMES), person, AT - timedelta(seconds=1))


def test_explaining_tells_of_every_part() -> None:
    verdict = explain(parse("ho = ngheo va khong xa = 00070", NAMES), Profile(1, household="khac"), AT)
    told = [(str(part.part), part.holds) for part in verdict.parts]
    assert (verdict.holds, told) == (False, [("ho = ngheo", False), ("khong xa = 00070", True)])
    assert [part.holds for part in verdict.parts[1].parts] == [False]
