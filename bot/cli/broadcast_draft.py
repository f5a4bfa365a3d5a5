"""`bot broadcast draft` and `edit`: options become a draft; all that is wrong with them is told at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Option

from bot.cli.office import AsJson, Login, Office, at_the_desk
from bot.cli.shell import print_json
from bot.speech import _

if TYPE_CHECKING:
    from bot.services.broadcasting.drafting import Draft
    from bot.services.broadcasting.model import Broadcast


def write(
    context: typer.Context,
    login: Login,
    number: Annotated[int | None, typer.Argument(help=_("Số của đợt gửi, khi sửa."))] = None,
    name: Annotated[str | None, Option(help=_("Tên, để mọi người nhận ra đợt gửi."))] = None,
    message: Annotated[list[str] | None, Option(help=_("Tin có sẵn, như vay-von.muc-ngheo; lặp lại được."))] = None,
    dialog: Annotated[str | None, Option(help=_("Mở đầu hội thoại này với từng người."))] = None,
    text: Annotated[
        list[str] | None, Option(help=_("Lời của cán bộ: vi=TỆP, en=TỆP; lặp lại cho mỗi thứ tiếng."))
    ] = None,
    source: Annotated[str | None, Option(help=_("Nguồn của lời ấy, như “Thông báo 12/TB-UBND”."))] = None,
    segment: Annotated[str | None, Option(help=_("Nhóm nhận: câu điều kiện, hoặc @tên nhóm đã lưu."))] = None,
    at: Annotated[str | None, Option(help=_("Giờ Hà Nội: 2026-12-01 09:00; bỏ trống là ngay khi phát."))] = None,
    rule: Annotated[str | None, Option(help=_("Lặp lại, theo RFC 5545: FREQ=WEEKLY;BYDAY=MO;COUNT=10."))] = None,
    hours: Annotated[str | None, Option(help=_("Giờ được gửi, như 07:00-20:30."))] = None,
    shelf_life: Annotated[float | None, Option(help=_("Sau bấy nhiêu giờ thì tin chưa đi là hết hạn."))] = None,
    not_after: Annotated[str | None, Option(help=_("Không gửi từ giờ này trở đi."))] = None,
    grace: Annotated[float | None, Option(help=_("Lỡ giờ quá bấy nhiêu giờ thì bỏ lượt ấy."))] = None,
    on_holidays: Annotated[bool | None, Option(help=_("Gửi cả ngày nghỉ."))] = None,
    gap: Annotated[float | None, Option(help=_("Số giờ ít nhất từ đợt trước tới cùng một người."))] = None,
    growth: Annotated[float | None, Option(help=_("Nhóm được đông thêm chừng này so với lúc duyệt: 0.1."))] = None,
    most: Annotated[int | None, Option(help=_("… hoặc tới chừng này người mỗi lượt, dù lúc duyệt ít hơn."))] = None,
    unknown: Annotated[str | None, Option(help=_("Tin chưa rõ tới hay chưa: ask (hỏi) hay resend (gửi lại)."))] = None,
    budget: Annotated[int | None, Option(help=_("Nhiều nhất chừng này đồng mỗi lượt, ở kênh có tính tiền."))] = None,
    phone: Annotated[bool | None, Option(help=_("Gửi cả tin mẫu theo số điện thoại mà người nhận đã cho."))] = None,
    wait: Annotated[bool | None, Option(help=_("Ai chưa gửi tới được thì nhận tin khi họ nhắn lại."))] = None,
    urgent: Annotated[bool | None, Option(help=_("Khẩn: không chờ khoảng cách. Chỉ quản trị."))] = None,
    confirm: Annotated[list[str] | None, Option(help=_("Xác nhận: everyone (tất cả) hay empty (chưa có ai)."))] = None,
    follow_up: Annotated[str | None, Option(help=_("Nhắn tiếp những người đã xong hội thoại này…"))] = None,
    days: Annotated[int, Option(min=1, help=_("… chừng này ngày trước…"))] = 3,
    unless: Annotated[str, Option(help=_("… trừ khi đã trả lời ở đây, như hoc-nghe.hoi."))] = "",
    as_json: AsJson = False,
) -> None:
    """Draft a new broadcast, or change what is given of an old one."""
    if (context.info_name == "edit") != (number is not None):
        raise typer.BadParameter(_("draft là đợt mới, không có số; edit cần số của đợt gửi."))
    given = {key: value for key, value in context.params.items() if value is not None}
    kept = at_the_desk(context, lambda office: _write(office, login, number, given))

    from bot.cli.broadcast_words import as_dict, told

    if as_json:
        print_json(as_dict(kept))
    else:
        print(told(kept))


async def _write(office: Office, login: str, number: int | None, given: Mapping[str, Any]) -> Broadcast:
    from bot.cli.broadcast_options import Options
    from bot.cli.broadcast_show import one_of
    from bot.services.broadcasting.drafting import Draft, draft_of
    from bot.services.broadcasting.model import Body

    was = await one_of(office, number) if number is not None else None
    base = draft_of(was) if was else Draft("", Body(), "")
    options = Options(given, office.now())
    draft = options.draft(base)
    if options.faults:
        raise ValueError("\n".join([*options.faults, *await _faults_of(office, draft)]))
    if was is None:
        return await office.desk.draft(draft, login)
    return await office.desk.edit(was.id, draft, login, version_seen=was.version)


async def _faults_of(office: Office, draft: Draft) -> Sequence[str]:
    """What else is wrong, so that nobody has to come back for it."""
    from bot.services.broadcasting.drafting import examine
    from bot.services.broadcasting.faults import lines_of
    from bot.store.db import reading

    async with reading(office.database).connect() as db:
        return lines_of((await examine(db, draft, office.world())).faults)
