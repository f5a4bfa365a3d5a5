"""The requirements files: everything pyproject asks for, every line pinned and hashed, no package index named."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def _name_of(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement)[0]).lower()


def _asked_for(file: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    dev = project["dependency-groups"]["dev"] if file == "requirements-dev.txt" else []
    return {_name_of(requirement) for requirement in [*project["project"]["dependencies"], *dev]}


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_agree_with_the_project(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    entries = [entry for entry in re.split(r"\n(?=\S)", text.replace(" \\\n", " ")) if not entry.startswith("#")]
    for entry in entries:
        assert re.match(r"[\w.\[\],-]+==[\w.+!]+( ; [^\n]+?)?\s+--hash=sha256:[0-9a-f]{64}", entry), entry[:80]
    assert _asked_for(file) <= {_name_of(entry) for entry in entries}
    assert "://" not in text
    assert "-index-url" not in text
    assert "-find-links" not in text


def test_the_checks_begin_with_the_command_of_the_readme() -> None:
    first_screen = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## ")[0]
    commands = re.findall(r"^python3 .*$", first_screen, re.MULTILINE)
    run, test = commands
    assert run.endswith("pip install -r requirements.txt && .venv/bin/python -m bot run")
    assert test.endswith("pip install -r requirements-dev.txt && .venv/bin/python -m pytest")
    steps = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert test in steps


def test_what_runs_is_what_is_tested() -> None:
    run, dev = (
        dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE))
        for file in ("requirements.txt", "requirements-dev.txt")
    )
    assert run.items() <= dev.items()
