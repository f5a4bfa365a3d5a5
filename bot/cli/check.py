"""`bot check`: the linter's findings, what can't be said on a day and why, and which dialogs carry the plan.

It reads the files alone: what officers ruled about facts in the console (bot.engine.rulings) is not in it.
In the functions that print, `_` is the translation that was handed in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.engine.checks.claims import unsayable
from bot.engine.checks.coverage import plan_coverage
from bot.engine.checks.drawing import dialog_svg
from bot.engine.checks.finding import Finding
from bot.engine.checks.table import check_library, subject_of
from bot.engine.content import Lapse
from bot.engine.state import Library
from bot.library.source import LibraryError
from bot.speech import _

Translate = Callable[[str], str]

_REASONS = {
    "no version": _("không có bản nào còn hiệu lực"),
    "withheld": _("đang không được nói"),
    "overdue for review": _("quá ngày soát lại"),
    "unknown fact": _("không có dữ kiện này"),
}
_COLOURS = {"error": "red", "warning": "yellow"}


@dataclass(frozen=True, slots=True)
class Report:
    """What was found on a day. `lapsed` pairs each fact that can't be said with the messages that it silences."""

    today: date
    findings: Sequence[Finding]
    lapsed: Sequence[tuple[Lapse, Sequence[str]]]
    coverage: dict[str, tuple[str, ...]]

    def count(self, severity: str) -> int:
        return sum(finding.severity == severity for finding in self.findings)


def run_check(
    loaded: Library | LibraryError,
    *,
    today: date,
    graph: Path | None = None,
    as_json: bool = False,
    translate: Translate,
    console: Console,
) -> int:
    """Print what is wrong with the library, or why it can't be loaded; the exit code is 1 when there are errors.

    *graph* draws as well: a file named after its dialog (`vay-von.svg`), or a folder for all of them.
    """
    if isinstance(loaded, LibraryError):
        _print_problems(loaded, as_json, translate, console)
        return 1
    report = report_of(loaded, today)
    if as_json:
        console.out(json.dumps(_json_of(report, translate), ensure_ascii=False, indent=2), highlight=False)
    else:
        _print_findings(report.findings, translate, console)
        _print_lapsed(report, translate, console)
        _print_coverage(report, loaded, translate, console)
        _print_counts(report, loaded, translate, console)
    drawn = graph is None or _draw(loaded, graph, as_json, translate, console)
    return 0 if drawn and not report.count("error") else 1


def report_of(library: Library, today: date) -> Report:
    """The linter's view of *library* on *today*."""
    lapsed: dict[Lapse, list[str]] = {}
    for entry in unsayable(subject_of(library, today)):
        for lapse in entry.lapses:
            lapsed.setdefault(lapse, []).append(entry.message.id)
    by_fact = sorted(lapsed.items(), key=lambda pair: pair[0].fact)
    return Report(today, check_library(library, today), by_fact, dict(plan_coverage(library)))


def _print_problems(error: LibraryError, as_json: bool, _: Translate, console: Console) -> None:
    if as_json:
        rows = [{"path": p.path, "line": p.line, "what": p.what, "remedy": p.remedy} for p in error.problems]
        console.out(json.dumps({"problems": rows}, ensure_ascii=False, indent=2), highlight=False)
        return
    for problem in error.problems:
        console.print(escape(str(problem)), style="red", soft_wrap=True, highlight=False)
    _line(console, _("Không đọc được thư viện: {count} lỗi."), count=len(error.problems))


def _print_findings(findings: Sequence[Finding], _: Translate, console: Console) -> None:
    """The findings under the name of each file; every line still begins with `file:line`, for editors to jump to."""
    for path, group in groupby(findings, key=lambda finding: finding.path):
        console.print(f"[bold]{escape(path)}[/bold]", highlight=False)
        for finding in group:
            colour = _COLOURS[finding.severity]
            console.print(f"  [{colour}]{escape(finding.shown(_))}[/{colour}]", soft_wrap=True, highlight=False)


