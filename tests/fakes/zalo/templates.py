"""Approved templates (ZBS): by user id at one host, by phone number (ZNS) at the other."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.fakes.zalo import events, messages
from tests.fakes.zalo.books import Call, Charge, Parameter, Shown, Template
from tests.fakes.zalo.clock import HANOI, is_night, milliseconds
from tests.fakes.zalo.messages import arrive, body_of, check_account, pay, person
from tests.fakes.zalo.people import FakeUser
from tests.fakes.zalo.refusals import Refusal, invalid

if TYPE_CHECKING:
    from tests.fakes.zalo.app import FakeZalo

PHONE = re.compile(r"\+?84\d{9}")
MAX_TRACKING = 48
FIELDS_BY_PHONE = {"mode", "phone", "template_id", "template_data", "tracking_id", "sending_mode"}


def send_by_uid(zalo: FakeZalo, call: Call) -> dict[str, Any]:
    """POST /v3.0/oa/message/template: at any time since they last wrote."""
    check_account(zalo)
    _check_business(zalo)
    body = body_of(call)
    for name in body.keys() - {"user_id", "template_id", "template_data"}:
        zalo.take(f"template.{name}")
    user = person(zalo, body.get("user_id"))
    template = zalo.templates.get(str(body.get("template_id")))
    if template is None or template.status != "ENABLE":
        raise invalid("template_id")
    if not template.by_uid:
        raise Refusal(-249)
    data = body.get("template_data")
    if not isinstance(data, dict):
        raise invalid("template_data")
    for name, fault in faults_of(template, data).items():
        raise Refusal(-210) if fault == "long" else invalid(f"template_data.{name}")
    if template.tag == 3:
        _check_promotion(zalo, user)
    price = zalo.prices["template"] if template.price_uid is None else template.price_uid
    pay(zalo, price, -321)
    shown = Shown(secrets.token_hex(10), filled(template, data), zalo.clock())
    zalo.books.append(
        Charge("template", user.uid, "billed", price, shown.at, shown.text, shown.message_id, template.id)
    )
    user.promotions[_day(zalo)] += template.tag == 3
    arrive(zalo, user, shown, "oa_send_template")
    return messages.told(user, shown) | {"quota": {"quota_type": "purchase_quota", "remain": 4821}}


def send_by_phone(zalo: FakeZalo, call: Call) -> dict[str, Any]:
    """POST /message/template of the business host."""
    _check_business_by_phone(zalo)
    body = call.json()
    if not isinstance(body, dict):
        raise Refusal(-122)
    for name in body.keys() - FIELDS_BY_PHONE:
        zalo.take(f"phone.{name}")
    phone, mode = body.get("phone"), body.get("mode", "")
    if not isinstance(phone, str) or not PHONE.fullmatch(phone):
        raise Refusal(-108)
    template = _template_by_phone(zalo, body.get("template_id"), is_test=mode == "development")
    _check_data(template, body.get("template_data"))
    tracking = _tracking(zalo, body)
    user = _owner(zalo, phone.lstrip("+"), is_test=mode == "development")
    _check_day(zalo, template)
    price = zalo.prices["phone"] if template.price_phone is None else template.price_phone
    pay(zalo, price, -115)
    shown = Shown(secrets.token_hex(10), filled(template, body["template_data"]), zalo.clock())
    template.by_day[_day(zalo)] += 1
    charge = Charge("phone", user.phone, "billed", price, shown.at, shown.text, shown.message_id, template.id, tracking)
    zalo.books.append(charge)
    user.show(shown)
    if zalo.receipts != "off":
        tell_delivered(zalo, charge)
    told = {"msg_id": shown.message_id, "sent_time": milliseconds(shown.at), "quota": quota(zalo, call)}
    return told | {"sending_mode": body.get("sending_mode", "1")}


def tell_delivered(zalo: FakeZalo, charge: Charge) -> None:
    """The event of a template that came in by phone: its recipient is a phone number."""
    message = {"delivery_time": milliseconds(zalo.clock()), "msg_id": charge.message_id, "tracking_id": charge.tracking}
    about = {"sender": {"id": zalo.oa_id}, "recipient": {"id": charge.to}, "message": message}
    zalo.hook.tell_later(events.event(zalo, "user_received_message", about), server="ZNS")


def faults_of(template: Template, data: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with each parameter: missing, long, or format."""
    return {p.name: fault for p in template.parameters if (fault := _fault_of(p, data.get(p.name)))}


def filled(template: Template, data: Mapping[str, Any]) -> str:
    """The text that the person reads."""
    text = template.text or f"[{template.id}]"
    for name, value in data.items():
        text = text.replace(f"<{name}>", str(value))
    return text


def info(zalo: FakeZalo, call: Call) -> dict[str, Any]:
    """GET /template/info/v2?template_id=: everything about one."""
    template = zalo.templates.get(call.query.get("template_id", ""))
    if template is None:
        raise Refusal(-109)
    listed = [
        {"name": p.name, "require": p.is_required, "type": p.type, "maxLength": p.max_length, "minLength": 0,
         "acceptNull": not p.is_required}
        for p in template.parameters
    ]  # fmt: skip
    by_uid = zalo.prices["template"] if template.price_uid is None else template.price_uid
    by_phone = zalo.prices["phone"] if template.price_phone is None else template.price_phone
    return _row(template) | {
        "timeout": 7_200_000, "listParams": listed, "listButtons": [], "price": f"{by_phone}.0",
        "price_sdt": by_phone if template.by_phone else None, "price_uid": by_uid if template.by_uid else None,
    }  # fmt: skip


