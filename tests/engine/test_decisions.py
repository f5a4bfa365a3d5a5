"""What must not change a decision: composition, case and courtesy never do, one slip hardly ever."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.router import judge
from bot.engine.words import fold
from bot.library.learning.sentences import without_marks
from tests.engine.test_spelling import SAID
from tests.shipped import shipped

SOME = [line for line in SAID[::9] if fold(line) != "cho hoi"]  # there nothing is left to be polite about
SLIPS: dict[str, Callable[[str, int], str]] = {
    "a letter too few": lambda word, at: word[:at] + word[at + 1 :],
    "a letter twice": lambda word, at: word[: at + 1] + word[at:],
    "two letters changed": lambda word, at: word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    "another letter": lambda word, at: word[:at] + "x" + word[at + 1 :],
}


def decision(text: str) -> tuple[object, ...]:
    judged = judge(shipped(), text)
    return judged.topic, judged.action, judged.confidence, judged.offered


@given(st.sampled_from(SAID))
def test_composition_and_case_never_change_a_decision(line: str) -> None:
    decided = decision(line)
    for typed in (unicodedata.normalize("NFD", line), line.upper(), line.lower()):
        assert decision(typed) == decided


@pytest.mark.parametrize("frame", ["{} ạ", "{} với", "cho hỏi {}", "{} cho hỏi", "Dạ, {} với ạ!"])
@pytest.mark.parametrize("typed", [str, without_marks])
def test_courtesy_never_changes_a_decision(frame: str, typed: Callable[[str], str]) -> None:
    framed = ((typed(line), typed(frame.format(line))) for line in SOME)
    changed = [polite for line, polite in framed if decision(line) != decision(polite)]
    assert changed == []


def slipped(kind: str) -> Iterator[tuple[str, str]]:
    """Each sentence that has a word of six letters or more, as it was and with one slip in such a word."""
    at_random = Random(kind)
    for line in SAID:
        words = line.split()
        long = [at for at, word in enumerate(words) if len(word) >= 6 and word.isalpha()]
        if long:
            at = at_random.choice(long)
            words[at] = SLIPS[kind](words[at], at_random.randrange(len(words[at]) - 1))
            yield line, " ".join(words)


@pytest.mark.parametrize("kind", SLIPS)
def test_one_slip_in_a_word_of_six_letters_hardly_ever_changes_what_is_understood(kind: str) -> None:
    pairs = [(line, typed) for line, typed in slipped(kind) if fold(line) != fold(typed)][::2]
    changed = [typed for line, typed in pairs if judge(shipped(), line).topic != judge(shipped(), typed).topic]
    assert len(changed) <= len(pairs) // 100, changed
