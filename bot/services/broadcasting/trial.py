"""A test of a broadcast: its message, marked as a test, to the address of the officer who asks for it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.engine.state import Person
from bot.messages import Address, Outgoing
from bot.services.broadcasting.drafting import World
from bot.services.broadcasting.model import Broadcast
from bot.services.broadcasting.rendering import Lapsed, NothingToSay, said_to
from bot.services.broadcasting.rights import DRAFTERS, Refused, officer_of
from bot.speech import _
from bot.store import audit, previews
from bot.store.ids import Ids

ACTION = "broadcast.test"


def address_in(text: str) -> Address:
    """The address in "telegram:100000001". Raises `Refused`."""
    channel, colon, number = text.strip().partition(":")
    if not (channel and colon and number):
        raise Refused(_("“{text}” chưa phải là địa chỉ: viết kênh rồi số, ví dụ telegram:100000001.").format(text=text))
    return Address(channel, number)


async def send_test(
    database: AsyncEngine, world: World, broadcast: Broadcast, to: Address, login: str, *,
    ids: Ids, pretending: Mapping[str, str], via: str,
) -> None:  # fmt: skip
    """Owe *to* the message of *broadcast*; a bot that runs sends it before anything of a broadcast.

    *pretending* are fields of the person in place of those of the officer: what households of another kind would read.
    Raises `Refused`, which is in the audit log by then.
    """
    said = {"actor": login, "action": ACTION, "subject": f"broadcast:{broadcast.id}", "at": world.at}
    try:
        async with database.begin() as db:
            await officer_of(db, login, DRAFTERS)
            contact = await _owe(db, world, broadcast, to, ids, pretending)
            detail = {"via": via, "contact": contact, "channel": to.channel, "version": broadcast.version}
            await audit.record(db, **said, detail=detail)  # type: ignore[arg-type]
    except Refused as refusal:
        async with database.begin() as db:
            await audit.record(db, **said, outcome="refused", detail={"via": via, "why": str(refusal)})  # type: ignore[arg-type]
        raise


async def _owe(
    db: AsyncConnection, world: World, broadcast: Broadcast, to: Address, ids: Ids, pretending: Mapping[str, str]
) -> int:
    channel = world.channels.get(to.channel)
    if channel is None:
        told = _("Kênh “{channel}” không bật. Đang bật: {channels}.")
        raise Refused(told.format(channel=to.channel, channels=", ".join(world.channels)))
    contact = await previews.contact_at(db, to)
    if contact is None:
        told = _("Chưa có ai nhắn từ {channel}:{id}, hoặc người đó đã chặn bot: hãy nhắn cho bot một lần rồi thử lại.")
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
        told = _("Không có tin nào dành cho người nhận thử. Thêm --household, như ngheo, để xem lời dành cho diện ấy.")
        raise Refused(told) from None
    return replace(message, text=_("(Tin thử)") + "\n\n" + message.text)
