"""The Zalo Bot Platform's two ways in: the webhook and the poller."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from aiohttp import web

from bot.channels.setting_up import Backoff, patiently
from bot.channels.zalobot.channel import ZaloBotChannel
from bot.channels.zalobot.wire import CHANNEL, incoming_from, known_as, name_in, update_from
from bot.hooks.intake import DeadLetter, Intake, Receive, add_webhook
from bot.hooks.polling import Polling
from bot.messages import Incoming

PATH: Final = "/hooks/zalobot"
SECRET_HEADER: Final = "X-Bot-Api-Secret-Token"
POLL_SECONDS: Final = 30  # as long as its documentation's own example waits
FLOOR: Final = 1.0
"""Least seconds between two polls of which the first brought nothing new: the platform was seen to answer at once with
the update it gave out last, 12 times a second and without end."""
REMEMBERED: Final = 100
"""Updates that are known again without asking the database."""


def add_zalobot_routes(
    app: web.Application, channel: ZaloBotChannel, receive: Receive, dead_letter: DeadLetter
) -> None:  # fmt: skip
    """Serve the webhook. Setting it has the platform try the address, nobody says with what."""
    intake = _intake(channel, receive, dead_letter)
    add_webhook(
        app, PATH, intake, header=SECRET_HEADER, secret=channel.secret, answer=lambda _: web.Response(), probed=True
    )


class Poller:
    """Asks for one update after the other. There is nothing to confirm one by: it is kept here until it is committed,
    and what is given out while this process ends is lost, unless the platform gives it out again."""

    def __init__(
        self,
        channel: ZaloBotChannel,
        receive: Receive,
        dead_letter: DeadLetter,
        *,
        backoff: Backoff = patiently,
        floor: float = FLOOR,
    ) -> None:
        self._channel = channel
        self._intake = _intake(channel, receive, dead_letter)
        self._polling = Polling(CHANNEL, channel.setting_up, self._poll, backoff)
        self._floor = floor
        self._held: deque[bytes] = deque()
        self._taken: deque[str] = deque(maxlen=REMEMBERED)

    async def start(self) -> None:
        """Poll in the background, once the channel is set up."""
        self._polling.start()

    async def stop(self) -> None:
        """Finish the update in hand and stop."""
        await self._polling.stop()

    async def _poll(self) -> None:
        asked_at = asyncio.get_running_loop().time()
        if not self._held:
            self._held.extend(await self._polling.unless_stopped(self._channel.updates(POLL_SECONDS)) or ())
        is_new = await self._take()
        self._channel.setting_up.state = "ready"
        if not is_new:
            left = asked_at + self._floor - asyncio.get_running_loop().time()
            await self._polling.unless_stopped(asyncio.sleep(left))

    async def _take(self) -> bool:
        """Hand over what is held; whether any of it was new."""
        is_new = False
        while self._held:
            name = known_as(self._held[0])
            if name not in self._taken:
                is_new = True
                incoming = await self._intake.read(self._held[0])
                if incoming is not None:
                    await self._intake.receive(incoming)
                self._taken.append(name)
            self._held.popleft()
        return is_new


def _intake(channel: ZaloBotChannel, receive: Receive, dead_letter: DeadLetter) -> Intake:
    return Intake(CHANNEL, channel.counts, _read, name_in, receive, dead_letter)


def _read(raw: bytes) -> tuple[Incoming | None, str]:
    update = update_from(raw)
    return incoming_from(update), update.event_name
