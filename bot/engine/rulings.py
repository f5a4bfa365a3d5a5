"""What officers ruled about facts, laid over what the files say: a later check, or a fact that must not be said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import blake2b

from bot.engine.content import Fact
from bot.engine.state import Library


@dataclass(frozen=True, slots=True)
class Check:
    """Somebody found on the day `checked` that a fact stands; it is to be looked at again after `review`.

    `digest` is that of what the fact said then: the check is worth nothing once that was edited.
    """

    digest: str
    checked: date
    review: date


@dataclass(frozen=True, slots=True)
class Rulings:
    """Checks, and reasons why facts are withheld, by the facts' ids."""

    checks: Mapping[str, Check] = field(default_factory=dict)
    withheld: Mapping[str, str] = field(default_factory=dict)


def digest_of(fact: Fact) -> str:
    """16 hex digits that change when anything does that *fact* states, or what it rests on: not with its check."""
    filed = as_filed(fact)
    said = [
        [
            version.since.isoformat(), version.until and version.until.isoformat(), version.state, version.law,
            version.article, {key: [value.raw, value.unit] for key, value in version.values.items()},
        ]
        for version in filed.versions
    ]  # fmt: skip
    text = json.dumps([filed.about, said], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode(), digest_size=8).hexdigest()


def as_filed(fact: Fact) -> Fact:
    """*fact* as its file has it, whatever was ruled."""
    return fact.filed or fact


def is_worth(check: Check, fact: Fact) -> bool:
    """Whether *check* still says something: the fact wasn't edited, and its file has no later check of its own."""
    filed = as_filed(fact)
    return check.digest == digest_of(filed) and check.checked >= filed.checked


def ruled(library: Library, rulings: Rulings) -> Library:
    """*library* with *rulings* in force: another value, as a library is known by its identity."""
    facts = {name: _ruled(as_filed(fact), rulings) for name, fact in library.facts.items()}
    return replace(library, facts=facts)


def _ruled(filed: Fact, rulings: Rulings) -> Fact:
    fact, check = filed, rulings.checks.get(filed.id)
    if check is not None and is_worth(check, filed):
        fact = replace(fact, checked=check.checked, review=check.review, filed=filed)
    if filed.id in rulings.withheld:
        silent = tuple(replace(version, state="withhold") for version in fact.versions)
        fact = replace(fact, versions=silent, filed=filed)
    return fact
