"""`bot segment`: who a query finds, why one person is in it or not, and the queries that have a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.broadcast_preview import print_people
from bot.cli.office import VIA, AsJson, Login, Office, at_the_desk
from bot.cli.shell import print_json
from bot.speech import _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.engine.segments import Verdict
    from bot.services.segmenting.saving import SavedSegments
    from bot.store.segments import Breakdown, Saved

HELP = _("Nhóm người nhận: câu điều kiện tìm ra ai, vì sao; các nhóm đã lưu.")
segment = typer.Typer(no_args_is_help=True, help=HELP)
Query = Annotated[str, typer.Argument(help=_("Câu điều kiện, như “ho = ngheo and kenh = telegram”, hoặc @tên."))]
Name = Annotated[str, typer.Argument(help=_("Tên của nhóm đã lưu, không có @."))]


@segment.command(help=_("Xem lại câu điều kiện như máy hiểu."))
def show(context: typer.Context, query: Query, as_json: AsJson = False) -> None:
    """Print the canonical query."""
    from bot.services.broadcasting.targeting import segment_of

    async def work(office: Office) -> str:
        async with office.database.connect() as db:
            return str(await segment_of(db, office.world().library, query))

    told = at_the_desk(context, work)
    print_json({"query": told}) if as_json else print(told)


@segment.command(help=_("Đếm: bao nhiêu người nhận được, ở đâu, ai không tới được và vì sao."))
def count(context: typer.Context, query: Query, as_json: AsJson = False) -> None:
    """Print the breakdown of a segment."""
    people, communes = at_the_desk(context, lambda office: _counted(office, query))
    if as_json:
        print_json({name: getattr(people, name) for name in people.__slots__})
        return
    print_people(people, communes)


async def _counted(office: Office, query: str) -> tuple[Breakdown, Mapping[str, str]]:
    from bot.services.broadcasting.targeting import segment_of
    from bot.store.db import reading
    from bot.store.segments import breakdown

    world = office.world()
    async with reading(office.database).connect() as db:
        wanted = await segment_of(db, world.library, query)
        people = await breakdown(db, wanted, at=world.at, channels=tuple(world.channels))
    return people, {code: commune.name for code, commune in world.library.communes.items()}


@segment.command("test", help=_("Vì sao một người ở trong nhóm hay không: từng điều kiện đúng hay sai."))
def explain_one(
    context: typer.Context,
    query: Query,
    contact: Annotated[str, typer.Option(help=_("Số của người đó, hoặc kênh:số như telegram:100000001."))],
    as_json: AsJson = False,
) -> None:
    """Print which parts of a query hold for one person."""
    verdict = at_the_desk(context, lambda office: _explained(office, query, contact))
    if as_json:
        print_json(_as_mapping(verdict))
        return
    _print_verdict(verdict, 0)


async def _explained(office: Office, query: str, contact: str) -> Verdict:
    from bot.engine.segments import explain
    from bot.services.broadcasting.targeting import segment_of
    from bot.store.db import reading
    from bot.store.interactions import find_contact
    from bot.store.segments import profile

    world = office.world()
    async with reading(office.database).connect() as db:
        wanted = await segment_of(db, world.library, query)
        number = int(contact) if contact.isdecimal() else await find_contact(db, contact)
        person = await profile(db, number, at=world.at) if number is not None else None
    if person is None:
        raise ValueError(_("{contact}: không có người này. Ghi số của họ, hoặc kênh:số.").format(contact=contact))
    return explain(wanted, person, world.at)


def _print_verdict(verdict: Verdict, depth: int) -> None:
    print("  " * depth + ("✓ " if verdict.holds else "✗ ") + str(verdict.part))
    for part in verdict.parts:
        _print_verdict(part, depth + 1)


def _as_mapping(verdict: Verdict) -> Mapping[str, object]:
    return {"part": str(verdict.part), "holds": verdict.holds, "parts": [_as_mapping(part) for part in verdict.parts]}


@segment.command(help=_("Lưu câu điều kiện dưới một tên; đợt gửi gọi nhóm bằng @tên."))
def save(context: typer.Context, name: Name, query: Query, login: Login) -> None:
    """Keep a query under a name."""

    is_new = at_the_desk(context, lambda office: _saved(office).save(name, query, login))
    print((_("Đã lưu nhóm @{name}.") if is_new else _("Đã thay nhóm @{name}.")).format(name=name))


@segment.command("list", help=_("Các nhóm đã lưu."))
def every(context: typer.Context, as_json: AsJson = False) -> None:
    """Print the saved segments."""

    async def work(office: Office) -> Sequence[Saved]:
        from bot.store.segments import every

        async with office.database.connect() as db:
            return await every(db)

    for one in at_the_desk(context, work):
        row = {"name": one.name, "query": one.query, "author": one.author, "changed_at": one.changed_at}
        print_json(row) if as_json else print(f"@{one.name}\t{one.query}\t{one.author}")


@segment.command(help=_("Bỏ một nhóm đã lưu, khi không đợt gửi nào còn gọi nó."))
def delete(context: typer.Context, name: Name, login: Login) -> None:
    """Strike a saved segment."""

    at_the_desk(context, lambda office: _saved(office).delete(name, login))
    print(_("Đã bỏ nhóm @{name}.").format(name=name))


@segment.command(help=_("Đổi tên một nhóm đã lưu, khi không đợt gửi nào còn gọi tên cũ."))
def rename(
    context: typer.Context, name: Name, to: Annotated[str, typer.Argument(help=_("Tên mới."))], login: Login
) -> None:
    """Give a saved segment another name."""
    at_the_desk(context, lambda office: _saved(office).rename(name, to, login))
    print(_("Đã đổi tên nhóm @{name} thành @{to}.").format(name=name, to=to))


def _saved(office: Office) -> SavedSegments:
    from bot.services.segmenting.saving import SavedSegments

    return SavedSegments(office.database, lambda: office.world().library, office.now, via=VIA)
