"""From sentences to the bytes of `content/understanding/model.json`: the same sentences, the same bytes."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from math import log, sqrt
from pathlib import Path

import msgspec
from msgspec.structs import replace

from bot.engine.understanding.features import Groups, concepts_of, features_of
from bot.engine.understanding.model import NOUGHT, Stored, shared
from bot.engine.understanding.spelling import Spellings
from bot.library.learning.machine import Sample, train
from bot.library.learning.sentences import Sentence, load_asides, load_concepts, load_sentences
from bot.library.source import LibraryError, Problem
from bot.library.understanding import load_spellings
from bot.library.usage import packed

COST = 2.0
"""How dear errors are beside large weights; of 0.3 to 4, 1 and 2 were best in cross-validation."""
QUIET = 7
"""Weights below this many 127ths of the largest are left out, five in six: one message in 200 is read worse for it."""
TOP = 127
"""The largest weight of a byte around `NOUGHT`."""
_BIAS = 0
"""The place of what every sample has."""


def build_usage(content: Path) -> bytes:
    """Count the words of *content*, as the model reads them. LibraryError when its files can't be used."""
    return packed(_spellings(content).usage)


def build_model(content: Path) -> bytes:
    """Learn from *content*; about 50 s. LibraryError when its files can't be used."""
    sentences = load_sentences(content, _spellings(content))
    return msgspec.json.encode(learnt(sentences, load_concepts(content), load_asides(content)))


def _spellings(content: Path) -> Spellings:
    problems: list[Problem] = []
    spellings = load_spellings(content, problems, afresh=True)
    if problems:
        raise LibraryError(problems)
    return spellings


def learnt(sentences: Sequence[Sentence], groups: Groups, asides: Sequence[str] = ()) -> Stored:
    """The model of *sentences*: weights by rarity of features (TF-IDF), one machine for each label."""
    concepts = concepts_of(groups)
    looked = [features_of(sentence.words, concepts) for sentence in sentences]
    times = Counter(name for features in looked for name in features)
    names = sorted(times)
    rarities = [1.0, *(log((1 + len(sentences)) / (1 + times[name])) + 1 for name in names)]
    places = {name: at for at, name in enumerate(names, start=1)}
    labels = sorted({sentence.label for sentence in sentences})
    samples = [
        _sample([places[name] for name in features], rarities, labels.index(sentence.label), sentence.weight)
        for features, sentence in zip(looked, sentences, strict=True)
        if features
    ]
    trained = [train(samples, label, len(rarities)) for label in range(len(labels))]
    return replace(_stored(labels, names, rarities, trained), concepts=dict(groups), asides=tuple(asides))


def _sample(places: list[int], rarities: Sequence[float], label: int, weight: float) -> Sample:
    values = [rarities[place] for place in places]
    length = sqrt(sum(value * value for value in values))
    return Sample((_BIAS, *places), (1.0, *(value / length for value in values)), label, COST * weight)


def _stored(
    labels: Sequence[str],
    names: Sequence[str],
    rarities: Sequence[float],
    trained: Sequence[Sequence[float]],
) -> Stored:
    """Weights as bytes: each times the rarity of its feature, so that at run time nothing is left but to add."""
    columns = [[weight * rarity for weight, rarity in zip(weights, rarities, strict=True)] for weights in trained]
    scale = max(abs(weight) for column in columns for weight in column[1:]) / TOP
    rarity_scale = max(rarity * rarity for rarity in rarities[1:]) / 255
    rows, kept = bytearray(), []
    for at, name in enumerate(names, start=1):
        weights = [(place, round(column[at] / scale)) for place, column in enumerate(columns)]
        loud = [(place, weight + NOUGHT) for place, weight in weights if abs(weight) >= QUIET]
        if loud:
            kept.append(name)
            rows += bytes((len(loud), round(rarities[at] ** 2 / rarity_scale), *chain.from_iterable(loud)))
    return Stored(
        labels=tuple(labels), biases=tuple(round(column[_BIAS], 4) for column in columns), scale=scale,
        rarity_scale=rarity_scale, concepts={}, asides=(), features=shared(kept), weights=b64encode(rows).decode(),
    )  # fmt: skip
