"""From what an officer wrote to a segment, or to the column where it can't be understood."""

from __future__ import annotations

from datetime import date
from functools import cache

from lark import Lark, Token, Transformer, UnexpectedToken, v_args
from lark.exceptions import VisitError

from bot.engine.segments.errors import SegmentError, nearest
from bot.engine.segments.grammar import GRAMMAR
from bot.engine.segments.lexing import QueryLexer
from bot.engine.segments.model import (
    After,
    Ago,
    All,
    AnyOf,
    Before,
    Deed,
    Did,
    Everyone,
    Got,
    Has,
    InDialog,
    Is,
    Not,
    Seen,
    Segment,
    Subject,
    When,
    Within,
)
from bot.engine.segments.names import Names, Place
from bot.engine.segments.words import CLAIMS, FIELD_PHRASES
from bot.engine.words import fold

LONGEST = 4_000
"""Letters of the longest query: every commune of the city fits, and a pasted document doesn't."""
MOST_DAYS = 3_660
MOST_DIGITS = 9
YEARS = range(2000, 2101)
_SUBJECTS: dict[str, Subject] = {
    "HOUSEHOLD": "ho", "COMMUNE": "xa", "LANGUAGE": "tieng", "CHANNEL": "kenh", "TOPIC": "chu-de", "CONSENT": "dong-y",
    "STOP": "dung-tin", "SOURCE": "nguon",
}  # fmt: skip
_DUE = {
    "VALUE": "một giá trị", "NUMBER": "một số", "DATE": "một ngày như 2026-11-23", "DAYS": "“ngay” hoặc “gio”",
    "_EQ": "“=”, “!=” hoặc “trong (…)”", "_COMMA": "“,” hoặc “)”", "_LPAR": "“(”", "_RPAR": "“)”",
}  # fmt: skip
"""What stands where a token was expected, in the order in which it is told."""


def parse(query: str, names: Names) -> Segment:
    """The segment that *query* says, its values looked up in *names*. Raises `SegmentError`, and nothing else."""
    if len(query) > LONGEST:
        raise SegmentError(LONGEST + 1, "syntax", f"câu dài quá {LONGEST} chữ")
    try:
        segment: Segment = _Reader(names).transform(_parser().parse(query))
    except UnexpectedToken as error:
        raise _unexpected(error, query) from None
    except VisitError as error:
        raise error.orig_exc from None
    return segment


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer=QueryLexer)


def _unexpected(error: UnexpectedToken, query: str) -> SegmentError:
    token, expected = error.token, set(error.expected)
    if token.type == "$END":
        due = _due(expected)
        what = f"câu còn thiếu {due}" if query.strip() else "câu còn trống; muốn gửi cho mọi người thì viết tat-ca"
        return SegmentError(len(query) + 1, "syntax", what)
    if token.type == "WORD" and expected.issuperset(CLAIMS):
        near = nearest(token, FIELD_PHRASES)
        return SegmentError(token.column or 1, "field", f"không có trường “{token}”", word=str(token), nearest=near)
    return SegmentError(
        token.column or 1, "syntax", f"không hiểu “{token}” ở chỗ này: chờ {_due(expected)}", word=str(token)
    )


def _due(expected: set[str]) -> str:
    if expected.issuperset(CLAIMS):
        return "một điều kiện, ví dụ ho = ngheo"
    due = [told for kind, told in _DUE.items() if kind in expected]
    if "_AND" in expected:
        due.append("“va”, “hoac” (giá trị nhiều chữ thì đặt trong ngoặc kép)")
    return ", ".join(due) or "một điều kiện khác"


