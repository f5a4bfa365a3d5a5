"""Topics that were offered: they outlive the process, and the log tells what was typed and what was meant by it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.messages import Kind
from bot.store.models import interactions, sessions
from tests.conftest import Clock
from tests.services.bot import MAI, Bot, running
from tests.shipped import shipped

ASKED = "vay vốn với học nghề"
HEARD = ("offered", "routed", "missed")


async def heard(bot: Bot) -> list[tuple[str, str, str]]:
    return [(row.kind, row.detail, row.text) for row in await bot.rows(interactions) if row.kind in HEARD]


async def asked(url: str, clock: Clock) -> None:
    """Two wishes at once, and the process is gone before they are answered."""
    async with running(url, clock, library=shipped()) as bot:
        await bot.say(MAI, ASKED)
        await bot.channel.reached("mai", 1)
        assert await heard(bot) == [("offered", "vay-von hoc-nghe", ASKED)]


@pytest.mark.parametrize("answer", ["2", "học nghề", 2])
async def test_an_offer_is_answered_after_a_restart(database_url: str, clock: Clock, answer: Any) -> None:
    await asked(database_url, clock)
    async with running(database_url, clock, library=shipped()) as bot:
        if isinstance(answer, int):
            [session] = await bot.rows(sessions)
            tap = f"{json.loads(session.state)['seq']:x}.o{answer}"
            await bot.conversation.receive(bot.update(MAI, kind=Kind.TAP, tap=tap))
        else:
            await bot.say(MAI, answer)
        assert (await heard(bot))[-1][:2] == ("routed", "hoc-nghe")


async def test_none_of_these_is_logged_as_typed_with_what_it_said_no_to(database_url: str, clock: Clock) -> None:
    await asked(database_url, clock)
    async with running(database_url, clock, library=shipped()) as bot:
        await bot.say(MAI, "3")
        assert (await heard(bot))[-1] == ("missed", ASKED, "3")
