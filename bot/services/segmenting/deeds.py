"""What people did, got or told us, as a segment asks for it, in words."""

from __future__ import annotations

from bot.engine.model import AskChoice, AskTyped
from bot.engine.segments.model import After, Ago, Before, Did, Got, Has, Seen, When, Within
from bot.engine.state import Library
from bot.speech import _

DEEDS = {
    "da-toi": (_("chưa tới {place}"), _("đã tới {place}")),
    "da-tra-loi": (_("chưa trả lời {place}"), _("đã trả lời {place}")),
    "xong": (_("chưa xong {place}"), _("đã xong {place}")),
}
"""How each is said when it doesn't hold, and when it does. The same order everywhere below."""
CHOSE = (_("chưa chọn {choices} ở {place}"), _("đã chọn {choices} ở {place}"))
GOT_ANY = (_("chưa được gửi đợt tin nào"), _("đã được gửi một đợt tin"))
GOT = (_("chưa nhận đợt gửi số {number}"), _("đã nhận đợt gửi số {number}"))
HAS_ANY = (_("chưa cho biết “{field}”"), _("đã cho biết “{field}”"))
HAS = (_("không có “{field}” là {values}"), _("có “{field}” là {values}"))
NEVER = (_("đã từng nhắn"), _("chưa nhắn bao giờ"))
SEEN = {
    "gap-cuoi": (_("lần nhắn cuối không phải"), _("nhắn lần cuối")),
    "gap-dau": (_("lần nhắn đầu không phải"), _("nhắn lần đầu")),
}
LONGEST = 60
"""Letters of a question that are quoted: enough to know it again."""


def deed_in_words(claim: Seen | Did | Got | Has, library: Library, *, holds: bool = True) -> str:
    """The claim, or that it doesn't hold, to stand after "người"."""
    match claim:
        case Seen(when=None):
            return _(NEVER[holds])
        case Seen(which=which, when=when):
            return _timed(_(SEEN[which][holds]), when)
        case Did():
            return _timed(_did(claim, library, holds), claim.when)
        case Got(broadcast=None):
            return _timed(_(GOT_ANY[holds]), claim.when)
        case Got(broadcast=number):
            return _timed(_(GOT[holds]).format(number=number), claim.when)
        case Has(name=name, values=()):
            return _(HAS_ANY[holds]).format(field=name)
        case Has(name=name, values=values):
            return _(HAS[holds]).format(field=name, values=_quoted(values))


def _did(claim: Did, library: Library, holds: bool) -> str:
    dialog = library.dialogs.get(claim.dialog)
    title = f"“{_(dialog.title) if dialog else claim.dialog}”"
    node = dialog.nodes.get(claim.node) if dialog and claim.node else None
    if not claim.node:
        return _(DEEDS[claim.deed][holds]).format(place=title)
    asked = _cut(_(node.ask)) if isinstance(node, AskChoice | AskTyped) else claim.node
    place = _("câu “{question}” của {dialog}").format(question=asked, dialog=title)
    if not claim.choices:
        return _(DEEDS[claim.deed][holds]).format(place=place)
    labels = {option.id: _(option.label) for option in node.options} if isinstance(node, AskChoice) else {}
    chosen = _quoted(tuple(labels.get(choice, choice) for choice in claim.choices))
    return _(CHOSE[holds]).format(choices=chosen, place=place)


def _timed(words: str, when: When | None) -> str:
    return words if when is None else f"{words} {_when(when)}"


def _when(when: When) -> str:
    match when:
        case Within(count=count, unit="days"):
            return _("trong {count} ngày qua").format(count=count)
        case Within(count=count):
            return _("trong {count} giờ qua").format(count=count)
        case Ago(days=days):
            return _("đúng {count} ngày trước").format(count=days)
        case Before(day=day):
            return _("trước ngày {day}").format(day=f"{day.day}/{day.month}/{day.year}")
        case After(day=day):
            return _("sau ngày {day}").format(day=f"{day.day}/{day.month}/{day.year}")


def _quoted(values: tuple[str, ...]) -> str:
    return _(" hoặc ").join(f"“{value}”" for value in values)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[:LONGEST].rsplit(" ", 1)[0] + "…"
