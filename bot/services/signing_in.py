"""Who an officer is: a set-up link used once, a password, a code from their phone, and sessions that can be ended.

Wrong guesses lock what was guessed at, and where from, for longer and longer. Whether a login exists can't be told
from an answer, nor from how long it takes.
"""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.services.broadcasting.rights import Refused, officer_of
from bot.services.sealing import Seal, Unsealable
from bot.speech import _
from bot.store import audit, credentials, officers
from bot.store.credentials import Credential, SignedIn
from bot.store.db import reading
from bot.store.officers import Officer

ISSUER = "Vươn Lên"
INVITED_FOR = timedelta(hours=72)
"""A link handed over on Friday works on Monday morning."""
IDLE, LONGEST = timedelta(hours=2), timedelta(hours=12)
"""A session ends after so long without a click, and after a working day in any case (OWASP ASVS 5.0, 7.3)."""
SEEN_EACH = timedelta(minutes=1)
ALLOWED, FIRST_LOCK, LONGEST_LOCK = 5, timedelta(seconds=30), timedelta(hours=1)
ALLOWED_FROM = 30
"""Failures in a row from one machine: a whole office may share an address."""
FORGOTTEN = timedelta(days=1)
SHORTEST, LONGEST_PASSWORD = 12, 128
"""Letters of a password: length is what counts (NIST SP 800-63B-4, 3.1.1.2, asks 8 beside a second factor)."""
DRIFT = 1
"""Time steps of 30 s that a phone's clock may be off, either way (RFC 6238, 5.2)."""
ENROLLING = 1800
"""Seconds that somebody may take to set up their phone."""


