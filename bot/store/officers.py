"""Members of staff: who may do what, and where."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.models import officers

Role = Literal["admin", "officer", "approver", "staff"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Officer:
    """One member of staff. An officer drafts, an approver also releases, an admin may all, staff only read.

    `communes` are codes; none is the whole city. `address` is where they read tests, "telegram:100000001", "": nowhere.
    """

    id: int
    login: str
    name: str
    role: Role
    communes: tuple[str, ...]
    is_active: bool
    address: str

    def to_dict(self) -> dict[str, object]:
        """As a program reads it."""
        return asdict(self)


async def add(
    db: AsyncConnection, *, login: str, role: Role, at: datetime, name: str = "", communes: Sequence[str] = ()
) -> int:
    """A new officer's id. IntegrityError when the login is taken: look with `find` first."""
    row = {"login": login, "name": name, "role": role, "communes": json.dumps(list(communes)), "created_at": at}
    return int((await db.execute(insert(officers).values(row).returning(officers.c.id))).scalar_one())


async def find(db: AsyncConnection, login: str) -> Officer | None:
    """The officer of this login, active or not."""
    row = (await db.execute(select(officers).where(officers.c.login == login))).mappings().one_or_none()
    return None if row is None else _officer_from(row)


async def listing(db: AsyncConnection) -> Sequence[Officer]:
    """All officers by login, also those no longer active."""
    return [_officer_from(row) for row in (await db.execute(select(officers).order_by(officers.c.login))).mappings()]


async def set_role(db: AsyncConnection, login: str, *, role: Role, communes: Sequence[str] | None = None) -> bool:
    """Change what an officer may do, and where when *communes* is given; whether there is such an officer."""
    where = {} if communes is None else {"communes": json.dumps(list(communes))}
    changed = await db.execute(update(officers).where(officers.c.login == login).values(role=role, **where))
    return bool(changed.rowcount)


async def set_active(db: AsyncConnection, login: str, *, active: bool) -> bool:
    """Let an officer in or keep them out; whether there is such an officer."""
    changed = await db.execute(update(officers).where(officers.c.login == login).values(is_active=active))
    return bool(changed.rowcount)


async def set_address(db: AsyncConnection, login: str, *, address: str) -> bool:
    """Where an officer reads tests, "" for nowhere; whether there is such an officer."""
    changed = await db.execute(update(officers).where(officers.c.login == login).values(address=address))
    return bool(changed.rowcount)


async def logins_at(db: AsyncConnection, address: str) -> Sequence[str]:
    """Whose address this is."""
    query = select(officers.c.login).where(officers.c.address == address).order_by(officers.c.login)
    return (await db.execute(query)).scalars().all()


def _officer_from(row: RowMapping) -> Officer:
    values = {name: row[name] for name in Officer.__slots__}
    return Officer(**values | {"communes": tuple(json.loads(row["communes"]))})
