"""Tables and words read off a page, as somebody would who looks at it."""

from __future__ import annotations

import re
from html import unescape

_TAG = re.compile(r"<[^>]+>")


def words(html: str) -> str:
    """What is to be read of a piece of a page."""
    return " ".join(unescape(_TAG.sub(" ", html)).split())


def tables(page: str) -> list[list[list[str]]]:
    """Every table of a page: rows of cells."""
    return [
        [[words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
         for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL)]
        for table in re.findall(r"<table>(.*?)</table>", page, re.DOTALL)
    ]  # fmt: skip


def table_with(page: str, heading: str) -> list[list[str]]:
    """The rows, without the heading, of the table whose first heading this is."""
    return next(rows[1:] for rows in tables(page) if rows and rows[0][0] == heading)
