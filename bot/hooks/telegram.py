"""Telegram's two ways in: the webhook and the poller. Both confirm an update only once it is committed."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Final, TypeVar

import msgspec
import structlog
from aiohttp import web
from multidict import CIMultiDict

from bot.channels.base import SendError, Throttled
from bot.channels.telegram.channel import Backoff, TelegramChannel, acknowledgement, patiently
from bot.channels.telegram.wire import CHANNEL, Unparsable, incoming_from, kind_of, update_from
from bot.messages import Address, Incoming
from bot.services.conversation import Unavailable

log = structlog.get_logger(__name__)

T = TypeVar("T")
Receive = Callable[[Incoming], Awaitable[None]]
"""Returns once the turn is committed; raises Unavailable while the database is down."""
DeadLetter = Callable[[str, str, bytes, str], Awaitable[None]]
"""Keeps for staff what couldn't be read: channel, the update's id, the raw update, why. May raise Unavailable."""

PATH: Final = "/hooks/telegram"
SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
POLL_SECONDS: Final = 50  # the longest that the Bot API server waits
_JSON: Final = CIMultiDict({"Content-Type": "application/json"})
_TRY_AGAIN: Final = {"Retry-After": "2"}  # instead of Telegram's own backoff of up to two minutes


class _UpdateId(msgspec.Struct, gc=False):
    update_id: int


_update_id = msgspec.json.Decoder(_UpdateId)


class _Intake:
    """Reads raw updates. Those that ask nothing of us are counted on the health page, by kind."""

    def __init__(self, channel: TelegramChannel, receive: Receive, dead_letter: DeadLetter) -> None:
        self.receive = receive
        self._counts = channel.counts
        self._dead_letter = dead_letter

    async def read(self, raw: bytes) -> Incoming | None:
        """What a person sent, or None when there is nothing to answer. Keeps what can't be read."""
        try:
            update = update_from(raw)
        except Unparsable as exc:
            self._counts["unparsable"] += 1
            await self._dead_letter(CHANNEL, _id_in(raw), raw, str(exc))
            return None
        incoming = incoming_from(update)
        self._counts["received" if incoming else f"left aside: {kind_of(update)}"] += 1
        return incoming


def add_telegram_routes(
    app: web.Application, channel: TelegramChannel, receive: Receive, dead_letter: DeadLetter
) -> None:
    """Serve the webhook. 200 only after COMMIT, 503 while the database is down: Telegram then sends it again."""
    secret = channel.secret.encode()
    intake = _Intake(channel, receive, dead_letter)

    async def hook(request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), secret):
            return web.Response(status=403)
        try:
            incoming = await intake.read(await request.read())
            if incoming is not None:
                await receive(incoming)
        except Unavailable:
            return web.Response(status=503, headers=_TRY_AGAIN)
        if incoming is None or not incoming.receipt:
            return web.Response()
        # A call in the response saves the one that would take the waiting sign off the button.
        body = acknowledgement(incoming.receipt, method="answerCallbackQuery")
        return web.Response(body=body, headers=_JSON)

    app.router.add_post(PATH, hook)


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
        self._intake = _Intake(channel, receive, dead_letter)
        self._backoff = backoff
        self._offset = 0
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._waiting: asyncio.Task[Any] | None = None
        self._acknowledging: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Poll in the background, once the channel is set up (a webhook would forbid it)."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Finish the batch in hand and stop. What is not confirmed comes again at the next start."""
        self._stopping = True
        if self._waiting is not None:
            self._waiting.cancel()
        if self._task is not None:
            await self._task
        for task in self._acknowledging:
            task.cancel()
        await asyncio.gather(*self._acknowledging, return_exceptions=True)

    async def _run(self) -> None:
        failures = 0
        await self._unless_stopped(self._channel.ready.wait())
        while not self._stopping:
            try:
                await self._poll()
                failures = 0
            except Exception as exc:  # the loop must outlive whatever one batch brings
                failures += 1
                self._report(exc, failures)
                pause = exc.retry_after if isinstance(exc, Throttled) else self._backoff(failures)
                await self._unless_stopped(asyncio.sleep(pause))

    async def _poll(self) -> None:
        batch = await self._unless_stopped(self._channel.updates(self._offset, POLL_SECONDS))
        if batch is None:
            return
        self._channel.report("ready")
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

    async def _unless_stopped(self, waiting: Coroutine[Any, Any, T]) -> T | None:
        """The result, or None when `stop` cut the waiting short."""
        task = asyncio.create_task(waiting)
        self._waiting = task
        if self._stopping:
            task.cancel()
        try:
            return await task
        except asyncio.CancelledError:
            if self._stopping:
                return None
            raise
        finally:
            self._waiting = None

    def _report(self, exc: Exception, failures: int) -> None:
        reason = exc.reason if isinstance(exc, SendError) else type(exc).__name__
        self._channel.report(f"polling failed: {reason}")
        expected = isinstance(exc, SendError | Unavailable)
        log.warning("telegram polling failed", reason=reason, failures=failures, exc_info=None if expected else exc)


def _id_in(raw: bytes) -> str:
    """The update's id even when the rest can't be read; else a name that a redelivered update has again."""
    try:
        return str(_update_id.decode(raw).update_id)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return hashlib.sha256(raw).hexdigest()
