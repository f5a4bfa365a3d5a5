"""What we ask of the Official Account itself: who it is, what it may still send, how its templates stand.

Asked by officers and by `bot doctor`, a few times a day: over aiohttp's client, unlike what carries messages.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from msgspec import Struct

from bot.channels.base import NotSent, SendError, Unknown
from bot.channels.zalo.api import Tokens
from bot.channels.zalo.errors import BY_PHONE, OPENAPI, Refusal, answer_from, error_of

SECONDS = 10.0
"""How long we wait for an answer: somebody sits before the page."""
UNLINKED = ("", "0", "false", "none", "null")
"""What `linked_ZCA` says where no Zalo Cloud Account is linked; else its name."""


class About(Struct, frozen=True):
    """The account as Zalo has it. `tier` is the package that was paid for, `until` when it ends, in Zalo's words."""

    id: str
    name: str
    is_verified: bool | None
    tier: str
    until: str
    has_zca: bool | None


class Allowance(Struct, frozen=True):
    """So many messages of a kind that cost nothing, until a day, in Zalo's words."""

    kind: str
    total: int
    remain: int
    until: str


class Slot(Struct, frozen=True):
    """A parameter of a template. `most` 0: Zalo didn't tell a limit."""

    name: str
    is_needed: bool
    most: int


class TemplateTold(Struct, frozen=True):
    """How a template stands, in Zalo's words. Prices are in đồng for one message; None: it told none."""

    state: str
    name: str
    tag: str
    slots: Sequence[Slot]
    price_by_id: int | None
    price_by_phone: int | None
    reason: str


class ZaloAccount:
    """One Official Account, asked. Every call raises `SendError`, in whose reason Zalo's number stands first."""

    def __init__(self, tokens: Tokens, *, api: str, template_api: str, proof_key: str = "") -> None:
        self._tokens, self._api, self._template_api = tokens, api, template_api
        self._proof_key = proof_key

    async def about(self) -> About:
        """Who we are there, from getoa."""
        told = _mapping(await self._ask("GET", f"{self._api}/v2.0/oa/getoa"))
        return About(
            _text(told.get("oaid") or told.get("oa_id")), _text(told.get("name")), _flag(told.get("is_verified")),
            _text(told.get("package_name")), _text(told.get("package_valid_through_date")),
            _text(told["linked_ZCA"]).lower() not in UNLINKED if "linked_ZCA" in told else None,
        )  # fmt: skip

    async def allowances(self) -> Sequence[Allowance]:
        """What the tier still lets us send for nothing after 48 hours."""
        asked = {"quota_owner": "OA", "product_type": "cs", "quota_type": "sub_quota"}
        told = await self._ask("POST", f"{self._api}/v3.0/oa/quota/message", json=asked)
        rows = told if isinstance(told, list) else []
        return [
            Allowance(
                _text(row.get("quota_type")), _number(row.get("total")) or 0, _number(row.get("remain")) or 0,
                _text(row.get("valid_through")),
            )
            for row in rows
            if isinstance(row, dict)
        ]  # fmt: skip

    async def template(self, template: str) -> TemplateTold:
        """How a template stands."""
        where = f"{self._template_api}/template/info/v2"
        told = _mapping(await self._ask("GET", where, BY_PHONE, params={"template_id": template}))
        slots = [
            Slot(_text(one.get("name")), _flag(one.get("require")) is not False, _number(one.get("maxLength")) or 0)
            for one in told.get("listParams") or ()
            if isinstance(one, dict)
        ]
        return TemplateTold(
            _text(told.get("status")), _text(told.get("templateName")), _text(told.get("templateTag")), slots,
            _number(told.get("price_uid")), _number(told.get("price_sdt", told.get("price"))),
            _text(told.get("reason")),
        )  # fmt: skip

    async def _ask(
        self, method: str, url: str, table: Mapping[int, Refusal] = OPENAPI, **values: Any
    ) -> Any:  # fmt: skip
        from aiohttp import ClientError, ClientSession, ClientTimeout

        headers = self._headers((await self._tokens.current()).text)
        error: SendError
        try:
            async with (
                ClientSession(timeout=ClientTimeout(total=SECONDS)) as session,
                session.request(method, url, headers=headers, **values) as response,
            ):
                return _data_in(response.status, await response.read(), table)
        except TimeoutError:
            error = Unknown("no answer")
        except (ClientError, OSError) as trouble:
            error = NotSent(type(trouble).__name__)
        raise error  # out here it has no context: a traceback through the client would hold the token

    def _headers(self, token: str) -> Mapping[str, str]:
        headers = {"access_token": token}
        if self._proof_key:
            headers["appsecret_proof"] = hmac.new(self._proof_key.encode(), token.encode(), sha256).hexdigest()
        return headers


def _data_in(status: int, body: bytes, table: Mapping[int, Refusal]) -> Any:
    answer = answer_from(body)
    error = error_of(status, answer, table)
    if error is not None:
        raise error
    return json.loads(bytes(answer.data)) if answer is not None and answer.data else None


def _mapping(told: Any) -> Mapping[str, Any]:
    return told if isinstance(told, dict) else {}


def _text(told: Any) -> str:
    return "" if told is None else str(told).replace("\0", "")[:200]


def _flag(told: Any) -> bool | None:
    """Booleans come as themselves, as numbers and as words."""
    return None if told is None else str(told).lower() in ("true", "1", "yes")


def _number(told: Any) -> int | None:
    """A whole number, however it is written; None where there is none."""
    try:
        return int(float(told))
    except (TypeError, ValueError, OverflowError):
        return None
