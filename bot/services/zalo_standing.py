"""How the tokens of the Official Account stand, for the console, `bot doctor` and the holder of the tokens itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.sealing import Seal, Unsealable
from bot.speech import _
from bot.store import grants
from bot.store.grants import Grant
from bot.store.types import NEVER

ACCOUNT = "zalo"
"""The row of the Official Account's tokens: the channel's name."""
HOLDER_GONE = timedelta(seconds=45)
"""Who uses a refresh token knows after 25 s what came of it (`oauth`: 5 to connect, 20 to read), and writes it. Whoever
has written nothing for so long is gone; seen by others every 5 s, that is said within the minute."""
State = Literal["none", "ready", "refreshing", "lost", "sealed"]
Cause = Literal["", "denied", "unanswered", "gone", "single"]
"""Why a pair is lost: Zalo refused it; no answer came; who was using it was killed; it came without a refresh token."""
CAUSES: Mapping[Cause, str] = {
    "": "",
    "denied": _("Zalo không nhận mã làm mới nữa."),
    "unanswered": _("Đã gửi mã làm mới đi mà Zalo không trả lời: mã chỉ dùng được một lần, nên không gửi lại."),
    "gone": _("Máy bị tắt đúng lúc đang làm mới: không biết mã đã dùng hay chưa, nên không gửi lại."),
    "single": _("Không có mã làm mới đi kèm mã truy cập."),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """`none`: nobody has consented yet. `lost`: an admin must consent again; until `expires_at` messages still go out.
    `sealed`: in the database, but closed with another web secret. `issued_at` None: not known; `since` is when asking
    for a new pair began; `detail` holds Zalo's own words."""

    state: State
    version: int = 0
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    since: datetime | None = None
    cause: Cause = ""
    detail: str = ""
    can_send: bool = False

    @property
    def is_ok(self) -> bool:
        """Whether nobody need do anything."""
        return self.state in ("ready", "refreshing") and self.can_send


async def standing(db: AsyncConnection, *, now: datetime, seal: Seal | None = None) -> Standing:
    """How the tokens stand now; with *seal* (`seal_of`) also whether they can be read at all."""
    grant = await grants.find(db, ACCOUNT)
    return Standing("none") if grant is None else standing_of(grant, now, seal)


def standing_of(grant: Grant, now: datetime, seal: Seal | None = None) -> Standing:
    """How a row of tokens stands at *now*: who holds it may be gone, and nobody may have written that yet. Pure."""
    is_gone = is_abandoned(grant, now)
    word, _space, detail = ("gone" if is_gone else grant.reason).partition(" ")
    is_sealed = seal is not None and not _opens(seal, grant.access)
    state: State = "sealed" if is_sealed else "lost" if is_gone else grant.state
    return Standing(
        state, grant.version, None if grant.issued_at == NEVER else grant.issued_at, grant.expires_at,
        grant.refreshing_since, next((cause for cause in get_args(Cause) if cause == word), ""), detail,
        not is_sealed and grant.expires_at > now,
    )  # fmt: skip


def is_abandoned(grant: Grant, now: datetime) -> bool:
    """Whether somebody took the refresh token up, and is gone."""
    since = grant.refreshing_since
    return grant.state == "refreshing" and (since is None or now - since >= HOLDER_GONE)


def seal_of(web_secret: str) -> Seal:
    """What tokens are sealed with."""
    return Seal(web_secret, "zalo tokens")


def trouble_of(one: Standing) -> str:
    """What is wrong and what to do, in words; "" when nothing is."""
    again = _("Quản trị mở trang Kênh và bấm “Cấp phép Zalo”.")
    match one.state:
        case "none":
            return " ".join((_("Chưa có mã truy cập Zalo."), again))
        case "sealed":
            told = _("Mã truy cập Zalo được khóa bằng BOT_WEB_SECRET khác: đặt lại đúng giá trị cũ, hoặc cấp phép lại.")
            return " ".join((told, again))
        case "lost" if one.can_send:
            told = _("Mã truy cập Zalo không làm mới được nữa. Tin còn gửi được cho tới khi mã hết hạn.")
            return " ".join((told, _(CAUSES[one.cause]), again)).replace("  ", " ")
        case "lost":
            told = _("Mã truy cập Zalo đã mất: không gửi được tin nào qua Zalo.")
            return " ".join((told, _(CAUSES[one.cause]), again)).replace("  ", " ")
        case _other if one.can_send:
            return ""
        case _over:
            return _("Mã truy cập Zalo đã hết hạn mà chưa làm mới được: bot tự thử lại, khi nó chạy và hỏi được Zalo.")


def _opens(seal: Seal, text: str) -> bool:
    try:
        seal.open(text)
    except Unsealable:
        return False
    return True
