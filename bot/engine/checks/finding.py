"""What the linter says: a place, the rule it breaks, what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is checked. `about` is for developers; `what` and `remedy` are the Vietnamese templates that
    staff read, with `{names}` filled from the finding."""

    id: str
    about: str
    what: str
    remedy: str
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault at `path:line`. `what` and `remedy` are templates: they are translated before `values` fill them."""

    path: str
    line: int
    rule: str
    what: str
    remedy: str
    severity: Severity = "error"
    values: Mapping[str, str] = field(default_factory=dict)

    def shown(self, translate: Callable[[str], str]) -> str:
        """The finding as one line: `dialogs/vay-von.yaml:23: <what> (<rule>). <remedy>`."""
        return f"{self.path}:{self.line}: {self.told(translate)}"

    def told(self, translate: Callable[[str], str]) -> str:
        """The finding without its place, for a list grouped by file."""
        return f"{self.filled(translate(self.what))} ({self.rule}). {self.filled(translate(self.remedy))}"

    def filled(self, template: str) -> str:
        """*template* with the finding's values in it; plain replacement, for values may hold braces themselves."""
        for name, value in self.values.items():
            template = template.replace("{" + name + "}", value)
        return template


def place_of(finding: Finding) -> tuple[str, int, str, str]:
    """The order in which findings are listed."""
    return finding.path, finding.line, finding.rule, str(sorted(finding.values.items()))
