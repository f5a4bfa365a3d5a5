"""`bot talk`: a conversation in the terminal with the real engine; nothing is stored."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.shell import settings_of, today_of, told_plainly
from bot.speech import _

if TYPE_CHECKING:
    from rich.console import Console

    from bot.engine.events import Said
    from bot.engine.state import Sprint
    from bot.engine.transcript import Player

LEAVE = ("/quit", "/thoat", "/exit")


def talk(
    context: typer.Context,
    lang: Annotated[str, typer.Option(help=_("Thứ tiếng: vi hoặc en."))] = "",
    today: Annotated[str, typer.Option(help=_("Nói chuyện như vào ngày này, ví dụ 2027-01-01."))] = "",
    household: Annotated[str, typer.Option(help=_("Diện hộ: ngheo, can-ngheo, moi-thoat hay khac."))] = "",
    dialog: Annotated[str, typer.Option(help=_("Vào thẳng hội thoại này, bỏ qua lời chào đầu."))] = "",
    record: Annotated[Path | None, typer.Option(help=_("Ghi cả cuộc trò chuyện vào tệp này."))] = None,
    events: Annotated[bool, typer.Option("--events", help=_("Hiện cả những việc ghi vào nhật ký."))] = False,
) -> None:
    """Talk in the terminal."""
    settings = settings_of(context)
    day = today_of(context, settings, today)

    from bot.engine.transcript import Player
    from bot.library.load import load_library
    from bot.library.source import LibraryError

    with told_plainly(LibraryError):
        library = load_library(settings.dialogs, settings.content, settings.locales)
    headers = {"lang": lang, "ho": household, "da-chao": "1" if dialog else ""}
    fields = {name: value for name, value in headers.items() if value}
    with told_plainly(ValueError):
        _check(household, dialog, library.dialogs)
    with _Record(record, {"today": day.isoformat(), **fields}) as tape:
        _converse(Player(library, day, fields), tape, f"/start {dialog}".strip(), shows_events=events)


def _check(household: str, dialog: str, dialogs: object) -> None:
    from collections.abc import Container

    from bot.engine.model import HOUSEHOLD_KINDS

    assert isinstance(dialogs, Container)
    if dialog and dialog not in dialogs:
        raise ValueError(_("Không có hội thoại {dialog}.").format(dialog=dialog))
    if household and household not in HOUSEHOLD_KINDS:
        raise ValueError(_("Diện hộ phải là một trong: {kinds}.").format(kinds=", ".join(HOUSEHOLD_KINDS)))


class _Record:
    """A transcript being written as the conversation goes, so that nothing is lost when the window is closed."""

    def __init__(self, path: Path | None, headers: dict[str, str]) -> None:
        self._file = path.open("w", encoding="utf-8") if path else None
        self._write(f"# {key}: {value}" for key, value in headers.items())

    def __enter__(self) -> _Record:
        return self

    def __exit__(self, *_raised: object) -> None:
        if self._file is not None:
            self._file.close()

    def turn(self, line: str, sprint: Sprint) -> None:
        from bot.engine.transcript import lines_of

        self._write(["", f"> {line}", *lines_of(sprint)])

    def _write(self, lines: object) -> None:
        if self._file is not None:
            self._file.writelines(f"{line}\n" for line in lines)  # type: ignore[attr-defined]
            self._file.flush()


def _converse(player: Player, tape: _Record, first: str, *, shows_events: bool) -> None:
    from rich.console import Console

    from bot.engine.transcript import ScriptError

    console, line = Console(highlight=False), first
    while line not in LEAVE:
        try:
            sprint = player.hear(line)
        except ScriptError as error:
            console.print(str(error), style="yellow")
        else:
            tape.turn(line, sprint)
            _show(console, sprint, shows_events)
        try:
            line = input(_("Bà con: ") if sys.stdin.isatty() else "").strip()
        except (EOFError, KeyboardInterrupt):
            return


def _show(console: Console, sprint: Sprint, shows_events: bool) -> None:
    from bot.engine.events import Said, Silent
    from bot.engine.transcript import note_of

    for event in sprint.events:
        if isinstance(event, Said):
            _show_bubble(console, event)
        elif (shows_events or isinstance(event, Silent)) and (note := note_of(event)):
            console.print(f"  {note}", style="dim", markup=False)


def _show_bubble(console: Console, said: Said) -> None:
    from rich.markdown import Markdown
    from rich.padding import Padding

    console.print(Padding(Markdown(said.text), (1, 2, 0, 2)))
    for choice in said.choices:
        console.print(f"    {choice.label}", style="cyan", markup=False)
    if said.asks_phone:
        console.print("    " + _("(nút chia sẻ số điện thoại)"), style="cyan")
    console.print()
