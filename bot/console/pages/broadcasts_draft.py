"""The composer: what is said, to whom, when, and by which rules, with a phone beside it that shows it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from bot.channels.base import Reach
from bot.console.access import access_broadcast, area_of
from bot.console.forms.broadcast import NEW, Typed, differences, draft_from, typed_in, typed_of
from bot.console.forms.segment import builder_of, built, read_query
from bot.console.forms.values import id_from
from bot.console.pages.broadcasts import LOOKS
from bot.console.phone import Screen, screen_of
from bot.console.routing import Routes
from bot.console.visit import Visit
from bot.engine.content import Message, lapses
from bot.engine.model import HOUSEHOLD_KINDS
from bot.engine.render import render
from bot.services.broadcasting.drafting import Draft, draft_of, examine
from bot.services.broadcasting.model import Body, Broadcast
from bot.services.broadcasting.release import CHANGEABLE
from bot.services.broadcasting.rendering import faults_of
from bot.services.broadcasting.rights import STATES, Outdated, Refused, why_not_edit
from bot.services.broadcasting.timing import in_words
from bot.services.broadcasting.wordings import read_by
from bot.services.routing import metered
from bot.speech import _
from bot.store import audit

routes = Routes()
PLACEHOLDER = re.compile(r"\{[^}]*\}")
EXCERPT = 140
"""Letters of a content message in the list that one picks from: two lines on a laptop."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else saved meanwhile: who, when, and the fields that differ, as they saved them."""

    by: str
    at: datetime
    version: int
    fields: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Offered:
    """A content message to pick: its first words, what keeps it from being said today ("": nothing), and whether an
    approved template carries it to who hasn't written for long."""

    id: str
    topic: str
    words: str
    why_not: str
    has_template: bool


@routes.get("/broadcasts/new", "draft")
async def show_new(visit: Visit) -> web.StreamResponse:
    """An empty draft, one for a segment, or one like an earlier broadcast."""
    draft = Draft(NEW.name, NEW.body, visit.query.get("segment", "")[:4000])
    number = id_from(visit.query.get("like", ""))
    if number is not None:
        draft = draft_of(await _accessed(visit, number))
    return await _composer(visit, None, typed_of(draft))


@routes.post("/broadcasts", "draft")
async def add(visit: Visit) -> web.StreamResponse:
    """Keep a new draft, or say all that is wrong with it."""
    draft, typed = draft_from(typed_in(visit))
    typed = await _examined(visit, draft, typed)
    if typed.errors:
        return await _composer(visit, None, typed, status=422)
    try:
        kept = await visit.site.desk.draft(draft, visit.login)
    except Refused as refusal:
        return await _composer(visit, None, typed, refusal.lines, status=422)
    return visit.redirect(f"/broadcasts/{kept.id}/preview", done=_("Đã lưu bản nháp. Xem lại rồi trình duyệt."))


@routes.post("/broadcasts/look", "draft")
async def look(visit: Visit) -> web.StreamResponse:
    """What a phone would show of the form as it stands, when it would go out, and what is wrong with the words."""
    draft, typed = draft_from(typed_in(visit))
    return visit.piece("_broadcast_look.html", status=200, **_looked(visit, draft, typed))


@routes.post("/broadcasts/build", "draft")
async def build(visit: Visit) -> web.StreamResponse:
    """The composer after something was picked for the segment, where there is no script."""
    text, told = built(visit)
    typed = typed_in(visit)
    number = id_from(typed["number"])
    was = await _accessed(visit, number) if number is not None else None
    changed = Typed({**typed.fields, "segment": text}, typed.messages, typed.days)
    return await _composer(visit, was, changed, told=told)


@routes.get("/broadcasts/{id}/edit", "draft")
async def show_edit(visit: Visit) -> web.StreamResponse:
    """A broadcast that has not begun, to be changed; of another there is only its page."""
    was = await _accessed(visit, visit.number())
    return await compose_existing(visit, was) if was.state in CHANGEABLE else visit.redirect(f"/broadcasts/{was.id}")


