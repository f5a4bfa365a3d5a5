"""Making the headers of a transcript true for a person of a real bot."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select, update

from bot.app import Parts
from bot.engine.transcript import Player
from bot.messages import Address
from bot.store.models import addresses, contacts, topics
from tests.conftest import Clock

HANOI: Final = ZoneInfo("Asia/Ho_Chi_Minh")
TEN: Final = time(10)
"""In the morning: officers are there, as in the transcripts."""


async def make_true(
    headers: Sequence[tuple[str, str]], player: Player, parts: Parts, clock: Clock, here: Address, number: int
) -> None:  # fmt: skip
    """Take *headers* in: the day, and what is known of whoever is at *here*: contact *number*, if it is nobody yet."""
    for key, value in headers:
        player.set(key, value)
    clock.at = datetime.combine(player.today, TEN, HANOI)
    if not {key for key, _ in headers} - {"title", "today"}:
        return
    row = {"fields": json.dumps(dict(player.person.fields)), "stop": player.person.stop}
    place = {"channel": here.channel, "external_id": here.id}
    async with parts.database.begin() as db:
        known = (await db.execute(select(addresses.c.contact_id).filter_by(**place))).scalar_one_or_none()
        if known is None:
            await db.execute(insert(contacts).values(id=number, created_at=clock(), **row))
            await db.execute(insert(addresses).values(changed_at=clock(), contact_id=number, **place))
        else:
            number = known
            await db.execute(update(contacts).where(contacts.c.id == number).values(**row))
        await db.execute(delete(topics).where(topics.c.contact_id == number))
        for topic in player.person.topics:
            await db.execute(insert(topics).values(contact_id=number, topic=topic, since=clock()))
    parts.conversation.changed_elsewhere(here)
