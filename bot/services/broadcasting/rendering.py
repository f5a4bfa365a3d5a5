"""What a broadcast says to one person, and what keeps it from being said. Pure, and quick: it runs for everybody."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date

from msgspec.structs import replace

from bot.channels.base import Channel
from bot.engine.content import Message, fits, is_in_season, lapses
from bot.engine.events import Replaced, Said, media_in
from bot.engine.model import HOUSEHOLD_KINDS, NOT_TOLD
from bot.engine.render import language_of, phrase, render, where_to_ask
from bot.engine.state import Context, Library, Person, Session
from bot.engine.step import advance
from bot.library.catalogue import placeholders
from bot.library.source import nearest
from bot.messages import Address, Incoming, Kind, Outgoing
from bot.services.broadcasting.faults import Fault
from bot.services.broadcasting.model import Body
from bot.speech import _

PLACEHOLDERS = ("{ten}", "{noi-hoi}")
"""What an officer's text may leave to be filled in: figures come from content messages alone."""
LONG_NAME = "🌾" * 130
"""The longest name: Telegram's have up to 129 characters, of two UTF-16 units at most. What fits with it fits all."""
REASONS: Mapping[str, str] = {
    "no version": _("không có bản nào còn hiệu lực"),
    "withheld": _("đang không được nói"),
    "overdue for review": _("quá ngày soát lại"),
    "unknown fact": _("không có dữ kiện này"),
    "unknown message": _("không có tin này"),
}


class Lapsed(Exception):
    """Something in it may not be said today. `fact` is the fact's id (of a message that is gone, the message's)."""

    def __init__(self, fact: str, reason: str) -> None:
        told = _(REASONS[reason]) if reason in REASONS else reason
        super().__init__(_("“{fact}” {reason}").format(fact=fact, reason=told))
        self.fact, self.reason = fact, reason


class NothingToSay(Exception):
    """Nothing in it is for this person, or for this time of the year."""


def outgoing_for(library: Library, body: Body, person: Person, today: date) -> Outgoing:
    """What *person* is sent: the content messages that are for them, or the officer's text with its source. Of several
    pictures and files the first goes along.

    Raises `Lapsed` or `NothingToSay`. Not for dialogs: `begins`.
    """
    fields = person.fields
    if body.text:
        return Outgoing(_own_words(library, body, fields))
    household = fields.get("ho") or NOT_TOLD
    texts, carried = [], None
    for name in body.messages:
        message = library.messages.get(name)
        if message is None:
            raise Lapsed(name, "unknown message")
        if is_in_season(message, today) and fits(message, household):
            rendered = render(library, message, fields, today)
            if rendered.lapse is not None:
                raise Lapsed(rendered.lapse.fact, rendered.lapse.reason)
            texts.append(rendered.text)
            carried = carried or rendered.media
    if not texts:
        raise NothingToSay
    return Outgoing(texts[0] if len(texts) == 1 else "\n\n".join(texts), media=carried)


def _own_words(library: Library, body: Body, fields: Mapping[str, str]) -> str:
    text = body.text.get(language_of(library, fields)) or body.text["vi"]
    if "{" in text:  # the name last: whatever somebody calls themselves is not read again
        text = text.replace("{noi-hoi}", where_to_ask(library, fields)).replace("{ten}", fields.get("ten", ""))
    return f"{text}\n\n_{phrase(library, 'source', fields, law=body.source.rstrip('.'))}_"


def begins(library: Library, dialog: str, person: Person, today: date) -> Outgoing:
    """How *dialog* begins for *person*: all it says until it waits, with the choices of the question.

    Raises `Lapsed` or `NothingToSay`.
    """
    said = _beginning(library, dialog, person, today)
    return Outgoing("\n\n".join(one.text for one in said), said[-1].choices, media=media_in(said))


