"""What a text was taken for, and what follows from how sure that is."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

Action = Literal["enter", "offer", "none", "danger"]
DANGER = "nguy-cap"
"""The topic of a judgement of danger."""


class Judgement(Struct, frozen=True):
    """What a text asks for.

    `topic` is the best guess (a dialog id), None for none of ours, "nguy-cap" for danger; `confidence` is how often
    such a guess is right, 0 to 1. `offered` are the topics of the buttons, best first, at most three; where it is sure
    enough to enter, those that there would have been. `both`: two things were asked for, not one of several.
    `evidence`, where it was asked for: the words that spoke for the topic, and how much, the strongest first.
    """

    topic: str | None
    confidence: float
    action: Action
    offered: tuple[str, ...] = ()
    runner_up: str | None = None
    evidence: tuple[tuple[str, float], ...] = ()
    both: bool = False


_COUNTED = {"cam-on": "chao", "menu": "chao"}


def counted_as(topic: str | None) -> str | None:
    """The topic that *topic* is counted under: who labels messages calls a hello, thanks and a good-bye one topic."""
    return _COUNTED.get(topic, topic) if topic else topic


def counted(judgement: Judgement) -> Judgement:
    """*judgement* for figures, and for programs that read them. The conversation goes by the dialogs as they are."""
    offered = tuple(dict.fromkeys(_COUNTED.get(topic, topic) for topic in judgement.offered))
    runner_up = counted_as(judgement.runner_up)
    return replace(judgement, topic=counted_as(judgement.topic), offered=offered, runner_up=runner_up)
