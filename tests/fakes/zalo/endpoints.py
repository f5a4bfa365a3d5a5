"""Every address that is served, who may call it, and how it answers."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

from aiohttp import web

from tests.fakes.zalo import account, events, messages, templates, uploads
from tests.fakes.zalo.books import Call, Shown, Template
from tests.fakes.zalo.people import FakeUser
from tests.fakes.zalo.refusals import BY_PHONE, OPENAPI, Refusal

if TYPE_CHECKING:
    from tests.fakes.zalo.app import FakeZalo

Family = Literal["oa", "phone"]


@dataclass(frozen=True)
class Endpoint:
    """One address: of the OpenAPI host ("oa") or of the business host ("phone")."""

    answer: Callable[[FakeZalo, Call], Any]
    family: Family = "oa"


TABLE: Mapping[tuple[str, str], Endpoint] = {
    ("POST", "/v3.0/oa/message/cs"): Endpoint(messages.send),
    ("POST", "/v3.0/oa/message/template"): Endpoint(templates.send_by_uid),
    ("POST", "/v3.0/oa/message/transaction"): Endpoint(messages.send_discontinued),
    ("POST", "/v3.0/oa/message/promotion"): Endpoint(messages.send_discontinued),
    ("POST", "/v3.0/oa/quota/message"): Endpoint(account.quota),
    ("GET", "/v3.0/oa/user/detail"): Endpoint(account.detail),
    ("GET", "/v3.0/oa/user/getlist"): Endpoint(account.getlist),
    ("POST", "/v2.0/oa/message"): Endpoint(messages.send_v2),
    ("GET", "/v2.0/oa/getoa"): Endpoint(account.getoa),
    ("POST", "/v2.0/oa/tag/tagfollower"): Endpoint(account.tag),
    ("POST", "/v2.0/oa/tag/rmfollowerfromtag"): Endpoint(account.tag),
    ("POST", "/v2.0/oa/tag/rmtag"): Endpoint(account.remove_tag),
    ("GET", "/v2.0/oa/tag/gettagsofoa"): Endpoint(account.tags),
    ("POST", "/v2.0/oa/upload/image"): Endpoint(uploads.upload),
    ("POST", "/v2.0/oa/upload/gif"): Endpoint(uploads.upload),
    ("POST", "/v2.0/oa/upload/file"): Endpoint(uploads.upload),
    ("POST", "/message/template"): Endpoint(templates.send_by_phone, "phone"),
    ("GET", "/message/status"): Endpoint(templates.status, "phone"),
    ("GET", "/message/quota"): Endpoint(templates.quota, "phone"),
    ("GET", "/template/all"): Endpoint(templates.listing, "phone"),
    ("GET", "/template/info/v2"): Endpoint(templates.info, "phone"),
}


def authorise(zalo: FakeZalo, call: Call, family: Family) -> None:
    """Raise Refusal where the caller shows no good token, or no proof that they know the app's secret."""
    headers = {name.lower(): value for name, value in call.headers.items()}
    token = headers.get("access_token", "")
    error = zalo.oauth.check(token)
    if error:
        raise Refusal(-124 if family == "phone" else error)
    if family == "oa" and zalo.demands_proof and headers.get("appsecret_proof") != proof_of(zalo.app_secret, token):
        raise Refusal(-242)


def proof_of(app_secret: str, token: str) -> str:
    """What proves that the caller of *token* is the app."""
    return hmac.new(app_secret.encode(), token.encode(), sha256).hexdigest()


def accepted(family: Family, data: Any, limits: Mapping[str, str]) -> web.Response:
    """The answer to what was done. The OpenAPI says that it is "text/json"."""
    body = {"error": 0, "message": "Success", "data": data}
    return _json(body, family, limits)


def refused(family: Family, refusal: Refusal, limits: Mapping[str, str]) -> web.Response:
    """The answer to what was not done: HTTP 200, and no data."""
    words = refusal.words or (BY_PHONE if family == "phone" else OPENAPI).get(refusal.code, "Unknown error")
    return _json({"error": refusal.code, "message": words}, family, limits)


def not_found() -> web.Response:
    """The answer where there is nothing: nothing is taken silently."""
    return web.json_response({"error": -201, "message": "path is invalid!"}, status=404)


def _json(body: Mapping[str, Any], family: Family, headers: Mapping[str, str]) -> web.Response:
    kind = "text/json" if family == "oa" else "application/json"
    return web.Response(text=json.dumps(body, ensure_ascii=False), content_type=kind, headers=dict(headers))


async def write_as_admin(zalo: FakeZalo, user: FakeUser, text: str, admin_id: str) -> int:
    """Somebody of the OA writes by hand. The webhook's status of the echo."""
    shown = Shown(secrets.token_hex(10), text, zalo.clock())
    user.show(shown)
    return await zalo.hook.tell(messages.echo_of(user, shown, "oa_send_text", admin_id))


async def review(zalo: FakeZalo, template: Template, status: str, reason: str) -> int:
    """The reviewers' decision about a template. The webhook's status."""
    change = {"prev_status": template.status, "new_status": status}
    template.status = status
    about = {"oa_id": zalo.oa_id, "template_id": template.id, "reason": reason, "status": change}
    return await zalo.hook.tell(events.event(zalo, "change_template_status", about))