class SignIn:
    """The door of the console. Every act is in the audit log, and every refusal."""

    def __init__(
        self, database: AsyncEngine, now: Callable[[], datetime], *, secret: str, via: str = "console",
        hasher: PasswordHasher | None = None,
    ) -> None:  # fmt: skip
        self._database, self._now, self._via = database, now, via
        self._seal = Seal(secret, "totp")
        self._hasher = hasher or PasswordHasher()  # argon2id, the parameters of RFC 9106's second choice

    async def invite(self, login: str, *, by: str = "") -> str:
        """A set-up link's token for *login*, shown once; the link before works no more. Raises `Refused`."""
        token, at = secrets.token_urlsafe(32), self._now()
        async with self._database.begin() as db:
            if by:
                await officer_of(db, by, ("admin",))
            officer = await officers.find(db, login)
            if officer is None or not officer.is_active:
                raise Refused(_("Không có cán bộ “{login}” đang làm việc.").format(login=login))
            await credentials.invite(db, officer.id, digest=digest_of(token), until=at + INVITED_FOR, at=at)
            await audit.record(
                db, at=at, actor=by or audit.SYSTEM, action="user.invite", subject=f"user:{login}",
                detail={"via": self._via},
            )  # fmt: skip
        return token

    async def invited(self, token: str) -> Officer | None:
        """Whose set-up link this is; None when it was used, replaced, or is too old."""
        async with reading(self._database).connect() as db:
            login = await credentials.invited(db, digest_of(token), at=self._now())
            return await officers.find(db, login) if login else None

    def new_phone(self, login: str) -> tuple[str, str]:
        """A fresh secret for an authenticator: sealed, for the form to carry, and as the address that a phone reads."""
        secret = pyotp.random_base32()
        return self._seal.close(f"{login}:{secret}"), self._address(login, secret)

    def phone_in(self, login: str, sealed: str) -> str:
        """The address in what `new_phone` sealed for *login*. Raises `Refused` when it took too long."""
        return self._address(login, self._secret_in(login, sealed))

    async def enroll(self, token: str, *, password: str, again: str, sealed: str, code: str) -> str:
        """Use a set-up link: from now on its officer signs in with this password and phone. Their login.

        Raises `BadForm`, which names the field, or `Refused`. Whoever was signed in as them is signed out.
        """
        officer = await self.invited(token)
        if officer is None:
            raise Refused(_("Đường dẫn này đã dùng hoặc đã quá hạn: xin quản trị một đường dẫn mới."))
        check_password(password, again, officer.login)
        secret = self._secret_in(officer.login, sealed)
        step = _step_of(secret, code, self._now())
        if step is None:
            raise BadForm("code", _("Mã 6 số không đúng: xem lại trên điện thoại, mã đổi sau mỗi 30 giây."))
        hashed, at = await asyncio.to_thread(self._hasher.hash, _plain(password)), self._now()
        async with self._database.begin() as db:
            used = await credentials.enroll(
                db, officer.login, invitation=digest_of(token), password=hashed, totp=self._seal.close(secret),
                step=step, at=at,
            )  # fmt: skip
            if not used:
                raise Refused(_("Đường dẫn này vừa được dùng rồi: xin quản trị một đường dẫn mới."))
            await credentials.end_sessions(db, officer.login)
            await self._record(db, "enroll", officer.login, at)
        return officer.login

    async def sign_in(self, login: str, password: str, code: str, *, remote: str, agent: str) -> str:
        """A new session's token, for the cookie. Raises `Refused`: it says no more than that something was wrong."""
        who, at = (f"login:{login[:64]}", f"from:{remote[:64]}"), self._now()
        async with reading(self._database).connect() as db:
            locked = await credentials.locked_until(db, who, at=at)
            known = await credentials.find(db, login)
        if locked is not None:
            raise Refused(_wait(locked - at))
        step = await self._verified(known, password, code, at)
        token = secrets.token_urlsafe(32)
        async with self._database.begin() as db:
            if known is None or step is None or not await credentials.use_step(db, known.officer_id, step):
                await self._failed(db, login, who, at)
            else:
                await credentials.succeed(db, who, before=at - FORGOTTEN)
                await credentials.prune_sessions(db, seen_before=at - IDLE, made_before=at - LONGEST)
                token_digest = digest_of(token)
                await credentials.add_session(
                    db, known.officer_id, token=token_digest, at=at, remote=remote, agent=agent
                )
                await self._record(db, "sign_in", login, at, {"from": remote})
                return token
        raise Refused(_("Tên đăng nhập, mật khẩu hoặc mã 6 số không đúng. Mỗi mã chỉ dùng được một lần."))

    async def session(self, token: str) -> tuple[Officer, SignedIn] | None:
        """Who holds this token now; None when it is over. Using it keeps it alive."""
        at = self._now()
        async with reading(self._database).connect() as db:
            found = await credentials.session(db, digest_of(token)) if token else None
            if found is None or at - found.seen_at > IDLE or at - found.created_at > LONGEST:
                return None
            officer = await officers.find(db, found.login)
        if officer is None:
            return None
        if at - found.seen_at >= SEEN_EACH:
            async with self._database.begin() as db:
                await credentials.touch(db, found.token, at=at)
        return officer, found

    async def sessions_of(self, login: str) -> Sequence[SignedIn]:
        """Where an officer is signed in."""
        async with reading(self._database).connect() as db:
            at = self._now()
            found = await credentials.sessions_of(db, login)
            return [one for one in found if at - one.seen_at <= IDLE and at - one.created_at <= LONGEST]

    async def sign_out(self, login: str, digest: str) -> None:
        """End one session of *login*, by its digest."""
        async with self._database.begin() as db:
            if await credentials.end_session(db, login, digest):
                await self._record(db, "sign_out", login, self._now())

    async def sign_out_elsewhere(self, login: str, *, but: str = "", by: str = "") -> None:
        """End all sessions of *login*, or all but one."""
        async with self._database.begin() as db:
            ended = await credentials.end_sessions(db, login, but=but)
            await self._record(db, "sign_out_everywhere", login, self._now(), {"ended": ended}, by=by)

    async def _verified(self, known: Credential | None, password: str, code: str, at: datetime) -> int | None:
        """The time step of *code*, if all is right. It takes as long when nobody has that login."""
        is_right = await asyncio.to_thread(self._matches, known.password if known else "", password)
        if known is None or not is_right or not known.is_active or not known.totp:
            return None
        try:
            return _step_of(self._seal.open(known.totp), code, at)
        except Unsealable:
            told = _("Khóa của máy chủ (BOT_WEB_SECRET) đã đổi: xin quản trị một đường dẫn cài đặt mới.")
            raise Refused(told) from None

    @cached_property
    def _decoy(self) -> str:
        """What a login that nobody has is compared with."""
        return self._hasher.hash(secrets.token_urlsafe(16))

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            is_right = self._hasher.verify(hashed or self._decoy, _plain(password)[:LONGEST_PASSWORD])
        except (Argon2Error, InvalidHashError):
            return False
        return is_right and bool(hashed)

    async def _failed(self, db: AsyncConnection, login: str, who: Sequence[str], at: datetime) -> None:
        for one, allowed in zip(who, (ALLOWED, ALLOWED_FROM), strict=True):
            await credentials.fail(db, one, at=at, allowed=allowed, first=FIRST_LOCK, most=LONGEST_LOCK)
        await self._record(db, "sign_in", login, at, {"from": who[1].removeprefix("from:")}, outcome="refused")

    async def _record(
        self, db: AsyncConnection, action: str, login: str, at: datetime, detail: dict[str, object] | None = None, *,
        outcome: audit.Outcome = "done", by: str = "",
    ) -> None:  # fmt: skip
        await audit.record(
            db, at=at, actor=by or login, action=f"user.{action}", subject=f"user:{login}", outcome=outcome,
            detail={"via": self._via, **(detail or {})},
        )  # fmt: skip

    def _secret_in(self, login: str, sealed: str) -> str:
        try:
            theirs, _colon, secret = self._seal.open(sealed, within=ENROLLING).partition(":")
        except Unsealable:
            theirs = secret = ""
        if theirs != login or not secret:
            raise Refused(_("Trang này mở đã lâu: tải lại trang rồi quét mã mới."))
        return secret

    def _address(self, login: str, secret: str) -> str:
        return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