@routes.post("/broadcasts/{id}", "draft")
async def save(visit: Visit) -> web.StreamResponse:
    """Keep the changes, unless somebody else made some since: then both are shown, and one more press decides."""
    was, typed = await _accessed(visit, visit.number()), typed_in(visit)
    draft, typed = draft_from(typed, draft_of(was))
    seen = id_from(typed["version_seen"])
    if seen is None or seen != was.version:
        return await _conflict(visit, was, typed)
    typed = await _examined(visit, draft, typed)
    if typed.errors:
        return await _composer(visit, was, typed, status=422)
    try:
        await visit.site.desk.edit(was.id, draft, visit.login, version_seen=seen)
    except Outdated:
        return await _conflict(visit, await _accessed(visit, was.id), typed)
    except Refused as refusal:
        return await _composer(visit, was, typed, refusal.lines, status=422)
    return visit.redirect(f"/broadcasts/{was.id}/preview", done=_("Đã lưu. Xem lại rồi trình duyệt."))


async def compose_existing(visit: Visit, was: Broadcast) -> web.StreamResponse:
    """The composer with what was saved of *was*."""
    told = why_not_edit(visit.officer, was)
    return await _composer(visit, was, typed_of(draft_of(was)), (told,) if told else ())


async def _accessed(visit: Visit, number: int) -> Broadcast:
    async with visit.site.reading.connect() as db:
        return await access_broadcast(db, visit.officer, number)


async def _examined(visit: Visit, draft: Draft, typed: Typed) -> Typed:
    async with visit.site.reading.connect() as db:
        return typed.told((await examine(db, draft, visit.site.world)).faults)


async def _conflict(visit: Visit, was: Broadcast, typed: Typed) -> web.StreamResponse:
    async with visit.site.reading.connect() as db:
        entries = await audit.recent(db, subject=f"broadcast:{was.id}", outcome="done", limit=1)
    by, at = (entries[-1].actor, entries[-1].at) if entries else ("", was.changed_at)
    conflict = Conflict(by, at, was.version, list(differences(draft_of(was), typed)))
    return await _composer(visit, was, typed, conflict=conflict, status=409)


async def _composer(
    visit: Visit, was: Broadcast | None, typed: Typed, faults: Sequence[str] = (), *, status: int = 200,
    conflict: Conflict | None = None, told: str = "",
) -> web.StreamResponse:  # fmt: skip
    library = visit.site.library()
    draft, _read = draft_from(typed, draft_of(was) if was else NEW)
    async with visit.site.reading.connect() as db:
        query, builder = await read_query(db, visit, typed["segment"]), await builder_of(db, visit, told=told)
    return visit.page(
        "broadcast_form.html", status=status, one=was, typed=typed, faults=faults, conflict=conflict, query=query,
        builder=builder, build_at="/broadcasts/build", fault=typed.errors.get("segment", ""),
        offered=_offered(visit, typed), dialogs=sorted((_(one.title), one.id) for one in library.dialogs.values()),
        windows=_windows(visit), labels=LABELS, states=STATES, looks=LOOKS, **_looked(visit, draft, typed),
    )  # fmt: skip


def _windows(visit: Visit) -> list[tuple[str, Reach]]:
    """The channels that let us write only to who wrote lately, and for how much."""
    channels = visit.site.channels
    found = ((name, channels[name].capabilities.reach) for name in metered(channels))
    return [(name, reach) for name, reach in found if reach is not None]


def _offered(visit: Visit, typed: Typed) -> list[Offered]:
    """The messages by topic, those that are ticked first."""
    site = visit.site
    library, today = site.library(), site.today()

    def offer(message: Message) -> Offered:
        found = lapses(message, library.facts, today)
        over = message.until is not None and message.until < today
        why = _("chưa nói được hôm nay") if found else _("hết mùa") if over else ""
        said = message.body if why else render(library, message, {}, today).text.partition("\n\n_")[0]
        words = " ".join(PLACEHOLDER.sub("…", said).replace("**", "").split())
        topic = library.dialogs.get(message.topic)
        cut = words if len(words) <= EXCERPT else words[:EXCERPT].rsplit(" ", 1)[0] + "…"
        named = _(topic.title) if topic else message.topic
        return Offered(message.id, named, cut, why, message.id in library.templates)

    offers = [offer(message) for message in library.messages.values()]
    return sorted(offers, key=lambda one: (one.id not in typed.messages, one.topic, one.id))


