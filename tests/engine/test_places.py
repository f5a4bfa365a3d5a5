"""Communes out of the shipped 126, by any name that people still use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.places import find_communes
from bot.engine.words import fold
from tests.shipped import shipped


def names(text: str) -> list[str]:
    return [commune.name for commune in find_communes(shipped(), text)]


@pytest.mark.parametrize("typed", ["Quốc Oai", "quoc oai", "QUOC OAI", "xã Quốc Oai", "xa quoc oai", "Quốc Oai, HN"])
def test_todays_name_is_found_in_any_spelling(typed: str) -> None:
    assert "Quốc Oai" in names(typed)
    assert names(typed)[0] == "Quốc Oai"


@pytest.mark.parametrize("typed", ["phường Hoàn Kiếm", "P. Hoàn Kiếm", "p hoan kiem", "phuong hoan kiem"])
def test_a_kind_in_front_is_understood(typed: str) -> None:
    assert names(typed) == ["Hoàn Kiếm"]


def test_the_kind_tells_a_commune_from_the_district_of_its_name() -> None:
    assert names("xã Ba Vì") == ["Ba Vì"]
    district = names("huyện Ba Vì")
    assert len(district) > 1
    assert set(names("Ba Vì")) == {"Ba Vì", *district}
    assert names("Ba Vì")[0] == "Ba Vì"


@pytest.mark.parametrize("code", sorted(shipped().communes))
def test_every_commune_is_found_by_each_of_its_names(code: str) -> None:
    commune = shipped().communes[code]
    for name in (commune.name, f"{commune.kind} {commune.name}", *commune.old_communes, *commune.old_districts):
        for typed in (name, fold(name), name.upper()):
            assert commune in find_communes(shipped(), typed), typed


@pytest.mark.parametrize(
    ("typed", "name"), [("Quốc Oaii", "Quốc Oai"), ("Hoàn Kiém", "Hoàn Kiếm"), ("Vân Đìnhh", "Vân Đình")]
)
def test_a_slip_of_the_finger_is_forgiven(typed: str, name: str) -> None:
    assert name in names(typed)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("dạ em ở Sóc Sơn ạ", "Sóc Sơn"), ("nha chau o xa Soc Son ha noi", "Sóc Sơn"), ("quận Đống Đa cũ", "Bạch Mai"),
        ("phường Hoàn Kiếm nhé", "Hoàn Kiếm"), ("tôi ở thôn 3 xã Minh Châu", "Minh Châu"), ("xã Ba Vif", "Ba Vì"),
        ("xã Minh Châu huyện Ba Vì", "Minh Châu"), ("nhà em ở Láng Hạ", "Đống Đa"), ("em ở phường Láng", "Láng"),
    ],
)  # fmt: skip
def test_a_name_may_stand_among_other_words(typed: str, first: str) -> None:
    assert names(typed)[:1] == [first]


@pytest.mark.parametrize("typed", ["có bị phạt không", "nhà tôi ký hợp đồng rồi", "không có đồng nào"])
def test_words_that_only_sound_like_a_place_are_none(typed: str) -> None:
    assert names(typed) == []


@pytest.mark.parametrize("typed", ["", "...", ",", "Sài Gòn", "Bến Nghé", "xyz", "không biết", "nhà tôi ở quê"])
def test_what_is_no_place_of_hanoi_is_not_found(typed: str) -> None:
    assert names(typed) == []


@given(st.text(max_size=80))
def test_no_text_breaks_the_search(text: str) -> None:
    found = find_communes(shipped(), text)
    assert len(set(found)) == len(found)
