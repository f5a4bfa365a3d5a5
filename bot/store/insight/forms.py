"""Groups of what was not understood, and what officers made of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, delete, exists, func, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.insight_models import EVERYWHERE, decisions, misses
from bot.store.upserts import insert_into

OPEN = "open"
"""The state of a group that nobody has decided on."""
DEEPEST = 300
"""Groups of each commune that a list of several communes is made of: six pages, more than anybody leafs through."""


async def groups(
    db: AsyncConnection, *, area: Sequence[str], state: str, limit: int, after: tuple[int, str] | None
) -> Sequence[RowMapping]:
    """Groups in one state, most messages first, that somebody in the area typed; after the (n, folded) *after*.

    Everywhere, and in one commune, they are read in the order of an index. Of several communes those are added up that
    are among the first `DEEPEST` in one of them: all would be read otherwise, however few are shown.
    """
    if len(area) > 1:
        query = _shown(_added_up(area, misses.c.folded.in_(_first_of_each(area, state))))
    else:
        query = _shown(_typed_in(area[0] if area else EVERYWHERE, _is(state)))
    c = query.selected_columns
    if after is not None:
        query = query.where(tuple_(c.n, c.folded) < after)
    found = await db.execute(query.order_by(c.n.desc(), c.folded.desc()).limit(limit))
    rows: Sequence[RowMapping] = found.mappings().all()
    return rows


async def group(db: AsyncConnection, folded: str, *, area: Sequence[str]) -> RowMapping | None:
    """One group, in whatever state; None when nobody in the area typed it."""
    found = await db.execute(_shown(_added_up(area or (EVERYWHERE,), misses.c.folded == folded)))
    row: RowMapping | None = found.mappings().one_or_none()
    return row


def _shown(counted: Select[Any]) -> Select[Any]:
    """Groups with what was decided on them."""
    c, d = counted.subquery().c, decisions.c
    return select(
        c.folded, c.sample, c.n, c.people, c.first_at, c.last_at, d.state, d.topic, d.decided_by, d.decided_at
    ).outerjoin(decisions, d.folded == c.folded)


def _is(state: str) -> ColumnElement[bool]:
    if state == OPEN:
        return ~exists().where(decisions.c.folded == misses.c.folded)
    return misses.c.folded.in_(select(decisions.c.folded).where(decisions.c.state == state))


def _typed_in(commune: str, condition: ColumnElement[bool]) -> Select[Any]:
    m = misses.c
    query = select(m.folded, m.sample, m.n, m.people, m.first_at, m.last_at)
    return query.where(m.commune == commune, m.people > 0, condition)


def _first_of_each(area: Sequence[str], state: str) -> Select[Any]:
    m = misses.c
    first = [_typed_in(one, _is(state)).order_by(m.n.desc(), m.folded.desc()).limit(DEEPEST) for one in area]
    return select(union_all(*(select(one.subquery().c.folded) for one in first)).subquery().c.folded)


def _added_up(area: Sequence[str], condition: ColumnElement[bool]) -> Select[Any]:
    """The sample is one of theirs; which one doesn't matter, as long as it is always the same."""
    m = misses.c
    people = func.sum(m.people)
    return (
        select(
            m.folded, func.min(m.sample).label("sample"), func.sum(m.n).label("n"), people.label("people"),
            func.min(m.first_at).label("first_at"), func.max(m.last_at).label("last_at"),
        )
        .where(m.commune.in_(area), condition)
        .group_by(m.folded)
        .having(people > 0)
    )  # fmt: skip


async def decide(
    db: AsyncConnection, folded: str, *, state: str, topic: str, by: str, at: datetime
) -> None:  # fmt: skip
    """Keep what an officer made of a group; open forgets it."""
    if state == OPEN:
        await db.execute(delete(decisions).where(decisions.c.folded == folded))
        return
    decided = {"state": state, "topic": topic, "decided_by": by, "decided_at": at}
    statement = insert_into(decisions, db.dialect).values(folded=folded, **decided)
    await db.execute(statement.on_conflict_do_update(index_elements=["folded"], set_=decided))