def listing(zalo: FakeZalo, call: Call) -> list[dict[str, Any]]:
    """GET /template/all?offset=&limit= (at most 100)."""
    offset, limit = call.query.get("offset", ""), call.query.get("limit", "")
    if not offset.isdecimal() or not limit.isdecimal() or int(limit) > 100:
        raise Refusal(-132)
    rows = [_row(template) for template in zalo.templates.values()]
    return rows[int(offset) :][: int(limit)]


def status(zalo: FakeZalo, call: Call) -> dict[str, Any]:
    """GET /message/status?message_id=: 1 received, 0 on its way."""
    for charge in zalo.books:
        if charge.kind == "phone" and charge.message_id == call.query.get("message_id"):
            return {"delivery_time": milliseconds(charge.at), "status": 1, "message": ""}
    return {"delivery_time": "", "status": -1, "message": "The message was not found"}


def quota(zalo: FakeZalo, call: Call) -> dict[str, Any]:
    """GET /message/quota: of the day."""
    left = zalo.daily_quota - _count_of_day(zalo)
    return {"dailyQuota": str(zalo.daily_quota), "remainingQuota": str(max(left, 0))}


def _row(template: Template) -> dict[str, Any]:
    tag = {1: "TRANSACTION", 2: "CUSTOMER_CARE", 3: "PROMOTION"}[template.tag]
    return {
        "templateId": template.id, "templateName": template.name or template.id, "status": template.status,
        "templateQuality": "UNDEFINED", "templateTag": tag, "createdTime": 1_790_000_000_000,
    }  # fmt: skip


def _fault_of(parameter: Parameter, value: Any) -> str:
    if value is None or value == "":
        return "missing" if parameter.is_required else ""
    if len(str(value)) > parameter.max_length:
        return "long"
    is_number = str(value).replace(".", "", 1).isdecimal()
    return "" if isinstance(value, str | int) and (parameter.type != "NUMBER" or is_number) else "format"


def _check_business(zalo: FakeZalo) -> None:
    if not zalo.is_verified:
        raise Refusal(-221)
    if not zalo.has_zca:
        raise Refusal(-320)


def _check_business_by_phone(zalo: FakeZalo) -> None:
    if zalo.oa_state != "enabled" or not zalo.is_app_active:
        raise Refusal(-135)
    if not zalo.is_granted or not zalo.has_tier or not zalo.is_verified:
        raise Refusal(-120)
    if not zalo.has_zca:
        raise Refusal(-136)


def _check_promotion(zalo: FakeZalo, user: FakeUser) -> None:
    if is_night(zalo.clock()):
        raise Refusal(-234)
    if not user.is_follower:
        raise Refusal(-213)
    if user.promotions[_day(zalo)] >= zalo.promotions_a_day:
        raise Refusal(-218)


def _template_by_phone(zalo: FakeZalo, template_id: object, *, is_test: bool) -> Template:
    """In development mode one that is still being reviewed will do."""
    template = zalo.templates.get(template_id) if isinstance(template_id, str) else None
    if template is None:
        raise Refusal(-109)
    if not template.by_phone:
        raise Refusal(-117)
    if template.status == "DISABLE":
        raise Refusal(-146)
    if template.status != "ENABLE" and not (is_test and template.status == "PENDING_REVIEW"):
        raise Refusal(-131)
    return template


def _check_data(template: Template, data: Any) -> None:
    if not isinstance(data, dict):
        raise Refusal(-112)
    codes = {"missing": -1122, "long": -1121, "format": -1124}
    for fault in faults_of(template, data).values():
        raise Refusal(codes[fault])


def _tracking(zalo: FakeZalo, body: Mapping[str, Any]) -> str:
    tracking = body.get("tracking_id", "")
    if not isinstance(tracking, str) or len(tracking) > MAX_TRACKING or (zalo.demands_tracking and not tracking):
        raise Refusal(-132)
    if body.get("sending_mode", "1") not in ("1", "3"):
        raise Refusal(-132)
    return tracking


def _owner(zalo: FakeZalo, phone: str, *, is_test: bool) -> FakeUser:
    """Who has Zalo under this number, and may be sent to now."""
    user = zalo.phones.get(phone)
    if user is None:
        raise Refusal(-118)
    if is_test and not user.is_admin:
        raise Refusal(-127)
    if user.is_banned:
        raise Refusal(-119)
    if user.restricts:
        raise Refusal(-139)
    if zalo.phone_rests_at_night and is_night(zalo.clock()):
        raise Refusal(-133)
    return user


def _day(zalo: FakeZalo) -> str:
    return zalo.clock().astimezone(HANOI).date().isoformat()


def _count_of_day(zalo: FakeZalo) -> int:
    """Templates that went out by phone today."""
    return sum(template.by_day[_day(zalo)] for template in zalo.templates.values())


def _check_day(zalo: FakeZalo, template: Template) -> None:
    if _count_of_day(zalo) >= zalo.daily_quota:
        raise Refusal(-144)
    if template.daily_quota and template.by_day[_day(zalo)] >= template.daily_quota:
        raise Refusal(-147)