class BadForm(Exception):
    """One field of a form is wrong: its name, and why in words."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field, self.why = field, why


def digest_of(token: str) -> str:
    """What the database keeps of a token: it is long and random, so a fast digest will do."""
    return sha256(token.encode()).hexdigest()


def check_password(password: str, again: str, login: str) -> None:
    """Raises `BadForm`."""
    plain = _plain(password)
    if len(plain) < SHORTEST:
        told = _("Mật khẩu phải có ít nhất {least} ký tự: một câu ngắn dễ nhớ là tốt nhất.")
        raise BadForm("password", told.format(least=SHORTEST))
    if len(plain) > LONGEST_PASSWORD:
        raise BadForm("password", _("Mật khẩu dài quá {most} ký tự.").format(most=LONGEST_PASSWORD))
    if login in plain.lower() or len(set(plain)) < 6:
        raise BadForm("password", _("Mật khẩu dễ đoán quá: đừng dùng tên đăng nhập hay vài ký tự lặp lại."))
    if password != again:
        raise BadForm("again", _("Hai lần gõ mật khẩu không giống nhau."))


def _plain(password: str) -> str:
    """One form, however the keyboard composed the diacritics."""
    return unicodedata.normalize("NFC", password)


def _step_of(secret: str, code: str, at: datetime) -> int | None:
    """The time step that *code* is of, near *at*; None when it is of none."""
    totp, digits = pyotp.TOTP(secret), "".join(code.split())
    now = totp.timecode(at)
    for step in range(now - DRIFT, now + DRIFT + 1):
        if pyotp.utils.strings_equal(totp.generate_otp(step), digits):
            return step
    return None


def _wait(left: timedelta) -> str:
    seconds = max(1, round(left.total_seconds()))
    if seconds < 90:
        return _("Sai nhiều lần quá: đợi {seconds} giây rồi thử lại.").format(seconds=seconds)
    return _("Sai nhiều lần quá: đợi {minutes} phút rồi thử lại.").format(minutes=-(-seconds // 60))
