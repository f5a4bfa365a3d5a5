"""python-telegram-bot for all that isn't hot: who we are, the webhook, the menu of commands.

Its `ExtBot` runs on our session. Answers and failures are read by errors.py, as those of hot calls are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import aiohttp
from telegram.error import TelegramError
from telegram.ext import ExtBot
from telegram.request import BaseRequest, RequestData

from bot.channels.base import SendError, Unknown
from bot.channels.telegram.errors import error_of
from bot.channels.telegram.send import BotApi, exchange
from bot.channels.telegram.wire import ALLOWED_UPDATES

Commands = Mapping[str, Sequence[tuple[str, str]]]
"""Language -> (command, description); language "" is for everyone whose own isn't there."""

MAX_WEBHOOK_CONNECTIONS = 40


class AiohttpRequest(BaseRequest):
    """python-telegram-bot's HTTP over a session that others own."""

    def __init__(self, session: Callable[[], aiohttp.ClientSession], read_seconds: float) -> None:
        self._session = session
        self._read_seconds = read_seconds

    @property
    def read_timeout(self) -> float:
        return self._read_seconds

    async def initialize(self) -> None:
        """Nothing to do: the session is opened by its owner."""

    async def shutdown(self) -> None:
        """Nothing to do: the session is closed by its owner."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body of a success. A failure is raised as SendError, which `_as_send_error` finds again.

        The session's time-outs hold: they tell waiting for a connection from waiting for the answer.
        """
        answered = await exchange(self._session().request(method, url, data=_form(request_data), allow_redirects=False))
        if isinstance(answered, SendError):
            raise answered
        status, body = answered
        error = error_of(status, body)
        if error is not None:
            raise error
        return 200, body


class ColdBot:
    """The few calls that set an account up."""

    def __init__(self, api: BotApi, token: str) -> None:
        request = AiohttpRequest(api.open, api.read_seconds)
        self._bot = ExtBot(
            token,
            base_url=f"{api.base}/bot",
            base_file_url=f"{api.base}/file/bot",
            request=request,
            get_updates_request=request,
        )

    async def introduce(self) -> str:
        """Our username, from getMe. Raises SendError, as all calls here do."""
        with _as_send_error():
            await self._bot.initialize()
            return self._bot.bot.username or ""

    async def set_commands(self, commands: Commands) -> None:
        """Put *commands* into the menu beside the text field."""
        with _as_send_error():
            for language, listed in commands.items():
                await self._bot.set_my_commands(list(listed), language_code=language or None)

    async def set_webhook(self, url: str, secret: str) -> None:
        """Have updates sent to *url*. What is pending stays pending: people wrote it."""
        with _as_send_error():
            await self._bot.set_webhook(
                url, secret_token=secret, allowed_updates=ALLOWED_UPDATES, max_connections=MAX_WEBHOOK_CONNECTIONS
            )

    async def delete_webhook(self) -> None:
        """Make way for polling; what is pending stays pending."""
        with _as_send_error():
            await self._bot.delete_webhook(drop_pending_updates=False)

    async def webhook_info(self) -> dict[str, object]:
        """What Telegram says of our webhook: how many updates are pending, and its last error."""
        with _as_send_error():
            info = await self._bot.get_webhook_info()
            return {"pending": info.pending_update_count, "last_error": info.last_error_message or ""}


@contextmanager
def _as_send_error() -> Iterator[None]:
    """Raise the decision in a failure: what `do_request` raised, or Unknown.

    python-telegram-bot raises the builtin errors when an answer lacks what it needs.
    """
    try:
        yield
    except (TelegramError, KeyError, TypeError, ValueError) as exc:
        found = exc.__cause__ if isinstance(exc.__cause__, SendError) else Unknown(type(exc).__name__)
        raise found.with_traceback(None) from None  # the frames below hold the URL, and so the token


def _form(data: RequestData | None) -> aiohttp.FormData | None:
    if data is None:
        return None
    # By default names of files would be percent-encoded, and people would get "b%C3%A1o%20c%C3%A1o.pdf".
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    if data.contains_files:
        for name, (file_name, content, content_type) in data.multipart_data.items():
            form.add_field(name, content, filename=file_name, content_type=content_type)
    return form
