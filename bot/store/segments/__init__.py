"""Segments over the store: who is in one, who of them may be written to, and the saved ones."""

from bot.store.segments.audience import Recipient, count, page, sample
from bot.store.segments.breakdown import Breakdown, breakdown
from bot.store.segments.conditions import condition
from bot.store.segments.profiles import profile
from bot.store.segments.runs import with_runs
from bot.store.segments.saved import Saved, delete, every, find, rename, save

__all__ = [
    "Breakdown",
    "Recipient",
    "Saved",
    "breakdown",
    "condition",
    "count",
    "delete",
    "every",
    "find",
    "page",
    "profile",
    "rename",
    "sample",
    "save",
    "with_runs",
]
