"""A citizen with Zalo on their phone: what they see of the OA, and what they can do."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.fakes.zalo import events
from tests.fakes.zalo.books import Button, Shown

if TYPE_CHECKING:
    from tests.fakes.zalo.app import FakeZalo

QUERIES = ("oa.query.show", "oa.query.hide")


@dataclass(eq=False)
class FakeUser:
    """One person. What they do is told to the webhook: its status is returned, 0 where nothing was sent or answered."""

    uid: str
    zalo: FakeZalo = field(repr=False)
    phone: str = ""
    """"84912345678"; by it a template reaches them. Set with `FakeZalo.user` or `join`."""
    name: str = ""
    is_follower: bool = False
    interacted_at: datetime | None = None
    """When they last did something that opens the window."""
    inactive_since: datetime | None = None
    """Since when they don't use Zalo: after 45 days -227."""
    is_banned: bool = False  # -227
    restricts: bool = False  # they take no messages of this kind: -244, by phone -139
    is_admin: bool = False
    """Of the app or the OA: gets templates in development mode."""
    welcomes: int = 0
    """Messages they got as a follower who never wrote."""
    promotions: Counter[str] = field(default_factory=Counter)
    """Templates of tag 3 that they got, by day."""
    tags: set[str] = field(default_factory=set)
    shared: dict[str, str] = field(default_factory=dict)
    shown: list[Shown] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """The texts that the OA sent them, oldest first."""
        return [shown.text for shown in self.shown if not shown.is_mine]

    @property
    def uid_by_app(self) -> str:
        return str(int(self.uid) + 7) if self.uid.isdecimal() else f"{self.uid}7"

    async def write(self, text: str, *, quotes: str = "") -> int:
        """Write to the OA."""
        message = {"text": text} | ({"quote_msg_id": quotes} if quotes else {})
        return await self._send("text", message, text)

    async def click(self, title: str) -> int:
        """Press the newest button whose title has *title* in it: its payload comes as their message.

        LookupError: they see no such button. A button that opens something tells nobody.
        """
        button = self.find(title)
        if button.type not in QUERIES:
            return 0
        visible = button.payload if button.type == "oa.query.show" else ""
        return await self._send("text", {"text": button.payload}, visible)

    def find(self, title: str) -> Button:
        """The newest button that says *title* somewhere; LookupError where there is none."""
        for shown in reversed(self.shown):
            for button in shown.buttons:
                if title in button.title:
                    return button
        raise LookupError(f"no button {title!r} for {self.uid}")

    async def send_image(self, url: str = "https://photo.example/a.jpg", *, text: str = "") -> int:
        caption = {"text": text} if text else {}
        return await self._attach("image", {"thumbnail": url, "url": url}, caption)

    async def send_gif(self, url: str = "https://photo.example/a.gif") -> int:
        return await self._attach("gif", {"thumbnail": url, "url": url})

    async def send_sticker(self, sticker: str = "bfe458bf64fa8da4d4eb") -> int:
        return await self._attach("sticker", {"id": sticker, "url": f"https://sticker.example/{sticker}"})

    async def send_audio(self, url: str = "https://voice.example/a.amr") -> int:
        return await self._attach("audio", {"url": url})

    async def send_video(self, url: str = "https://video.example/a.mp4") -> int:
        return await self._attach("video", {"thumbnail": url, "description": "", "url": url})

    async def send_file(self, name: str = "don.pdf", size: int = 1024) -> int:
        payload = {"url": f"https://file.example/{name}", "size": str(size), "name": name}
        checksum = "d41d8cd98f00b204e9800998ecf8427e"
        return await self._attach("file", payload | {"checksum": checksum, "type": name.rpartition(".")[2]})

    async def send_location(self, latitude: str = "20.9973", longitude: str = "105.8412") -> int:
        coordinates = {"latitude": latitude, "longitude": longitude}
        return await self._attach("location", {"coordinates": coordinates}, {"text": ""})

    async def send_link(self, url: str = "https://hanoi.example/tin") -> int:
        return await self._attach("link", {"thumbnail": "", "description": "", "url": url}, {"text": url})

    async def send_card(self, name: str = "Anh Ba", phone: str = "84987654321") -> int:
        """Send somebody else's card."""
        card = {"thumbnail": "", "description": f'{{"phone":"{phone}"}}', "url": ""}
        return await self._attach("link", card, {"text": name}, event="business_card")

    async def react(self, icon: str = "/-heart", *, message_id: str = "") -> int:
        """Put *icon* to a message of the OA, the newest without an id."""
        message = {"msg_id": message_id or self._newest().message_id, "react_icon": icon}
        return await self._tell("user_reacted_message", events.by_user(self), message=message)

    async def follow(self, source: str = "oa_profile") -> int:
        self.is_follower = True
        if self.zalo.follow_opens_window:
            self.interacted_at = self.zalo.clock()
        return await self._tell("follow", events.about(self, "follower"), source=source)

    async def unfollow(self) -> int:
        self.is_follower = False
        return await self._tell("unfollow", events.about(self, "follower"), source="oa_profile")

    async def click_chatnow(self) -> int:
        """Open the chat from the OA's profile: it tells only the first time, and only before they ever wrote."""
        if self.interacted_at is not None or self.shown:
            return 0
        self.interacted_at = self.zalo.clock()
        return await self._tell("user_click_chatnow", {"oa_id": self.zalo.oa_id, "user_id": self.uid})

    async def withdraw(self) -> int:
        """Take back what they agreed to: Zalo asks us to delete what we hold of them."""
        return await self._tell("user_withdraw", {"oa_id": self.zalo.oa_id, "user_id": self.uid})

    async def submit_info(self, phone: str = "", name: str = "", *, is_old: bool = False) -> int:
        """Fill in the card that asks for their details; `is_old`: as earlier versions told of it."""
        self.zalo.join(self, phone or self.phone or "84912345678")
        self.name = name or self.name or "Nguyễn Thị Hoa"
        self.shared = {"phone": self.phone, "name": self.name, "address": "", "city": "Hà Nội", "district": ""}
        info: dict[str, Any] = {"name": self.name, "phone": self.phone, "user_dob": "30/10/1959", "gender": "Nữ"}
        info["full_address"] = {"user_city": "Hà Nội", "user_ward": "Phường Ba Đình", "user_address": "Số 1"}
        if is_old:
            info = {**self.shared, "ward": ""}
        return await self._tell("user_submit_info", events.by_user(self), info=info)

    async def see(self, message_id: str = "") -> int:
        """Read the OA's messages up to *message_id* (all without one) on the phone."""
        unseen = [shown for shown in self.shown if not shown.is_mine and not shown.is_seen]
        until = [shown.message_id for shown in unseen].index(message_id) + 1 if message_id else len(unseen)
        for shown in unseen[:until]:
            shown.is_seen = True
        ids = [shown.message_id for shown in unseen[:until]]
        return await self._tell("user_seen_message", events.by_oa(self), message={"msg_ids": ids}) if ids else 0

    async def receive(self, message_id: str = "") -> int:
        """Their phone tells that a message came in, the newest without an id."""
        message = {"msg_id": message_id or self._newest().message_id}
        return await self._tell("user_received_message", events.by_oa(self), message=message)

    def show(self, shown: Shown) -> None:
        """Take in a message of the OA."""
        self.shown.append(shown)

    def _newest(self) -> Shown:
        for shown in reversed(self.shown):
            if not shown.is_mine:
                return shown
        raise LookupError(f"{self.uid} got no message")

    async def _attach(
        self, kind: str, payload: Mapping[str, Any], extra: Mapping[str, Any] | None = None, *, event: str = ""
    ) -> int:
        message = {**(extra or {}), "attachments": [{"type": kind, "payload": payload}]}
        return await self._send(event or kind, message, f"({event or kind}) {(extra or {}).get('text', '')}".strip())

    async def _send(self, kind: str, message: Mapping[str, Any], visible: str) -> int:
        self.interacted_at = self.zalo.clock()
        message_id = secrets.token_hex(10)
        if visible:
            self.shown.append(Shown(message_id, visible, self.zalo.clock(), is_mine=True))
        message = {**message, "msg_id": message_id}
        return await self._tell(f"user_send_{kind}", events.by_user(self), message=message)

    async def _tell(self, name: str, about: Mapping[str, Any], **more: Any) -> int:
        return await self.zalo.hook.tell(events.event(self.zalo, name, {**about, **more}))
