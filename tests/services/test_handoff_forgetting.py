"""Who asks to be forgotten while an officer's answer is on its way gets nothing more."""

from __future__ import annotations

from datetime import date

from bot.services.handoff import Inbox
from bot.store import officers
from bot.store.ids import Ids
from bot.store.models import chunks, deliveries, handoffs
from tests.conftest import Clock
from tests.services.bot import MAI, TREES, running


async def test_an_answer_that_has_not_left_is_given_up_and_emptied(database_url: str, clock: Clock) -> None:
    """Nothing sends chunks here: what is owed stays queued until the person asks."""
    async with running(database_url, clock) as bot:
        inbox = Inbox(
            bot.database, lambda: TREES, {"fake": bot.channel}, Ids(7, clock), now=clock,
            today=lambda: date(2026, 11, 23), forget=bot.conversation.changed_elsewhere,
        )  # fmt: skip
        async with bot.database.begin() as db:
            await officers.add(db, login="an", role="officer", at=clock())
        await bot.say(MAI, "chào")
        await bot.say(MAI, "Gặp cán bộ")
        [handoff] = await bot.rows(handoffs)
        await inbox.reply(handoff.id, "an", "Chào bác Mai, số nhà 5.")
        await bot.say(MAI, "menu")
        await bot.say(MAI, "Xóa")
        [answer] = [row for row in await bot.rows(deliveries) if row.reason == "officer"]
        assert (answer.status, answer.payload, answer.address, answer.contact_id) == ("opted_out", b"", "", 0)
        assert len(await bot.rows(chunks)) == 1
