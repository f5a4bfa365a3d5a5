"""`bot catalogue`: keeps the translations in `locales/` in step with the texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.shell import settings_of, told_plainly
from bot.speech import _

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.library.texts import SourceText

catalogue = typer.Typer(no_args_is_help=True, help=_("Bản dịch: cập nhật và kiểm tra các tệp trong locales."))
Language = Annotated[str, typer.Option("--lang", help=_("Thứ tiếng của bản dịch."))]


@catalogue.command(help=_("Thêm câu mới vào tệp dịch, giữ câu đã dịch, cất câu không còn dùng."))
def update(context: typer.Context, language: Language = "en") -> None:
    """Bring the catalogue up to date."""
    settings = settings_of(context)

    from bot.library.extract import update_catalogue
    from bot.library.source import LibraryError

    texts = _texts(settings)
    with told_plainly(LibraryError, OSError):
        has_changed = update_catalogue(settings.locales, language, texts)
    told = _("Đã cập nhật bản dịch '{language}'.") if has_changed else _("Bản dịch '{language}' đã đúng sẵn.")
    print(told.format(language=language))


@catalogue.command(help=_("Kiểm tra: mọi câu đều đã dịch và không còn câu thừa. Sai thì nói rõ tệp và dòng."))
def check(context: typer.Context, language: Language = "en") -> None:
    """Name what the catalogue lacks."""
    settings = settings_of(context)

    from bot.library.extract import catalogue_problems

    texts = _texts(settings)
    problems = catalogue_problems(settings.locales, language, texts)
    for problem in problems:
        print(problem)
    if problems:
        print(_("{count} chỗ phải sửa trong bản dịch '{language}'.").format(count=len(problems), language=language))
        raise typer.Exit(1)
    print(
        _("Bản dịch '{language}' đủ {count} câu.").format(language=language, count=len({each.text for each in texts}))
    )


def _texts(settings: Settings) -> list[SourceText]:
    from bot.library.load import load_library
    from bot.library.source import LibraryError
    from bot.library.texts import texts_of_code, texts_of_library

    with told_plainly(LibraryError):
        library = load_library(settings.dialogs, settings.content, settings.locales, understands=False)
    return [*texts_of_library(library, settings.dialogs), *texts_of_code(Path(__file__).parent.parent)]
