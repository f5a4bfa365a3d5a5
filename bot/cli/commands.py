"""The command line, put together. What a command needs is imported when it runs, so that `--help` comes at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.audit import audit
from bot.cli.broadcast import broadcast
from bot.cli.catalogue import catalogue
from bot.cli.copy_database import copy_database
from bot.cli.demo import demo
from bot.cli.doctor import doctor
from bot.cli.imports import import_contacts
from bot.cli.insight import insight
from bot.cli.log import log
from bot.cli.run import migrate, run
from bot.cli.segment import segment
from bot.cli.settings import settings
from bot.cli.shell import settings_of, today_of
from bot.cli.talk import talk
from bot.cli.template import template
from bot.cli.understand import understand
from bot.cli.user import user
from bot.speech import _

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.engine.state import Library
    from bot.library.source import LibraryError

HELP = _("Vươn Lên: bot trò chuyện đồng hành cùng bà con trong công tác giảm nghèo của Hà Nội.")
commands = typer.Typer(
    name="bot",
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


def check(
    context: typer.Context,
    today: Annotated[str, typer.Option(help=_("Xem như vào ngày này, ví dụ 2027-03-01."))] = "",
    graph: Annotated[
        Path | None, typer.Option(help=_("Vẽ hội thoại ra tệp, ví dụ vay-von.svg, hay cả thư mục."))
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("In JSON, cho chương trình đọc."))] = False,
) -> None:
    """Lint the library."""
    found = settings_of(context)
    day = today_of(context, found, today)

    from rich.console import Console

    from bot.cli.check import run_check

    raise typer.Exit(
        run_check(
            _loaded(found), today=day, graph=graph, as_json=as_json, translate=_, console=Console(),
        )
    )  # fmt: skip


def _loaded(settings: Settings) -> Library | LibraryError:
    from bot.library.load import load_library
    from bot.library.source import LibraryError

    try:
        return load_library(settings.dialogs, settings.content, settings.locales)
    except LibraryError as error:
        return error


TOLD: dict[Callable[..., None], str] = {
    run: _("Bắt đầu chạy: trang trò chuyện, các kênh, nơi gửi tin. Dừng bằng Ctrl-C."),
    talk: _("Trò chuyện thử ngay trong cửa sổ này. Gõ chữ, gõ số, hay [2] để bấm nút thứ hai; /quit để thôi."),
    check: _("Soát hội thoại và nội dung: chỗ sai, điều đã hết hạn, mục kế hoạch chưa ai nói tới."),
    understand: _("Xem bot hiểu một câu thế nào và vì sao, chấm điểm trên cả tệp, thêm ví dụ, học lại."),
    doctor: _("Khám cả máy: dữ liệu, nội dung, Telegram, Zalo; hỏng gì, phải làm gì, còn gì phải làm rõ trên OA thật."),
    log: _("Xem những lượt trò chuyện gần đây."),
    migrate: _("Đưa cơ sở dữ liệu lên phiên bản mới nhất (lệnh run cũng tự làm việc này)."),
    settings: _("Xem mọi cài đặt: biến môi trường, giá trị đang dùng, ý nghĩa. Mã bí mật không bao giờ hiện ra."),
}
for command, told in TOLD.items():
    commands.command(help=told)(command)
COPYING = _("Chép cả cơ sở dữ liệu sang một nơi còn trống (SQLite hay PostgreSQL), rồi đếm và đối chiếu.")
IMPORTING = _("Nhập danh bạ từ tệp CSV: xem trước, rồi mới ghi; ai cũng phải có bằng chứng đồng ý.")
DEMO = _("Làm đầy một cơ sở dữ liệu mới bằng một thành phố bịa ra, để xem thử mọi thứ.")
commands.command("copy-database", help=COPYING)(copy_database)
commands.command("import", help=IMPORTING)(import_contacts)
commands.command("demo", help=DEMO)(demo)
commands.add_typer(catalogue, name="catalogue")
commands.add_typer(broadcast, name="broadcast")
commands.add_typer(segment, name="segment")
commands.add_typer(user, name="user")
commands.add_typer(audit, name="audit")
commands.add_typer(insight, name="insight")
commands.add_typer(template, name="template")
