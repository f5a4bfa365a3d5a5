"""A segment as people say it: "hộ cận nghèo ở Ba Vì quan tâm Học nghề". The query stays the truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.engine.segments.model import All, AnyOf, Claim, Did, Everyone, Got, Has, InDialog, Is, Not, Seen, Segment
from bot.engine.state import Library
from bot.services.segmenting.deeds import deed_in_words
from bot.services.segmenting.places import places_in_words
from bot.speech import _

HOUSEHOLDS = {
    "ngheo": _("hộ nghèo"), "can-ngheo": _("hộ cận nghèo"), "moi-thoat": _("hộ mới thoát nghèo"), "khac": _("hộ khác"),
    "": _("người chưa cho biết diện hộ"),
}  # fmt: skip
LANGUAGES = {"vi": _("tiếng Việt"), "en": _("tiếng Anh")}
CHANNELS = {"telegram": "Telegram", "webchat": _("trang web"), "zalo": "Zalo", "zalobot": "Zalo Bot"}
CONSENTS = {
    "co": _("đã đồng ý nhận tin"), "hoi-dap": _("chỉ hỏi đáp, không nhận tin"), "khong": _("không đồng ý nhận tin"),
    "": _("chưa được hỏi có nhận tin không"),
}  # fmt: skip
STOPS = {
    "none": _("đang nhận tin"), "week": _("đang dừng tin một tuần"), "broadcasts": _("đã thôi nhận tin chung"),
    "all": _("đã thôi nhận mọi tin"),
}  # fmt: skip


def in_words(segment: Segment, library: Library) -> str:
    """The people of *segment*, as a phrase without a capital letter."""
    match segment:
        case AnyOf(parts=parts):
            return _(", hoặc ").join(in_words(part, library) for part in parts)
        case All(parts=parts):
            return _all(parts, library)
        case _:
            return _all((segment,), library)


def _all(parts: Sequence[Segment], library: Library) -> str:
    """Who they are first, where they live next, then whatever else holds."""
    if all(isinstance(part, Everyone) for part in parts):
        return _("tất cả mọi người")
    who = [part for part in parts if isinstance(part, Is) and part.subject == "ho"]
    where = [part for part in parts if isinstance(part, Is) and part.subject == "xa"]
    first = _households(who[0].values) if who else _("người")
    rest = [part for part in parts if part not in (*who[:1], *where) and not isinstance(part, Everyone)]
    near = " ".join((first, *(_claim(part, library) for part in where)))
    told = [_part(part, library) for part in rest]
    return _(", và ").join((f"{near} {told[0]}", *told[1:])) if told else near


def _part(part: Segment, library: Library) -> str:
    """What holds of them, to stand after "người"."""
    match part:
        case AnyOf(parts=parts):
            return "({})".format(_(" hoặc ").join(_part(one, library) for one in parts))
        case All(parts=parts):
            return "({})".format(_(" và ").join(_part(one, library) for one in parts))
        case Not(part=Not(part=inner)):
            return _part(inner, library)
        case Not(part=inner):
            return _not(inner, library)
        case _:
            return _claim(part, library)


def _not(part: Segment, library: Library) -> str:
    if isinstance(part, Is) and part.subject == "ho":
        return _("không phải {households}").format(households=_households(part.values))
    if isinstance(part, Seen | Did | Got | Has):
        return deed_in_words(part, library, holds=False)
    return _("không {condition}").format(condition=_part(part, library))


def _claim(claim: Claim, library: Library) -> str:
    match claim:
        case Everyone():
            return _("là bất kỳ ai")
        case InDialog():
            return _("đang trò chuyện")
        case Is(subject=subject, values=values):
            return _IS[subject](values, library)
        case _:
            return deed_in_words(claim, library)


def _households(values: Sequence[str]) -> str:
    return _listed([_(HOUSEHOLDS.get(value, value)) for value in values])


def _topics(values: Sequence[str], library: Library) -> str:
    titles = [_topic(value, library) for value in values if value]
    told = [_("quan tâm {topics}").format(topics=_listed(titles))] if titles else []
    return _(" hoặc ").join([*told, *([_("chưa chọn chủ đề nào")] if "" in values else [])])


def _topic(value: str, library: Library) -> str:
    dialog = library.dialogs.get(value)
    return _(dialog.title) if dialog else value


def _sources(values: Sequence[str], _library: Library) -> str:
    named = [f"“{value}”" for value in values if value]
    told = [_("đến qua {sources}").format(sources=_listed(named))] if named else []
    return _(" hoặc ").join([*told, *([_("không qua đường dẫn nào")] if "" in values else [])])


_IS: dict[str, Callable[[Sequence[str], Library], str]] = {
    "ho": lambda values, _library: _("là {households}").format(households=_households(values)),
    "xa": places_in_words,
    "tieng": lambda values, _library: _("dùng {languages}").format(
        languages=_listed([_(LANGUAGES.get(value, value)) for value in values])),
    "kenh": lambda values, _library: _("có kênh {channels}").format(
        channels=_listed([_(CHANNELS.get(value, value)) for value in values])),
    "chu-de": _topics,
    "dong-y": lambda values, _library: _listed([_(CONSENTS.get(value, value)) for value in values]),
    "dung-tin": lambda values, _library: _listed([_(STOPS.get(value, value)) for value in values]),
    "nguon": _sources,
}  # fmt: skip


def _listed(items: Sequence[str]) -> str:
    """ "a, b hoặc c"."""
    *first, last = items
    return _("{first} hoặc {last}").format(first=", ".join(first), last=last) if first else last
