"""How well texts are understood: questions whose topics are known, each asked in every form in which we have it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from unicodedata import normalize

from msgspec import UNSET, Struct, UnsetType

from bot.engine.understanding.judgement import DANGER, Judgement, counted_as
from bot.library.examples import FOREIGN, NO_DANGER
from bot.library.json_lines import lines_from
from bot.library.learning.sentences import without_marks
from bot.speech import _

PLAIN = "text"
"""The form of a question as it was asked; the others have the names that the file gives them."""
_NONE = (None, "", "none", FOREIGN, NO_DANGER)
"""What files call a question that is none of ours."""
SURE = 1.96
"""Standard deviations on either side that hold 95 % of a normal distribution."""


class Question(Struct, frozen=True):
    """A line of a file. `label` is the topic that it asks for, `also` what is right as well, `variants` other forms."""

    text: str
    id: str | int | None = None
    label: str | UnsetType | None = UNSET
    also: str | list[str] | None = None
    variants: dict[str, str] = {}

    @property
    def topic(self) -> str | None:
        """The topic, None for none of ours."""
        return None if self.label in _NONE or self.label is UNSET else counted_as(self.label)

    @property
    def right(self) -> frozenset[str | None]:
        """Every topic that may be answered."""
        also = [self.also] if isinstance(self.also, str) else self.also or []
        return frozenset((self.topic, *(None if one in _NONE else counted_as(one) for one in also)))

    @property
    def forms(self) -> Mapping[str, str]:
        """The texts by form. Where the file has none but one, the others that take no guessing are made."""
        return {PLAIN: self.text, **(self.variants or {"nodia": without_marks(self.text), "nfd": _apart(self.text)})}


def _apart(text: str) -> str:
    """*text* shouted, with its marks as letters of their own: what some phones send."""
    return normalize("NFD", text.upper())


def questions_from(data: bytes) -> list[Question]:
    """The questions of a JSON Lines file; ValueError names the first line that isn't one."""
    return lines_from(data, Question)


def labelled(questions: Iterable[Question], labels: Iterable[Question]) -> list[Question]:
    """*questions* with the labels and forms of those with the same id; ValueError where one has none."""
    by_id = {one.id: one for one in labels if one.id is not None}
    found = []
    for question in questions:
        label = question if question.id is None else by_id.get(question.id, question)
        if label.label is UNSET:
            raise ValueError(_("Câu “{text}” chưa có nhãn (label).").format(text=question.text))
        variants = label.variants if label.text == question.text else question.variants
        found.append(Question(question.text, question.id, label.label, label.also, variants))
    return found


@dataclass(frozen=True, slots=True)
class Share:
    """*part* of *whole*."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """From 0 to 1; None of nothing."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the true share lies in 95 of 100 samples (Wilson 1927: good near 0 and 1 too, and for few)."""
        if not self.whole:
            return None
        n, p, z = self.whole, self.part / self.whole, SURE
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        spread = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, middle - spread), min(1.0, middle + spread)


class Answer(Struct, frozen=True):
    """A question, and what it was taken for."""

    question: Question
    judgement: Judgement

    @property
    def label(self) -> str:
        """The topic asked for, by the name that its examples have."""
        return self.question.topic or FOREIGN

    @property
    def is_ours(self) -> bool:
        """It asks for a topic of ours; danger is none."""
        return self.label not in (FOREIGN, DANGER)

    @property
    def is_right(self) -> bool:
        """The best guess is right, or right as well."""
        return self.judgement.topic in self.question.right

    @property
    def is_strict(self) -> bool:
        """The best guess is the label."""
        return self.judgement.topic == self.question.topic

    @property
    def is_direct(self) -> bool:
        """It was led straight into a topic."""
        return self.judgement.action == "enter"

    @property
    def is_alarm(self) -> bool:
        """It was called danger."""
        return self.judgement.action == "danger"

    @property
    def is_offered(self) -> bool:
        """One of the buttons is right."""
        return bool(self.question.right.intersection(self.judgement.offered))


Claim = Callable[[Answer], bool]
MEASURES: Mapping[str, tuple[Claim, Claim]] = {
    "right": (lambda one: one.is_right, lambda one: True),
    "strict": (lambda one: one.is_strict, lambda one: True),
    "direct": (lambda one: one.is_direct, lambda one: one.label != DANGER),
    "direct_right": (lambda one: one.is_right, lambda one: one.is_direct),
    "ours_direct": (lambda one: one.is_direct, lambda one: one.is_ours),
    "buttons_right": (lambda one: one.is_offered, lambda one: one.is_ours and one.judgement.action == "offer"),
    "reached": (lambda one: one.is_offered or (one.is_direct and one.is_right), lambda one: one.is_ours),
    "intruding": (lambda one: one.is_direct and not one.is_right, lambda one: one.label == FOREIGN),
    "danger": (lambda one: one.is_alarm, lambda one: one.label == DANGER),
    "false_alarms": (lambda one: one.is_alarm, lambda one: DANGER not in one.question.right),
}
"""What is measured: of the answers for which the second holds, how many does the first hold for?"""


def share(answers: Iterable[Answer], measure: str) -> Share:
    """One of `MEASURES` over *answers*."""
    holds, concerns = MEASURES[measure]
    concerned = [one for one in answers if concerns(one)]
    return Share(sum(map(holds, concerned)), len(concerned))


def by_topic(answers: Iterable[Answer]) -> dict[str, list[Answer]]:
    """The answers by the label of their questions, most first."""
    found: dict[str, list[Answer]] = {}
    for one in answers:
        found.setdefault(one.label, []).append(one)
    return dict(sorted(found.items(), key=lambda entry: (-len(entry[1]), entry[0])))


def ask(questions: Iterable[Question], judge: Callable[[str], Judgement]) -> dict[str, list[Answer]]:
    """Every question in each of its forms; the answers by form, first those to what was asked."""
    answers: dict[str, list[Answer]] = {}
    for question in questions:
        for form, text in question.forms.items():
            answers.setdefault(form, []).append(Answer(question, judge(text)))
    return answers
