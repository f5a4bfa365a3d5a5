"""Telegram's two ways in: the webhook and the poller. Both confirm an update only once it is committed."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import msgspec
from aiohttp import web
from multidict import CIMultiDict

from bot.channels.setting_up import Backoff, patiently
from bot.channels.telegram.channel import TelegramChannel, acknowledgement
from bot.channels.telegram.wire import CHANNEL, incoming_from, kind_of, update_from
from bot.hooks.intake import DeadLetter, Intake, Receive, add_webhook
from bot.hooks.polling import Polling
from bot.messages import Address, Incoming

PATH: Final = "/hooks/telegram"
SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
POLL_SECONDS: Final = 50  # the longest that the Bot API server waits
_JSON: Final = CIMultiDict({"Content-Type": "application/json"})


class _UpdateId(msgspec.Struct, gc=False):
    update_id: int


_update_id = msgspec.json.Decoder(_UpdateId)


def add_telegram_routes(
    app: web.Application, channel: TelegramChannel, receive: Receive, dead_letter: DeadLetter
) -> None:
    """Serve the webhook."""
    intake = _intake(channel, receive, dead_letter)
    add_webhook(app, PATH, intake, header=SECRET_HEADER, secret=channel.secret, answer=_answer)


class Poller:
    """Asks for updates and confirms a batch, by asking for what follows it, once all of it is committed."""

    def __init__(
        self,
        channel: TelegramChannel,
        receive: Receive,
        dead_letter: DeadLetter,
        *,
        backoff: Backoff = patiently,
    ) -> None:
        self._channel = channel
        self._intake = _intake(channel, receive, dead_letter)
        self._polling = Polling(CHANNEL, channel.setting_up, self._poll, backoff)
        self._offset = 0
        self._acknowledging: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Poll in the background, once the channel is set up."""
        self._polling.start()

    async def stop(self) -> None:
        """Finish the batch in hand and stop. What is not confirmed comes again at the next start."""
        await self._polling.stop()
        for task in self._acknowledging:
            task.cancel()
        await asyncio.gather(*self._acknowledging, return_exceptions=True)

    async def _poll(self) -> None:
        batch = await self._polling.unless_stopped(self._channel.updates(self._offset, POLL_SECONDS))
        if batch is None:
            return
        self._channel.setting_up.state = "ready"
        raws = [bytes(raw) for raw in batch]
        await self._take(raws)
        for raw in raws:
            self._offset = max(self._offset, _update_id.decode(raw).update_id + 1)

    async def _take(self, raws: Sequence[bytes]) -> None:
        """Hand over a batch: one person's messages in order, different people's side by side."""
        by_contact: dict[Address, list[Incoming]] = defaultdict(list)
        for raw in raws:
            incoming = await self._intake.read(raw)
            if incoming is not None:
                by_contact[incoming.address].append(incoming)
        done = await asyncio.gather(*map(self._in_order, by_contact.values()), return_exceptions=True)
        for error in done:
            if error is not None:
                raise error

    async def _in_order(self, incomings: Sequence[Incoming]) -> None:
        for incoming in incomings:
            await self._intake.receive(incoming)
            if incoming.receipt:
                task = asyncio.create_task(self._channel.acknowledge(incoming.receipt))
                self._acknowledging.add(task)
                task.add_done_callback(self._acknowledging.discard)


def _intake(channel: TelegramChannel, receive: Receive, dead_letter: DeadLetter) -> Intake:
    return Intake(CHANNEL, channel.counts, _read, _id_in, receive, dead_letter)


def _read(raw: bytes) -> tuple[Incoming | None, str]:
    update = update_from(raw)
    incoming = incoming_from(update)
    return incoming, "" if incoming else kind_of(update)


def _answer(incoming: Incoming | None) -> web.Response:
    if incoming is None or not incoming.receipt:
        return web.Response()
    # A call in the response saves the one that would take the waiting sign off the button.
    body = acknowledgement(incoming.receipt, method="answerCallbackQuery")
    return web.Response(body=body, headers=_JSON)


def _id_in(raw: bytes) -> str:
    """The update's id even when the rest can't be read; else a name that a redelivered update has again."""
    try:
        return str(_update_id.decode(raw).update_id)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return hashlib.sha256(raw).hexdigest()
