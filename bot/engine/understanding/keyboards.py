"""What a Vietnamese keyboard leaves behind when it doesn't compose: Telex ("dduwowcj") and VNI ("d9uoc75")."""

from __future__ import annotations

import re

from bot.engine.understanding.syllables import split_tone, with_tone

_TELEX_TONES = {"f": "\u0300", "s": "\u0301", "x": "\u0303", "r": "\u0309", "j": "\u0323"}
_VNI_TONES = {"2": "\u0300", "1": "\u0301", "4": "\u0303", "3": "\u0309", "5": "\u0323"}
_CIRCUMFLEX, _BREVE, _HORN = "\u0302", "\u0306", "\u031b"
_VOWEL = re.compile("[aeiouy]")
_DOUBLED = re.compile("([aeo])([a-z]*?)\\1")
"""Telex writes a circumflex by the vowel again, at once or after what stands between: "vieet", "viete"."""
_STRAY = re.compile("[fsxrj]$")
_HORNED = f"u{_HORN}o{_HORN}"


def from_telex(typed: str) -> str | None:
    """The word behind Telex keys, composed; None if *typed*, in lower case, has none of them.

    Of a word that was composed in part only the tone may be left: "đươcj".
    """
    if not typed.isascii():
        letters, tone = split_tone(typed)
        key = _STRAY.search(letters)
        return None if tone or key is None else with_tone(_STRAY.sub("", letters), _TELEX_TONES[key[0]])
    stroke = typed.startswith("dd")
    keys = typed[stroke:]
    if not _VOWEL.search(keys):
        keys = keys.replace("w", "uw", 1)  # alone it is ư: "dwngf"
    vowel = _VOWEL.search(keys)
    start = vowel.start() if vowel else 0
    at = max(map(keys.rfind, _TELEX_TONES))
    tone = _TELEX_TONES[keys[at]] if at > start else ""
    rest = "".join(key for key in keys[start:] if key not in _TELEX_TONES)
    marked = _marked(rest)
    if not stroke and marked == rest and (not tone or (keys[at] in "srx" and _VOWEL.search(keys, at))):
        return None  # without another key for a mark, s, r and x before a vowel are letters: "taxi"
    return _composed(stroke, keys[:start] + marked, tone)


def _marked(rest: str) -> str:
    """What stands from the first vowel on, its w's and second vowels turned into the marks that they are typed for."""
    if "w" in rest:
        return _with_w(rest.replace("w", ""), rest)
    return _DOUBLED.sub(lambda match: f"{match[1]}{_CIRCUMFLEX}{match[2]}", rest, count=1)


def _with_w(rest: str, typed: str) -> str:
    """*rest* is *typed* without its w: on "uo" it makes two horns, on o and u a horn, on a a breve."""
    if "uo" in rest:
        return rest.replace("uo", _HORNED, 1)
    before = typed[: typed.index("w")]
    for vowel in reversed(before):
        if vowel in "aou":
            at = before.rindex(vowel) + 1
            return rest[:at] + (_BREVE if vowel == "a" else _HORN) + rest[at:]
    return f"u{_HORN}{rest}"


def from_vni(typed: str) -> str | None:
    """The word behind VNI keys, composed; None if *typed*, letters and digits in lower case, can't be one."""
    letters = re.sub("[0-9]", "", typed)
    keys = [key for key in typed if key.isdigit()]
    stroke = "9" in keys and letters.startswith("d")
    tones = [_VNI_TONES[key] for key in keys if key in _VNI_TONES]
    marks = [key for key in keys if key in "678"]
    if len(tones) + len(marks) + stroke != len(keys) or len(tones) > 1 or len(marks) > 2 or not letters.isascii():
        return None
    return _composed(stroke, _vni_marked(letters, typed, marks), tones[0] if tones else "")


def _vni_marked(letters: str, typed: str, marks: list[str]) -> str:
    if "7" in marks and "uo" in letters:
        return letters.replace("uo", _HORNED, 1)
    if not marks:
        return letters
    wanted, mark = {"6": ("aeo", _CIRCUMFLEX), "7": ("ou", _HORN), "8": ("a", _BREVE)}[marks[0]]
    before = re.sub("[0-9]", "", typed[: typed.index(marks[0])])
    at = max(before.rfind(vowel) for vowel in wanted) + 1
    return letters[:at] + mark + letters[at:] if at else letters


def _composed(stroke: bool, letters: str, tone: str) -> str:
    word = with_tone(letters, tone)
    return "đ" + word[1:] if stroke else word
