"""One process that loads what understanding needs, judges all examples twice, and prints what that cost as JSON.

Time is that of the processor: what else runs on the machine is not ours.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from time import process_time_ns

from bot.engine.router import judge
from bot.engine.understanding.spelling import words_in
from bot.library.dangers import load_dangers
from bot.library.examples import load_examples
from bot.library.load import load_library
from bot.library.understanding import load_model, load_spellings
from tests.shipped import ROOT

CONTENT = ROOT / "content"


def main(core: int) -> None:
    """Load, judge, tell; all of it on *core*."""
    os.sched_setaffinity(0, {core})
    before = _resident()
    began = process_time_ns()
    kept = (load_spellings(CONTENT, []), load_model(CONTENT, []), load_dangers(CONTENT, []))
    load = process_time_ns() - began
    gc.collect()
    memory = _resident() - before
    began = process_time_ns()
    library = load_library(ROOT / "dialogs", CONTENT, ROOT / "locales")
    whole = process_time_ns() - began
    sentences = [line for lines in load_examples(CONTENT).values() for line in lines]
    first = _timed(lambda text: judge(library, text), sentences)
    again = _timed(lambda text: judge(library, text), sentences)
    words = _timed(lambda text: words_in(text, library.spellings), sentences)
    figures = {"sentences": len(sentences), "load_ms": load / 1e6, "library_ms": whole / 1e6, "memory_mib": memory}
    for name, spent in (("judge_first", first), ("judge", again), ("words", words)):
        figures |= {f"{name}_mean": mean(spent), f"{name}_p99": sorted(spent)[int(0.99 * len(spent))]}
    print(json.dumps(figures))
    assert kept


def _timed(work: Callable[[str], object], sentences: Sequence[str]) -> list[float]:
    """What each of *sentences* took, in microseconds."""
    spent = []
    for text in sentences:
        began = process_time_ns()
        work(text)
        spent.append((process_time_ns() - began) / 1e3)
    return spent


def _resident() -> float:
    """MiB of memory that this process holds now (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


if __name__ == "__main__":
    main(int(sys.argv[1]))
