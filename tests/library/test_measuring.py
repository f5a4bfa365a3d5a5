"""Marks: what counts as right, which questions each share is of, and how far chance goes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from bot.engine.understanding.judgement import Judgement
from bot.library.measuring import MEASURES, Question, Share, ask, by_topic, labelled, questions_from, share

ENTER, ASK = Judgement("vay-von", 0.9, "enter"), Judgement("vay-von", 0.4, "offer", ("vay-von", "hoc-nghe"))
NONE, DANGER = Judgement(None, 0.8, "none"), Judgement("nguy-cap", 1.0, "danger")
DECIDED = {"vay": ENTER, "may": ENTER, "hỏi": ASK, "hỏi gì": ASK, "mưa": NONE, "bóng": ENTER, "cứu": DANGER, "êm": NONE}


def marks(*questions: Question) -> dict[str, tuple[int, int]]:
    """The shares of these, each text decided as above."""
    answers = ask([replace(one, variants={"again": one.text}) for one in questions], DECIDED.__getitem__)["again"]
    shares = {name: share(answers, name) for name in MEASURES}
    return {name: (one.part, one.whole) for name, one in shares.items()}


def test_each_share_is_of_the_questions_that_it_concerns() -> None:
    assert marks(
        Question("vay", label="vay-von"),  # straight and right
        Question("may", label="hoc-nghe"),  # straight and wrong
        Question("hỏi", label="hoc-nghe"),  # the second button
        Question("hỏi gì", label="bhyt"),  # no button is right
        Question("mưa", label="ngoai"),
        Question("bóng", label="ngoai"),  # none of ours, led into a topic
        Question("cứu", label="nguy-cap"),
        Question("êm", label="nguy-cap"),  # danger that was not seen
    ) == {
        "right": (3, 8), "strict": (3, 8), "direct": (3, 6), "direct_right": (1, 3), "ours_direct": (2, 4),
        "buttons_right": (1, 2), "reached": (2, 4), "intruding": (1, 2), "danger": (1, 2), "false_alarms": (0, 6),
    }  # fmt: skip


def test_what_is_right_as_well_is_right_but_not_strictly() -> None:
    for also in ("vay-von", ["bhyt", "vay-von"]):
        assert marks(Question("vay", label="hoc-nghe", also=also))["right"] == (1, 1)
    assert marks(Question("vay", label="hoc-nghe", also="vay-von"))["strict"] == (0, 1)
    assert marks(Question("bóng", label="ngoai", also="vay-von"))["intruding"] == (0, 1)
    assert marks(Question("cứu", label="tro-giup-phap-ly", also="nguy-cap"))["false_alarms"] == (0, 0)


@pytest.mark.parametrize("label", [None, "", "none", "ngoai", "khong-nguy-cap"])
def test_none_of_ours_has_many_names(label: str | None) -> None:
    assert marks(Question("mưa", label=label))["strict"] == (1, 1)


def test_every_form_is_marked_by_itself() -> None:
    question = Question("vay", label="vay-von", variants={"teen": "mưa"})
    answers = ask([question, Question("mưa", label="ngoai", variants={"nfd": "bóng"})], DECIDED.__getitem__)
    assert {form: len(found) for form, found in answers.items()} == {"text": 2, "teen": 1, "nfd": 1}
    assert share(answers["teen"], "right").value == 0
    assert {topic: len(found) for topic, found in by_topic(answers["text"]).items()} == {"ngoai": 1, "vay-von": 1}


def test_of_a_question_in_one_form_those_that_take_no_guessing_are_made() -> None:
    assert dict(Question("Đường vào bản bị lở").forms) == {
        "text": "Đường vào bản bị lở", "nodia": "Duong vao ban bi lo",
        "nfd": "ĐU\u031bO\u031b\u0300NG VA\u0300O BA\u0309N BI\u0323 LO\u031b\u0309",
    }  # fmt: skip


@pytest.mark.parametrize(("part", "whole", "interval"), [
    (0, 10, (0.0, 0.278)), (10, 10, (0.722, 1.0)), (181, 195, (0.883, 0.957)), (50, 100, (0.404, 0.596)),
])  # fmt: skip
def test_the_interval_is_wilsons(part: int, whole: int, interval: tuple[float, float]) -> None:
    assert Share(part, whole).interval == pytest.approx(interval, abs=0.001)


def test_a_share_of_nothing_is_none() -> None:
    assert (Share(0, 0).value, Share(0, 0).interval) == (None, None)


def lines(*rows: dict[str, Any]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def test_labels_come_from_the_line_itself_or_from_that_with_its_id() -> None:
    asked = questions_from(lines({"id": 1, "text": "a"}, {"id": "x", "text": "b", "label": "bhyt"}))
    told = questions_from(lines({"id": 1, "text": "a", "label": "vay-von", "also": "bhyt", "variants": {"nfd": "A"}}))
    first, second = labelled(asked, told)
    assert (set(first.right), dict(first.forms)) == ({"vay-von", "bhyt"}, {"text": "a", "nfd": "A"})
    assert (second.topic, second.text) == ("bhyt", "b")
    with pytest.raises(ValueError, match="“a”"):
        labelled(asked, [])


@pytest.mark.parametrize("broken", ['{"id": "a"}', "vay von", '{"text": null}', '{"text": "a", "variants": ["b"]}'])
def test_a_line_that_is_no_question_is_named(broken: str) -> None:
    with pytest.raises(ValueError, match=r"^3: "):
        questions_from(f'{{"text": "a"}}\n\n{broken}\n'.encode())
