"""Segments: who a broadcast is for, as a query that officers write. One meaning here and in `bot.store.segments`."""

from bot.engine.segments.errors import SegmentError
from bot.engine.segments.matching import BroadcastGot, Happened, Profile, Verdict, explain, matches
from bot.engine.segments.model import Segment, is_everyone
from bot.engine.segments.names import Names, names_of
from bot.engine.segments.parsing import parse

__all__ = [
    "BroadcastGot",
    "Happened",
    "Names",
    "Profile",
    "Segment",
    "SegmentError",
    "Verdict",
    "explain",
    "is_everyone",
    "matches",
    "names_of",
    "parse",
]
