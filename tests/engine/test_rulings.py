"""What officers ruled, laid over the files: a later check, a fact withheld, an edit that undoes a check."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.engine.content import lapses
from bot.engine.rulings import Check, Rulings, digest_of, ruled
from tests.shipped import shipped

FACTS = sorted(shipped().facts)
DAYS = st.dates(date(2026, 1, 1), date(2028, 1, 1))
NAMES = st.sampled_from(FACTS)


def check_of(name: str, checked: date, days: int = 180) -> Check:
    return Check(digest_of(shipped().facts[name]), checked, checked + timedelta(days=days))


@given(NAMES, DAYS)
def test_no_message_says_a_withheld_fact_on_any_day(name: str, day: date) -> None:
    library = ruled(shipped(), Rulings(withheld={name: "sai mức"}))
    for message in library.messages.values():
        if name in message.facts:
            assert lapses(message, library.facts, day)


@given(NAMES, DAYS)
def test_a_check_moves_the_review_day_and_nothing_else(name: str, checked: date) -> None:
    filed = shipped().facts[name]
    fact = ruled(shipped(), Rulings({name: check_of(name, checked)})).facts[name]
    if checked < filed.checked:
        assert fact == filed  # the file was looked at since
    else:
        assert (fact.checked, fact.review) == (checked, checked + timedelta(days=180))
        assert replace(fact, checked=filed.checked, review=filed.review, filed=None) == filed


@given(st.dictionaries(NAMES, DAYS, max_size=5), st.sets(NAMES, max_size=5))
def test_taking_all_back_gives_the_files_again(checks: dict[str, date], withheld: set[str]) -> None:
    rulings = Rulings({n: check_of(n, day) for n, day in checks.items()}, dict.fromkeys(withheld, "vì sao"))
    assert ruled(ruled(shipped(), rulings), Rulings()).facts == shipped().facts
    assert ruled(ruled(shipped(), rulings), rulings).facts == ruled(shipped(), rulings).facts


def test_an_edited_fact_loses_its_check_but_stays_withheld() -> None:
    library, name = shipped(), "chuan-ngheo"
    fact = library.facts[name]
    rulings = Rulings({name: check_of(name, date(2026, 11, 23))}, {name: "sai mức"})
    edited = replace(fact, versions=(replace(fact.versions[0], article="Điều 4"), *fact.versions[1:]))
    after = ruled(replace(library, facts={**library.facts, name: edited}), rulings).facts[name]
    assert (after.checked, after.review) == (fact.checked, fact.review)
    assert {version.state for version in after.versions} == {"withhold"}


def test_a_new_note_or_check_in_the_file_is_no_edit() -> None:
    fact = shipped().facts["chuan-ngheo"]
    assert digest_of(replace(fact, note="khác", checked=date(2026, 11, 1), review=date(2027, 1, 1))) == digest_of(fact)
    assert digest_of(replace(fact, about="khác")) != digest_of(fact)