@v_args(inline=True)
class _Reader(Transformer[Token, Segment]):
    """Makes values of the rules of the grammar; the methods are named after them."""

    def __init__(self, names: Names) -> None:
        super().__init__()
        self._names = names

    def any(self, *parts: Segment) -> Segment:
        return AnyOf(parts)

    def all(self, *parts: Segment) -> Segment:
        return All(parts)

    def negated(self, part: Segment) -> Segment:
        return Not(part)

    def everyone(self, _: Token) -> Segment:
        return Everyone()

    def talking(self, _: Token) -> Segment:
        return InDialog()

    def subject(self, token: Token) -> Token:
        return token

    def list(self, *values: Token) -> tuple[Token, ...]:
        return values

    def equals(self, subject: Token, values: Token | tuple[Token, ...]) -> Segment:
        name = _SUBJECTS[subject.type]
        found = [value for token in _each(values) for value in self._meant(name, token)]
        return Is(name, tuple(dict.fromkeys(found)))

    def differs(self, subject: Token, values: Token | tuple[Token, ...]) -> Segment:
        return Not(self.equals(subject, values))

    def field_equals(self, _: Token, field: Token, values: Token | tuple[Token, ...]) -> Segment:
        name = self._field(field)
        known = self._names.fields[name]
        found = [known.get(fold(_filled(token)), str(token)) for token in _each(values)]
        return Has(name, tuple(dict.fromkeys(found)))

    def field_differs(self, _: Token, field: Token, values: Token | tuple[Token, ...]) -> Segment:
        return Not(self.field_equals(_, field, values))

    def field_set(self, _: Token, field: Token, __: Token) -> Segment:
        return Has(self._field(field))

    def field_unset(self, _: Token, field: Token, __: Token) -> Segment:
        return Not(Has(self._field(field)))

    def seen(self, which: Token, when: When) -> Segment:
        return Seen("gap-cuoi" if which.type == "LAST" else "gap-dau", when)

    def never_seen(self, _: Token, __: Token) -> Segment:
        return Seen("gap-cuoi", None)

    def reached(self, _: Token, place: Token, when: When | None = None) -> Segment:
        return self._did("da-toi", place, when)

    def answered(self, _: Token, place: Token, when: When | None = None) -> Segment:
        return self._did("da-tra-loi", place, when)

    def chose(
        self, _: Token, place: Token, values: Token | tuple[Token, ...], when: When | None = None
    ) -> Segment:  # fmt: skip
        found = self._place(place)
        choices = tuple(dict.fromkeys(_choice(found, token) for token in _each(values)))
        return Did("da-tra-loi", found.dialog, found.node, choices, when)

    def finished(self, _: Token, place: Token, when: When | None = None) -> Segment:
        return self._did("xong", place, when)

    def got(self, _: Token, number: Token, when: When | None = None) -> Segment:
        return Got(_number(number, 10**MOST_DIGITS - 1), when)

    def contacted(self, _: Token, when: When | None = None) -> Segment:
        return Got(None, when)

    def within(self, number: Token, unit: Token) -> When:
        if unit.type == "DAYS":
            return Within(_number(number, MOST_DAYS), "days")
        return Within(_number(number, MOST_DAYS * 24), "hours")

    def ago(self, number: Token, _: Token) -> When:
        return Ago(_number(number, MOST_DAYS))

    def before(self, day: Token) -> When:
        return Before(_day(day))

    def after(self, day: Token) -> When:
        return After(_day(day))

    def _meant(self, subject: Subject, token: Token) -> tuple[str, ...]:
        found = self._names.values[subject].get(fold(_filled(token)))
        if found is not None:
            return found
        if subject == "nguon":  # whatever a poster's link carried
            return (str(token),)
        what = f"“{token}” không phải là giá trị của {subject}"
        raise _unknown(token, subject, what, self._names.shown[subject])

    def _field(self, token: Token) -> str:
        name = fold(token).replace(" ", "-")
        if name not in self._names.fields:
            raise _unknown(token, "field", f"không có trường “{token}” trong hội thoại nào", self._names.shown["field"])
        return name

    def _did(self, deed: Deed, token: Token, when: When | None) -> Segment:
        place = self._place(token)
        if deed == "xong" and place.node:
            dialog = place.dialog
            raise SegmentError(
                token.column or 1, "dialog", "xong là xong cả hội thoại, không phải một nút", nearest=dialog
            )
        if deed == "da-tra-loi" and place.node and not place.waits:
            raise SegmentError(token.column or 1, "node", f"nút “{token}” không hỏi gì", word=str(token))
        return Did(deed, place.dialog, place.node, (), when)

    def _place(self, token: Token) -> Place:
        """The dialog, or the dialog and node parted by the last full stop."""
        dialogs = self._names.dialogs
        if (found := dialogs.get(fold(_filled(token)))) and "." not in token:
            return Place(found)
        dialog, _, node = token.rpartition(".")
        known = dialogs.get(fold(dialog))
        if known is None:
            raise _unknown(token, "dialog", f"không có hội thoại “{dialog or token}”", self._names.shown["dialog"])
        place = self._names.places.get((known, fold(node)))
        if place is None:
            nodes = [f"{known}.{each.node}" for (of, _), each in self._names.places.items() if of == known]
            raise _unknown(token, "node", f"hội thoại {known} không có nút “{node}”", nodes)
        return place


def _choice(place: Place, token: Token) -> str:
    choices = place.choices or {}
    found = choices.get(fold(_filled(token)))
    if found is None:
        what = f"“{token}” không phải là lựa chọn của {place.dialog}.{place.node}"
        raise _unknown(token, "choice", what, dict.fromkeys((*choices.values(), *choices)))
    return found


def _each(values: Token | tuple[Token, ...]) -> tuple[Token, ...]:
    return (values,) if isinstance(values, Token) else values


def _filled(token: Token) -> Token:
    if not token.strip():
        raise SegmentError(token.column or 1, "value", "giá trị trong ngoặc kép còn trống")
    return token


def _unknown(token: Token, kind: str, what: str, known: object) -> SegmentError:
    near = nearest(token, known)  # type: ignore[arg-type]
    return SegmentError(token.column or 1, kind, what, word=str(token), nearest=near)


def _number(token: Token, most: int) -> int:
    if len(token) > MOST_DIGITS or not 1 <= int(token) <= most:
        raise SegmentError(token.column or 1, "number", f"số {token} phải từ 1 đến {most}", word=str(token))
    return int(token)


def _day(token: Token) -> date:
    """ISO ("2026-11-23"), or as people write it ("23/11/2026")."""
    year, month, day = token.split("-") if "-" in token else reversed(token.split("/"))
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        raise SegmentError(token.column or 1, "date", f"không có ngày {token}", word=str(token)) from None
    if found.year not in YEARS:
        raise SegmentError(token.column or 1, "date", f"năm của {token} quá xa", word=str(token))
    return found
