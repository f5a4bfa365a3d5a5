"""From free text to a topic."""

from __future__ import annotations

import unicodedata
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine.router import find_topic, judge
from bot.engine.understanding.judgement import Judgement, counted
from bot.library.examples import load_examples
from tests.engine.household import Household
from tests.shipped import ROOT, library_of, shipped

ONE = "dialog: {0}\ntitle: {0}\nwords: [{1}]\nnodes: {{a: {{say: [{{text: Xin chào.}}], end: true}}}}\n"
WORDS = {"vay": "vay, vay vốn", "vay-hoc": "vay vốn cho con đi học", "vai": "váy", "dan": "dân", "dan-2": "dần"}
SMALL = library_of({name: ONE.format(name, words) for name, words in WORDS.items()})
SEED = 7
"""Of which sentences are looked at: the same ones each time."""


@cache
def sentences(count: int) -> list[str]:
    """*count* of the examples, of all topics."""
    every = [line for lines in load_examples(ROOT / "content").values() for line in lines]
    return Random(SEED).sample(every, count)


def decision(text: str, here: str = "") -> tuple[str | None, str]:
    judged = judge(shipped(), text, here)
    return judged.topic, judged.action


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


@pytest.mark.parametrize(("typed", "topic"), [("tôi muốn vay vốn", "vay"), ("trời mưa", None)])
def test_a_library_without_a_model_goes_by_phrases(typed: str, topic: str | None) -> None:
    judged = judge(SMALL, typed)
    assert (judged.topic, judged.action) == (topic, "enter" if topic else "none")


@pytest.mark.parametrize("dialog", sorted(d.id for d in shipped().dialogs.values() if d.words))
def test_every_phrase_of_a_shipped_dialog_leads_to_it(dialog: str) -> None:
    for words in shipped().dialogs[dialog].words:
        assert find_topic(shipped(), words) == dialog, words
        assert find_topic(shipped(), f"cho tôi hỏi {words} với ạ") == dialog, words


@pytest.mark.parametrize(
    ("typed", "topic"),
    [
        ("muon vay it tien nuoi ga", "vay-von"), ("con toi khong co tien dong hoc phi", "hoc-phi"),
        ("NHÀ TÔI DỘT QUÁ", "nha-o"), ("di vien bao hiem tra may phan", "bhyt"), ("xin việc làm gần nhà", "viec-lam"),
        ("số điện thoại ủy ban xã", "lien-he"), ("trợ cấp người già 80 tuổi", "tro-cap"), ("xin chào", "menu"),
    ],
)  # fmt: skip
def test_what_is_said_plainly_leads_in(typed: str, topic: str) -> None:
    assert decision(typed) == (topic, "enter")


@pytest.mark.parametrize(
    "typed",
    [
        "thời tiết ngày mai", "kết quả bóng đá tối qua", "giá vàng hôm nay", "làm hộ chiếu ở đâu",
        "hoãn nghĩa vụ quân sự", "chia thừa kế không có di chúc", "cach nau pho bo", "asdfgh qwerty",
    ],
)  # fmt: skip
def test_what_is_none_of_ours_leads_nowhere(typed: str) -> None:
    topic, action = decision(typed)
    assert topic is None
    assert action in ("none", "offer")


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    judged = judge(shipped(), text)
    assert judged.topic in {None, *shipped().dialogs}
    assert 0 <= judged.confidence <= 1
    assert len(judged.offered) <= 3
    assert set(judged.offered) <= set(shipped().dialogs)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sentences(400)))
def test_case_and_composition_change_nothing(text: str) -> None:
    same = {decision(unicodedata.normalize(form, shape)) for form in ("NFC", "NFD") for shape in (text, text.upper())}
    assert same == {decision(text)}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([text for text in sentences(400) if len(text.split()) > 3]))
def test_courtesy_changes_nothing(text: str) -> None:
    said = (f"{text} ạ", f"{text} với ạ", f"cho hỏi {text}", f"Dạ cho em hỏi {text} ạ")
    assert {decision(one)[0] for one in said} == {decision(text)[0]}


@pytest.mark.parametrize(
    "typed",
    [
        "vay vốn với học nghề",
        "vay von voi hoc nghe",
        "ko biết vay vốn hay học nghề trước",
        "vừa muốn vay vốn vừa muốn học nghề",
    ],
)
def test_of_two_wishes_both_are_offered(typed: str) -> None:
    judged = judge(shipped(), typed)
    assert (judged.action, judged.both) == ("offer", True)
    assert set(judged.offered) == {"vay-von", "hoc-nghe"}


@pytest.mark.parametrize("typed", ["vợ với chồng cùng vay có được không", "hộ nghèo và cận nghèo vay vốn thế nào"])
def test_two_people_or_two_kinds_are_one_wish(typed: str) -> None:
    judged = judge(shipped(), typed)
    assert (judged.topic, judged.both) == ("vay-von", False)


@pytest.mark.parametrize(
    "typed",
    ["còn cận nghèo thì sao?", "con can ngheo thi sao", "thế cần giấy tờ gì", "mất bao lâu", "bao nhiêu tiền ạ"],
)
def test_what_has_no_subject_is_taken_in_the_topic_at_hand(typed: str) -> None:
    for here in ("vay-von", "hoc-phi"):
        assert decision(typed, here) == (here, "enter")
    assert decision(typed)[0] != "vay-von"


@pytest.mark.parametrize(
    ("typed", "topic"),
    [("còn học phí thì sao", "hoc-phi"), ("thế còn bảo hiểm y tế", "bhyt"), ("tôi muốn học nghề", "hoc-nghe")],
)
def test_another_subject_leaves_the_topic_at_hand(typed: str, topic: str) -> None:
    assert decision(typed, "vay-von") == (topic, "enter")


def test_a_word_that_works_everywhere_is_told_as_what_it_opens() -> None:
    assert decision("dừng") == ("dung", "enter")
    assert decision("gặp cán bộ") == ("lien-he", "enter")


def test_the_evidence_names_what_spoke_for_it() -> None:
    found = judge(shipped(), "con tôi không có tiền đóng học phí", explain=True).evidence
    assert "hoc phi" in [name for name, _ in found[:3]]


def test_thanks_and_hellos_are_counted_as_one_topic() -> None:
    offer = Judgement("cam-on", 0.5, "offer", ("cam-on", "chao", "bhyt"), "menu")
    assert counted(offer) == Judgement("chao", 0.5, "offer", ("chao", "bhyt"), "chao")


def test_free_text_leads_to_a_topic_and_back_returns() -> None:
    person = Household(shipped(), {"ho": "ngheo"}).start("tien-dien")
    asked = person.at
    person.say("cho hỏi vay vốn mua bò")
    assert person.at[0] == "vay-von"
    assert person.say("quay lại").at == asked