def _looked(visit: Visit, draft: Draft, typed: Typed) -> dict[str, object]:
    site = visit.site
    world = site.world
    channels = list(world.channels)
    channel = typed["look-channel"] if typed["look-channel"] in channels else next(iter(channels), "")
    languages = world.library.languages
    language = typed["look-lang"] if typed["look-lang"] in languages else languages[0]
    commune = next(iter(area_of(visit.officer)), "")
    household = typed.fields.get("look-ho")
    if household is None:  # whom it is for, as long as nobody chose
        household = _first_reader(visit, draft.body, language)
    screen, why = _screen(visit, draft.body, channel, language, household, commune)
    faults = [] if draft.body == NEW.body else faults_of(world.library, draft.body, world.channels, world.today)
    return {
        "channels": channels, "channel": channel, "language": language, "household_looked": household,
        "households": HOUSEHOLD_KINDS, "screen": screen, "why": why, "when": in_words(draft.timing),
        "body_faults": faults, "languages": languages,
    }  # fmt: skip


def _first_reader(visit: Visit, body: Body, language: str) -> str:
    """The first kind of household that is told something; "" (not told) when none is, or every kind is."""
    world = visit.site.world
    if body.text or body == NEW.body:
        return ""
    kinds = ("", *HOUSEHOLD_KINDS)
    told = (kind for kind in kinds if read_by(world.library, body, world.today, household=kind, language=language)[0])
    return next(told, "")


def _screen(
    visit: Visit, body: Body, channel: str, language: str, household: str, commune: str
) -> tuple[Screen | None, str]:
    """(what the phone shows, why it shows nothing)."""
    world = visit.site.world
    if body == NEW.body or not channel:
        return None, _("Viết hoặc chọn nội dung: tin sẽ hiện ở đây.")
    if body.text and "vi" not in body.text:
        return None, _("Viết lời bằng tiếng Việt trước.")
    reader = {"household": household, "language": language, "commune": commune}
    message, why = read_by(world.library, body, world.today, **reader)
    if message is None:
        return None, why
    try:
        return screen_of(world.channels[channel], message), ""
    except ValueError as error:
        return None, str(error)


LABELS = {
    "name": _("Tên"), "kind": _("Loại nội dung"), "source": _("Nguồn"), "messages": _("Tin có sẵn"),
    "dialog": _("Hội thoại"), "segment": _("Nhóm nhận"), "when": _("Cách gửi"), "at": _("Giờ bắt đầu"),
    "repeat": _("Lặp lại"), "every": _("Mấy kỳ một lần"), "month_day": _("Ngày trong tháng"), "ends": _("Kết thúc"),
    "until": _("Đến ngày"), "count": _("Số lần"), "rule": _("Quy tắc"), "days": _("Các ngày trong tuần"),
    "opens": _("Gửi từ giờ"), "closes": _("đến giờ"), "not_after": _("Hạn chót"), "on_holidays": _("Gửi cả ngày nghỉ"),
    "shelf_life": _("Hạn dùng"), "grace": _("Trễ cho phép"), "gap": _("Khoảng cách hai đợt"),
    "growth": _("Đông thêm cho phép"), "unknown": _("Tin chưa rõ"), "errors": _("Mức lỗi tự dừng"),
    "urgent": _("Khẩn"), "everyone": _("Gửi cho tất cả"), "empty": _("Nhóm chưa có ai"),
    "budget": _("Ngân sách"), "phone": _("Gửi theo số điện thoại"), "waits": _("Chờ người nhận nhắn"),
    "text-vi": _("Lời tiếng Việt"), "text-en": _("Lời tiếng Anh"),
}  # fmt: skip
"""What the fields are called where two versions are compared."""
