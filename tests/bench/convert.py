"""Turns a menu tree of the peer harness into our dialogs, so that our bot serves what its peers serve."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def convert(tree: Path, folder: Path) -> None:
    """Write `dialogs/menu.yaml` (and the empty folders beside it) below *folder*.

    *tree* is the harness's JSON: `root`, `nodes{id: {text, choices[{id, label}]}}`, `thanks{leaf: text}`. A node with
    choices becomes a question, a leaf asks for free text and thanks for it.
    """
    given = json.loads(tree.read_text(encoding="utf-8"))
    nodes: dict[str, Any] = {}
    for key, node in given["nodes"].items():
        name = _name(key)
        if node["choices"]:
            choices = [{"id": _name(c["id"]), "label": c["label"], "go": _name(c["id"])} for c in node["choices"]]
            nodes[name] = {"ask": node["text"], "choices": choices}
        else:
            nodes[name] = {
                "ask": node["text"], "type": "text", "field": "gop-y", "next": f"thanks-{name}",
                "give_up": f"thanks-{name}",
            }  # fmt: skip
            nodes[f"thanks-{name}"] = {"say": [{"text": given["thanks"][key]}], "end": True}
    for part in ("dialogs", "content", "locales"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    dialog = {"dialog": "menu", "title": "Menu", "start": _name(given["root"]), "nodes": nodes}
    (folder / "dialogs" / "menu.yaml").write_text(json.dumps(dialog), encoding="utf-8")  # JSON is YAML as well


def _name(key: str) -> str:
    return "n" + key.replace(".", "-")
