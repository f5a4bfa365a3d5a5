"""From free text to a topic: danger first, then what the model has learnt and the phrases of the dialogs' `words`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from msgspec.structs import replace

from bot.engine.state import Library
from bot.engine.understanding.danger import danger_in
from bot.engine.understanding.features import bare, unadorned
from bot.engine.understanding.following import continues, has_subject
from bot.engine.understanding.judgement import DANGER, Judgement
from bot.engine.understanding.model import Model
from bot.engine.understanding.orders import command_in
from bot.engine.understanding.spelling import accented_in
from bot.engine.understanding.weighing import CLEAR, NONE, SURE, Weighed, judged, weigh
from bot.engine.understanding.wishes import halves
from bot.engine.words import fold, plain

_ENTERS = {"menu": "menu", "stop": "dung", "officer": "lien-he", "help": "chao"}
"""What whoever asks what a text means is told of a word that works everywhere, before anything is understood."""
_ABOUT_KINDS = frozenset((NONE, "tieu-chuan", "thoat-ngheo"))
"""What a household's kind alone speaks for."""
_NO_WISHES = frozenset((NONE, "chao", "cam-on"))


def judge(library: Library, text: str, here: str = "", *, explain: bool = False) -> Judgement:
    """What *text* asks for. *here* is the dialog the person is in: what has no subject of its own is taken in it.

    A library without a model knows phrases only: one that stands in the text leads in, anything else is none of ours.
    The evidence is gathered only to *explain*: it costs a fifth of the rest.
    """
    if danger_in(library, text) is not None:
        return Judgement(DANGER, 1.0, "danger")
    said, text = text, unadorned(text)
    words = bare(accented_in(text, library.spellings))
    topic = _ENTERS.get(command_in(library, text), "")
    phrased = find_topic(library, text)
    if library.model is None:
        return Judgement(phrased, 1.0 if phrased else 0.0, "enter" if phrased else "none")
    weighed = weigh(library.model, words, library.dialogs, phrased)
    if not topic and _follows(library.model, words, weighed, here):
        topic = here
    topic = topic or _phrase_alone(library, said, words)
    if topic in library.dialogs:
        return Judgement(topic, 1.0, "enter", (topic,), evidence=((text, 1.0),))
    judgement = judged(weighed)
    both = _both(library, text, words, weighed)
    if both:
        judgement = replace(judgement, action="offer", offered=both, both=True)
    if not explain:
        return judgement
    return replace(judgement, evidence=tuple(library.model.evidence(words, judgement.topic or NONE)))


def _follows(model: Model, words: Sequence[str], weighed: Weighed, here: str) -> bool:
    """Whether accented *words* go on with *here*: without a subject ("mất bao lâu?"), or put so and clear of others.

    A household's kind is no subject: "còn cận nghèo thì sao?" asks about what is being talked about.
    """
    if here not in model.labels or not words:
        return False
    if not has_subject(words, model.asides):
        is_kind = weighed.best in _ABOUT_KINDS and continues(words)
        return is_kind or weighed.best in (NONE, here) or weighed.lead < CLEAR
    return continues(words) and weighed.lead < (CLEAR if weighed.best in _ABOUT_KINDS else SURE)


def _both(library: Library, text: str, words: Sequence[str], whole: Weighed) -> tuple[str, ...]:
    """The topics of two wishes in one message: each half asks for one, and the whole for none but those."""
    model, tops = library.model, {whole.best, whole.second}
    if model is None or tops & _NO_WISHES or whole.lead >= CLEAR:
        return ()
    for parts in halves(text, words, lambda part: accented_in(part, library.spellings)):
        weighed = [weigh(model, part, library.dialogs, None) for part in parts]
        if {part.best for part in weighed} == tops and all(
            one.lead >= (SURE if has_subject(part, model.asides) else CLEAR)
            for one, part in zip(weighed, parts, strict=True)
        ):
            return tuple(one.best for one in weighed)
    return ()


@lru_cache(maxsize=4)
def _phrases(library: Library) -> tuple[tuple[str, str, str], ...]:
    """(folded phrase between spaces, phrase with diacritics, dialog id), the longest first."""
    found = [
        (f" {fold(words)} ", f" {plain(words)} ", dialog.id)
        for dialog in library.dialogs.values()
        for words in (*dialog.words, *((dialog.title,) if dialog.words else ()))
        if fold(words)
    ]
    return tuple(sorted(found, key=lambda entry: (-len(entry[0]), entry[0])))


@lru_cache(maxsize=4)
def _alone(library: Library) -> dict[str, str]:
    """Dialog by phrase, folded and with diacritics; of two dialogs' phrases that fold alike neither."""
    listed = _phrases(library)
    times = Counter(phrase for phrase, _ in {(phrase, dialog) for phrase, _, dialog in listed})
    folded = {phrase.strip(): dialog for phrase, _, dialog in listed if times[phrase] == 1}
    return folded | {exact.strip(): dialog for _, exact, dialog in listed}


def _phrase_alone(library: Library, text: str, words: Sequence[str]) -> str:
    """The dialog one of whose phrases *text* is, with its courtesies ("chào nhé") or without them."""
    whole = accented_in(text, library.spellings)
    said = dict.fromkeys(" ".join(one) for one in (whole, bare(whole), words))
    found = (_alone(library).get(one if not one.isascii() else fold(one), "") for one in said)
    return next(filter(None, found), "")


def find_topic(library: Library, text: str) -> str | None:
    """The dialog that *text* asks for, or None. Of phrases of one length, the one with its diacritics right wins."""
    folded, typed = f" {fold(text)} ", f" {plain(text)} "
    best: tuple[int, bool] = (0, False)
    topic: str | None = None
    for phrase, exact, dialog in _phrases(library):
        if len(phrase) < best[0]:
            break
        if phrase in folded:
            rank = (len(phrase), exact in typed)
            if rank > best:
                best, topic = rank, dialog
    return topic
