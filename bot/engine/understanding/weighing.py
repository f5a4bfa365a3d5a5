"""From the model's scores to a judgement: how sure is sure enough to enter, to ask, or to say it is none of ours."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import exp

from msgspec import Struct

from bot.engine.understanding.judgement import DANGER, Action, Judgement
from bot.engine.understanding.model import Model

NONE = "ngoai"
"""The label of what is none of ours."""
PHRASE = 0.1
"""What a phrase of a dialog in the text adds: it settles what is nearly even, and outweighs nothing that is clear."""
SURE = 0.15
"""How far the best must be ahead of the second to be entered: of real questions that nobody learnt from, 96 in 100
that were this far ahead were right."""
FOREIGN = 0.9
"""How far none of ours must be ahead of every topic for nothing to be offered: to be asked once too often is a
nuisance, to be turned away with a question of ours is worse."""
CLEAR = 0.8
"""How far the best must be ahead to stand by itself, where what surrounds it speaks for something else."""
STEEP = 4.0
"""The share that is right by how far ahead the best is: 1 / (1 + e^(-STEEP x lead)). Between what cross-validation over
our own sentences gives, odd as many are (2.8), and real questions (about 6)."""
BUTTONS = 3
"""Topics offered at most: more are not read."""
UNASKED = frozenset(("cam-on",))
"""Nobody is asked whether they meant to say thank you, unless it's the best guess."""


SHORT = 3
"""Words up to which a text says too little to be sure by single words: "ben tre" is a place, "tre" may be a child."""


class Weighed(Struct, frozen=True):
    """Labels with their scores, best first. `is_thin`: a few words that nobody has said next to each other before."""

    ranked: tuple[tuple[str, float], ...]
    is_thin: bool = False

    @property
    def best(self) -> str:
        return self.ranked[0][0]

    @property
    def second(self) -> str:
        return self.ranked[1][0]

    @property
    def lead(self) -> float:
        """How far the best is ahead."""
        return self.ranked[0][1] - self.ranked[1][1]

    @property
    def is_sure(self) -> bool:
        return self.best != NONE and self.lead >= SURE and not self.is_thin

    @property
    def topics(self) -> tuple[str, ...]:
        """The best topics of ours, for buttons."""
        ours = (label for label, _ in self.ranked if label != NONE)
        return tuple(label for label in ours if label == self.best or label not in UNASKED)[:BUTTONS]


def weigh(model: Model, words: Sequence[str], dialogs: Collection[str], phrased: str | None) -> Weighed:
    """The labels that are dialogs, and none of ours, by how much accented *words* speak for each.

    *phrased* is the dialog one of whose phrases stands in them.
    """
    scores = model.scores(words)
    if phrased in scores:
        scores[phrased] += PHRASE
    known = [(label, score) for label, score in scores.items() if label == NONE or label in dialogs]
    others = [(label, score) for label, score in known if label != DANGER]
    is_thin = len(words) <= SHORT and not phrased and not model.knows_pair(words)
    return Weighed(tuple(sorted(others, key=lambda entry: (-entry[1], entry[0]))), is_thin)


def judged(weighed: Weighed) -> Judgement:
    """What *weighed* comes to."""
    topic, second = (None if label == NONE else label for label in (weighed.best, weighed.second))
    action: Action = "enter" if weighed.is_sure else "none" if topic is None and weighed.lead >= FOREIGN else "offer"
    confidence = 1 / (1 + exp(-STEEP * weighed.lead))
    return Judgement(topic, confidence, action, () if action == "none" else weighed.topics, second)
