"""What a hand can do from outside, and see: `/_fake/…`, and the page at `/`."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.fakes.zalo.books import Button, Charge, Shown, Template
from tests.fakes.zalo.clock import HANOI
from tests.fakes.zalo.messages import FREE, PAID
from tests.fakes.zalo.people import FakeUser
from tests.fakes.zalo.rules import Rules

if TYPE_CHECKING:
    from tests.fakes.zalo.app import FakeZalo

PAGE = Path(__file__).with_name("page.html")
ACTS = (
    "write", "click", "follow", "unfollow", "click_chatnow", "withdraw", "submit_info", "see", "receive", "react",
    "send_image", "send_gif", "send_sticker", "send_audio", "send_video", "send_file", "send_location", "send_link",
    "send_card",
)  # fmt: skip
"""What a person can do: the methods of `FakeUser` by these names, their arguments as JSON."""
SETTABLE = {name: type(value) for name, value in vars(Rules()).items() if isinstance(value, str | bool | int | float)}
SIGNING = {"wrong_secret": str, "bare_hex": bool, "header_timestamp": bool, "duplicates": int, "retries": str}

Act = Callable[["FakeZalo", Mapping[str, Any]], Awaitable[object]]


def routes(zalo: FakeZalo) -> list[web.RouteDef]:
    """The addresses for hands."""
    return [
        web.get("/", _page),
        web.get("/_fake/state", partial(_state, zalo)),
        web.post("/_fake/users/{uid}/{act}", partial(_user_act, zalo)),
        web.post("/_fake/{act}", partial(_act, zalo)),
    ]


async def _page(_: web.Request) -> web.Response:
    return web.Response(text=PAGE.read_text("utf-8"), content_type="text/html")


async def _user_act(zalo: FakeZalo, request: web.Request) -> web.Response:
    uid, act = request.match_info["uid"], request.match_info["act"]
    if act not in ACTS:
        raise web.HTTPNotFound(text=f"a person can {', '.join(ACTS)}")
    arguments = await request.json() if request.can_read_body else {}
    try:
        status = await getattr(zalo.user(uid), act)(**arguments)
    except (LookupError, TypeError, ValueError) as error:
        raise web.HTTPBadRequest(text=str(error)) from None
    return web.json_response({"status": status})


async def _act(zalo: FakeZalo, request: web.Request) -> web.Response:
    act = OTHERS.get(request.match_info["act"])
    if act is None:
        raise web.HTTPNotFound(text=f"there are {', '.join(OTHERS)}")
    asked = await request.json() if request.can_read_body else {}
    try:
        return web.json_response({"result": await act(zalo, asked)})
    except (LookupError, TypeError, ValueError) as error:
        raise web.HTTPBadRequest(text=str(error)) from None


async def _join(zalo: FakeZalo, asked: Mapping[str, Any]) -> object:
    return zalo.user(asked.get("uid", ""), phone=asked.get("phone", ""), name=asked.get("name", "")).uid


async def _advance(zalo: FakeZalo, asked: Mapping[str, Any]) -> object:
    """Let time pass for everything but tokens: a bot whose clock goes with the machine's can't renew them in time."""
    by = timedelta(days=asked.get("days", 0), seconds=asked.get("seconds", 0))
    zalo.oauth.carry(by)
    await zalo.advance(seconds=by.total_seconds())
    return zalo.clock().isoformat()


async def _set(zalo: FakeZalo, asked: Mapping[str, Any]) -> object:
    """Rules and the webhook's signing, each by its name."""
    for name, value in asked.items():
        of, kinds = (zalo.hook, SIGNING) if name in SIGNING else (zalo, SETTABLE)
        setattr(of, name, kinds[name](value))
    return None


async def _tokens(zalo: FakeZalo, asked: Mapping[str, Any]) -> object:
    if asked["do"] not in ("expire", "revoke", "consent"):
        raise ValueError("expire, revoke or consent")
    getattr(zalo.oauth, asked["do"])()
    return None


async def _fail(zalo: FakeZalo, asked: Mapping[str, Any]) -> object:
    zalo.fail(asked["fault"], path=asked.get("path", ""), to=asked.get("to", ""), times=asked.get("times", 1))
    return None


