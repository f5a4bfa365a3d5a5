"""`bot broadcast status`: how far a broadcast is, once or until it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.office import AsJson, Number, Office, at_the_desk
from bot.cli.shell import print_json
from bot.services.broadcasting.words import STATUSES
from bot.speech import _

if TYPE_CHECKING:
    from bot.services.broadcasting.progress import Progress

EVERY = timedelta(seconds=1)
Show = Callable[["Progress"], None]


def status(
    context: typer.Context,
    number: Number,
    follow: Annotated[
        bool, typer.Option("--follow", help=_("Xem tiếp tới khi đợt gửi kết thúc; Ctrl-C để thôi xem."))
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show progress."""
    import sys

    if follow and not as_json and sys.stdout.isatty():
        at_the_desk(context, lambda office: _live(office, number))
        return
    show = _show_json if as_json else _show_line if follow else _show_whole
    last = at_the_desk(context, lambda office: _follow(office, number, show, follow))
    if follow and not as_json:
        _show_failures(last)


async def _follow(office: Office, number: int, show: Show, follow: bool) -> Progress:
    """Show every look that differs from the one before; the last one."""
    from bot.services.broadcasting.progress import looks_at
    from bot.services.routing import metered

    last: Progress | None = None
    world = office.world()
    looks = looks_at(
        office.database, number, now=office.now, every=EVERY, holidays=world.library.holidays,
        channels=metered(world.channels),
    )  # fmt: skip
    async for look in looks:
        if last is None or (look.counts, look.broadcast) != (last.counts, last.broadcast):
            show(look)
        last = look
        if not follow:
            break
    assert last is not None
    return last


async def _live(office: Office, number: int) -> None:
    """A bar that grows, and what failed under it once it is over."""
    from rich.progress import BarColumn, MofNCompleteColumn, TaskProgressColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TaskProgressColumn())
    with Bar(*columns, TextColumn("{task.fields[told]}", markup=False)) as bar:
        task = bar.add_task("", total=None, told="")

        def show(look: Progress) -> None:
            told = "; ".join(part for part in (_counted(look), _pace(look)) if part)
            bar.update(task, description=_state(look), completed=look.done, total=look.total, told=told)

        last = await _follow(office, number, show, True)
    _show_failures(last)


def _show_json(look: Progress) -> None:
    print_json({
        "id": look.broadcast.id, "state": look.broadcast.state, "reason": look.broadcast.reason,
        "at": look.at.isoformat(), "total": look.total, "done": look.done, "counts": dict(look.counts),
        "failures": [{"status": s, "reason": reason, "count": count} for s, reason, count in look.failures],
        "rate": look.rate, "ends": look.ends.isoformat() if look.ends else None,
        "routes": [{"route": s.route, "status": s.status, "people": s.people, "cost": s.cost} for s in look.routes],
        "spent": look.broadcast.spent, "waiting": look.waiting,
    })  # fmt: skip


def _show_line(look: Progress) -> None:
    share = f"{look.done}/{look.total}"
    print("; ".join(part for part in (_state(look), share, _counted(look), _pace(look)) if part), flush=True)


def _show_whole(look: Progress) -> None:
    print(_("Đợt gửi {number} “{name}”").format(number=look.broadcast.id, name=look.broadcast.name))
    _show_line(look)
    _show_routes(look)
    _show_failures(look)


def _show_routes(look: Progress) -> None:
    from bot.cli.broadcast_show import print_rows
    from bot.services.broadcasting.words import ROUTES, dong

    rows = [
        (_(ROUTES[one.route]) if one.route in ROUTES else "", _(STATUSES.get(one.status, one.status)), str(one.people),
         dong(one.cost) if one.cost else "")
        for one in look.routes
    ]  # fmt: skip
    if rows:
        print_rows((_("đường tới"), _("tình trạng"), _("số tin"), _("đã chi")), rows, "")


def _show_failures(look: Progress) -> None:
    from bot.cli.broadcast_show import print_rows

    rows = [(STATUSES.get(status, status), reason, str(count)) for status, reason, count in look.failures]
    if rows:
        print_rows((_("tình trạng"), _("vì sao"), _("số tin")), rows, "")


def _state(look: Progress) -> str:
    from bot.services.broadcasting.rights import STATES

    broadcast = look.broadcast
    return STATES[broadcast.state] + (f" ({broadcast.reason})" if broadcast.reason else "")


def _counted(look: Progress) -> str:
    return ", ".join(f"{STATUSES.get(status, status)} {count}" for status, count in sorted(look.counts.items()))


def _pace(look: Progress) -> str:
    from bot.cli.broadcast_words import shown

    if not look.rate:
        return ""
    pace = _("{rate} tin/giây").format(rate=f"{look.rate:.1f}")
    if look.ends is None:
        return pace
    left = timedelta(seconds=round((look.ends - look.at).total_seconds()))
    return pace + ", " + _("còn {left}, xong {at}").format(left=left, at=shown(look.ends))
