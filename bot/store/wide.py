"""Many rows in few statements, for SQLite's own driver.

`executemany` gives up the interpreter's lock and takes it back for every row, and each time the event loop's thread
may hold it for milliseconds: at 40 turns a batch that cost a fifth of all CPU. A statement of many rows pays once.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

WIDEST = 64
"""Most rows in a statement: 64 deliveries have 704 parameters, of the 32,766 that SQLite takes."""
MARK = (
    "UPDATE deliveries SET status = column1, attempts = column2, sent_at = column3, external_id = column4,"
    " error = column5 FROM (VALUES (?, ?, ?, ?, ?, ?)) AS mark WHERE deliveries.id = column6"
)
"""The statement "mark" of `bot.store.turns`, over a table of values: an UPDATE of many rows at once."""
_GROUP = re.compile(r"VALUES (\([?, ]+\))")


def write_many(connection: sqlite3.Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Execute *statement* for all *rows*: widths are powers of two, so that few texts serve every batch."""
    if _GROUP.search(statement) is None:
        connection.executemany(statement, rows)
        return
    start = 0
    while start < len(rows):
        width = min(WIDEST, 1 << (len(rows) - start).bit_length() - 1)
        connection.execute(_widened(statement, width), tuple(chain.from_iterable(rows[start : start + width])))
        start += width


@lru_cache(maxsize=256)
def _widened(statement: str, width: int) -> str:
    return _GROUP.sub(lambda group: "VALUES " + ", ".join([group[1]] * width), statement, count=1)
