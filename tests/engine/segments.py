"""Random segments over the shipped dialogs, and the values that the people in them may have."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from bot.engine.segments.model import (
    After,
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
    Subject,
    When,
    Within,
)

VALUES: dict[Subject, tuple[str, ...]] = {
    "ho": ("ngheo", "can-ngheo", "moi-thoat", "khac", ""), "xa": ("00070", "09895", "00004", ""), "tieng": ("vi", "en"),
    "kenh": ("telegram", "zalo", "zalobot", "webchat"), "chu-de": ("hoc-nghe", "vay-von", ""),
    "dong-y": ("co", "hoi-dap", "khong", ""), "dung-tin": ("none", "week", "broadcasts", "all"),
    "nguon": ("to-roi-1", "tờ rơi", ""),
}  # fmt: skip
FIELDS = ("nau-an", "cắt tóc", "O'Neil", 'nghề "mới"')
PLACES = (("hoc-nghe", ""), ("hoc-nghe", "thich-nghe"), ("hoc-nghe", "hoi"))
CHOICES = ("nau-an", "nghe-khac")
DAYS = st.dates(date(2026, 11, 19), date(2026, 11, 24))

WHENS: st.SearchStrategy[When] = st.one_of(
    st.builds(Within, st.integers(1, 4), st.just("days")),
    st.builds(Within, st.integers(1, 60), st.just("hours")),
    st.builds(Ago, st.integers(1, 4)),
    st.builds(Before, DAYS),
    st.builds(After, DAYS),
)


def _some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True).map(tuple)


_IS = st.sampled_from(sorted(VALUES)).flatmap(lambda subject: st.builds(Is, st.just(subject), _some(VALUES[subject])))
_DID = st.sampled_from(PLACES).flatmap(
    lambda place: st.one_of(
        st.builds(Did, st.just("da-toi"), *map(st.just, place), st.just(()), st.none() | WHENS),
        st.builds(Did, st.just("da-tra-loi"), *map(st.just, place), st.just(()), st.none() | WHENS),
        st.builds(Did, st.just("xong"), st.just(place[0]), st.just(""), st.just(()), st.none() | WHENS),
    )
)
_CHOSE = st.builds(
    Did, st.just("da-tra-loi"), st.just("hoc-nghe"), st.just("thich-nghe"), _some(CHOICES), st.none() | WHENS
)
_CLAIMS = st.one_of(
    _IS, _DID, _CHOSE, st.just(Everyone()), st.just(InDialog()),
    st.builds(Has, st.just("nghe"), st.just(()) | _some(FIELDS)),
    st.builds(Seen, st.just("gap-cuoi"), st.none() | WHENS), st.builds(Seen, st.just("gap-dau"), WHENS),
    st.builds(Got, st.none() | st.integers(1, 4), st.none() | WHENS),
)  # fmt: skip


def _larger(parts: st.SearchStrategy[Segment]) -> st.SearchStrategy[Segment]:
    some = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, parts), st.builds(All, some), st.builds(AnyOf, some))


SEGMENTS: st.SearchStrategy[Segment] = st.recursive(_CLAIMS, _larger, max_leaves=6)
