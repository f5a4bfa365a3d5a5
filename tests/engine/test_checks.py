"""One seeded fault per rule under tests/fixtures/checks/<rule>: found at its file and line, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.engine.checks.coverage import plan_coverage
from bot.engine.checks.options import LIMITS
from bot.engine.checks.rules import RULES
from bot.engine.checks.table import check_library
from bot.engine.model import AskChoice, Item
from bot.engine.state import Library
from bot.engine.step import PHRASES
from bot.library.load import LibraryError, load_library

FIXTURES = Path(__file__).parents[1] / "fixtures" / "checks"
TODAY = date(2026, 11, 23)
MENU, LAI, DAI = "dialogs/menu.yaml", "content/messages/vay/lai.md", "content/messages/vay/dai.md"

SEEDED: dict[str, list[tuple[str, int]]] = {
    "unreachable-node": [(MENU, 8)],
    "unreachable-dialog": [("dialogs/lac.yaml", 1)],
    "dead-end": [(MENU, 8)],
    "far-from-menu": [("dialogs/hoi-dai.yaml", 5)],
    "loop-without-wait": [(MENU, 10)],
    "missing-translation": [(MENU, 4)],
    "expired-claim": [(LAI, 5)],
    "withheld-claim": [(LAI, 5)],
    "overdue-claim": [(LAI, 5)],
    "soon-overdue-claim": [("content/facts/vay.yaml", 1)],
    "unsourced-claim": [("content/facts/vay.yaml", 1), ("content/messages/vay/so.md", 5)],
    "literal-value": [(LAI, 6)],
    "template-literal": [("content/templates/zalo.yaml", 1)],
    "claim-in-dialog": [(MENU, 7), (MENU, 10), (MENU, 16)],
    "unasked-number": [(MENU, 5)],
    "sibling-fold": [(MENU, 8)],
    "label-length": [(MENU, 8)],
    "callback-length": [(MENU, 7)],
    "reserved-label": [(MENU, 7)],
    "silent-audience": [(MENU, 9)],
    "long-sentence": [(DAI, 6)],
    "long-average": [(DAI, 5)],
    "many-sentences": [(DAI, 5)],
    "long-text": [(DAI, 5)],
    "long-turn": [(MENU, 4)],
    "abbreviation": [("content/messages/vay/tat.md", 6)],
    "plan-coverage": [("content/plan.yaml", 9)],
    "unused-message": [("content/messages/vay/hai.md", 5)],
    "unused-fact": [("content/facts/vay.yaml", 1)],
    "unsettled-holiday": [("content/holidays.yaml", 2)],
    "holidays-end": [("content/holidays.yaml", 2)],
    "words-clash": [("dialogs/vay-von.yaml", 3), ("dialogs/viec-lam.yaml", 3)],
    "missing-phrase": [("dialogs/phrases.yaml", 1)],
}


def seeded(rule: str) -> Library:
    """The library with the fault of *rule*, and none of the phrases missing that it doesn't miss on purpose."""
    folder = FIXTURES / rule
    library = load_library(folder / "dialogs", folder / "content", folder / "locales")
    missing = "failed" if rule == "missing-phrase" else ""
    phrases = {key: library.phrases.get(key) or "—" for key in PHRASES if key != missing}
    library = replace(library, phrases=phrases)
    return with_long_tokens(library) if rule == "callback-length" else library


def with_long_tokens(library: Library) -> Library:
    """Tokens are short hashes: no file can make one too long, only a change of our own code."""
    dialog = library.dialogs["menu"]
    asking = dialog.nodes["hoi"]
    assert isinstance(asking, AskChoice)
    options = tuple(replace(option, token="x" * 56) for option in asking.options)
    nodes = {**dialog.nodes, "hoi": replace(asking, options=options)}
    return replace(library, dialogs={"menu": replace(dialog, nodes=nodes)})


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_finds_its_seeded_fault_where_it_stands(rule: str) -> None:
    assert rule in SEEDED, f"no seeded fault shows what {rule} finds: add tests/fixtures/checks/{rule}"
    findings = check_library(seeded(rule), TODAY)
    assert [(finding.rule, finding.path, finding.line) for finding in findings] == [
        (rule, path, line) for path, line in SEEDED[rule]
    ]
    assert not any("{" in part for finding in findings for part in (finding.filled(finding.what),))


