"""What an approved template is filled with for a person, and when it can't be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.content import Parameter, Template
from bot.engine.state import Library, Person
from bot.engine.templates import template_for, told_by, values_for
from tests.library.packs import SOUND, load, write

TODAY, NEW_YEAR, LONG_AFTER = date(2026, 11, 23), date(2027, 1, 1), date(2027, 7, 1)
TEMPLATE = Template(
    "301", "zalo", "vay-von.lai", "care", frozenset(("template",)), "Chào <ten>, lãi nay là <lai>. Hỏi <noi>.",
    (
        Parameter("ten", "{ten}", 12, "bà con"), Parameter("lai", "{lai-suat.muc}", 10),
        Parameter("noi", "{noi-hoi}", 12, needed=False),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    root = tmp_path_factory.mktemp("pack")
    write(root, SOUND)
    return replace(load(root), templates={"vay-von.lai": (TEMPLATE,)})


def person(name: str = "Bà Tư", commune: str = "09661") -> Person:
    return Person({"ten": name, "xa": commune})


def test_values_are_those_of_the_person_and_of_the_day(library: Library) -> None:
    assert values_for(library, TEMPLATE, person(), TODAY) == {"ten": "Bà Tư", "lai": "6,24%"}
    assert (values_for(library, TEMPLATE, person(), NEW_YEAR) or {})["lai"] == "7%"


def test_what_is_too_long_is_never_cut(library: Library) -> None:
    """ "UBND xã Ba Vì" has 13 letters: one that need not be there is left out, a name has something in its place."""
    values = values_for(library, TEMPLATE, person("Nguyễn Thị Minh Khai"), TODAY)
    assert values == {"ten": "bà con", "lai": "6,24%"}
    strict = replace(TEMPLATE, parameters=(Parameter("ten", "{ten}", 12),))
    assert values_for(library, strict, person("Nguyễn Thị Minh Khai"), TODAY) is None
    assert values_for(library, strict, person(""), TODAY) is None


def test_a_template_does_not_say_what_a_lapsed_fact_says(library: Library) -> None:
    assert values_for(library, TEMPLATE, person(), LONG_AFTER) is None
    assert values_for(library, replace(TEMPLATE, message="vay-von.het"), person(), TODAY) is None


def test_a_template_is_found_for_its_channel_and_its_carrier(library: Library) -> None:
    assert template_for(library, "vay-von.lai", "zalo", "template") is TEMPLATE
    assert template_for(library, "vay-von.lai", "zalo", "phone") is None
    assert template_for(library, "vay-von.lai", "telegram", "template") is None
    assert template_for(library, "vay-von.khac", "zalo", "template") is None


@given(name=st.text(max_size=40))
def test_whatever_a_person_is_called_values_are_one_line_within_their_limits(library: Library, name: str) -> None:
    values = values_for(library, TEMPLATE, person(name), TODAY)
    assert values is not None, "a name has something that stands in for it"
    for parameter in TEMPLATE.parameters:
        value = values.get(parameter.name, "")
        assert len(value) <= parameter.most
        assert "\n" not in value
        assert value or not parameter.needed
    if "<" not in values["ten"]:
        assert "<" not in told_by(TEMPLATE, values)
