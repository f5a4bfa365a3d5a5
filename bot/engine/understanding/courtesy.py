"""What people put around what they mean: politeness, and who speaks to whom. "Cho em chọn số 2 với ạ" means "số 2"."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator


def unmarked(word: str) -> str:
    """*word*, composed and in lower case, without its diacritics."""
    letters = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return "".join(letter for letter in letters if letter.isascii())


def forms(words: str) -> frozenset[str]:
    """The *words* as they are written, and without their diacritics."""
    return frozenset(form for word in words.split() for form in (word, unmarked(word)))


OPENINGS = forms("dạ vâng ừ thưa alo ơi à chào thôi thì làm ơn") | {"thế", "vậy"}
"""Some are courtesy only with their diacritics: "vay" is a loan, "can" may be "cận", "the" a card, "dau" a number."""
ADDRESS = forms("em cháu con tôi mình bác cô chú anh chị ông bà bạn cụ ad bot tớ")
WISHES = forms("muốn xin cho nhờ lấy hỏi hãy định") | {"cần"}
CLOSINGS = forms("ạ à nhé nha nhá ơi với đi đấy nào luôn ngay rồi thôi nhỉ hả cảm cám ơn nữa") | {"đâu", "đó", "vậy"}
FAVOURS = forms("giúp giùm dùm cho cảm cám ơn") | {"hộ"}
"""Behind these stands whom it is for or to: "dừng giúp em", "cảm ơn cô"."""

_NAMED_BEHIND = FAVOURS | CLOSINGS


def without_courtesy(words: tuple[str, ...]) -> tuple[str, ...]:
    """What is left of *words*, in lower case, without the courtesy around them: at least one word."""
    start = _start(words)
    return words[start : _end(words, start)]


def barer(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """*words*, and then what is left as the courtesy around them is taken away word by word."""
    first, last = _start(words), _end(words, 0)
    for end in range(len(words), last - 1, -1):
        for start in range(min(first, end - 1) + 1):  # "dạ thôi" is "thôi" rather than "dạ"
            yield words[start:end]


def _start(words: tuple[str, ...]) -> int:
    start = 0
    while start < len(words) - 1 and (words[start] in OPENINGS or words[start] in ADDRESS or words[start] in WISHES):
        start += 1
    return start


def _end(words: tuple[str, ...], start: int) -> int:
    end = len(words)
    while end - 1 > start and _is_closing(words, end - 1):
        end -= 1
    return end


def _is_closing(words: tuple[str, ...], at: int) -> bool:
    """Whether the word there only closes: a person is named before another closing ("em ạ"), or behind one."""
    word = words[at]
    is_named = word in ADDRESS and (at + 1 < len(words) or words[at - 1] in _NAMED_BEHIND)
    return is_named or word in CLOSINGS or word in FAVOURS
