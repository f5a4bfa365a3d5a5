"""Consultation messages (cs): who may be written to, for what money, and what a message brings about."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.fakes.zalo import events
from tests.fakes.zalo.books import Call, Charge, Shown, Zone
from tests.fakes.zalo.clock import is_night, milliseconds
from tests.fakes.zalo.content import check_message
from tests.fakes.zalo.people import FakeUser
from tests.fakes.zalo.refusals import Refusal, invalid

if TYPE_CHECKING:
    from tests.fakes.zalo.app import FakeZalo

FREE, PAID, INACTIVE = timedelta(hours=48), timedelta(days=7), timedelta(days=45)


def send(zalo: FakeZalo, call: Call) -> dict[str, Any]:
    """POST /v3.0/oa/message/cs. The checks are in Zalo's order: the account, the person, the window, the content."""
    check_account(zalo)
    body = body_of(call)
    for name in body.keys() - {"recipient", "message"}:
        zalo.take(f"cs.{name}")
    recipient = body.get("recipient")
    user = person(zalo, recipient.get("user_id") if isinstance(recipient, dict) else None)
    zone = _zone(zalo, user)
    message = body.get("message")
    if not isinstance(message, dict):
        raise invalid("message")
    attachment, buttons = check_message(zalo, message)
    price, quota = _charge(zalo, user, zone)
    text = str(message.get("text") or "")
    shown = Shown(secrets.token_hex(10), text, zalo.clock(), buttons=buttons, attachment=attachment)
    zalo.books.append(Charge("cs", user.uid, zone, price, shown.at, text, shown.message_id))
    arrive(zalo, user, shown, f"oa_send_{attachment if attachment in ('image', 'gif', 'sticker', 'file') else 'text'}")
    return told(user, shown) | ({"quota": quota} if quota else {})


def check_account(zalo: FakeZalo) -> None:
    """Raise Refusal where the app or the OA may send nothing at all."""
    if not zalo.is_app_active:
        raise Refusal(-209)
    if zalo.oa_state != "enabled":
        raise Refusal(-204 if zalo.oa_state == "disabled" else -205)
    if not zalo.has_tier:
        raise Refusal(-224)
    if not zalo.is_granted:
        raise Refusal(-223)


def body_of(call: Call) -> dict[str, Any]:
    """The JSON object that was posted."""
    body = call.json()
    if not isinstance(body, dict):
        raise invalid("body")
    return body


def person(zalo: FakeZalo, uid: object) -> FakeUser:
    """Whom a message is for. Raises Refusal for nobody, and for somebody who takes none."""
    if not isinstance(uid, str) or uid not in zalo.users:
        raise invalid("user_id")
    user = zalo.users[uid]
    if user.is_banned or (user.inactive_since is not None and zalo.clock() - user.inactive_since > INACTIVE):
        raise Refusal(-227)
    if user.restricts:
        raise Refusal(-244)
    return user


def arrive(zalo: FakeZalo, user: FakeUser, shown: Shown, echo: str, admin_id: str = "") -> None:
    """Show it to the person; the webhook hears the echo, and what their phone tells."""
    user.show(shown)
    if zalo.echoes and echo:
        zalo.hook.tell_later(echo_of(user, shown, echo, admin_id))
    if zalo.receipts == "off":
        return
    received = {**events.by_oa(user), "message": {"msg_id": shown.message_id}}
    zalo.hook.tell_later(events.event(zalo, "user_received_message", received))
    if zalo.receipts == "seen":
        shown.is_seen = True
        seen = {**events.by_oa(user), "message": {"msg_ids": [shown.message_id]}}
        zalo.hook.tell_later(events.event(zalo, "user_seen_message", seen))


def echo_of(user: FakeUser, shown: Shown, name: str, admin_id: str = "") -> dict[str, Any]:
    """The event that tells of a message of the OA."""
    message: dict[str, Any] = {"text": shown.text} if shown.text else {}
    if shown.attachment in ("image", "gif", "sticker", "file"):
        message["attachments"] = [{"type": shown.attachment, "payload": {}}]
    message["msg_id"] = shown.message_id
    return events.event(user.zalo, name, {**events.by_oa(user, admin_id), "message": message})


def told(user: FakeUser, shown: Shown) -> dict[str, Any]:
    """What is answered of every message by user id."""
    return {"message_id": shown.message_id, "user_id": user.uid, "sent_time": milliseconds(shown.at)}


def pay(zalo: FakeZalo, price: int, code: int) -> None:
    """Take *price* from the balance; Refusal *code* where it isn't enough."""
    if zalo.balance is not None:
        if zalo.balance < price:
            raise Refusal(code)
        zalo.balance -= price


def _zone(zalo: FakeZalo, user: FakeUser) -> Zone:
    """Free or billed, by when they last did something. Raises Refusal outside the window."""
    if user.interacted_at is None:
        if user.is_follower and user.welcomes < zalo.welcome_quota:
            return "free"
        raise Refusal(-232)
    since = zalo.clock() - user.interacted_at
    if since > PAID:
        raise Refusal(-230)
    if since <= FREE:
        return "free"
    return "sub_quota" if zalo.sub_quota > 0 else "billed"


def _charge(zalo: FakeZalo, user: FakeUser, zone: Zone) -> tuple[int, Mapping[str, Any]]:
    """Its price, and what is told of the quota: nothing where it costs money."""
    if zone == "free" and user.interacted_at is None:
        user.welcomes += 1
        return 0, {"quota_type": "welcome_msg"}
    if zone == "free":
        return 0, {"quota_type": "reply"} | ({"remain": "8", "total": "8"} if zalo.tells_remain else {})
    if zone == "sub_quota":
        zalo.sub_quota -= 1
        return 0, {"quota_type": "sub_quota", "remain": str(zalo.sub_quota), "expired_date": "31/12/2026"}
    if not zalo.has_zca:
        raise Refusal(-320)
    pay(zalo, zalo.prices["cs"], -321)
    return zalo.prices["cs"], {}


def send_v2(zalo: FakeZalo, call: Call) -> dict[str, Any]:
    """POST /v2.0/oa/message: shut down for people; articles for all by day, and reactions, are what is left."""
    check_account(zalo)
    body = body_of(call)
    recipient, action = body.get("recipient"), body.get("sender_action")
    if not isinstance(recipient, dict):
        raise invalid("recipient")
    if "target" in recipient:
        return _broadcast(zalo, body)
    if isinstance(action, dict):
        user = person(zalo, recipient.get("user_id"))
        if action.get("react_message_id") not in {shown.message_id for shown in user.shown}:
            raise invalid("react_message_id")
        return {"user_id": user.uid}
    raise Refusal(-240)


def send_discontinued(zalo: FakeZalo, call: Call) -> dict[str, Any]:
    """POST /v3.0/oa/message/{transaction,promotion}: gone since March 2026. What is answered now is not known (U8)."""
    raise Refusal(-233)


def _broadcast(zalo: FakeZalo, body: Mapping[str, Any]) -> dict[str, Any]:
    try:
        (element,) = body["message"]["attachment"]["payload"]["elements"]
        kind, article = element["media_type"], element["attachment_id"]
    except (KeyError, TypeError, ValueError):
        raise invalid("message") from None
    if kind != "article" or article not in zalo.articles:
        raise invalid("attachment_id")
    if is_night(zalo.clock()):
        raise Refusal(-234)
    return {"message_id": secrets.token_hex(10)}
