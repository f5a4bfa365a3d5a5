"""A stand-in for the Bot API: records calls, checks them, keeps messages, hands out updates, and fails on demand.

    async with FakeTelegram() as telegram:
        channel = TelegramChannel(telegram.token, api=telegram.url)
        telegram.fail("throttles", chat=7, retry_after=3)

By hand: `python -m tests.fakes.telegram --port 8081`, then `BOT_TELEGRAM_API=http://127.0.0.1:8081
BOT_TELEGRAM_TOKEN=123:TEST python -m bot run`, and be a person:
`curl 127.0.0.1:8081/person -d '{"chat": 7, "say": "xin chào"}'` (or `"tap": "Có"`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import aiohttp
from aiohttp import web

from tests.fakes.telegram_rules import (
    CARRIERS,
    PAGES,
    REFUSALS,
    Call,
    Refusal,
    check_message,
    fields_of,
    message_of,
    refused,
    take_media,
    user_of,
    visible,
    with_markup,
)

Fault = Literal["throttles", "is_blocked", "refuses", "crashes", "hangs", "drops", "conflicts", "is_a_proxy"]
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass
class _Planned:
    fault: Fault
    chat: int
    method: str
    times: int
    retry_after: float


@dataclass
class FakeTelegram:
    """One bot's server. `rate` (messages a second) and `chat_gap` (seconds) are enforced with 429 when set."""

    token: str = "123:TEST"
    rate: int = 0
    chat_gap: float = 0
    latency: float = 0
    verbose: bool = False
    calls: list[Call] = field(default_factory=list)
    messages: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    pending: list[dict[str, Any]] = field(default_factory=list)
    webhook: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    """What was uploaded, by the id that it got."""

    def __post_init__(self) -> None:
        self.app = web.Application()
        self.app.router.add_post("/bot{token}/{method}", self._handle)
        self.app.router.add_post("/person", self._person)
        self._planned: list[_Planned] = []
        self._changed = asyncio.Condition()
        self._released = asyncio.Event()
        self._sent_at: deque[float] = deque()
        self._chat_at: dict[int, float] = {}
        self._next_message = 100
        self._next_update = 1000
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> Self:
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def stop(self) -> None:
        self._released.set()
        if self._runner is not None:
            await self._runner.cleanup()

    def fail(self, fault: Fault, *, chat: int = 0, method: str = "", times: int = 1, retry_after: float = 3) -> None:
        """Have the next *times* calls (0: all) fail that concern *chat* (0: any) by *method* ("": any)."""
        self._planned.append(_Planned(fault, chat, method, times, retry_after))

    def heal(self) -> None:
        """Take back every planned fault, and let go of the calls that hang."""
        self._planned.clear()
        self._released.set()
        self._released = asyncio.Event()

    def texts(self, chat: int) -> list[str]:
        """What the chat shows now, oldest first, without tags."""
        return [visible(shown["text"]) for (of, _), shown in sorted(self.messages.items()) if of == chat]

    def count(self) -> Counter[str]:
        """Calls by method."""
        return Counter(call.method for call in self.calls)

    async def until(self, method: str, times: int = 1, seconds: float = 10) -> list[Call]:
        """Wait until *method* was called so often; return these calls."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: self.count()[method] >= times)
        return [call for call in self.calls if call.method == method]

    async def says(self, chat: int, text: str) -> int:
        """The person of *chat* writes. The webhook's status, 0 when polled."""
        return await self.update("message", {**message_of(chat, self._take_message_id()), "text": text})

    async def taps(self, chat: int, label: str) -> int:
        """The person of *chat* presses the newest button whose label has *label* in it."""
        for (of, message_id), shown in sorted(self.messages.items(), reverse=True):
            for row in shown.get("reply_markup", {}).get("inline_keyboard", []):
                if of == chat and label in row[0]["text"]:
                    query = {"id": f"9{message_id}", "from": user_of(chat), "chat_instance": "1"}
                    query |= {"message": message_of(chat, message_id), "data": row[0]["callback_data"]}
                    return await self.update("callback_query", query)
        raise LookupError(f"no button {label!r} in chat {chat}")

    async def update(self, kind: str, value: Mapping[str, Any]) -> int:
        """Hand out an update of any kind. The webhook's status, 0 when polled."""
        self._next_update += 1
        self.pending.append({"update_id": self._next_update, kind: value})
        if self.webhook.get("url"):
            return await self.deliver()
        async with self._changed:
            self._changed.notify_all()
        return 0

    async def deliver(self) -> int:
        """Post what is pending to the webhook, in order, up to the first refusal; its status, or the last one's."""
        status = 0
        async with aiohttp.ClientSession() as client:
            while self.pending:
                headers = {SECRET_HEADER: self.webhook.get("secret_token", "")}
                async with client.post(self.webhook["url"], json=self.pending[0], headers=headers) as response:
                    status, body = response.status, await response.read()
                if not 200 <= status < 300:
                    break
                self.pending.pop(0)
                if body:
                    fields = json.loads(body)
                    await self._record(fields.pop("method"), fields)
        return status

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        fields = await fields_of(request)
        await self._record(method, fields)
        if self.latency:
            await asyncio.sleep(self.latency)
        if request.match_info["token"] != self.token:
            return refused(401, "Unauthorized")
        planned = self._planned_for(method, int(fields.get("chat_id", 0)))
        if planned is not None:
            return await self._faulty(planned, request)
        try:
            return web.json_response({"ok": True, "result": await self._result(method, fields)})
        except Refusal as refusal:
            return refused(refusal.code, refusal.description, **refusal.parameters)

    async def _record(self, method: str, fields: Mapping[str, Any]) -> None:
        async with self._changed:
            self.calls.append(Call(method, fields, asyncio.get_running_loop().time()))
            if self.verbose:
                print(method, json.dumps(fields, ensure_ascii=False), flush=True)
            self._changed.notify_all()

    def _planned_for(self, method: str, chat: int) -> _Planned | None:
        for planned in self._planned:
            if planned.chat in (0, chat) and planned.method in ("", method):
                planned.times -= 1
                if planned.times == 0:
                    self._planned.remove(planned)
                return planned
        return None

    async def _faulty(self, planned: _Planned, request: web.Request) -> web.StreamResponse:
        if planned.fault == "throttles":
            seconds = planned.retry_after
            return refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        if planned.fault in REFUSALS:
            return refused(*REFUSALS[planned.fault])
        if planned.fault in PAGES:
            return web.Response(status=PAGES[planned.fault], text="<html>no answer of the Bot API</html>")
        if planned.fault == "hangs":
            await self._released.wait()
        elif request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    async def _result(self, method: str, fields: dict[str, Any]) -> object:
        match method:
            case "getMe":
                return {"id": 123, "is_bot": True, "first_name": "Fake", "username": "fake_bot"}
            case "getUpdates":
                return await self._updates(int(fields.get("offset", 0)), float(fields.get("timeout", 0)))
            case "setWebhook":
                self.webhook = dict(fields)
            case "deleteWebhook":
                self.webhook = {}
            case "getWebhookInfo":
                url = self.webhook.get("url", "")
                return {"url": url, "has_custom_certificate": False, "pending_update_count": len(self.pending)}
            case "sendMessage" | "editMessageText" | "editMessageReplyMarkup" | "sendPhoto" | "sendDocument":
                self._pace(int(fields["chat_id"]))
                return (self._show_media if method in CARRIERS else self._show)(method, fields)
            case "answerCallbackQuery" | "setMyCommands":
                pass
            case _:
                raise Refusal(404, "Not Found: method not found")
        return True

    async def _updates(self, offset: int, seconds: float) -> list[dict[str, Any]]:
        if self.webhook.get("url"):
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        self.pending = [update for update in self.pending if update["update_id"] >= offset]
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: bool(self.pending))
        except TimeoutError:
            return []
        return self.pending[:100]

    def _pace(self, chat: int) -> None:
        now = asyncio.get_running_loop().time()
        while self._sent_at and self._sent_at[0] <= now - 1:
            self._sent_at.popleft()
        too_fast = bool(self.rate) and len(self._sent_at) >= self.rate
        if too_fast or now - self._chat_at.get(chat, now - self.chat_gap) < self.chat_gap:
            raise Refusal(429, "Too Many Requests: retry after 1", retry_after=1)
        self._sent_at.append(now)
        self._chat_at[chat] = now

    def _show(self, method: str, fields: dict[str, Any]) -> dict[str, Any]:
        chat = int(fields["chat_id"])
        check_message(method, fields)
        message_id = self._take_message_id() if method == "sendMessage" else int(fields["message_id"])
        shown = self.messages.get((chat, message_id))
        if method != "sendMessage" and shown is None:
            raise Refusal(400, "Bad Request: message to edit not found")
        text = fields["text"] if shown is None or "text" in fields else shown["text"]
        now = with_markup({"text": text}, fields)
        if now == shown:
            raise Refusal(400, "Bad Request: message is not modified: specified new message content is the same")
        self.messages[chat, message_id] = now
        return {**message_of(chat, message_id), "text": visible(text)}

    def _show_media(self, method: str, fields: dict[str, Any]) -> dict[str, Any]:
        chat, message_id = int(fields["chat_id"]), self._take_message_id()
        told, text = take_media(method, fields, self.files)
        self.messages[chat, message_id] = with_markup({"text": text}, fields)
        return {**message_of(chat, message_id), "caption": visible(text), **told}

    def _take_message_id(self) -> int:
        self._next_message += 1
        return self._next_message

    async def _person(self, request: web.Request) -> web.Response:
        asked = json.loads(await request.text())
        chat = int(asked["chat"])
        status = await (self.taps(chat, asked["tap"]) if "tap" in asked else self.says(chat, asked["say"]))
        return web.json_response({"status": status})


async def _serve(port: int) -> None:
    telegram = await FakeTelegram(verbose=True).start(port)
    print(f"Bot API on {telegram.url}, token {telegram.token}; POST /person to be one")
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8081)
    asyncio.run(_serve(parser.parse_args().port))
