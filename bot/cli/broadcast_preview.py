"""`bot broadcast preview`: what an officer looks at before approving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.broadcast_show import one_of, print_rows
from bot.cli.office import AsJson, Number, Office, at_the_desk
from bot.cli.shell import print_json, settings_of, today_of
from bot.services.broadcasting.words import UNREACHABLE
from bot.speech import _

if TYPE_CHECKING:
    from bot.services.broadcasting.model import Broadcast
    from bot.services.broadcasting.outlook import Outlook
    from bot.services.broadcasting.preview import Preview, Sample
    from bot.store.segments import Breakdown


def preview(
    context: typer.Context,
    number: Number,
    today: Annotated[str, typer.Option(help=_("Xem như vào ngày này, ví dụ 2027-01-01."))] = "",
    as_json: AsJson = False,
) -> None:
    """Show the preview."""
    day = today_of(context, settings_of(context), today) if today else None
    broadcast, seen, communes = at_the_desk(context, lambda office: _preview(office, number), day)
    if as_json:
        from msgspec import to_builtins

        print_json({"id": number, **to_builtins(seen)})
        return
    print_people(seen.people, communes)
    if seen.put_off:
        print(_("{count} người vừa nhận một đợt gửi khác: tin của họ chờ.").format(count=seen.put_off))
    _print_outlook(seen.outlook)
    _print_time(seen)
    _print_claims(seen)
    for sample in seen.samples:
        _print_sample(sample)
    for line in (*seen.faults, *seen.warnings):
        print("! " + line)
    if seen.digest:
        from bot.services.broadcasting.rights import DIGITS_SEEN

        print(_("Mã để duyệt bản {version}: {digest}").format(
            version=broadcast.version, digest=seen.digest[:DIGITS_SEEN]))  # fmt: skip


async def _preview(office: Office, number: int) -> tuple[Broadcast, Preview, Mapping[str, str]]:
    from bot.services.broadcasting.preview import preview
    from bot.store.db import reading

    broadcast, world = await one_of(office, number), office.world()
    async with reading(office.database).connect() as db:
        seen = await preview(db, world, broadcast)
    return broadcast, seen, {code: commune.name for code, commune in world.library.communes.items()}


def print_people(people: Breakdown, communes: Mapping[str, str]) -> None:
    """How many of a segment can be reached, who they are, and why others can't be."""
    print(_("{count} người nhận được").format(count=people.total))
    unknown = _("chưa rõ")
    groups = [
        (_("kênh"), people.by_channel), (_("diện hộ"), people.by_household), (_("tiếng"), people.by_language),
        (_("xã, phường"), {communes.get(code, code): count for code, count in people.by_commune.items()}),
        (_("không tới được"), {UNREACHABLE.get(why, why): count for why, count in people.unreachable.items()}),
    ]  # fmt: skip
    rows = [
        (title if first else "", name or unknown, str(count))
        for title, group in groups
        for first, (name, count) in _ranked(group)
    ]
    print_rows(("", "", _("người")), rows, "")


def _ranked(group: Mapping[str, int]) -> list[tuple[bool, tuple[str, int]]]:
    """The largest first, each with whether it is the very first; groups of none are left out."""
    ranked = sorted(((name, count) for name, count in group.items() if count), key=lambda pair: (-pair[1], pair[0]))
    return [(index == 0, pair) for index, pair in enumerate(ranked)]


def _print_outlook(seen: Outlook | None) -> None:
    """Whom which route reaches and at what price, where a channel has windows."""
    from bot.services.broadcasting.words import ROUTES, dong

    if seen is None or not seen.routes:
        return
    rows = [
        (
            one.channel,
            _(ROUTES[one.route]),
            str(one.people),
            *(dong(amount) if amount else "" for amount in (one.price, one.cost)),
        )
        for one in seen.routes
    ]
    print_rows((_("kênh"), _("đường tới"), _("người"), _("mỗi tin"), _("tất cả")), rows, "")
    told = _("Hết nhiều nhất {cost}; ngân sách {budget}; {count} người phải chờ tới khi họ nhắn lại.")
    print(told.format(cost=dong(min(seen.cost, seen.budget)), budget=dong(seen.budget), count=seen.waiting))


def _print_time(seen: Preview) -> None:
    from bot.cli.broadcast_words import shown

    print(_("Nếu được duyệt: tin đầu đi lúc {starts}, tin cuối lúc {ends}; hết hạn lúc {expires}.").format(
        starts=shown(seen.starts), ends=shown(seen.ends), expires=shown(seen.expires)))  # fmt: skip


def _print_claims(seen: Preview) -> None:
    rows = [(claim.fact, claim.about, claim.law, f"{claim.until:%d/%m/%Y}") for claim in seen.claims]
    if rows:
        print_rows((_("dữ kiện"), _("nói về"), _("theo"), _("đúng đến hết")), rows, "")


def _print_sample(sample: Sample) -> None:
    place = ", ".join(part for part in (sample.commune, sample.household, sample.language, sample.channel) if part)
    print(_("— người {number} ({place})").format(number=sample.contact_id, place=place))
    if sample.message is None:
        print("  " + _("không gửi: {why}").format(why=sample.why))
        return
    for line in (*sample.message.text.splitlines(), *(f"[{choice.label}]" for choice in sample.message.choices)):
        print(f"  {line}".rstrip())
