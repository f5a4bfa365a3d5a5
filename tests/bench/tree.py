"""The menu that both bots serve: three levels of four choices, texts of about 300 characters in our own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from tests.bench.process import ROOT

LEVELS, WIDE, LONG = 3, 4, 300
LABELS = ("Vay vốn ưu đãi", "Học nghề, việc làm", "Bảo hiểm y tế", "Gương thoát nghèo")
_SENTENCE = re.compile(r"[^.!?]+[.!?]")
_PLAIN = re.compile(r"[\w ,;:()“”/-]+[.!?]")


def build() -> dict[str, Any]:
    """`root`, `nodes{id: {id, text, choices[{id, label}]}}`, `thanks{leaf: text}`: the same at every call."""
    sentences, nodes = _sentences(), {}
    for key in _keys("0", 0):
        wide = WIDE if _depth(key) < LEVELS else 0
        choices = [{"id": _below(key, i), "label": f"{i}. {LABELS[i - 1]}"} for i in range(1, wide + 1)]
        nodes[key] = {"id": key, "text": _text(f"Mục {key}", sentences), "choices": choices}
    leaves = [key for key in nodes if _depth(key) == LEVELS]
    thanks = {key: _text(f"Đã ghi ý kiến ở mục {key}", sentences) for key in leaves}
    return {"root": "0", "nodes": nodes, "thanks": thanks}


def _keys(key: str, depth: int) -> Iterator[str]:
    yield key
    if depth < LEVELS:
        for i in range(1, WIDE + 1):
            yield from _keys(_below(key, i), depth + 1)


def _below(key: str, choice: int) -> str:
    return str(choice) if key == "0" else f"{key}.{choice}"


def _depth(key: str) -> int:
    return 0 if key == "0" else key.count(".") + 1


def _sentences() -> list[str]:
    """Every plain sentence of our messages: without placeholders and marks that a channel would write otherwise."""
    found: list[str] = []
    for path in sorted((ROOT / "content" / "messages").rglob("*.md")):
        body = path.read_text(encoding="utf-8").partition("\n---\n")[2]
        for line in body.splitlines():
            candidates = [] if line.startswith(("-", "*", "#")) else _SENTENCE.findall(line)
            found += [sentence.strip() for sentence in candidates if _PLAIN.fullmatch(sentence)]
    return found


def _text(name: str, sentences: Sequence[str]) -> str:
    words, pool = f"{name}:", Random(name)
    while len(words) < LONG - 40:
        words += " " + pool.choice(sentences)
    return words
