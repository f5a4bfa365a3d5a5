"""The registry of approved templates: what content says of them held against what the platform says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.engine.content import Carrier, Template
from bot.engine.state import Library
from bot.engine.templates import template_for
from bot.services.broadcasting.rights import officer_of
from bot.speech import _
from bot.store import audit, templates
from bot.store.templates import Detail, Filed, Wanted

if TYPE_CHECKING:
    from bot.channels.zalo.account import TemplateTold

APPROVED = "approved"
STATES: Mapping[str, str] = {
    APPROVED: _("đã duyệt"), "pending": _("đang chờ duyệt"), "rejected": _("bị từ chối"),
    "disabled": _("đã bị tắt"), "deleted": _("đã xóa"),
}  # fmt: skip
UNASKED = _("chưa hỏi nền tảng lần nào")
_WORDS: Mapping[str, str] = {
    "enable": APPROVED, "enabled": APPROVED, "approve": APPROVED, "approved": APPROVED,
    "pending": "pending", "pending_review": "pending", "pending_approve": "pending", "review": "pending",
    "reject": "rejected", "rejected": "rejected", "disable": "disabled", "disabled": "disabled",
    "delete": "deleted", "deleted": "deleted",
}  # fmt: skip
LONGEST_STATE = 24
"""Letters that the column holds."""


class Asks(Protocol):
    """An account that can be asked about its templates."""

    async def template(self, template: str) -> TemplateTold:
        """What the platform says of one. Raises `SendError`."""
        ...


def state_in(word: str) -> str:
    """The state that the platform's *word* stands for; the word itself, in small letters, where we don't know it."""
    plain = word.strip().lower()
    return _WORDS.get(plain, plain[:LONGEST_STATE] or "unknown")


def mismatches(template: Template, filed: Filed) -> Sequence[str]:
    """Where content and platform differ on what *template* takes: each would be refused for everybody."""
    wanted = {one.name: one for one in filed.detail.parameters}
    if not wanted:  # an event told the state alone, or the platform none of them
        return []
    faults = []
    ours = {one.name: one for one in template.parameters}
    for name, one in ours.items():
        if name not in wanted:
            faults.append(_("Nền tảng không có tham số “{name}”.").format(name=name))
        elif wanted[name].most and one.most > wanted[name].most:
            told = _("Tham số “{name}” chỉ nhận {most} chữ, tệp ghi {ours}.")
            faults.append(told.format(name=name, most=wanted[name].most, ours=one.most))
        elif wanted[name].is_needed and not one.needed:
            faults.append(_("Tham số “{name}” là bắt buộc, tệp ghi không.").format(name=name))
    missing = (one for one in wanted.values() if one.is_needed and one.name not in ours)
    return [*faults, *(_("Thiếu tham số “{name}” mà mẫu đòi.").format(name=one.name) for one in missing)]


def is_usable(template: Template, filed: Filed | None) -> bool:
    """Whether *template* may be sent: approved, and filled in as it was approved."""
    return filed is not None and filed.state == APPROVED and not mismatches(template, filed)


def usable_for(
    library: Library, message: str, channel: str, by: Carrier, known: Mapping[str, Filed]
) -> Template | None:
    """The template by which *message* can go to people on *channel* today; None when there is none that may."""
    template = template_for(library, message, channel, by)
    return template if template is not None and is_usable(template, known.get(template.id)) else None


def why_not(template: Template | None, filed: Filed | None) -> str:
    """Why nothing goes by *template*, with the remedy; "" when it may."""
    if template is None:
        return _("Tin này chưa có mẫu được duyệt: thêm mẫu vào content/templates, hoặc chờ người nhận nhắn trước.")
    if filed is None:
        return _("Mẫu {id}: {why}. Chạy “bot template sync”, hoặc bấm “Hỏi lại Zalo” ở trang Kênh.").format(
            id=template.id, why=_(UNASKED)
        )
    if filed.state != APPROVED:
        told = _("Mẫu {id} {state}: không gửi được bằng mẫu này.")
        return told.format(id=template.id, state=state_words(filed.state))
    faults = mismatches(template, filed)
    return _("Mẫu {id} khác với nền tảng: {faults}").format(id=template.id, faults=" ".join(faults)) if faults else ""


def state_words(state: str) -> str:
    """The state as officers read it; the platform's own word where we have none."""
    return _(STATES[state]) if state in STATES else state


def of_channel(library: Library, channel: str) -> Sequence[Template]:
    """The templates of *channel*, in the order of their messages."""
    listed = (one for _message, carried in sorted(library.templates.items()) for one in carried)
    return [one for one in listed if one.channel == channel]


class Registry:
    """Asks a platform about the templates of content, and keeps what it says."""

    def __init__(self, database: AsyncEngine, account: Asks, channel: str, *, via: str = "console") -> None:
        self._database, self._account, self._channel, self._via = database, account, channel, via

    async def sync(self, wanted: Iterable[Template], *, at: datetime, by: str = "") -> Mapping[str, Filed]:
        """Ask about *wanted*, one by one, and keep it all. *by* is the admin who asks; "" is the command line.

        Raises `SendError` at the first that can't be asked about: then nothing is kept; `Refused` for who is none.
        """
        if by:
            async with self._database.connect() as db:
                await officer_of(db, by, ("admin",))
        found = {one.id: _filed(await self._account.template(one.id), at) for one in wanted}
        async with self._database.begin() as db:
            await templates.file(db, self._channel, found)
            states = {key: one.state for key, one in found.items()}
            await audit.record(
                db, at=at, actor=by or audit.SYSTEM, action="template.sync", subject=f"channel:{self._channel}",
                detail={"states": states, "via": self._via},
            )  # fmt: skip
        return found


def _filed(told: TemplateTold, at: datetime) -> Filed:
    parameters = tuple(Wanted(one.name, one.is_needed, one.most) for one in told.slots)
    detail = Detail(told.name, told.tag, parameters, told.price_by_id, told.price_by_phone, told.reason)
    return Filed(state_in(told.state), detail, at)
