"""Consent and tokens (OAuth v4): codes good for one use, refresh tokens good for one use."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp import web

from tests.fakes.zalo.books import Call, Pair, Refresh
from tests.fakes.zalo.refusals import OPENAPI, Refusal

if TYPE_CHECKING:
    from tests.fakes.zalo.app import FakeZalo

CODE_LIVES = timedelta(minutes=10)
NAMES = {-14003: "Invalid redirect uri", -14002: "Invalid app id", -32: OPENAPI[-32]}
CONSENT = """<!doctype html><html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Cấp quyền</title><h1>Cấp quyền cho ứng dụng {app}</h1><p>Ứng dụng xin quản lý Official Account {oa}.</p>
<p><a href="{back}">Đồng ý</a></p></html>"""


@dataclass
class _Code:
    challenge: str
    at: datetime


@dataclass
class _Grant:
    """A pair and where it stands: `access` and `refresh` are dead once something follows them."""

    pair: Pair
    at: datetime
    is_superseded: bool = False
    is_used: bool = False


class OAuth:
    """All codes and pairs that were ever given out."""

    def __init__(self, zalo: FakeZalo) -> None:
        self.zalo = zalo
        self._codes: dict[str, _Code] = {}
        self._by_access: dict[str, _Grant] = {}
        self._by_refresh: dict[str, _Grant] = {}

    @property
    def pair(self) -> Pair | None:
        """The newest pair."""
        return next((grant.pair for grant in reversed(self._by_access.values())), None)

    def consent(self) -> Pair:
        """A new pair without a link, as the API Explorer gives one to an admin. Older access tokens die."""
        return self._issue()

    def expire(self) -> None:
        """The newest access token is at its end now; its refresh token is not."""
        for grant in self._by_access.values():
            grant.at = min(grant.at, self.zalo.clock() - self.zalo.access_ttl)

    def carry(self, by: timedelta) -> None:
        """Make all tokens younger by so much, as when time passes for everything else."""
        for grant in self._by_access.values():
            grant.at += by

    def revoke(self) -> None:
        """The OA takes its consent back: no token is good for anything."""
        for grant in self._by_access.values():
            grant.is_superseded = grant.is_used = True

    def check(self, access_token: str) -> int:
        """The `error` for an access token, 0 where it is good: -216 nobody knows it, `expired_code` it is past."""
        grant = self._by_access.get(access_token)
        if grant is None:
            return -216
        is_past = grant.is_superseded or self.zalo.clock() >= grant.at + self.zalo.access_ttl
        return self.zalo.expired_code if is_past else 0

    def agree(self, link: str) -> str:
        """Where the admin is sent who opens the consent *link* and agrees. Raises Refusal."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
        self._check_link(asked)
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Code(self.zalo.fixed_challenge or asked["code_challenge"], self.zalo.clock())
        back = {"code": code, "oa_id": self.zalo.oa_id} | ({"state": asked["state"]} if "state" in asked else {})
        joint = "&" if urlsplit(asked["redirect_uri"]).query else "?"
        return f"{asked['redirect_uri']}{joint}{urlencode(back)}"

    def permission(self, call: Call) -> web.Response:
        """GET /v4/oa/permission: what the admin's browser opens."""
        try:
            back = self.agree(f"?{urlencode(call.query)}")
        except Refusal as refusal:
            return self.refused(refusal)
        if not self.zalo.asks_admin:
            return web.Response(status=302, headers={"Location": back})
        page = CONSENT.format(app=self.zalo.app_id, oa=self.zalo.oa_id, back=back.replace("&", "&amp;"))
        return web.Response(text=page, content_type="text/html")

    def access_token(self, call: Call, fault: int = 0) -> web.Response | None:
        """POST /v4/oa/access_token. None: the pair is rotated, and the answer is lost. *fault*: refuse with this."""
        form = {name: values[0] for name, values in parse_qs(call.body.decode("utf-8", "replace")).items()}
        try:
            if fault:
                raise Refusal(fault)
            self._check_client(call, form)
            if form.get("grant_type") == "authorization_code":
                return _told(self._redeem(form), self.zalo.access_ttl)
            if form.get("grant_type") == "refresh_token":
                return self._refresh(form)
            raise Refusal(self.zalo.oauth_code, "Invalid grant type")
        except Refusal as refusal:
            if form.get("grant_type") == "refresh_token":
                self._note(form, "throttled" if refusal.code == -32 else "refused")
            return self.refused(refusal)

    def refused(self, refusal: Refusal) -> web.Response:
        """A refusal, in the shape of OAuth."""
        name = refusal.words or NAMES.get(refusal.code, "Invalid request")
        body = {"error": refusal.code, "error_name": name, "error_description": name, "error_reason": name}
        body["ref_doc"] = "https://developers.zalo.me/docs/social-api/tham-khao/ma-loi"
        return web.json_response(body, status=self.zalo.oauth_status)

    def _check_link(self, asked: Mapping[str, str]) -> None:
        if asked.get("app_id") != self.zalo.app_id:
            raise Refusal(-14002)
        if asked.get("redirect_uri") not in self.zalo.redirect_uris:
            raise Refusal(-14003)
        if not self.zalo.fixed_challenge and len(asked.get("code_challenge", "")) != 43:
            raise Refusal(self.zalo.oauth_code, "Invalid code challenge")
        for name in asked.keys() - {"app_id", "redirect_uri", "code_challenge", "state"}:
            self.zalo.take(f"permission.{name}")

    def _check_client(self, call: Call, form: Mapping[str, str]) -> None:
        headers = {name.lower(): value for name, value in call.headers.items()}
        kind = headers.get("content-type", "").partition(";")[0]
        if kind != "application/x-www-form-urlencoded":
            raise Refusal(self.zalo.oauth_code, "Invalid content type")
        if headers.get("secret_key") != self.zalo.app_secret:
            raise Refusal(self.zalo.oauth_code, "Invalid secret key")
        if form.get("app_id") != self.zalo.app_id:
            raise Refusal(-14002)

    def _redeem(self, form: Mapping[str, str]) -> Pair:
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or self.zalo.clock() > code.at + CODE_LIVES:
            raise Refusal(self.zalo.oauth_code, "Invalid authorization code")
        if challenge_of(form.get("code_verifier", "")) != code.challenge:
            raise Refusal(self.zalo.oauth_code, "Invalid code verifier")
        return self._issue()

    def _refresh(self, form: Mapping[str, str]) -> web.Response | None:
        grant = self._by_refresh.get(form.get("refresh_token", ""))
        outcome = self._outcome(grant)
        self._note(form, outcome)
        if grant is None or outcome in ("unknown", "used", "expired"):
            return self.refused(Refusal(self.zalo.oauth_code, "Invalid refresh token"))
        grant.is_used = True
        pair = self._issue()
        if outcome == "dropped":
            self.zalo.drops_refresh_answers -= 1
            return None
        return _told(pair, self.zalo.access_ttl)

    def _outcome(self, grant: _Grant | None) -> str:
        if grant is None:
            return "unknown"
        if grant.is_used:
            return "used"
        if self.zalo.clock() >= grant.at + self.zalo.refresh_ttl:
            return "expired"
        return "dropped" if self.zalo.drops_refresh_answers > 0 else "renewed"

    def _note(self, form: Mapping[str, str], outcome: str) -> None:
        self.zalo.refreshes.append(Refresh(form.get("refresh_token", ""), outcome, self.zalo.clock()))

    def _issue(self) -> Pair:
        for grant in self._by_access.values():
            grant.is_superseded = True
        grant = _Grant(Pair(secrets.token_urlsafe(48), secrets.token_urlsafe(48)), self.zalo.clock())
        self._by_access[grant.pair.access_token] = self._by_refresh[grant.pair.refresh_token] = grant
        return grant.pair


def challenge_of(verifier: str) -> str:
    """The code challenge of a verifier; "" for one that isn't 43 letters long."""
    if len(verifier) != 43:
        return ""
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _told(pair: Pair, ttl: timedelta) -> web.Response:
    body = {"access_token": pair.access_token, "refresh_token": pair.refresh_token}
    return web.Response(
        text=json.dumps(body | {"expires_in": str(int(ttl.total_seconds()))}), content_type="application/json"
    )
