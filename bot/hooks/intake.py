"""What the ways in of Bot APIs share: reading raw updates, and a webhook that a secret guards."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from bot.channels.bot_api import Unparsable
from bot.messages import Incoming
from bot.services.conversation import Unavailable

Receive = Callable[[Incoming], Awaitable[None]]
"""Returns once the turn is committed; raises Unavailable while the database is down."""
DeadLetter = Callable[[str, str, bytes, str, str], Awaitable[None]]
"""Keeps for staff what couldn't be read: channel, the update's id, the raw update, why, and whose it is ("" where that
isn't known). May raise Unavailable."""
Reader = Callable[[bytes], tuple[Incoming | None, str]]
"""What a person sent, or None when there is nothing to answer, and the platform's word for it. Raises Unparsable."""
Naming = Callable[[bytes], str]
"""An update's id even when the rest can't be read; else a name that a redelivered update has again."""

_TRY_AGAIN: Final = {"Retry-After": "2"}  # instead of Telegram's own backoff of up to two minutes


class Intake:
    """Reads raw updates. Those that ask nothing of us are counted on the health page, by kind."""

    def __init__(
        self, channel: str, counts: Counter[str], reader: Reader, naming: Naming, receive: Receive,
        dead_letter: DeadLetter,
    ) -> None:  # fmt: skip
        self.receive = receive
        self.name_of = naming
        self._channel, self._counts, self._reader, self._dead_letter = channel, counts, reader, dead_letter

    async def read(self, raw: bytes) -> Incoming | None:
        """What a person sent, or None when there is nothing to answer. Keeps what can't be read."""
        try:
            incoming, kind = self._reader(raw)
        except Unparsable as exc:
            self._counts["unparsable"] += 1
            await self._dead_letter(self._channel, self.name_of(raw), raw, str(exc), exc.whose)
            return None
        self._counts["received" if incoming else f"left aside: {kind}"] += 1
        return incoming


def add_webhook(
    app: web.Application, path: str, intake: Intake, *, header: str, secret: str,
    answer: Callable[[Incoming | None], web.Response], probed: bool = False,
) -> None:  # fmt: skip
    """Serve a webhook. 200 only after COMMIT, 503 while the database is down: the platform then sends it again.

    *probed*: an empty body is answered whoever sends it, for platforms that may try the address before they use it.
    """
    wanted = secret.encode()

    async def hook(request: web.Request) -> web.Response:
        given = request.headers.get(header, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), wanted):
            return web.Response(status=200 if probed and await _is_empty(request) else 403)
        try:
            incoming = await intake.read(await request.read())
            if incoming is not None:
                await intake.receive(incoming)
        except Unavailable:
            return web.Response(status=503, headers=_TRY_AGAIN)
        return answer(incoming)

    app.router.add_post(path, hook)


async def _is_empty(request: web.Request) -> bool:
    return (await request.content.read(3)).strip() in (b"", b"{}")