def test_no_fixture_is_left_over() -> None:
    loaded_away = {"unknown-target"}
    assert {folder.name for folder in FIXTURES.iterdir()} == {*SEEDED, *loaded_away}


def test_an_unknown_target_is_refused_where_it_stands() -> None:
    with pytest.raises(LibraryError) as caught:
        seeded("unknown-target")
    assert [(problem.path, problem.line) for problem in caught.value.problems] == [(MENU, 7)]


@pytest.mark.parametrize(
    ("today", "rules"),
    [
        (date(2026, 6, 30), []),
        (date(2026, 7, 1), ["expired-claim"]),
    ],
)
def test_a_claim_expires_on_its_day(today: date, rules: list[str]) -> None:
    assert [finding.rule for finding in check_library(seeded("expired-claim"), today)] == rules


@pytest.mark.parametrize(
    ("rule", "today", "rules"),
    [
        ("unsettled-holiday", date(2026, 11, 1), []),
        ("unsettled-holiday", date(2026, 11, 2), ["unsettled-holiday"]),
        ("unsettled-holiday", date(2027, 1, 1), ["unsettled-holiday"]),
        ("unsettled-holiday", date(2027, 1, 2), []),
        ("holidays-end", date(2026, 11, 1), []),
        ("holidays-end", date(2026, 11, 2), ["holidays-end"]),
    ],
)
def test_a_holiday_is_asked_about_when_it_is_near(rule: str, today: date, rules: list[str]) -> None:
    assert [finding.rule for finding in check_library(seeded(rule), today)] == rules


def test_a_translation_may_be_the_same_as_its_source_if_the_catalogue_says_so() -> None:
    assert check_library(replace(seeded("missing-translation"), is_translated=lambda language, text: True), TODAY) == []


def test_a_finding_reads_as_one_line_in_any_language() -> None:
    [finding] = check_library(seeded("unreachable-node"), TODAY)
    english = {finding.what: "no way leads to node '{node}'", finding.remedy: "Lead somewhere to {node}."}
    shown = finding.shown(lambda text: english[text])
    assert shown == f"{MENU}:8: no way leads to node 'lac' (unreachable-node). Lead somewhere to lac."


def test_a_heading_of_the_plan_is_carried_by_what_carries_its_parts() -> None:
    assert plan_coverage(seeded("plan-coverage")) == {"I.1": ("menu",), "I.1.a": ("menu",), "I.1.b": ()}


def test_tokens_fit_the_channel_with_the_least_room() -> None:
    assert min(limits.token for limits in LIMITS if limits.token) == 55


@pytest.mark.parametrize(("second", "rules"), [("khac", []), ("ngheo", ["long-turn"])])
def test_what_different_households_hear_at_one_go_is_not_added_up(second: str, rules: list[str]) -> None:
    library = seeded("long-turn")
    long, nodes = library.messages["vay.dai"], library.dialogs["menu"].nodes
    messages = {
        f"vay.{who}.{n}": replace(long, id=f"vay.{who}.{n}", body=f"{long.body}\n{long.body}", audience=(who,))
        for n, who in enumerate(("ngheo", second))
    }
    first = replace(nodes["mo-dau"], say=tuple(Item(name) for name in messages))
    dialogs = {"menu": replace(library.dialogs["menu"], nodes={"mo-dau": first, "giua": nodes["het"]})}
    library = replace(library, dialogs=dialogs, messages=messages)
    assert [one.rule for one in check_library(library, TODAY) if one.rule == "long-turn"] == rules
