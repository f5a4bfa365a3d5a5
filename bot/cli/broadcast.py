"""`bot broadcast`: what officers send to a segment, from a draft to what became of every message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.broadcast_draft import write
from bot.cli.broadcast_preview import preview
from bot.cli.broadcast_show import listing, recipients, show
from bot.cli.broadcast_status import status
from bot.cli.office import VIA, AsJson, Login, Number, Office, at_the_desk
from bot.cli.shell import print_json
from bot.speech import _

if TYPE_CHECKING:
    from bot.services.broadcasting.model import Broadcast
    from bot.services.broadcasting.release import Desk

broadcast = typer.Typer(no_args_is_help=True, help=_("Đợt gửi tin: soạn, xem trước, trình, duyệt, gửi, theo dõi."))
Reason = Annotated[str, typer.Option(help=_("Vì sao; mọi người xem đợt gửi đều thấy."))]


def submit(context: typer.Context, number: Number, login: Login, as_json: AsJson = False) -> None:
    """Hand a draft in for approval."""
    _step(context, lambda desk: desk.submit(number, login), as_json)


def approve(
    context: typer.Context,
    number: Number,
    login: Login,
    digest: Annotated[str, typer.Option(help=_("Mã của bản đã xem, như lệnh show hay preview in ra; đủ 16 chữ đầu."))],
    as_json: AsJson = False,
) -> None:
    """Sign what somebody else submitted."""
    _step(context, lambda desk: desk.approve(number, login, digest_seen=digest), as_json)


def send_back(context: typer.Context, number: Number, login: Login, reason: Reason, as_json: AsJson = False) -> None:
    """Hand it back to who wrote it."""
    _step(context, lambda desk: desk.send_back(number, login, reason=reason), as_json)


def schedule(context: typer.Context, number: Number, login: Login, as_json: AsJson = False) -> None:
    """Release what was approved."""
    _step(context, lambda desk: desk.schedule(number, login), as_json)


def pause(context: typer.Context, number: Number, login: Login, reason: Reason = "", as_json: AsJson = False) -> None:
    """Hold a broadcast."""
    _step(context, lambda desk: desk.pause(number, login, reason=reason), as_json)


def resume(context: typer.Context, number: Number, login: Login, as_json: AsJson = False) -> None:
    """Go on with one that was held."""
    _step(context, lambda desk: desk.resume(number, login), as_json)


def cancel(context: typer.Context, number: Number, login: Login, reason: Reason = "", as_json: AsJson = False) -> None:
    """End a broadcast."""
    _step(context, lambda desk: desk.cancel(number, login, reason=reason), as_json)


def retry(
    context: typer.Context,
    number: Number,
    login: Login,
    statuses: Annotated[
        list[str] | None, typer.Option("--status", help=_("Chỉ tin ở tình trạng này: failed, unknown; lặp lại được."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Send again what failed, or what nobody knows of whether it arrived."""
    chosen = {"statuses": tuple(statuses)} if statuses else {}
    queued = at_the_desk(context, lambda office: office.desk.retry(number, login, **chosen))
    if as_json:
        print_json({"id": number, "queued": queued})
    else:
        print(_("Đợt gửi {number}: gửi lại {queued} tin.").format(number=number, queued=queued))


def send_test(
    context: typer.Context,
    number: Number,
    login: Login,
    to: Annotated[
        str, typer.Option(help=_("Địa chỉ của chính mình; nêu thì phải đúng địa chỉ mà quản trị đã ghi."))
    ] = "",
    household: Annotated[str, typer.Option(help=_("Xem lời dành cho diện hộ này: ngheo, can-ngheo, …"))] = "",
    language: Annotated[str, typer.Option("--lang", help=_("Xem lời bằng thứ tiếng này: vi hoặc en."))] = "",
    as_json: AsJson = False,
) -> None:
    """Send the message to oneself."""
    pretending = {name: value for name, value in (("ho", household), ("lang", language)) if value}
    own = at_the_desk(context, lambda office: _send_test(office, number, login, to, pretending))
    if as_json:
        print_json({"id": number, "to": own})
    else:
        print(_("Tin thử đã xếp gửi tới {to}. Bot đang chạy sẽ gửi ngay.").format(to=own))


async def _send_test(office: Office, number: int, login: str, to: str, pretending: dict[str, str]) -> str:
    from bot.services.broadcasting.release import find_broadcast
    from bot.services.broadcasting.trial import send_test, written
    from bot.store.db import reading
    from bot.store.ids import WORKERS, Ids

    async with reading(office.database).connect() as db:
        found = await find_broadcast(db, number)
    ids = Ids(WORKERS - 1, office.now)  # the last number: the first that are free go to processes that run
    return written(await send_test(
        office.database, office.world(), found, login, ids=ids, pretending=pretending, via=VIA, to=to
    ))  # fmt: skip


def _step(context: typer.Context, step: Callable[[Desk], Awaitable[Broadcast]], as_json: bool) -> None:
    """Do *step*, and say where the broadcast now is and what comes next."""
    moved = at_the_desk(context, lambda office: step(office.desk))

    from bot.cli.broadcast_words import as_dict, told

    if as_json:
        print_json(as_dict(moved))
    else:
        print(told(moved))


TOLD: dict[str, tuple[Callable[..., None], str]] = {
    "list": (listing, _("Các đợt gửi gần đây.")),
    "draft": (write, _("Soạn một đợt gửi mới. Có gì sai thì nói hết một lần và không lưu gì.")),
    "edit": (write, _("Sửa đợt gửi chưa bắt đầu: chỉ đổi những gì nêu ra. Bản đã duyệt thành bản nháp.")),
    "show": (show, _("Xem một đợt gửi: nội dung, nhóm người nhận, thời gian, ai soạn, ai duyệt, mã để duyệt.")),
    "preview": (preview, _("Xem trước: bao nhiêu người, ai không tới được, bao giờ xong, đúng lời 20 người sẽ đọc.")),
    "submit": (submit, _("Trình duyệt một bản nháp.")),
    "approve": (approve, _("Duyệt đợt gửi do người khác soạn và trình.")),
    "send-back": (send_back, _("Trả lại người soạn, kèm lời nói vì sao; đợt gửi thành bản nháp.")),
    "schedule": (schedule, _("Cho đợt gửi đã duyệt đi: đúng giờ đã đặt, hoặc ngay.")),
    "pause": (pause, _("Tạm dừng.")),
    "resume": (resume, _("Gửi tiếp đợt đang tạm dừng.")),
    "cancel": (cancel, _("Hủy: ai chưa được gửi thì sẽ không được gửi.")),
    "status": (status, _("Đã gửi bao nhiêu, hỏng bao nhiêu và vì sao, bao giờ xong.")),
    "recipients": (recipients, _("Từng người nhận và việc đã xảy ra với tin của họ.")),
    "retry": (retry, _("Gửi lại những tin hỏng hoặc chưa rõ.")),
    "test-send": (send_test, _("Gửi thử cho chính mình.")),
}
for name, (command, help_text) in TOLD.items():
    broadcast.command(name, help=help_text)(command)
