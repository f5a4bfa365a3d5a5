"""Markdown of a small kind as Telegram's HTML, in parts that each fit one message. Pure.

A part is a slice of the runs of bot/channels/layout.py, so that whatever the cut, every part has its tags closed and
its characters escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from markdown_it.token import Token

from bot.channels.layout import Run, runs_of, split

MAX_TEXT: Final = 4096
"""UTF-16 units of visible text. The Bot API says "characters"; its entities count UTF-16: the stricter reading."""

_TAGS: Final = {"strong_open": "b", "em_open": "i"}
_LINKS: Final = ("http://", "https://", "tg://")


def html_parts(markdown: str, limit: int = MAX_TEXT) -> list[str]:
    """*markdown* as HTML messages of at most *limit* visible UTF-16 units; empty if nothing would be seen."""
    return [html_of(part) for part in split(runs_of(markdown, tag_of), limit)]


def html_of(runs: Sequence[Run]) -> str:
    """The runs as HTML that Telegram reads."""
    return "".join(
        "".join(f"<{tag}>" for tag in run.tags)
        + escape(run.text, quote=False)
        + "".join(f"</{tag.partition(' ')[0]}>" for tag in reversed(run.tags))
        for run in runs
    )


def tag_of(token: Token) -> str:
    """The opening tag, or "" for a link of a kind that Telegram would not make one of."""
    if token.type != "link_open":
        return _TAGS[token.type]
    target = str(token.attrGet("href") or "")
    return f'a href="{escape(target)}"' if target.startswith(_LINKS) else ""
