"""An admin of the Official Account lets us act for it: from our console to Zalo's page and back, with a pair of tokens.

Nothing is kept on the way: what must be known again on the way back travels sealed in `state`.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.channels.base import SendError
from bot.channels.zalo.oauth import Denied, Oauth, OauthError, Pair, Unanswered
from bot.services.broadcasting.rights import Refused, officer_of
from bot.services.sealing import Seal, Unsealable
from bot.services.zalo_standing import ACCOUNT, seal_of
from bot.speech import _
from bot.store import audit, grants

CALLBACK = "/channels/zalo/callback"
"""Where Zalo sends them back to, below /console."""
WITHIN = timedelta(minutes=10)
"""So long Zalo's code is good; who takes longer begins anew."""
SUBJECT = f"channel:{ACCOUNT}"


class ZaloConsent:
    """Makes the link, and takes what comes back. *callback* is our full address for it, as it stands in the app's
    settings at Zalo; "": nobody can come back, because our public address isn't set. *verifier* is the one that is
    fixed there; "": a new one is made for each consent. *given* is called after each: who keeps the tokens looks."""

    def __init__(
        self, database: AsyncEngine, oauth: Oauth, web_secret: str, *, now: Callable[[], datetime], oa_id: str,
        callback: str, verifier: str = "", given: Callable[[], Awaitable[None]] | None = None,
    ) -> None:  # fmt: skip
        self._database, self._oauth, self._now, self._oa_id = database, oauth, now, oa_id
        self.callback, self._verifier, self._given = callback, verifier, given
        self._tokens, self._state = seal_of(web_secret), Seal(web_secret, "zalo consent")

    def link(self, login: str) -> str:
        """Zalo's page where *login* consents. Raises `Refused`."""
        if not self.callback:
            raise Refused(
                _("Zalo cần một địa chỉ để quay về: đặt BOT_PUBLIC_URL là địa chỉ công khai của máy chủ rồi làm lại.")
            )
        verifier = self._verifier or secrets.token_urlsafe(32)  # 43 letters, the length that Zalo wants
        until = int((self._now() + WITHIN).timestamp())
        return self._oauth.consent_url(
            self.callback, verifier=verifier, state=self._state.close(f"{until}:{login}:{verifier}")
        )

    async def accept(self, login: str, *, code: str, state: str, oa_id: str) -> None:
        """Get a pair for *code* and keep it, over whatever was there. Raises `Refused`, kept in the audit log."""
        try:
            verifier = self._verifier_in(state, login)
            self._check(code, oa_id)
            pair, at = await self._pair(code, verifier), self._now()
            async with self._database.begin() as db:
                await officer_of(db, login, ("admin",))
                version = await grants.authorise(
                    db, ACCOUNT, access=self._tokens.close(pair.access), refresh=self._tokens.close(pair.refresh),
                    issued_at=at, expires_at=at + pair.life,
                )  # fmt: skip
                await self._record(db, login, "done", version=version)
        except Refused as refusal:
            async with self._database.begin() as db:
                await self._record(db, login, "refused", why=str(refusal))
            raise
        if self._given is not None:
            with contextlib.suppress(SendError):  # the keeper looks by itself soon
                await self._given()

    def _check(self, code: str, oa_id: str) -> None:
        if oa_id and oa_id != self._oa_id:
            told = _("Bạn vừa cấp phép cho OA {theirs}, nhưng máy này dùng OA {ours}: làm lại và chọn đúng OA.")
            raise Refused(told.format(theirs=oa_id, ours=self._oa_id))
        if not code:
            raise Refused(_("Zalo không gửi mã cấp phép về: làm lại, và bấm đồng ý ở trang của Zalo."))

    def _verifier_in(self, state: str, login: str) -> str:
        """What `link` sealed for *login*, in time: so nobody can hand them a consent of somebody else's."""
        try:
            until, theirs, verifier = self._state.open(state).split(":")
        except (Unsealable, ValueError):
            until, theirs, verifier = "0", "", ""
        if theirs != login or self._now().timestamp() > int(until):
            raise Refused(
                _("Lần cấp phép này đã quá 10 phút, hoặc không phải do bạn bắt đầu: bấm “Cấp phép Zalo” lần nữa.")
            )
        return verifier

    async def _pair(self, code: str, verifier: str) -> Pair:
        try:
            return await self._oauth.exchange(code, verifier)
        except OauthError as error:
            match error:
                case Denied():
                    told = _("Zalo từ chối: {reason}. Xem lại khóa bí mật của ứng dụng và Code Challenge rồi làm lại.")
                case Unanswered():
                    told = _("Zalo không trả lời ({reason}): bấm “Cấp phép Zalo” lần nữa, mã cũ không dùng lại được.")
                case _away:
                    told = _("Chưa hỏi được Zalo ({reason}): đợi vài phút rồi bấm “Cấp phép Zalo” lần nữa.")
            raise Refused(told.format(reason=error.reason)) from None

    async def _record(self, db: AsyncConnection, login: str, outcome: audit.Outcome, **detail: object) -> None:
        await audit.record(
            db, at=self._now(), actor=login, action="zalo.authorise", subject=SUBJECT, outcome=outcome,
            detail={"oa": self._oa_id, **detail},
        )  # fmt: skip
