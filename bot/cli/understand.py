"""`bot understand`: what the bot makes of a sentence and why, how well it does so, and teaching it more."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.shell import print_json, settings_of, told_plainly
from bot.speech import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.config import Settings
    from bot.engine.state import Library
    from bot.engine.understanding.judgement import Judgement
    from bot.library.examples import Lesson
    from bot.library.measuring import Question


Words = Annotated[str, typer.Argument(help=_("Một câu để xem bot hiểu thế nào; sau --labels: tệp có nhãn."))]
File = Annotated[Path | None, typer.Option(help=_("Tệp JSONL, mỗi dòng có id và text: in một dòng JSON cho mỗi câu."))]
Labels = Annotated[  # a flag, so that the file may be left out: typer has no option whose value is optional
    bool, typer.Option("--labels", help=_("Chấm điểm theo nhãn (label, also), riêng từng cách viết (variants)."))
]
Here = Annotated[str, typer.Option(help=_("Hiểu như khi bà con đang ở trong hội thoại này."))]
Learn = Annotated[Path | None, typer.Option(help=_("Thêm ví dụ tải từ trang Chưa hiểu (JSONL) vào content/examples."))]
Picked = Annotated[bool, typer.Option("--picked", help=_("In ví dụ bà con tự chọn khi bot hỏi lại, cho --learn."))]
Build = Annotated[bool, typer.Option("--build", help=_("Học lại từ content/examples."))]
AsJson = Annotated[bool, typer.Option("--json", help=_("In JSON, cho chương trình đọc."))]


def understand(
    context: typer.Context, words: Words = "", file: File = None, labels: Labels = False, here: Here = "",
    picked: Picked = False, learn: Learn = None, build: Build = False, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Explain one sentence, answer a file of them, tell how many were right, or learn."""
    settings = settings_of(context)
    with told_plainly(ValueError, OSError):
        if picked:
            _print_picked(settings)
        if learn is not None:
            _learn(settings, learn)
        if build:
            _build(settings)
        if file is not None or labels:
            _answer(_judging(_loaded(settings), here), file, Path(words) if words else None, labels, as_json)
        elif words:
            _explain(_loaded(settings), words, here, as_json)
        elif not (picked or learn or build):
            raise ValueError(_("Cần một câu, hoặc --file, --labels, --learn, --build; xem bot understand --help."))


def _loaded(settings: Settings) -> Library:
    from bot.library.load import load_library
    from bot.library.source import LibraryError

    with told_plainly(LibraryError):
        return load_library(settings.dialogs, settings.content, settings.locales)


def _judging(library: Library, here: str, *, explain: bool = False) -> Callable[[str], Judgement]:
    from bot.engine.router import judge

    _check(library, here)
    return lambda text: judge(library, text, here, explain=explain)


def _check(library: Library, here: str) -> None:
    if here and here not in library.dialogs:
        raise ValueError(_("Không có hội thoại {dialog}.").format(dialog=here))


def _explain(library: Library, text: str, here: str, as_json: bool) -> None:
    from bot.cli.understand_told import explained, line_of

    judgement = _judging(library, here, explain=True)(text)
    if as_json:
        print_json({**line_of(None, judgement), "runner_up": judgement.runner_up, "evidence": judgement.evidence})
        return
    for line in explained(library, text, judgement):
        print(line)


def _answer(
    judge: Callable[[str], Judgement], file: Path | None, of: Path | None, is_marked: bool, as_json: bool
) -> None:
    """Answer *file* line by line, and mark the answers by the labels of *of*; without one of them, the other is both.

    The lines are what programs read: beside them the marks go to standard error.
    """
    from bot.cli.understand_told import line_of, print_marks
    from bot.engine.understanding.judgement import counted
    from bot.library.measuring import ask, labelled

    source = file or of
    if source is None:
        raise ValueError(_("Thiếu tệp: bot understand --labels TỆP, hoặc --file TỆP --labels."))
    questions = _questions(source)
    marked = labelled(questions, _questions(of) if of is not None else questions) if is_marked else []
    if file is not None:
        for question in questions:
            print_json(line_of(question.id, counted(judge(question.text))))
    if is_marked:
        out = sys.stdout if file is None else sys.stderr
        print_marks(ask(marked, lambda text: counted(judge(text))), as_json=as_json, out=out)


def _questions(file: Path) -> Sequence[Question]:
    from bot.library.measuring import questions_from

    try:
        return questions_from(file.read_bytes())
    except ValueError as error:
        raise ValueError(f"{file}:{error}") from None


def _print_picked(settings: Settings) -> None:
    """As JSON lines, what the page of what was missed gives out as well."""
    import asyncio

    from bot.cli.desk import opened, refusals_told
    from bot.services.picking import agreed
    from bot.store.db import reading
    from bot.store.picks import picks

    async def read() -> None:
        async with opened(settings) as database, reading(database).connect() as db:
            for example in agreed(await picks(db)):
                print_json({"text": example.text, "topic": example.topic})

    with refusals_told():
        asyncio.run(read())


def _learn(settings: Settings, file: Path) -> None:
    from bot.cli.understand_told import print_lesson
    from bot.library.examples import add_examples, examples_from, lesson_from, load_examples
    from bot.services.teaching import topics_of

    there, topics = load_examples(settings.content), topics_of(_loaded(settings).dialogs)
    try:
        examples = examples_from(file.read_bytes())
    except ValueError as error:
        raise ValueError(f"{file}:{error}") from None
    lesson: Lesson = lesson_from(examples, there, (*there, *(dialog.id for dialog in topics)))
    print_lesson(lesson, add_examples(settings.content, lesson))


def _build(settings: Settings) -> None:
    """Write what was learnt of topics, and of danger where there is something to learn it from."""
    from bot.library.dangers import FOLDER
    from bot.library.learning.build import build_model, build_usage
    from bot.library.learning.danger import build_dangers
    from bot.library.source import LibraryError
    from bot.library.usage import USAGE

    content = settings.content
    print(_("Đang học, chừng một phút…"), file=sys.stderr)
    with told_plainly(LibraryError):
        _write(content / USAGE, build_usage(content))
        _write(content / "understanding/model.json", build_model(content))
        if (content / FOLDER).is_dir():
            _write(content / "understanding/danger.json", build_dangers(content))
    print(_("Bot đang chạy thì nạp lại bằng SIGHUP."))


def _write(file: Path, learnt: bytes) -> None:
    if file.exists() and file.read_bytes() == learnt:
        print(_("{file}: không có gì mới, giữ nguyên.").format(file=file))
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    spare = file.with_suffix(".json~")  # a bot that reloads now reads the old one or the new one, whole
    spare.write_bytes(learnt)
    spare.replace(file)
    print(_("{file}: {size} KB.").format(file=file, size=len(learnt) // 1000))
