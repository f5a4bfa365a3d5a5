"""What people type every day is no cry for help: where they live, words that work everywhere, thanks and greetings."""

from __future__ import annotations

import pytest

from bot.engine.understanding.danger import danger_in
from bot.library.learning.sentences import without_marks
from tests.shipped import shipped

CRIES = ("help", "officer")
"""Commands whose words somebody in danger may use as well."""


def alarming(*texts: str) -> list[str]:
    """Those of *texts* that are taken for danger, as they stand or without diacritics."""
    return [typed for text in texts for typed in (text, without_marks(text)) if danger_in(shipped(), typed) is not None]


@pytest.mark.parametrize("frame", ["{}", "tôi ở {}", "nhà em ở {} ạ"])
def test_where_somebody_lives_is_no_danger(frame: str) -> None:
    communes = shipped().communes.values()
    names = {name for one in communes for name in (one.name, *one.old_communes, *one.old_districts)}
    assert alarming(*(frame.format(name) for name in sorted(names))) == []


def test_words_that_work_everywhere_are_no_danger() -> None:
    words = [word for name, spellings in shipped().commands.items() if name not in CRIES for word in spellings]
    assert alarming(*words) == []
