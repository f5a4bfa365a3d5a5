"""Small packs of files for the tests: a sound one, and that one with a file changed."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from bot.engine.state import Library
from bot.library.load import load_library
from bot.library.source import LibraryError, Problem

MENU = """\
dialog: menu
title: Trang chính
nodes:
  hoi:
    ask: Bà con cần gì?
    choices:
      - {label: Vay vốn, go: /vay-von}
"""
VAY_VON = """\
dialog: vay-von
title: Vay vốn
topic: true
words: [vay tiền]
nodes:
  mo-dau:
    say: [vay-von.lai, {text: Lời nối.}]
    next: hoi
  hoi:
    ask: Xem gì?
    choices:
      - {label: Mức vay, go: mo-dau, when: {ho: [ngheo, null]}, set: {quan-tam: vay}}
      - {label: Trang chính, go: /menu}
"""
FACTS = """\
- id: lai-suat
  code: B1, B2
  about: Lãi suất
  audience: [ngheo]
  checked: 2026-01-01
  review: 2027-06-30
  confidence: A
  evidence: [bao a1]
  versions:
    - since: 2026-01-01
      until: 2026-12-31
      state: say
      law: Nghị định 1
      values:
        muc: {value: 6.24, unit: percent}
    - since: 2027-01-01
      until: null
      state: confirm
      law: Nghị định 2
      article: Điều 3
      values:
        muc: {value: 7, unit: percent}
"""
LAI = """\
---
plan: [I.1.a]
topic: vay-von
facts: [lai-suat]
audience: [ngheo, chua-ro]
---

Lãi là {lai-suat.muc} một năm.
Hỏi {noi-hoi}.
"""
PLAN = """\
document: 1/KH
sections:
  - {id: I.1.a, text: Tuyên truyền.}
"""
PLACES = """\
source: Nghị quyết 1
communes:
  - {code: 09661, name: Ba Vì, kind: xã, old_communes: [Ba Vì, Khánh Thượng], old_districts: [huyện Ba Vì]}
"""
SOUND = {
    "dialogs/menu.yaml": MENU,
    "dialogs/vay-von.yaml": VAY_VON,
    "content/facts/vay.yaml": FACTS,
    "content/messages/vay-von/lai.md": LAI,
    "content/plan.yaml": PLAN,
    "content/places/hanoi.yaml": PLACES,
}


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), encoding="utf-8")


def load(root: Path) -> Library:
    return load_library(root / "dialogs", root / "content", root / "locales")


def problems_with(root: Path, files: dict[str, str]) -> list[Problem]:
    """What is wrong with the sound pack once *files* are in it."""
    write(root, SOUND | files)
    with pytest.raises(LibraryError) as caught:
        load(root)
    return list(caught.value.problems)


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)