def _beginning(library: Library, dialog: str, person: Person, today: date) -> list[Said]:
    invitation = Incoming(Address("", ""), "", Kind.INVITED, dialog)
    events = advance(library, Session(), invitation, Context(person, today)).events
    for event in events:
        if isinstance(event, Replaced):
            raise Lapsed(event.fact or event.message, event.reason)
    said = [event for event in events if isinstance(event, Said)]
    if not said:
        raise NothingToSay
    return said


def said_to(library: Library, body: Body, person: Person, today: date) -> Outgoing:
    """What *person* is sent, whatever the broadcast is made of. Raises `Lapsed` or `NothingToSay`."""
    if body.dialog:
        return begins(library, body.dialog, person, today)
    return outgoing_for(library, body, person, today)


def messages_in(library: Library, body: Body, today: date) -> list[Message]:
    """The content messages that *body* may say to somebody today."""
    names = dict.fromkeys(body.messages)
    for person in everybody(library) if body.dialog else ():
        with suppress(Lapsed, NothingToSay):
            names |= dict.fromkeys(one.message for one in _beginning(library, body.dialog, person, today))
    return [library.messages[name] for name in names if name in library.messages]


def faults_of(library: Library, body: Body, channels: Mapping[str, Channel], today: date) -> list[Fault]:
    """Why *body* can't be sent as it is: each one line for the officer with the remedy; empty when it can."""
    if sum(map(bool, (body.messages, body.dialog, body.text))) != 1:
        return [Fault("body", _("Nội dung: chọn đúng một trong ba: tin có sẵn, hội thoại, hoặc lời của cán bộ."))]
    if body.messages:
        lines = [line for name in body.messages for line in _faults_of_message(library, name, today)]
        lines += [_("Tin “{name}” được chọn hai lần: bỏ bớt một.").format(name=name) for name in _twice(body.messages)]
        faults = [Fault("messages", line) for line in lines]
    elif body.dialog:
        faults = [Fault("dialog", line) for line in _faults_of_dialog(library, body.dialog, today)]
    else:
        faults = _faults_of_text(library, body)
    return faults or [Fault("body", line) for line in _overlong(library, body, channels, today)]


def _twice(names: tuple[str, ...]) -> list[str]:
    return [name for name in dict.fromkeys(names) if names.count(name) > 1]


def _faults_of_message(library: Library, name: str, today: date) -> Iterator[str]:
    message = library.messages.get(name)
    if message is None:
        yield " ".join((_("Không có tin “{name}”.").format(name=name), nearest(name, library.messages))).strip()
        return
    for lapse in lapses(message, library.facts, today):
        told = _("Tin “{name}”: dữ kiện {lapse}. Chọn tin khác, hoặc chờ dữ kiện được soát lại.")
        yield told.format(name=name, lapse=Lapsed(lapse.fact, lapse.reason))
    if message.until is not None and message.until < today:
        told = _("Tin “{name}” chỉ được nói đến hết ngày {day}: chọn tin khác.")
        yield told.format(name=name, day=f"{message.until:%d/%m/%Y}")
    for language in _untranslated(library, message):
        told = _("Tin “{name}” chưa có bản dịch “{language}”: dịch trong locales/{language} trước.")
        yield told.format(name=name, language=language)


def _untranslated(library: Library, message: Message) -> list[str]:
    texts = [text for text in (message.body, message.source) if text]
    return [
        language for language in library.languages
        if language != "vi" and not all(library.is_translated(language, text) for text in texts)
    ]  # fmt: skip


def _faults_of_dialog(library: Library, dialog: str, today: date) -> list[str]:
    if dialog not in library.dialogs:
        return [" ".join((_("Không có hội thoại “{name}”.").format(name=dialog), nearest(dialog, library.dialogs)))]
    faults = []
    for person in everybody(library):
        try:
            begins(library, dialog, person, today)
        except Lapsed as lapse:
            told = _("Hội thoại “{name}” mở đầu bằng điều không nói được: {lapse}. Chờ dữ kiện được soát lại.")
            faults.append(told.format(name=dialog, lapse=lapse))
    return list(dict.fromkeys(faults))


