"""Whether somebody's life, body or freedom is in danger now: decided before anything else.

Two that learnt apart are asked: one from the signs of danger, one from what people ask about. They err differently, so
that together they miss less and alarm fewer than either alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.engine.understanding.features import bare, unadorned
from bot.engine.understanding.judgement import DANGER
from bot.engine.understanding.orders import command_in
from bot.engine.understanding.signs import names_danger, only_sounds_so, signs_in
from bot.engine.understanding.spelling import accented_in

if TYPE_CHECKING:
    from bot.engine.state import Library

WEIGHT, LEAST, MOST = 1.3, -0.65, 0.2
"""What the model of topics counts beside the signs, and the most it may speak against danger and for it: alone it
alarms nobody, and what all signs say it can't talk away. Of 555 messages that nobody learnt from these alarmed 6 to 8
wrongly and missed at most one of 40 cries, where the signs alone alarmed 11 to 22 and missed 2 or 3."""
IDIOM = 0.4
"""How much more it takes when nothing but an idiom sounds like danger: "con tôi đi đánh giày" beats nobody."""
BRIEF = 3
"""Words in which somebody in danger names it ("cháy nhà"): what else is so short says nothing yet ("em đang", "hai
người"), whatever its words weigh in longer stories."""
UNASKED = -0.65
"""What stands in for it in a library without such a model: the signs alone must be clearer."""
ORDERS = ("help", "officer")
"""Commands that somebody in danger may use as well ("cứu với"); what is any other one as a whole is no cry for help."""


class Danger(Struct, frozen=True):
    """*kind* decides which message with which hotline is said; `sureness` is how far above what is needed it is."""

    kind: str
    sureness: float = 0.0


def danger_in(library: Library, text: str) -> Danger | None:
    """The danger that *text* tells of, or None. A library that knows no dangers finds none."""
    known = library.dangers
    if known is None:
        return None
    words = bare(accented_in(unadorned(text), library.spellings))
    signs = signs_in(known.lexicon, words)
    [score] = known.danger.scores(signs)
    if score + WEIGHT * MOST <= known.threshold:  # as most messages: the other one need not be asked
        return None
    sureness = score + _by_topics(library, words) - known.threshold
    sureness -= IDIOM if only_sounds_so(signs) else 0
    if sureness <= 0 or (len(words) <= BRIEF and not names_danger(signs)):
        return None
    if command_in(library, text) not in ("", *ORDERS):
        return None
    scores = known.kinds.scores(signs)
    return Danger(known.kinds.labels[scores.index(max(scores))], sureness)


def _by_topics(library: Library, words: Sequence[str]) -> float:
    """How much more *words* sound like danger to the model of topics than like anything else."""
    scores = library.model.scores(words) if library.model is not None else {}
    if DANGER not in scores:
        return UNASKED
    lead = scores[DANGER] - max(score for label, score in scores.items() if label != DANGER)
    return WEIGHT * max(LEAST, min(lead, MOST))


def signs_of_danger(library: Library, text: str) -> list[tuple[str, float]]:
    """What in *text* speaks for danger, and below 0 against it, the most first."""
    known = library.dangers
    if known is None:
        return []
    return known.danger.evidence(signs_in(known.lexicon, accented_in(unadorned(text), library.spellings)), 0)
