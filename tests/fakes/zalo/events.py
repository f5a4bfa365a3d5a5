"""The shapes of what a webhook is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.fakes.zalo.clock import milliseconds

if TYPE_CHECKING:
    from tests.fakes.zalo.app import FakeZalo
    from tests.fakes.zalo.people import FakeUser


def event(zalo: FakeZalo, name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """An event of any name: the envelope around *fields*."""
    return {"app_id": zalo.app_id, **fields, "event_name": name, "timestamp": milliseconds(zalo.clock())}


def by_user(user: FakeUser) -> dict[str, Any]:
    """Of what the person sent to the OA."""
    return {"sender": {"id": user.uid}, "user_id_by_app": user.uid_by_app, "recipient": {"id": user.zalo.oa_id}}


def by_oa(user: FakeUser, admin_id: str = "") -> dict[str, Any]:
    """Of what the OA sent to the person, by hand where there is an admin."""
    sender = {"id": user.zalo.oa_id} | ({"admin_id": admin_id} if admin_id else {})
    return {"sender": sender, "recipient": {"id": user.uid}, "user_id_by_app": user.uid_by_app}


def about(user: FakeUser, role: str) -> dict[str, Any]:
    """Of something that is no message."""
    return {"oa_id": user.zalo.oa_id, role: {"id": user.uid}, "user_id_by_app": user.uid_by_app}
