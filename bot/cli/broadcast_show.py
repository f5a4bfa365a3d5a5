"""`bot broadcast list`, `show` and `recipients`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.office import AsJson, Number, Office, at_the_desk
from bot.cli.shell import print_json
from bot.services.broadcasting.words import ROUTES, STATUSES, dong
from bot.speech import _

if TYPE_CHECKING:
    from bot.services.broadcasting.model import Broadcast

Limit = Annotated[int, typer.Option(min=1, max=100_000, help=_("Nhiều nhất chừng này dòng."))]


def listing(
    context: typer.Context,
    state: Annotated[
        list[str] | None, typer.Option("--state", help=_("Chỉ tình trạng này, như submitted; lặp lại được."))
    ] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List broadcasts."""
    found = at_the_desk(context, lambda office: _all(office, state or [], limit))

    from bot.cli.broadcast_words import as_dict, shown
    from bot.services.broadcasting.rights import STATES
    from bot.services.broadcasting.words import content_of

    if as_json:
        for one in found:
            print_json(as_dict(one))
        return
    rows = [
        (str(one.id), one.name, STATES[one.state], content_of(one.body), str(one.recipients or one.audience or ""),
         shown(one.due_at or one.started_at or one.changed_at))
        for one in found
    ]  # fmt: skip
    headings = (_("số"), _("tên"), _("tình trạng"), _("nội dung"), _("người nhận"), _("lúc"))
    print_rows(headings, rows, _("Chưa có đợt gửi nào."))


async def _all(office: Office, states: Sequence[str], limit: int) -> Sequence[Broadcast]:
    from bot.services.broadcasting.model import broadcast_from
    from bot.services.broadcasting.rights import STATES
    from bot.store import broadcasts
    from bot.store.db import reading

    for state in states:
        if state not in STATES:
            raise ValueError(_("Không có tình trạng {state}. Chọn trong: {known}.").format(
                state=state, known=", ".join(STATES)))  # fmt: skip
    async with reading(office.database).connect() as db:
        rows = await broadcasts.listing(db, states=states, limit=limit)
    return [broadcast_from(row) for row in rows]


def show(context: typer.Context, number: Number, as_json: AsJson = False) -> None:
    """Show one broadcast."""
    found = at_the_desk(context, lambda office: one_of(office, number))

    from bot.cli.broadcast_words import as_dict, lines_of

    if as_json:
        print_json(as_dict(found))
    else:
        print_rows(("", ""), lines_of(found), "")


async def one_of(office: Office, number: int) -> Broadcast:
    """The broadcast of this number; `Refused` when there is none."""
    from bot.services.broadcasting.release import find_broadcast
    from bot.store.db import reading

    async with reading(office.database).connect() as db:
        return await find_broadcast(db, number)


def recipients(
    context: typer.Context,
    number: Number,
    status: Annotated[str, typer.Option(help=_("Chỉ tin ở tình trạng này: sent, failed, blocked, unknown…"))] = "",
    after: Annotated[str, typer.Option(help=_("Xem tiếp sau dòng này, như dòng cuối trang trước in ra."))] = "",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Show what became of each person's message."""
    found, names = at_the_desk(context, lambda office: _recipients(office, number, status, after, limit))
    if as_json:
        for row in found:
            print_json(row)
        return
    rows = [
        (str(row["contact_id"]), names.get(row["commune"] or "", ""), row["household"] or "", row["channel"],
         STATUSES.get(row["status"], row["status"]), _route(row), str(row["attempts"]), row["error"])
        for row in found
    ]  # fmt: skip
    headings = (
        _("ai"), _("xã, phường"), _("diện hộ"), _("kênh"), _("tình trạng"), _("đường tới"), _("số lần"), _("vì sao"),
    )  # fmt: skip
    print_rows(headings, rows, _("Không có ai."))
    if len(found) == limit:
        print(_("Xem tiếp: thêm --after {place}").format(place=f"{found[-1]['chunk_id']}:{found[-1]['id']}"))


def _route(row: Mapping[str, Any]) -> str:
    """By which route, and for how much, on channels where there are several."""
    name = row["route"]
    route = _(ROUTES[name]) if name in ROUTES else ""
    return f"{route}: {dong(row['cost'])}" if row["cost"] else route


async def _recipients(
    office: Office, number: int, status: str, after: str, limit: int
) -> tuple[Sequence[Mapping[str, Any]], Mapping[str, str]]:
    from bot.store import broadcasts
    from bot.store.db import reading

    chunk, _colon, delivery = after.partition(":")
    if after and not (chunk.isdecimal() and delivery.isdecimal()):
        raise ValueError(_("--after {place}: phải là hai số như 12:345, chép từ trang trước.").format(place=after))
    place = (int(chunk), int(delivery)) if after else broadcasts.START
    await one_of(office, number)
    async with reading(office.database).connect() as db:
        found = await broadcasts.recipients(db, number, status=status, after=place, limit=limit)
    communes = office.world().library.communes
    return [dict(row) for row in found], {code: commune.name for code, commune in communes.items()}


def print_rows(headings: Sequence[str], rows: Sequence[Sequence[str]], none: str) -> None:
    """A plain table, or *none* when there are no rows."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not rows:
        print(none)
        return
    table = Table(box=None, pad_edge=False, header_style="bold", show_header=any(headings))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))  # what people wrote is no markup of ours
    Console().print(table)