async def _heal(zalo: FakeZalo, asked: Mapping[str, Any]) -> object:
    zalo.heal()
    return None


async def _hook(zalo: FakeZalo, asked: Mapping[str, Any]) -> object:
    """Register an address, or send the last event once more."""
    return await zalo.register(asked["url"]) if "url" in asked else await zalo.hook.repeat()


async def _admin(zalo: FakeZalo, asked: Mapping[str, Any]) -> object:
    return await zalo.admin_writes(asked["uid"], asked["text"], asked.get("admin_id", "1001"))


async def _template(zalo: FakeZalo, asked: Mapping[str, Any]) -> object:
    """A new template, or another state of one that is there."""
    if asked["id"] in zalo.templates:
        return await zalo.change_template(asked["id"], asked["status"], asked.get("reason", ""))
    zalo.templates[asked["id"]] = Template(**asked)
    return None


async def _bot(zalo: FakeZalo, asked: Mapping[str, Any]) -> object:
    return await zalo.bot.writes(asked["chat"], asked["text"])


OTHERS: Mapping[str, Act] = {
    "join": _join, "advance": _advance, "set": _set, "tokens": _tokens, "fail": _fail, "heal": _heal, "hook": _hook,
    "admin": _admin, "template": _template, "bot": _bot,
}  # fmt: skip


async def _state(zalo: FakeZalo, request: web.Request) -> web.Response:
    chosen = zalo.users.get(request.query.get("uid", ""))
    pair = zalo.oauth.pair
    return web.json_response(
        {
            "now": f"{zalo.clock().astimezone(HANOI):%d/%m/%Y %H:%M:%S}",
            "rules": {name: getattr(zalo, name) for name in SETTABLE},
            "people": [_person(zalo, user) for user in zalo.users.values()],
            "shown": [_shown(shown) for shown in chosen.shown] if chosen else [],
            "spent": zalo.spent,
            "books": [_charge(charge) for charge in zalo.books[-20:]],
            "refreshes": [{"at": _time(each.at), "outcome": each.outcome} for each in zalo.refreshes[-5:]],
            "token": zalo.oauth.check(pair.access_token) if pair else -216,
            "hook": _hook_state(zalo),
            "bot": [{"chat": chat, "text": text} for chat, text in zalo.bot.sent[-20:]],
            "unasserted": sorted(zalo.unasserted),
        }
    )


def _person(zalo: FakeZalo, user: FakeUser) -> dict[str, Any]:
    if user.interacted_at is None:
        window = "none"
    else:
        since = zalo.clock() - user.interacted_at
        window = "free" if since <= FREE else "paid" if since <= PAID else "shut"
    return {"uid": user.uid, "name": user.name, "phone": user.phone, "window": window, "follows": user.is_follower}


def _shown(shown: Shown) -> dict[str, Any]:
    return {
        "id": shown.message_id, "text": shown.text, "mine": shown.is_mine, "attachment": shown.attachment,
        "at": f"{shown.at.astimezone(HANOI):%H:%M}", "buttons": [_button(button) for button in shown.buttons],
    }  # fmt: skip


def _time(at: datetime) -> str:
    return f"{at.astimezone(HANOI):%H:%M:%S}"


def _button(button: Button) -> dict[str, Any]:
    return dataclasses.asdict(button)


def _charge(charge: Charge) -> dict[str, Any]:
    return dataclasses.asdict(charge) | {"at": f"{charge.at.astimezone(HANOI):%d/%m %H:%M:%S}"}


def _hook_state(zalo: FakeZalo) -> dict[str, Any]:
    last = [
        {"at": _time(each.at), "status": each.status, "number": each.number,
         "body": each.body.decode("utf-8", "replace")}
        for each in zalo.hook.attempts[-8:]
    ]  # fmt: skip
    signing = {name: getattr(zalo.hook, name) for name in SIGNING}
    return {"url": zalo.hook.url, "disabled": zalo.hook.is_disabled, "lost": zalo.hook.lost, "last": last} | signing
