"""Reading load: what is said is for people who read little, and often aloud to somebody else.

Vietnamese is written in syllables ("tiếng"), and only these can be counted without a dictionary. What is known of them:
- A word has 1.28, and a sentence of newspapers and books 26: VCor, 443 million in 346 million words and 17 million
  sentences (Dinh Dien and others, Applications of corpus-based contrastive linguistics for Vietnamese, SEALS 2018).
- 17 words make a standard sentence, 21 a fairly difficult one, 25 a difficult one; at 14 words on average readers
  understand over 90 % (GOV.UK, Sentence length: why 25 words is our limit, 2014, and its sources).
- Who leaves the third class reads 70 to 80 syllables a minute aloud (Circular 32/2018/TT-BGDĐT, the curriculum of
  Vietnamese); practised adults 5.25 a second (Coupé and others, Science Advances 2019).
A number is counted as one: it is seen at a glance, also where it is long to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.engine.checks.finding import Finding
from bot.engine.checks.rules import found
from bot.engine.checks.subject import Subject, Text, texts_of
from bot.engine.state import Library

MAX_SYLLABLES = 23
"""Of a sentence: 18 words."""
MAX_AVERAGE = 18
"""Syllables of a sentence, over a text of several: 14 words."""
MAX_SENTENCES = 5
"""Of a text. People hold three to five things in mind at once (Cowan, Behavioral and Brain Sciences 24, 2001)."""
MAX_TEXT = 75
"""Syllables of a text: a minute for who left school after the third class, 14 seconds read out by who reads well."""
SHORT_ITEM = 12
"""List items of up to that many syllables are read at a glance: a run of them counts as one sentence."""
OFFICE = "UBND xã Ba Vì"
"""Stands for {noi-hoi} when a text is measured."""

LONG_FORMS = {
    "BHYT": "bảo hiểm y tế", "BHXH": "bảo hiểm xã hội", "UBND": "ủy ban nhân dân", "HĐND": "hội đồng nhân dân",
    "NHCSXH": "Ngân hàng Chính sách xã hội", "MTTQ": "Mặt trận Tổ quốc", "HTX": "hợp tác xã",
    "XKLĐ": "đi làm việc ở nước ngoài", "CCCD": "căn cước công dân", "CMND": "chứng minh nhân dân",
    "LĐTBXH": "Lao động - Thương binh và Xã hội", "THCS": "trung học cơ sở", "THPT": "trung học phổ thông",
    "HSSV": "học sinh, sinh viên", "TGPL": "trợ giúp pháp lý", "KCB": "khám chữa bệnh", "VSMT": "vệ sinh môi trường",
    "TP": "thành phố", "TW": "trung ương", "CSXH": "chính sách xã hội", "CB": "cán bộ", "HN": "Hà Nội",
}  # fmt: skip
NOT_SHORT = ("SIM", "QR", "OK")
"""Capitals that people know as words; "VNeID" is a name and not in capitals alone."""
SIGNS = ("ask-where", "ask-where-commune")
"""Phrases that name the office as its sign does: "UBND xã Ba Vì"."""

_PLACEHOLDER = re.compile(r"\{([a-z0-9-]+)(?:\.([a-z0-9-]+))?\}")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)|https?://\S+")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
_SENTENCE = re.compile(r".+?(?:[.!?…:]+[”\"')*_]*(?=\s|$)|$)")
_SYLLABLE = re.compile(r"\w[\w.,/%]*")
_CAPITALS = re.compile(r"(?<![\w/.-])[A-ZĐ]{2,}\d*(?![\w/-])")
_ROMAN = re.compile(r"[IVX]+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as it is read; `offset` is the line of its text on which it stands, from 0."""

    text: str
    offset: int
    is_item: bool

    @property
    def syllables(self) -> int:
        return len(_SYLLABLE.findall(self.text))


def sentences_of(text: str) -> list[Sentence]:
    """The sentences of a Markdown text. A line that ends ends its sentence too, as list items do."""
    found_: list[Sentence] = []
    for offset, line in enumerate(text.split("\n")):
        bare = _BULLET.sub("", line)
        whole = bare.strip()
        if bare != line and whole:
            found_.extend(Sentence(part, offset, True) for part in _split(whole))
        elif whole:
            found_.extend(Sentence(part, offset, False) for part in _split(whole))
    return found_


def _split(line: str) -> Iterator[str]:
    return (part.strip() for part in _SENTENCE.findall(line) if _SYLLABLE.search(part))


def sentence_count(sentences: list[Sentence]) -> int:
    """How many sentences there are to read, runs of short list items counting as one."""
    count, in_run = 0, False
    for sentence in sentences:
        is_short = sentence.is_item and sentence.syllables <= SHORT_ITEM
        count += 0 if is_short and in_run else 1
        in_run = is_short
    return count


def as_read(library: Library, text: str) -> str:
    """*text* with its links and placeholders as people see them, each at its longest."""

    def value(match: re.Match[str]) -> str:
        fact, key = library.facts.get(match.group(1)), match.group(2)
        shown = [v.values[key].shown.get("vi", "") for v in fact.versions if key in v.values] if fact and key else []
        return max(shown, key=len, default=OFFICE)

    return _PLACEHOLDER.sub(value, _LINK.sub(lambda link: link.group(1) or "", text))


def check_reading(subject: Subject) -> Iterator[Finding]:
    """long-sentence, long-average, many-sentences, long-text"""
    for text in texts_of(subject.library):
        if text.where in ("note", "title", "label"):
            continue
        sentences = sentences_of(as_read(subject.library, text.text))
        for sentence in sentences:
            if sentence.syllables > MAX_SYLLABLES:
                yield found(
                    "long-sentence", text.path, line_in(text, sentence.offset),
                    count=str(sentence.syllables), limit=str(MAX_SYLLABLES), text=sentence.text,
                )  # fmt: skip
        yield from _too_much(text, sentences)


def _too_much(text: Text, sentences: list[Sentence]) -> Iterator[Finding]:
    syllables = sum(sentence.syllables for sentence in sentences)
    average = round(syllables / len(sentences)) if len(sentences) > 1 else 0
    for rule, count, limit in (
        ("long-average", average, MAX_AVERAGE),
        ("many-sentences", sentence_count(sentences), MAX_SENTENCES),
        ("long-text", syllables, MAX_TEXT),
    ):
        if count > limit:
            yield found(rule, text.path, text.line, count=str(count), limit=str(limit))


def check_abbreviations(subject: Subject) -> Iterator[Finding]:
    """abbreviation"""
    for text in texts_of(subject.library):
        if text.where == "note" or text.key in SIGNS:
            continue
        for short, at in _abbreviations(text.text).items():
            long = LONG_FORMS.get(short, "")
            if not long or long.casefold() not in text.text[:at].casefold():
                line = line_in(text, text.text.count("\n", 0, at))
                yield found("abbreviation", text.path, line, short=short, long=long or "…")


def _abbreviations(text: str) -> dict[str, int]:
    """Every abbreviation in *text* and where it first stands."""
    bare = _LINK.sub(lambda link: " " * len(link.group(0)), text)
    found_: dict[str, int] = {}
    for match in _CAPITALS.finditer(bare):
        if match.group(0) not in NOT_SHORT and not _ROMAN.fullmatch(match.group(0)):
            found_.setdefault(match.group(0), match.start())
    return found_


def line_in(text: Text, offset: int) -> int:
    """The line of the file for a line of a text: a message's body keeps its lines, a dialog's text may be folded."""
    return text.line + (offset if text.where == "message" else 0)