def _print_lapsed(report: Report, _: Translate, console: Console) -> None:
    day = f"{report.today:%d/%m/%Y}"
    if not report.lapsed:
        _line(console, _("Ngày {day}: mọi tin đều nói được."), day=day)
        return
    table = Table(title=_("Ngày {day}: những điều không nói được").replace("{day}", day), title_justify="left")
    for heading in (_("Dữ kiện"), _("Vì sao"), _("Từ"), _("Những tin được thay bằng lời báo đang kiểm tra")):
        table.add_column(heading, overflow="fold")
    for lapse, messages in report.lapsed:
        since = f"{lapse.since:%d/%m/%Y}" if lapse.since else ""
        table.add_row(escape(lapse.fact), _(_REASONS[lapse.reason]), since, escape(", ".join(messages)))
    console.print(table)


def _print_coverage(report: Report, library: Library, _: Translate, console: Console) -> None:
    table = Table(title=_("Kế hoạch: mục nào có hội thoại nào"), title_justify="left")
    for heading in (_("Mục"), _("Lời của mục"), _("Hội thoại")):
        table.add_column(heading, overflow="fold")
    for section, dialogs in report.coverage.items():
        words = library.plan[section]
        short = words if len(words) <= 50 else words[:49] + "…"
        nobody = _("chưa có")  # not inside an f-string: extraction doesn't look there
        carried = escape(", ".join(dialogs)) if dialogs else f"[red]{nobody}[/red]"
        table.add_row(section, escape(short), carried)
    console.print(table)


def _print_counts(report: Report, library: Library, _: Translate, console: Console) -> None:
    _line(
        console, _("{dialogs} hội thoại, {nodes} nút, {messages} tin, {facts} dữ kiện."),
        dialogs=len(library.dialogs), nodes=sum(len(dialog.nodes) for dialog in library.dialogs.values()),
        messages=len(library.messages), facts=len(library.facts),
    )  # fmt: skip
    errors, warnings = report.count("error"), report.count("warning")
    _line(console, _("{errors} lỗi, {warnings} lưu ý."), errors=errors, warnings=warnings)


def _line(console: Console, template: str, **values: object) -> None:
    for name, value in values.items():
        template = template.replace("{" + name + "}", str(value))
    console.print(escape(template), soft_wrap=True, highlight=False)


def _json_of(report: Report, _: Translate) -> dict[str, object]:
    """The report for programs; texts in the language of *translate*, everything else as the rules and files name it."""
    return {
        "today": report.today.isoformat(),
        "findings": [
            {
                "path": finding.path, "line": finding.line, "rule": finding.rule, "severity": finding.severity,
                "what": finding.filled(_(finding.what)), "remedy": finding.filled(_(finding.remedy)),
            }
            for finding in report.findings
        ],
        "lapses": [
            {
                "fact": lapse.fact, "reason": lapse.reason, "messages": list(messages),
                "since": lapse.since.isoformat() if lapse.since else None,
            }
            for lapse, messages in report.lapsed
        ],
        "plan": {section: list(dialogs) for section, dialogs in report.coverage.items()},
        "errors": report.count("error"),
        "warnings": report.count("warning"),
    }  # fmt: skip


def _draw(library: Library, graph: Path, as_json: bool, _: Translate, console: Console) -> bool:
    """Draw one dialog or all; False, with the names to choose from, when there is no such dialog."""
    files = [graph / f"{name}.svg" for name in library.dialogs] if graph.is_dir() else [graph]
    for file in files:
        dialog = library.dialogs.get(file.stem)
        if dialog is None:
            template = _("Không có hội thoại '{name}' để vẽ. Chọn trong: {names}.")
            _line(console, template, name=file.stem, names=", ".join(sorted(library.dialogs)))
            return False
        file.write_text(dialog_svg(dialog), encoding="utf-8")
        if not as_json:
            _line(console, _("Đã vẽ {file}."), file=file)
    return True
