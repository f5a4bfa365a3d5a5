"""The floor: the same menu by a bare aiohttp handler that records nothing (TREE PORT API SECRET)."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

SERVING = "floor serves"
PATH = "/hook"


class Floor:
    """As little as a bot of this menu can do: look the text up, send it, answer 200."""

    def __init__(self, tree: Mapping[str, Any], api: str, secret: str) -> None:
        self._nodes, self._thanks, self._root = tree["nodes"], tree["thanks"], tree["root"]
        self._api, self._secret = api, secret
        self._keyboards = {
            key: {"inline_keyboard": [[{"text": c["label"], "callback_data": c["id"]}] for c in node["choices"]]}
            for key, node in self._nodes.items()
        }
        self._leaf_of: dict[int, str] = {}
        self._session: aiohttp.ClientSession | None = None

    async def run(self, _app: web.Application) -> AsyncIterator[None]:
        connector = aiohttp.TCPConnector(limit=100)
        async with aiohttp.ClientSession(connector=connector) as self._session:
            print(SERVING, flush=True)
            yield

    async def hook(self, request: web.Request) -> web.Response:
        if request.headers.get("X-Telegram-Bot-Api-Secret-Token") != self._secret:
            return web.Response(status=403)
        update = await request.json()
        query = update.get("callback_query")
        if query is None:
            await self._hear(update["message"]["chat"]["id"], update["message"]["text"])
        else:
            await asyncio.gather(
                self._call("answerCallbackQuery", callback_query_id=query["id"]),
                self._turn_to(query["message"]["chat"]["id"], query["message"]["message_id"], query["data"]),
            )
        return web.Response()

    async def _turn_to(self, chat: int, message_id: int, key: str) -> None:
        fields = {"chat_id": chat, "message_id": message_id, "text": self._nodes[key]["text"]}
        if self._nodes[key]["choices"]:
            fields["reply_markup"] = self._keyboards[key]
        else:
            self._leaf_of[chat] = key
        await self._call("editMessageText", **fields)

    async def _hear(self, chat: int, text: str) -> None:
        leaf = None if text == "/start" else self._leaf_of.pop(chat, None)
        if leaf is not None:
            await self._call("sendMessage", chat_id=chat, text=self._thanks[leaf])
            return
        words, keyboard = self._nodes[self._root]["text"], self._keyboards[self._root]
        await self._call("sendMessage", chat_id=chat, text=words, reply_markup=keyboard)

    async def _call(self, method: str, **fields: Any) -> Any:
        assert self._session is not None
        async with self._session.post(f"{self._api}/{method}", json=fields) as response:
            return await response.json()


def main(tree: str, port: str, api: str, secret: str) -> None:
    floor = Floor(json.loads(Path(tree).read_text(encoding="utf-8")), api, secret)
    app = web.Application()
    app.router.add_post(PATH, floor.hook)
    app.cleanup_ctx.append(floor.run)
    web.run_app(app, host="127.0.0.1", port=int(port), access_log=None, print=None)


if __name__ == "__main__":
    main(*sys.argv[1:])
