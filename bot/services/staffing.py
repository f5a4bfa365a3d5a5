"""Officers come, change roles and leave: only admins decide that, and the audit log keeps it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.services.broadcasting.rights import Refused, officer_of
from bot.services.broadcasting.trial import address_in, written
from bot.speech import _
from bot.store import audit, officers
from bot.store.officers import ROLES, Officer, Role

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
"""Small letters only: that two logins are the same person's should be seen, not hidden in a capital letter."""
LONGEST = 80
"""Characters of an address, as its column has them; PostgreSQL takes no more."""


class Staff:
    """Who works here. Each method raises `Refused`, which is in the audit log by then.

    *by* is the login of the admin who asks; "" is whoever runs the command line, as when there is no admin yet.
    """

    def __init__(self, database: AsyncEngine, now: Callable[[], datetime], *, via: str = "console") -> None:
        self._database, self._now, self._via = database, now, via

    async def add(
        self, login: str, *, role: str, known: Collection[str], by: str = "", name: str = "",
        communes: Sequence[str] = (),
    ) -> Officer:  # fmt: skip
        """A new officer. *known* are the codes of all communes."""
        async with self._step("add", login, by, role=role, communes=list(communes)) as db:
            if not LOGIN.fullmatch(login):
                told = _("Tên đăng nhập “{login}”: chỉ dùng chữ thường không dấu, số, dấu chấm, gạch; nhiều nhất 63.")
                raise Refused(told.format(login=login))
            if await officers.find(db, login) is not None:
                raise Refused(_("Đã có cán bộ “{login}”: chọn tên khác.").format(login=login))
            right = _role(role)
            _check_communes(communes, known)
            await officers.add(db, login=login, role=right, at=self._now(), name=name.strip(), communes=communes)
        return await self._found(login)

    async def set_role(
        self, login: str, *, role: str, known: Collection[str], by: str = "", communes: Sequence[str] | None = None
    ) -> Officer:  # fmt: skip
        """What they may do from now on; *communes* None leaves those as they are."""
        where = None if communes is None else list(communes)
        async with self._step("role", login, by, role=role, communes=where) as db:
            right = _role(role)
            _check_communes(communes or (), known)
            _check_there(login, await officers.set_role(db, login, role=right, communes=communes))
        return await self._found(login)

    async def set_active(self, login: str, *, active: bool, by: str = "") -> Officer:
        """Keep an officer out, or let them in again. Nobody is ever deleted: the log names them."""
        async with self._step("enable" if active else "disable", login, by) as db:
            _check_there(login, await officers.set_active(db, login, active=active))
        return await self._found(login)

    async def set_address(self, login: str, address: str, *, by: str = "") -> Officer:
        """Where test sends of theirs go, "telegram:100000001", and nowhere else; "" for nowhere at all.

        They read there what nobody approved yet: so it is not theirs to choose, and no two of them share one.
        """
        async with self._step("address", login, by, address=address.strip()) as db:
            place = _address(address)
            others = [one for one in await officers.logins_at(db, place) if place and one != login]
            if others:
                told = _("{address} đã là địa chỉ của “{other}”: mỗi cán bộ một địa chỉ của chính mình.")
                raise Refused(told.format(address=place, other=others[0]))
            _check_there(login, await officers.set_address(db, login, address=place))
        return await self._found(login)

    async def _found(self, login: str) -> Officer:
        async with self._database.connect() as db:
            found = await officers.find(db, login)
        assert found is not None
        return found

    @asynccontextmanager
    async def _step(self, action: str, login: str, by: str, **detail: object) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._database.begin() as db:
                if by:
                    await officer_of(db, by, ("admin",))
                yield db
                await self._record(db, action, login, by, "done", detail)
        except Refused as refusal:
            async with self._database.begin() as db:
                await self._record(db, action, login, by, "refused", {**detail, "why": str(refusal)})
            raise

    async def _record(
        self, db: AsyncConnection, action: str, login: str, by: str, outcome: audit.Outcome, detail: dict[str, object]
    ) -> None:
        await audit.record(
            db, at=self._now(), actor=by or audit.SYSTEM, action=f"user.{action}", subject=f"user:{login}",
            outcome=outcome, detail={"via": self._via, **detail},
        )  # fmt: skip


def _role(text: str) -> Role:
    for role in ROLES:
        if text == role:
            return role
    raise Refused(_("Không có vai trò “{role}”. Chọn trong: {known}.").format(role=text, known=", ".join(ROLES)))


def _address(text: str) -> str:
    """The address as it is kept, whether its channel is on or not."""
    place = written(address_in(text)) if text.strip() else ""
    if len(place) > LONGEST:
        raise Refused(_("Địa chỉ dài quá {most} chữ: xem lại.").format(most=LONGEST))
    return place


def _check_communes(communes: Sequence[str], known: Collection[str]) -> None:
    strange = [code for code in communes if code not in known]
    if strange:
        told = _("Không có xã, phường mang mã {codes}: xem mã trong content/places.")
        raise Refused(told.format(codes=", ".join(strange)))


def _check_there(login: str, is_there: bool) -> None:
    if not is_there:
        raise Refused(_("Không có cán bộ “{login}”: xem lệnh “bot user list”.").format(login=login))
