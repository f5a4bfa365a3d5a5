"""What the program says to those who run it: marked for the translation catalogues, and said in their language.

The language is that of whoever asks: the console sets it for each request; everything else speaks Vietnamese.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_translate: ContextVar[Callable[[str], str] | None] = ContextVar("translate", default=None)


def _(text: str) -> str:
    """*text* in the operator's language. At import time that is Vietnamese: `_` it again when it is shown."""
    translate = _translate.get()
    return text if translate is None else translate(text)


@contextmanager
def speaking(translate: Callable[[str], str]) -> Iterator[None]:
    """Within, also in what is called and awaited, `_` says things as *translate* does."""
    token = _translate.set(translate)
    try:
        yield
    finally:
        _translate.reset(token)
