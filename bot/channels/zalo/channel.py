"""One Official Account as a channel: encodes, sends, and falls back to plain lines where buttons are refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from time import monotonic
from typing import Final

import msgspec
import structlog
from msgspec import Raw, Struct

from bot.channels.base import Capabilities, Misconfigured, NotNow, Payload, Reach, Rejected, Sent
from bot.channels.media import Read, nothing
from bot.channels.zalo.api import ZaloApi
from bot.channels.zalo.encode import (
    MAX_TEXT,
    SAY,
    has_buttons,
    media_in,
    payloads_of,
    phone_template_of,
    template_of,
    without_buttons,
)
from bot.channels.zalo.media import Carrier
from bot.channels.zalo.wire import CHANNEL
from bot.messages import Address, Outgoing

log = structlog.get_logger(__name__)

BUTTONS_REST: Final = 3600.0
"""Seconds without another try once buttons were refused: each costs a call, and what Zalo takes changes rarely."""
NOT_CHARGED: Final = frozenset({"reply", "welcome_msg", "sub_quota", "reward_quota"})
"""Allowances that an answer may be counted against; "purchase_quota" was paid for, and without any it is billed."""


class _Quota(Struct, gc=False):
    quota_type: str = ""


class _Said(Struct):
    """What Zalo tells of a message that it took; by phone its id is called `msg_id`."""

    message_id: str | int = ""
    msg_id: str | int = ""
    quota: _Quota | None = None


_said = msgspec.json.Decoder(_Said)


class ZaloChannel:
    """One Official Account. `card_image` is the address of the picture on the card that asks for a phone number;
    `time` is in seconds from any start; `keeper` is the health of who keeps the tokens; `read` brings the bytes of
    pictures and files."""

    name = CHANNEL

    def __init__(
        self, api: ZaloApi, *, reach: Reach, tries_buttons: bool = False, card_image: str = "",
        rate: float = 25, chat_gap: timedelta = timedelta(seconds=1), time: Callable[[], float] = monotonic,
        keeper: Callable[[], Mapping[str, object]] = lambda: {"ok": True}, read: Read = nothing,
    ) -> None:  # fmt: skip
        self.capabilities = Capabilities(
            edits=False, buttons=tries_buttons, max_text=MAX_TEXT, rate=rate, chat_gap=chat_gap, reach=reach
        )
        self.api = api
        self._carrier = Carrier(api, read)
        self.counts: Counter[str] = Counter()
        self._card_image = card_image
        self._time, self._keeper = time, keeper
        self._buttons_from = 0.0  # when buttons may be tried again
        self._refusal = ""
        self._trouble = ""
        self._used_up = ""

    def encode(self, to: Address, message: Outgoing) -> list[Payload]:
        """See Channel. What `replaces` another is sent as a new message."""
        return payloads_of(to, message, has_buttons=self.capabilities.buttons, card_image=self._card_image)

    def by_template(self, to: Address, template: str, values: Mapping[str, str]) -> Payload:
        """See Metered."""
        return template_of(to, template, values)

    def by_phone(self, phone: str, template: str, values: Mapping[str, str], tracking: str) -> Payload:
        """See Metered."""
        return phone_template_of(phone, template, values, tracking)

    def closing(self, to: Address, message_id: str) -> Payload | None:
        """None: nothing can be taken off a message. A tap on an old button is understood all the same."""
        return None

    async def send(self, payload: Payload) -> str:
        """See Channel."""
        return (await self.send_metered(payload)).id

    async def send_metered(self, payload: Payload) -> Sent:
        """See Metered. Where Zalo refuses the buttons of a message, it goes out at once with its choices as lines."""
        try:
            answer = await self._sent(payload)
        except Misconfigured as error:
            self._trouble = error.reason
            raise
        except NotNow as error:
            self._used_up = error.reason if error.after is not None else self._used_up
            raise
        sent = _sent_of(payload, answer)
        self._trouble = ""
        self._used_up = "" if sent.is_charged else self._used_up
        return sent

    async def start(self) -> None:
        """Nothing to get ready: the tokens have a keeper of their own."""

    async def close(self) -> None:
        """See Channel."""
        await self.api.close()

    def health(self) -> Mapping[str, object]:
        """See Channel. `buttons` is off, tried, or refused and why; `state` what keeps messages from going out;
        `used_up` what keeps back those that cost money; `updates` counts what came in, by what it was."""
        keeper = self._keeper()
        return {
            **keeper, "ok": bool(keeper["ok"]) and not self._trouble, "state": self._trouble or "ready",
            "used_up": self._used_up, "buttons": self._buttons_state(), "updates": dict(self.counts),
        }  # fmt: skip

    async def _sent(self, payload: Payload) -> Raw:
        if payload.method == SAY and media_in(payload.body):
            return await self._carrier.send(payload.body)
        if payload.method != SAY or not has_buttons(payload.body):
            return await self.api.post(payload.method, payload.body)
        if self._time() < self._buttons_from:
            return await self.api.post(SAY, without_buttons(payload.body))
        try:
            return await self.api.post(SAY, payload.body)
        except Rejected as refused:
            answer = await self._sent_plainly(payload, refused)
            self._rest_buttons(refused.reason)
            return answer

    async def _sent_plainly(self, payload: Payload, refused: Rejected) -> Raw:
        """The same words without buttons. If those are refused as well, it wasn't the buttons' fault."""
        try:
            return await self.api.post(SAY, without_buttons(payload.body))
        except Rejected:
            raise refused from None

    def _rest_buttons(self, reason: str) -> None:
        self._buttons_from, self._refusal = self._time() + BUTTONS_REST, reason
        log.warning("zalo refuses buttons", reason=reason, seconds=BUTTONS_REST)

    def _buttons_state(self) -> str:
        if not self.capabilities.buttons:
            return "off"
        return f"refused: {self._refusal}" if self._time() < self._buttons_from else "tried"


def _sent_of(payload: Payload, answer: Raw) -> Sent:
    """Id and cost of a message that was taken; one whose answer can't be read was sent all the same, and is paid."""
    try:
        said = _said.decode(answer) if answer else _Said()
    except msgspec.MsgspecError:
        said = _Said()
    is_charged = payload.method != SAY or said.quota is None or said.quota.quota_type not in NOT_CHARGED
    return Sent(str(said.message_id or said.msg_id)[:64], is_charged)
