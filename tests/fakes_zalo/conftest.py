"""A fake Zalo at noon in Hà Nội, and a caller who has its tokens."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.fakes.zalo import Clock, FakeZalo

UID = "2512523625412515001"
NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)


class Caller:
    """Makes calls as an app does; the newest token is its own."""

    def __init__(self, zalo: FakeZalo, client: aiohttp.ClientSession) -> None:
        self.zalo, self.client = zalo, client
        self.headers: dict[str, str] = {"access_token": zalo.oauth.consent().access_token}

    async def later(self, *, days: float = 0, seconds: float = 0) -> None:
        """Let time pass, and get a new token, since the old one is likely to be past."""
        await self.zalo.advance(days=days, seconds=seconds)
        self.headers = {"access_token": self.zalo.oauth.consent().access_token}

    async def post(self, path: str, body: object, **headers: str) -> Any:
        """The JSON of the answer, which is always HTTP 200."""
        kind = {"Content-Type": "application/json"}
        content = body if isinstance(body, bytes) else json.dumps(body)
        async with self.client.post(self.zalo.url + path, data=content, headers=kind | self.headers | headers) as got:
            assert got.status == 200
            return await got.json(content_type=None)

    async def get(self, path: str, **query: str) -> Any:
        async with self.client.get(self.zalo.url + path, params=query, headers=self.headers) as got:
            assert got.status == 200
            return await got.json(content_type=None)

    async def ask(self, path: str, data: object) -> Any:
        """GET with the one parameter that the OpenAPI has."""
        return await self.get(path, data=json.dumps(data))

    async def say(self, text: str = "Chào bà con", uid: str = UID, **more: object) -> Any:
        return await self.send({"text": text, **more}, uid)

    async def send(self, message: Mapping[str, object], uid: object = UID) -> Any:
        return await self.post("/v3.0/oa/message/cs", {"recipient": {"user_id": uid}, "message": message})

    async def form(self, fields: Mapping[str, str], secret: str = "app_secret_demo") -> Any:
        """A call for tokens."""
        url = f"{self.zalo.url}/v4/oa/access_token"
        async with self.client.post(url, data=fields, headers={"secret_key": secret}) as got:
            return await got.json(content_type=None)

    async def refresh(self, token: str) -> Any:
        fields = {"refresh_token": token, "app_id": self.zalo.app_id, "grant_type": "refresh_token"}
        return await self.form(fields)


class Heard:
    """A webhook that answers as it is set and keeps what it heard."""

    def __init__(self) -> None:
        self.status = 200
        self.bodies: list[bytes] = []
        self.headers: list[Mapping[str, str]] = []
        self.url = ""

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies if body != b"{}"]

    @property
    def names(self) -> list[str]:
        return [event["event_name"] for event in self.events]

    async def take(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        self.headers.append(dict(request.headers))
        return web.Response(status=self.status)


@pytest.fixture
async def zalo() -> AsyncIterator[FakeZalo]:
    async with FakeZalo(clock=Clock(NOON)) as fake:
        yield fake


@pytest.fixture
async def app(zalo: FakeZalo) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as client:
        yield Caller(zalo, client)


@pytest.fixture
async def heard() -> AsyncIterator[Heard]:
    webhook = Heard()
    app = web.Application()
    app.router.add_post("/hooks/zalo", webhook.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    webhook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hooks/zalo"
    yield webhook
    await runner.cleanup()
