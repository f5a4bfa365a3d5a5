"""Files of pages that have no other part in insight: the recipients of a broadcast, the audit log."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web
from sqlalchemy import RowMapping

from bot.console.access import access_broadcast, area_of
from bot.console.by_route import route_words
from bot.console.rendering import channel_name, commune_name, household_name
from bot.console.reports import Asked, Reports, one_of
from bot.console.visit import Visit
from bot.services.broadcasting.words import STATUSES
from bot.services.exporting.table import Batch, Column, Report, Row
from bot.speech import _
from bot.store import audit, broadcasts

reports = Reports()
PAGE = 500
"""Deliveries read at a time."""


@reports.offer("recipients", "read")
async def recipients(visit: Visit, asked: Asked) -> Report:
    """What became of every recipient of a broadcast; who works for some communes gets those of their own."""
    number = one_of(asked, "id")
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        raise web.HTTPNotFound
    async with visit.site.reading.connect() as db:
        broadcast = await access_broadcast(db, visit.officer, int(number))
    status, error, household = (one_of(asked, name) for name in ("status", "error", "household"))
    commune, area = one_of(asked, "commune"), area_of(visit.officer)
    if commune and area and commune not in area:
        raise web.HTTPNotFound
    columns = (
        Column("contact", _("Người số")), Column("name", _("Tên")), Column("commune", _("Xã, phường")),
        Column("household", _("Loại hộ")), Column("channel", _("Kênh")), Column("status", _("Kết quả")),
        Column("error", _("Lý do")), Column("at", _("Lúc"), "moment"), Column("attempts", _("Số lần thử"), "number"),
        Column("route", _("Đường gửi")), Column("cost", _("Đồng"), "number"),
        Column("received", _("Tới máy lúc"), "moment"), Column("seen", _("Xem lúc"), "moment"),
    )  # fmt: skip

    async def batches() -> AsyncIterator[Batch]:
        after, seen = broadcasts.START, 0
        while True:
            async with visit.site.reading.connect() as db:
                rows = await broadcasts.recipients(
                    db, broadcast.id, status=status, after=after, limit=PAGE, error=error,
                    household=household or None, communes=(commune,) if commune else area,
                )  # fmt: skip
            seen += len(rows)
            yield Batch([_recipient(visit, row) for row in rows], min(1.0, seen / max(1, broadcast.recipients)))
            if len(rows) < PAGE:
                return
            after = rows[-1]["chunk_id"], rows[-1]["id"]

    filters = {"broadcast": broadcast.id, "status": status, "error": error, "household": household, "commune": commune}
    return Report("recipients", columns, batches(), {name: value for name, value in filters.items() if value})


@reports.offer("audit", "administer")
async def audit_log(visit: Visit, asked: Asked) -> Report:
    """The audit log, as it is filtered on its page, whole."""
    kept = {name: one_of(asked, name) for name in ("actor", "subject", "outcome")}
    columns = (
        Column("id", "#", "number"), Column("at", _("Lúc"), "moment"), Column("actor", _("Ai")),
        Column("action", _("Việc")), Column("subject", _("Với")), Column("outcome", _("Kết quả")),
        Column("detail", _("Chi tiết")), Column("digest", _("Dấu")),
    )  # fmt: skip

    async def batches() -> AsyncIterator[Batch]:
        before, newest = None, 0
        while True:
            async with visit.site.reading.connect() as db:
                entries = await audit.recent(db, **kept, limit=PAGE, before=before)
            before = entries[0].id if entries else 0
            newest = newest or (entries[-1].id if entries else 1)
            yield Batch([_entry(one) for one in reversed(entries)], 1 - before / newest)
            if len(entries) < PAGE:
                return

    return Report("audit", columns, batches(), {name: value for name, value in kept.items() if value})


def _entry(one: audit.Entry) -> Row:
    return one.id, one.at, one.actor, one.action, one.subject, one.outcome, one.detail, one.digest


def _recipient(visit: Visit, row: RowMapping) -> Row:
    is_there, status = row["commune"] is not None, STATUSES[row["status"]]
    return (
        str(row["contact_id"] or ""), row["name"] or "", commune_name(visit, row["commune"]) if is_there else "",
        household_name(visit, row["household"]) if is_there else "", channel_name(row["channel"]),
        _(status), row["error"], row["sent_at"], row["attempts"],
        route_words(row["route"]) if row["route"] else "", row["cost"], row["received_at"], row["seen_at"],
    )  # fmt: skip
