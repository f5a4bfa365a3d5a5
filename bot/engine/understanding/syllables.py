"""What a Vietnamese syllable can be: which letters make one, and on which vowel its tone stands."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_ONSETS = "b c ch d g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
_RHYMES = (
    "a ac ach ai am an ang anh ao ap at au ay e ec ech em en eng enh eo ep et eu i ia ich iec iem ien ieng iep iet ieu "
    "im in inh ip it iu o oa oac oach oai oam oan oang oanh oao oap oat oay oc oe oen oeo oet oi om on ong op ot u "
    "ua uan uang uat uay uc ue uech uenh ui um un ung uo uoc uoi uom uon uong uop uot uou up ut uu uy uya uych uyen "
    "uyet uynh uyt uyu"
)
_ALONE = "y yem yen yeng yet yeu"
"""Syllables that begin with y; after a consonant their sound is written with i."""
_WITH_Y = "h k l m s t v"
"""Consonants after which an i that stands alone is also written y: kỹ, kĩ."""

LETTERS = "a-zđ" + "".join(
    unicodedata.normalize("NFC", vowel + tone)
    for vowel in ("a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y")
    for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
)
"""The letters of Vietnamese, and those of English, for a class of a regular expression."""

_TONES = "\u0300\u0301\u0303\u0309\u0323"
"""Combining grave, acute, tilde, hook above and dot below: huyền, sắc, ngã, hỏi, nặng."""
_QUALITIES = "\u0302\u0306\u031b"
"""Combining circumflex, breve and horn: they make other vowels, not other tones."""


def _fits(onset: str, rhyme: str) -> bool:
    """The spelling rules: k, gh and ngh before e, i and y, else c, g and ng; qu is no cu; qu and gi swallow a vowel;
    p alone begins none but loanwords, such as pin."""
    is_front = rhyme[0] in "eiy"
    if onset in ("k", "gh", "ngh"):
        return is_front
    if onset in ("c", "g", "ng"):
        return not is_front and not (onset == "c" and rhyme.startswith("uy"))
    if onset == "p":
        return len(rhyme) < 3
    if onset == "qu":
        return rhyme[0] in "aei" or rhyme in ("oc", "o")
    return onset != "gi" or rhyme[0] != "i"


SYLLABLES = frozenset(
    {onset + rhyme for onset in _ONSETS.split() for rhyme in _RHYMES.split() if _fits(onset, rhyme)}
    | {*_RHYMES.split(), *_ALONE.split(), "gi", "gin", "quy", "quyen", "quyet", "quynh", "quyt"}
    | {onset + "y" for onset in _WITH_Y.split()}
)
"""Every syllable that the spelling rules allow, folded."""


KEPT = 4096
"""Words whose settled form is remembered: more than people use with us."""


def split_tone(word: str) -> tuple[str, str]:
    """*word* decomposed and without its tone, and the tone ("" for none)."""
    letters = unicodedata.normalize("NFD", word)
    tone = next((letter for letter in letters if letter in _TONES), "")
    return "".join(letter for letter in letters if letter not in _TONES), tone


def with_tone(letters: str, tone: str) -> str:
    """Decomposed *letters* without a tone, composed with *tone* on the vowel that carries it: "hoa" -> "hoà"."""
    if tone:
        at = _carrier(letters)
        letters = letters[:at] + tone + letters[at:]
    return unicodedata.normalize("NFC", letters)


def _carrier(letters: str) -> int:
    """Behind which letter of *letters* the tone stands: 0 if they have no vowel."""
    marked = max((letters.rfind(quality) for quality in _QUALITIES), default=-1)
    if marked >= 0:
        return marked + 1
    start = 2 if letters[:2] in ("qu", "gi") and any(letter in "aeiouy" for letter in letters[2:]) else 0
    vowels = [at for at in range(start, len(letters)) if letters[at] in "aeiouy"]
    if not vowels:
        return 0
    first, last = vowels[0], vowels[-1]
    if last + 1 < len(letters) or letters[first : last + 1] in ("oa", "oe", "uy"):
        return last + 1
    return vowels[len(vowels) // 2 if len(vowels) > 2 else 0] + 1


@lru_cache(maxsize=KEPT)
def settled(word: str) -> str:
    """*word* with its tone where it belongs, however it was placed: "hòa" and "hoà" are one."""
    return word if word.isascii() else with_tone(*split_tone(word))


def marks_of(word: str) -> frozenset[str]:
    """The diacritics of *word*, and its đ: what was typed of them must be among those of what is meant."""
    return frozenset(letter for letter in unicodedata.normalize("NFD", word) if not letter.isascii())
