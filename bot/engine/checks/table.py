"""All checks, and running them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from bot.engine.checks.audience import check_audience
from bot.engine.checks.claims import check_lapses, check_literals, check_reviews, check_sources, check_templates
from bot.engine.checks.connecting import check_connecting, check_numbers
from bot.engine.checks.coverage import check_plan, check_unused
from bot.engine.checks.finding import Finding, place_of
from bot.engine.checks.holidays import check_holidays
from bot.engine.checks.loops import check_loops
from bot.engine.checks.options import check_lengths, check_reserved, check_siblings
from bot.engine.checks.paths import check_dead_ends, check_unreachable, check_way_home
from bot.engine.checks.reading import check_abbreviations, check_reading
from bot.engine.checks.subject import Subject
from bot.engine.checks.turns import check_turns
from bot.engine.checks.vocabulary import check_phrases, check_translations, check_words
from bot.engine.state import Library

CHECKS: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    check_unreachable, check_dead_ends, check_way_home, check_loops, check_audience,
    check_lapses, check_reviews, check_sources, check_literals, check_templates, check_connecting, check_numbers,
    check_siblings, check_lengths, check_reserved, check_reading, check_turns,
    check_abbreviations, check_words, check_phrases, check_translations, check_plan, check_unused, check_holidays,
)  # fmt: skip


def check_library(library: Library, today: date) -> list[Finding]:
    """Every finding of every check on *today*, by place."""
    subject = subject_of(library, today)
    return sorted((finding for check in CHECKS for finding in check(subject)), key=place_of)


def subject_of(library: Library, today: date) -> Subject:
    """What the checks look at."""
    return Subject(library, today)
