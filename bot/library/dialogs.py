"""Reads `dialogs/<id>.yaml` into dialogs."""

from __future__ import annotations

from pathlib import Path

from bot.engine.model import AnyNode, Dialog
from bot.library.digests import digest_of
from bot.library.links import DialogReader, Link
from bot.library.nodes import node_from
from bot.library.source import Problem, Source, Spot, load_yaml, nearest, source_of
from bot.library.table import Table, check_slug

NOT_DIALOGS = ("commands", "phrases")
"""Files of the folder that hold something else."""


def load_dialogs(folder: Path, problems: list[Problem]) -> tuple[dict[str, Dialog], list[Link]]:
    """Every dialog of *folder* by its id, and what they say of other dialogs and of content."""
    dialogs: dict[str, Dialog] = {}
    links: list[Link] = []
    for file in sorted(folder.iterdir()):
        source = source_of(file, folder, problems)
        if file.suffix == ".yml":
            source.note(1, "tệp đuôi .yml không được đọc", "Đổi đuôi tệp thành .yaml.")
        if file.suffix != ".yaml" or file.stem in NOT_DIALOGS:
            continue
        spot = load_yaml(file, source)
        dialog = None if spot is None else dialog_from(spot, file.stem, source, links)
        if dialog is not None:
            dialogs[dialog.id] = dialog
    _check_tokens(dialogs, problems)
    return dialogs, links


def dialog_from(spot: Spot, stem: str, source: Source, links: list[Link]) -> Dialog | None:
    """The dialog in *spot*, whose file is named *stem*; None when nothing of it can be used."""
    table = Table(source, spot)
    name = table.slug("dialog")
    if name and name != stem:
        table.note("dialog", f"tên '{name}' khác tên tệp '{stem}'", f"Viết 'dialog: {stem}' hoặc đổi tên tệp.")
    reader = DialogReader(source, stem, links)
    title, topic, words = table.text("title"), table.flag("topic"), table.texts("words")
    words_line = table.line_of("words") if table.has("words") else 1
    nodes = _nodes_from(table, reader)
    start = table.text("start", next(iter(nodes), ""))
    table.finish()
    if not nodes:
        return None
    if start not in nodes:
        table.note("start", f"không có nút '{start}'", nearest(start, nodes))
    reader.check_targets()
    return Dialog(stem, title, start, nodes, digest_of(spot), topic, words, source.path, words_line)


def _nodes_from(table: Table, reader: DialogReader) -> dict[str, AnyNode]:
    listed = table.table("nodes")
    if listed is None or not listed.keys():
        table.note("nodes", "hội thoại chưa có nút nào", "Thêm các nút dưới 'nodes:'.")
        return {}
    nodes: dict[str, AnyNode] = {}
    for name, entry in listed.named_tables():
        reader.names.append(name)
        if not check_slug(table.source, entry.line, name):
            continue
        node = node_from(reader, name, entry)
        if node is not None:
            nodes[name] = node
    return nodes


def _check_tokens(dialogs: dict[str, Dialog], problems: list[Problem]) -> None:
    """Tokens are short hashes: in the unlikely case of two alike, one choice needs another id."""
    seen: dict[str, str] = {}
    for dialog in dialogs.values():
        for node in dialog.nodes.values():
            for option in getattr(node, "options", ()):
                here = f"{dialog.id}/{node.id}/{option.id}"
                other = seen.setdefault(option.token, here)
                if other != here:
                    what = f"mã của '{here}' trùng với '{other}'"
                    problems.append(Problem(dialog.path, option.line, what, "Thêm 'id: …' khác cho lựa chọn này."))
