"""Examples that people made themselves: what was asked back about, under the topic that they then chose. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.engine.words import fold, number_named
from bot.library.examples import Example
from bot.store.picks import Pick

AGREED = 3
"""People who must have chosen the same: one may press the wrong button, two may be one family."""
MOST = 0.8
"""The share of all who chose that they must be."""


def agreed(picks: Iterable[Pick]) -> Sequence[Example]:
    """One example for each sentence (as it folds) that enough people took for the same topic, most people first.

    Who answers in other words has asked anew: only a button or a number is a choice.
    """
    chosen: dict[str, dict[str, set[int]]] = {}
    typed: dict[str, str] = {}
    for pick in picks:
        form = fold(pick.text)
        if form and (not pick.answer or number_named(pick.answer) is not None):
            typed.setdefault(form, pick.text)
            chosen.setdefault(form, {}).setdefault(pick.topic, set()).add(pick.contact)
    found = []
    for form, topics in chosen.items():
        topic = max(topics, key=lambda name: (len(topics[name]), name))
        people = len(topics[topic])
        if people >= AGREED and people >= MOST * sum(map(len, topics.values())):
            found.append((people, Example(typed[form], topic)))
    return [example for _, example in sorted(found, key=lambda entry: (-entry[0], fold(entry[1].text)))]
