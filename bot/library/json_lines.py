"""Reads JSON Lines: one value a line, as the console gives them out."""

from __future__ import annotations

from typing import TypeVar

import msgspec

T = TypeVar("T")


def lines_from(data: bytes, kind: type[T]) -> list[T]:
    """The values in *data*, empty lines left out; ValueError names the first line that is no *kind*."""
    found = []
    for number, line in enumerate(data.splitlines(), 1):
        if line.strip():
            try:
                found.append(msgspec.json.decode(line, type=kind))
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise ValueError(f"{number}: {error}") from None
    return found
