"""Training of linear support vector machines, one for each label, in plain Python: the same weights on any machine.

Dual coordinate descent with shrinking for the squared hinge loss, after Hsieh, Chang, Lin, Keerthi and Sundararajan,
"A Dual Coordinate Descent Method for Large-scale Linear SVM", ICML 2008 (the method of LIBLINEAR). It adds and
multiplies only, in one order, so nothing depends on a numerical library; and a server that runs the bot can learn.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter, mul
from random import Random

from msgspec import Struct

SEED = 269
"""Of the order in which samples are visited. Any would do; this one is the number of the City's plan."""
ROUNDS = 40
"""Visits of all samples at most; about ten are needed."""
STILL = 0.05
"""A round whose largest violation is below this ends training: the weights then move by less than a byte shows."""


class Sample(Struct, frozen=True):
    """A sentence as numbers: *places* of its features (at least two) and their values, and how dear an error is."""

    places: tuple[int, ...]
    values: tuple[float, ...]
    label: int
    cost: float


def train(samples: Sequence[Sample], label: int, size: int) -> list[float]:
    """Weights of *size* features that are above 0 together for samples of *label* and below 0 for the others."""
    weights, alphas = [0.0] * size, [0.0] * len(samples)
    signs = [1.0 if sample.label == label else -1.0 for sample in samples]
    slacks = [1 / (2 * sample.cost) for sample in samples]
    norms = [sum(map(mul, one.values, one.values)) + slack for one, slack in zip(samples, slacks, strict=True)]
    readers = [itemgetter(*sample.places) for sample in samples]
    order, random = list(range(len(samples))), Random(SEED)
    highest = float("inf")
    for _ in range(ROUNDS):
        random.shuffle(order)
        kept, worst, top = [], 0.0, float("-inf")
        for at in order:
            sample, alpha, sign = samples[at], alphas[at], signs[at]
            slope = sign * sum(map(mul, readers[at](weights), sample.values)) - 1 + slacks[at] * alpha
            if alpha == 0.0 and slope > 0.0:
                if slope <= highest:
                    kept.append(at)
                continue
            kept.append(at)
            top, worst = max(top, slope), max(worst, abs(slope))
            alphas[at] = max(alpha - slope / norms[at], 0.0)
            step = (alphas[at] - alpha) * sign
            for place, value in zip(sample.places, sample.values, strict=True):
                weights[place] += step * value
        order, highest = kept, top if top > 0 else float("inf")
        if worst < STILL:
            break
    return weights