def _faults_of_text(library: Library, body: Body) -> list[Fault]:
    faults = []
    for language in library.languages:
        if not body.text.get(language, "").strip():
            told = _("Lời của cán bộ thiếu tiếng “{language}”: viết thêm lời bằng tiếng ấy.")
            faults.append(Fault(f"text.{language}", told.format(language=language)))
    for language, text in body.text.items():
        field = f"text.{language}"
        if language not in library.languages:
            told = _("Không có thứ tiếng “{language}”. Chọn trong: {languages}.")
            faults.append(Fault(field, told.format(language=language, languages=", ".join(library.languages))))
        unknown = sorted(placeholders(text) - set(PLACEHOLDERS))
        faults += [Fault(field, _unknown(language, name)) for name in unknown]
    if not body.source.strip():
        faults.append(Fault("source", _("Lời của cán bộ phải nói rõ nguồn, ví dụ “Thông báo 12/TB-UBND”.")))
    elif "\n" in body.source.strip():
        faults.append(Fault("source", _("Nguồn phải gọn trong một dòng.")))
    return faults


def _unknown(language: str, name: str) -> str:
    told = _("Lời của cán bộ (tiếng “{language}”): không có chỗ điền {name}. Chỉ có {known}. {nearest}")
    known = ", ".join(PLACEHOLDERS)
    return told.format(language=language, name=name, known=known, nearest=nearest(name, PLACEHOLDERS)).strip()


def everybody(library: Library) -> list[Person]:
    """One person of every kind that texts differ for, each with the longest name there may be."""
    people = []
    for language in library.languages:
        offices = {code: len(where_to_ask(library, {"lang": language, "xa": code})) for code in library.communes}
        longest = max(offices, key=lambda code: offices[code], default="")
        for commune in dict.fromkeys(("", longest)):
            for household in ("", *HOUSEHOLD_KINDS):
                fields = {"lang": language, "xa": commune, "ho": household, "ten": LONG_NAME, "da-chao": "1"}
                people.append(Person({name: value for name, value in fields.items() if value}))
    return people


def _overlong(library: Library, body: Body, channels: Mapping[str, Channel], today: date) -> list[str]:
    """A person gets one message, and that is one call: what happened to it is then one answer."""
    said = dict.fromkeys(_said_to_everybody(library, body, today))
    faults = []
    for name, channel in channels.items():
        try:
            if any(one.media and not _is_one_call(channel, one, "…") for one in said):
                told = _("Kênh {channel} gửi tệp thành một tin riêng: chọn tin không có tệp, hoặc chỉ gửi kênh khác.")
                faults.append(told.format(channel=name))
                continue
            excess = max((_excess(channel, message) for message in said), default=0)
        except ValueError as error:
            faults.append(_("Kênh {channel} không gửi được tin này: {error}.").format(channel=name, error=error))
            continue
        if excess:
            told = _("Tin dài quá một lần gửi trên kênh {channel}: thừa chừng {excess} ký tự. Rút ngắn, hoặc bớt tin.")
            faults.append(told.format(channel=name, excess=excess))
    return faults


def _said_to_everybody(library: Library, body: Body, today: date) -> Iterable[Outgoing]:
    for person in everybody(library):
        with suppress(NothingToSay):
            yield said_to(library, body, person, today)


def _excess(channel: Channel, message: Outgoing) -> int:
    """How many characters must go before *message* is one call; every channel counts in its own way.

    They are taken from the front: what stands in italics at the end, the source, stays whole.
    """
    if _is_one_call(channel, message, message.text):
        return 0
    text = message.text
    return bisect_left(range(len(text)), True, key=lambda cut: _is_one_call(channel, message, text[cut:]))


def _is_one_call(channel: Channel, message: Outgoing, text: str) -> bool:
    return len(channel.encode(Address(channel.name, "1"), replace(message, text=text))) == 1
