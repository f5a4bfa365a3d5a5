"""The whole way round: what somebody typed in vain, sorted by an officer, is what the bot understands the next time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bot.engine.router import judge
from bot.engine.state import Library
from bot.library.examples import add_examples, examples_from, lesson_from, load_examples
from bot.library.learning.build import build_model
from bot.library.understanding import load_model, load_spellings
from tests.console.office import Console
from tests.console.reading import words
from tests.console.telling import file, lines
from tests.console.test_dialogs import VAY
from tests.console.test_missed import GIFT, live, sort

EXAMPLES = {
    "vay": ("mượn ít tiền mua bò", "mượn ít tiền mua dê", "cần vốn mở quán", "ngân hàng lấy lãi mấy phần"),
    "ngoai": ("mai trời mưa to không", "đội nào đá trận tối nay", "phim này mấy giờ chiếu", "giá vàng lên chưa"),
}


def learnt(content: Path, examples: Mapping[str, Sequence[str]] | None = None) -> Library:
    """The library that has learnt from *content*, where *examples* are written first."""
    for folder in ("examples", "understanding"):
        (content / folder).mkdir(exist_ok=True)
    for topic, said in (examples or {}).items():
        (content / f"examples/{topic}.txt").write_text("".join(f"{line}\n" for line in said), encoding="utf-8")
    (content / "understanding/model.json").write_bytes(build_model(content))
    return replace(VAY, spellings=load_spellings(content, []), model=load_model(content, []))


async def test_what_was_missed_and_sorted_is_understood_once_it_is_learnt(console: Console, tmp_path: Path) -> None:
    await live(console)
    console.library = learnt(tmp_path, EXAMPLES)
    assert judge(console.library, "quà tết").action != "enter"
    assert "Quà Tết?" in (await console.get("/missed")).text

    await sort(console, state="example", topic="vay")
    assert "chưa đúng, chờ học" in words((await console.get("/missed?state=example")).text)
    export = await file(console, "examples", "jsonl")
    lesson = lesson_from(examples_from(export), load_examples(tmp_path), VAY.dialogs)
    add_examples(tmp_path, lesson)

    console.library = learnt(tmp_path)
    assert lesson.added == {"vay": ["Quà Tết?"]}
    assert (judge(console.library, GIFT).topic, judge(console.library, GIFT).action) == ("vay", "enter")
    assert "bot đã học, hiểu đúng" in words((await console.get("/missed?state=example")).text)


async def test_what_the_bot_would_ask_back_stands_first_among_the_topics(console: Console, tmp_path: Path) -> None:
    await live(console)
    console.library = learnt(tmp_path, EXAMPLES | {
        "vay": (*EXAMPLES["vay"], "quà tết thì mượn tiền mua"), "hoi-y": ("quà tết cho ai", "đồng ý hay không"),
    })  # fmt: skip
    judged = judge(console.library, GIFT)
    assert (judged.action, set(judged.offered)) == ("offer", {"vay", "hoi-y"})
    page = (await console.get("/missed")).text
    titles = [console.library.dialogs[topic].title for topic in judged.offered]
    assert f"bot hỏi lại “{titles[0]}”, “{titles[1]}”" in words(page)
    assert f'<optgroup label="Bot đoán"><option value="{judged.offered[0]}">{titles[0]}</option>' in page
    guesses = {one["folded"]: one["guess"] for one in await lines(console, "missed", state="open")}
    assert guesses[GIFT] == " ".join(judged.offered)
