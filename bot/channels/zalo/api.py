"""Calls of the OpenAPI as prepared bytes, with a token that others may renew while we wait."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from copy import copy
from typing import Final, Protocol
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Raw, Struct

from bot.channels.base import Misconfigured, NotSent, SendError, Unknown
from bot.channels.http import JSON, Broken, HttpClient, Refused
from bot.channels.media import Form
from bot.channels.zalo.encode import BY_PHONE, BY_TEMPLATE, SAY
from bot.channels.zalo.errors import BY_ID, OPENAPI, Expired, Refusal, answer_from, error_of
from bot.channels.zalo.errors import BY_PHONE as PHONE_TABLE

PUBLIC_API: Final = "https://openapi.zalo.me"
PUBLIC_TEMPLATE_API: Final = "https://business.openapi.zalo.me"
MAX_CONNECTIONS: Final = 100
CONNECT_SECONDS: Final = 10.0
READ_SECONDS: Final = 20.0
"""Long, because every time-out after the request was written leaves an `Unknown`, and nothing here is idempotent."""


class Token(Struct, frozen=True):
    """An access token. `version` counts the pairs: who met an error with an older one takes the newer."""

    text: str
    version: int


class Tokens(Protocol):
    """Where access tokens come from. Both raise `Misconfigured` when there is none that works."""

    async def current(self) -> Token:
        """The token to use now: ask for each call, for a new one ends the old."""
        ...

    async def renew(self, seen: Token) -> Token:
        """One that is newer than *seen*, which Zalo refused: waits while it is made, by us or by another process."""
        ...


class Host:
    """One of Zalo's servers: its address, and what its numbers mean."""

    def __init__(self, base: str, table: Mapping[int, Refusal], read_seconds: float) -> None:
        self.root = urlsplit(base).path.rstrip("/")
        self.table = table
        self.http = HttpClient(base, limit=MAX_CONNECTIONS, connect_seconds=CONNECT_SECONDS, read_seconds=read_seconds)

    def read_by(self, table: Mapping[int, Refusal]) -> Host:
        """The same server, over the same connections, where its numbers mean something else."""
        other = copy(self)
        other.table = table
        return other


class ZaloApi:
    """One Official Account's calls. `proof_secret` (the app's) is for apps that must prove that they hold it."""

    def __init__(
        self, tokens: Tokens, *, api: str = PUBLIC_API, template_api: str = PUBLIC_TEMPLATE_API, proof_secret: str = "",
        read_seconds: float = READ_SECONDS,
    ) -> None:  # fmt: skip
        self._tokens, self._proof_secret = tokens, proof_secret
        self._openapi = Host(api, OPENAPI, read_seconds)
        self._business = Host(template_api, PHONE_TABLE, read_seconds)
        self._paths = {
            SAY: (self._openapi, "/v3.0/oa/message/cs"),
            BY_TEMPLATE: (self._openapi.read_by(BY_ID), "/v3.0/oa/message/template"),
            BY_PHONE: (self._business, "/message/template"),
        }
        self._heads: dict[str, bytes] = {}
        self._version = 0

    async def close(self) -> None:
        """Close every connection. Calls made later are `NotSent`."""
        await self._openapi.http.close()
        await self._business.http.close()

    async def post(self, method: str, body: bytes) -> Raw:
        """The `data` of one message call, named as `Payload.method` is. Raises SendError."""
        host, path = self._paths[method]
        return await self._call(host, "POST", path, body)

    async def upload(self, kind: str, form: Form) -> Raw:
        """The `data` for a picture ("image") or a file ("file") that is handed over. Raises SendError: as no message
        was sent, never `Unknown`."""
        try:
            return await self._call(self._openapi, "POST", f"/v2.0/oa/upload/{kind}", form.body, form.content_type)
        except Unknown as lost:
            raise NotSent(lost.reason) from None

    async def look(self, path: str, data: Mapping[str, object] | None = None) -> Raw:
        """The `data` of a GET of the OpenAPI, which takes its parameters as JSON in one. Raises SendError."""
        return await self._call(self._openapi, "GET", path + _asked(data), b"")

    async def look_at_templates(self, path: str, parameters: str) -> Raw:
        """The `data` of a GET at the server of templates; *parameters* as in a URL. Raises SendError."""
        return await self._call(self._business, "GET", f"{path}?{parameters}", b"")

    async def ask(self, path: str, data: Mapping[str, object]) -> Raw:
        """The `data` of a POST of the OpenAPI that is no message. Raises SendError."""
        return await self._call(self._openapi, "POST", path, msgspec.json.encode(data))

    async def _call(self, host: Host, verb: str, path: str, body: bytes, content_type: str = JSON) -> Raw:
        """One call; where the token turns out to be old, once more with a newer one."""
        token = await self._tokens.current()
        try:
            return await self._try(host, self._head(host, verb, path, token, content_type), body)
        except Expired:
            pass
        token = await self._tokens.renew(token)
        return await self._try(host, self._head(host, verb, path, token, content_type), body)

    async def _try(self, host: Host, head: bytes, body: bytes) -> Raw:
        status, said = await _answered(host.http, head, body)
        answer = answer_from(said)
        error = error_of(status, answer, host.table)
        if error is not None:
            raise error
        return Raw() if answer is None else answer.data

    def _head(self, host: Host, verb: str, path: str, token: Token, content_type: str) -> bytes:
        """The head of a request, kept for messages' as long as their token is."""
        if token.version != self._version:
            self._heads, self._version = {}, token.version
        key = path if verb == "POST" and content_type == JSON else ""
        head = self._heads.get(key)
        if head is None:
            head = self._new_head(host, verb, path, token, content_type)
            if key:
                self._heads[key] = head
        return head

    def _new_head(self, host: Host, verb: str, path: str, token: Token, content_type: str) -> bytes:
        headers = {"access_token": token.text}
        if self._proof_secret:
            headers["appsecret_proof"] = proof_of(token.text, self._proof_secret)
        try:
            return host.http.head(host.root + path, headers, method=verb, content_type=content_type)
        except ValueError:
            reason = "the access token holds what no header can"
        raise Misconfigured(reason)  # out here it has no context: a traceback would hold the token


def proof_of(token: str, secret: str) -> str:
    """What proves to Zalo that we hold the app's *secret*: an HMAC-SHA256 of the access token."""
    return hmac.new(secret.encode(), token.encode("utf-8", "replace"), "sha256").hexdigest()


async def _answered(http: HttpClient, head: bytes, body: bytes) -> tuple[int, bytes]:
    error: SendError
    try:
        return await http.post(head, body)
    except Refused as refused:
        error = NotSent(str(refused))
    except Broken as broken:
        error = Unknown(str(broken))
    raise error  # out here it has no context: a traceback through the client would hold the head, and so the token


def _asked(data: Mapping[str, object] | None) -> str:
    return "" if data is None else "?data=" + quote(msgspec.json.encode(data))
