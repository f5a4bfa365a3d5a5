"""Marks what the program says to those who run it, so that it is found for the translation catalogues."""

from __future__ import annotations


def _(text: str) -> str:
    """*text* in the operator's language: so far always Vietnamese, the source."""
    return text
