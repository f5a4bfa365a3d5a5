"""A test of a broadcast: its message, marked as a test, to the officer who asks for it and to nobody else.

Nobody approved the text yet. So it goes to the one address that an admin wrote down as that officer's own.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.engine.state import Person
from bot.messages import Address, Outgoing
from bot.services.broadcasting.drafting import World
from bot.services.broadcasting.model import Broadcast
from bot.services.broadcasting.rendering import Lapsed, NothingToSay, said_to
from bot.services.broadcasting.rights import DRAFTERS, Refused, check_area, officer_of
from bot.speech import _
from bot.store import audit, previews
from bot.store.ids import Ids
from bot.store.officers import Officer

ACTION = "broadcast.test"


def address_in(text: str) -> Address:
    """The address in "telegram:100000001". Raises `Refused`."""
    channel, _colon, number = (part.strip() for part in text.partition(":"))
    if not (channel and number):
        raise Refused(_("“{text}” chưa phải là địa chỉ: viết kênh rồi số, ví dụ telegram:100000001.").format(text=text))
    return Address(channel, number)


def written(address: Address) -> str:
    """As `address_in` reads it."""
    return f"{address.channel}:{address.id}"


async def send_test(
    database: AsyncEngine, world: World, broadcast: Broadcast, login: str, *,
    ids: Ids, pretending: Mapping[str, str], via: str, to: str = "",
) -> Address:  # fmt: skip
    """Owe the officer the message of *broadcast*; a bot that runs sends it before anything of a broadcast.

    *pretending* are fields of the person in place of those of the officer: what households of another kind would read.
    *to* is what the officer takes their address to be, "" when they didn't say. Returns where it goes.
    Raises `Refused`, which is in the audit log by then.
    """
    said = {"actor": login, "action": ACTION, "subject": f"broadcast:{broadcast.id}", "at": world.at}
    try:
        async with database.begin() as db:
            officer = await officer_of(db, login, DRAFTERS)
            check_area(officer, broadcast)
            own = _own(officer, to)
            contact = await _owe(db, world, broadcast, own, ids, pretending)
            detail = {"via": via, "contact": contact, "channel": own.channel, "version": broadcast.version}
            await audit.record(db, **said, detail=detail)  # type: ignore[arg-type]
    except Refused as refusal:
        async with database.begin() as db:
            await audit.record(db, **said, outcome="refused", detail={"via": via, "why": str(refusal)})  # type: ignore[arg-type]
        raise
    return own


def _own(officer: Officer, to: str) -> Address:
    """Where *officer* reads tests. Raises `Refused` when nobody wrote that down, or *to* is somewhere else."""
    if not officer.address:
        told = _(
            "“{login}” chưa có địa chỉ nhận tin thử: nhờ quản trị ghi ở trang Quản trị, mục Cán bộ, "
            "hoặc bằng lệnh “bot user address {login} telegram:100000001”."
        )
        raise Refused(told.format(login=officer.login))
    own = address_in(officer.address)
    if to.strip() and address_in(to) != own:
        told = _(
            "Tin thử của “{login}” chỉ gửi tới {own}, không gửi tới {to}. Địa chỉ đã đổi thì nhờ quản trị ghi lại "
            "ở trang Quản trị, mục Cán bộ, hoặc bằng lệnh “bot user address {login} telegram:100000001”."
        )
        raise Refused(told.format(login=officer.login, own=officer.address, to=to.strip()))
    return own


async def _owe(
    db: AsyncConnection, world: World, broadcast: Broadcast, to: Address, ids: Ids, pretending: Mapping[str, str]
) -> int:
    channel = world.channels.get(to.channel)
    if channel is None:
        told = _("Kênh “{channel}” không bật. Đang bật: {channels}.")
        raise Refused(told.format(channel=to.channel, channels=", ".join(world.channels)))
    contact = await previews.contact_at(db, to, at=world.at)
    if contact is None:
        told = _(
            "Chưa có ai nhắn từ {channel}:{id}, hoặc người đó đã chặn bot hay đã thôi nhận tin: "
            "hãy nhắn cho bot một lần, nhận lại tin, rồi thử lại."
        )
        raise Refused(told.format(channel=to.channel, id=to.id))
    person = (await previews.people(db, [contact]))[contact]
    message = _marked(world, broadcast, replace(person, fields={**person.fields, **pretending}))
    calls = [(ids.next(), call.method, call.body) for call in channel.encode(to, message)]
    await previews.add_test(db, contact_id=contact, to=to, calls=calls, at=world.at)
    return contact


def _marked(world: World, broadcast: Broadcast, person: Person) -> Outgoing:
    try:
        message = said_to(world.library, broadcast.body, person, world.today)
    except Lapsed as lapse:
        raise Refused(_("Không gửi thử được: {lapse}.").format(lapse=lapse)) from None
    except NothingToSay:
        told = _("Không có tin nào dành cho người nhận thử: chọn một diện hộ, như hộ nghèo, để xem lời cho diện ấy.")
        raise Refused(told) from None
    return replace(message, text=_("(Tin thử)") + "\n\n" + message.text)
