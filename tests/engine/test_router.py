"""From free text to a topic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.router import find_topic
from tests.engine.household import Household
from tests.shipped import library_of, shipped

ONE = "dialog: {0}\ntitle: {0}\nwords: [{1}]\nnodes: {{a: {{say: [{{text: Xin chào.}}], end: true}}}}\n"
WORDS = {"vay": "vay, vay vốn", "vay-hoc": "vay vốn cho con đi học", "vai": "váy", "dan": "dân", "dan-2": "dần"}
SMALL = library_of({name: ONE.format(name, words) for name, words in WORDS.items()})


@pytest.mark.parametrize(
    ("typed", "topic"),
    [
        ("vay", "vay"), ("tôi muốn VAY VỐN", "vay"), ("toi muon vay von cho con di hoc dai hoc", "vay-hoc"),
        ("váy", "vai"), ("cái váy này", "vai"), ("vay vốn mua váy", "vay"), ("dần dần", "dan-2"), ("dân", "dan"),
        ("vayvốn", None), ("trời mưa", None), ("", None), ("!!!", None),
    ],
)  # fmt: skip
def test_the_longest_phrase_wins_and_diacritics_decide_a_tie(typed: str, topic: str | None) -> None:
    assert find_topic(SMALL, typed) == topic


@pytest.mark.parametrize("dialog", sorted(d.id for d in shipped().dialogs.values() if d.words))
def test_every_phrase_of_a_shipped_dialog_leads_to_it(dialog: str) -> None:
    for words in shipped().dialogs[dialog].words:
        assert find_topic(shipped(), words) == dialog, words
        assert find_topic(shipped(), f"cho tôi hỏi {words} với ạ") == dialog, words


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    assert find_topic(shipped(), text) in {None, *shipped().dialogs}


def test_free_text_leads_to_a_topic_and_back_returns() -> None:
    person = Household(shipped(), {"ho": "ngheo"}).start("tien-dien")
    asked = person.at
    person.say("cho hỏi vay vốn mua bò")
    assert person.at[0] == "vay-von"
    assert person.say("quay lại").at == asked
