"""What can be asked about the OA and the people whom it knows."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.fakes.zalo.books import Call
from tests.fakes.zalo.clock import HANOI, milliseconds
from tests.fakes.zalo.messages import body_of
from tests.fakes.zalo.people import FakeUser
from tests.fakes.zalo.refusals import Refusal, invalid

if TYPE_CHECKING:
    from tests.fakes.zalo.app import FakeZalo

MAX_COUNT, MAX_OFFSET = 50, 9951
PERIODS = {"TODAY": 0, "YESTERDAY": 1, "L7D": 7, "L30D": 30}
"""Days back; a period of two dates is not taken here."""


def getoa(zalo: FakeZalo, call: Call) -> dict[str, Any]:
    """GET /v2.0/oa/getoa: the account itself."""
    if zalo.oa_state != "enabled":
        raise Refusal(-204 if zalo.oa_state == "disabled" else -205)
    return {
        "oaid": zalo.oa_id, "oa_id": zalo.oa_id, "name": "Vươn Lên (thử)", "description": "", "oa_alias": "",
        "is_verified": zalo.is_verified, "oa_type": 2, "cate_name": "Cơ quan nhà nước", "avatar": "", "cover": "",
        "num_follower": sum(user.is_follower for user in zalo.users.values()),
        "package_name": "Nâng cao" if zalo.has_tier else "", "package_valid_through_date": "31/12/2027",
        "linked_ZCA": "Vươn Lên" if zalo.has_zca else "",
    }  # fmt: skip


def detail(zalo: FakeZalo, call: Call) -> dict[str, Any]:
    """GET /v3.0/oa/user/detail?data={"user_id": …}."""
    user = _user(zalo, _data(call).get("user_id"))
    at = user.interacted_at
    shared = dict.fromkeys(("address", "city", "district", "phone", "name"), "") | user.shared
    return {
        "user_id": user.uid, "user_id_by_app": user.uid_by_app, "user_external_id": "", "display_name": user.name,
        "user_alias": user.name, "is_sensitive": False, "user_is_follower": user.is_follower,
        "user_last_interaction_date": f"{at.astimezone(HANOI):%d/%m/%Y}" if at else "",
        "avatar": "", "avatars": {"120": "", "240": ""}, "dynamic_param": "",
        "tags_and_notes_info": {"notes": [], "tag_names": sorted(user.tags)}, "shared_info": shared,
    }  # fmt: skip


def getlist(zalo: FakeZalo, call: Call) -> dict[str, Any]:
    """GET /v3.0/oa/user/getlist?data={"offset", "count", "tag_name", "is_follower", "last_interaction_period"}."""
    data = _data(call)
    offset, count = data.get("offset"), data.get("count")
    if not isinstance(offset, int) or not isinstance(count, int):
        raise invalid("offset" if not isinstance(offset, int) else "count")
    if not 0 <= offset <= MAX_OFFSET or not 1 <= count <= MAX_COUNT:
        raise Refusal(-210)
    found = [user for user in zalo.users.values() if _matches(zalo, user, data)]
    page = found[offset:][:count]
    rows = [{"user_id": user.uid} for user in page]
    return {"total": len(found), "count": len(page), "offset": offset, "users": rows}


def tag(zalo: FakeZalo, call: Call) -> dict[str, Any]:
    """POST /v2.0/oa/tag/{tagfollower,rmfollowerfromtag}: with a tag that is made where there is none."""
    body = body_of(call)
    user, name = _user(zalo, body.get("user_id")), body.get("tag_name")
    if not isinstance(name, str) or not name:
        raise invalid("tag_name")
    if call.path.endswith("/tagfollower"):
        user.tags.add(name)
    elif name in user.tags:
        user.tags.remove(name)
    return {}


def remove_tag(zalo: FakeZalo, call: Call) -> dict[str, Any]:
    """POST /v2.0/oa/tag/rmtag: the tag, from everybody."""
    name = body_of(call).get("tag_name")
    if name not in tags(zalo, call):
        raise invalid("tag_name")
    for user in zalo.users.values():
        user.tags.discard(str(name))
    return {}


def tags(zalo: FakeZalo, call: Call) -> list[str]:
    """GET /v2.0/oa/tag/gettagsofoa: a flat list."""
    return sorted({name for user in zalo.users.values() for name in user.tags})


def quota(zalo: FakeZalo, call: Call) -> Any:
    """POST /v3.0/oa/quota/message: of one person, or of the OA."""
    body = body_of(call)
    if "user_id" in body:
        user = _user(zalo, body["user_id"])
        at = milliseconds(user.interacted_at) if user.interacted_at else ""
        day = {"daily_remain": zalo.promotions_a_day, "daily_total": zalo.promotions_a_day}
        return {"last_interaction": at, "promotion": day | {"monthly_remain": 4, "monthly_total": 4}}
    if body.get("quota_owner") not in ("OA", "App"):
        raise invalid("quota_owner")
    row = {"asset_id": "1", "product_type": "cs", "quota_type": "sub_quota", "valid_through": "31/12/2026"}
    return [row | {"total": zalo.sub_quota, "remain": zalo.sub_quota}] if zalo.sub_quota else []


def _data(call: Call) -> dict[str, Any]:
    """The one parameter that questions have: a JSON object."""
    try:
        data = json.loads(call.query.get("data", ""))
    except ValueError:
        data = None
    if not isinstance(data, dict) or len(call.query) != 1:
        raise invalid("data")
    return data


def _user(zalo: FakeZalo, uid: object) -> FakeUser:
    if not isinstance(uid, str) or uid not in zalo.users:
        raise invalid("user_id")
    return zalo.users[uid]


def _matches(zalo: FakeZalo, user: FakeUser, data: dict[str, Any]) -> bool:
    if "tag_name" in data and data["tag_name"] not in user.tags:
        return False
    if "is_follower" in data and data["is_follower"] is not user.is_follower:
        return False
    period = data.get("last_interaction_period")
    if period is None:
        return user.is_follower or user.interacted_at is not None
    if period not in PERIODS:
        raise invalid("last_interaction_period")
    first = zalo.clock().astimezone(HANOI).date() - timedelta(days=PERIODS[period])
    return user.interacted_at is not None and user.interacted_at.astimezone(HANOI).date() >= first
