"""What understanding a sentence costs: time, loading, memory, and the size of the model."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from msgspec import Struct

from tests.bench import machine
from tests.bench.report import Report
from tests.shipped import ROOT

MODELS = {"model_bytes": "model.json", "danger_bytes": "danger.json"}
FOLDER = ROOT / "content/understanding"
MOST_MICROSECONDS, MOST_LOADING, MOST_BYTES = 1000, 300, 1_000_000
"""What may be: a sentence in under 1 ms, the router loaded in under 300 ms, a model under 1 MB."""

CROWD = 2
"""How many times as long all may take where others share caches and cores: in the suite it took 1.5 times as long."""


class Options(Struct, frozen=True):
    """How many fresh processes; the figures told are the middle ones of them. *crowded*: not alone on the machine."""

    processes: int = 5
    crowded: bool = False


def measure(options: Options, report: Report) -> int:
    """Measure and tell; the exit status: 1 when something costs more than it may."""
    found: list[Mapping[str, Any]] = []
    core = machine.cores().bot
    with report.progress("processes", options.processes) as progress:
        for _ in range(options.processes):
            found.append(_alone(core))
            progress.advance(progress.task_ids[0])
    figures = {name: median(one[name] for one in found) for name in found[0]}
    figures |= {name: (FOLDER / file).stat().st_size for name, file in MODELS.items()}
    report.table("Understanding one sentence, µs", ("", "mean", "p99"), _times(figures))
    report.line(
        f"{figures['sentences']:.0f} sentences · loaded in {figures['load_ms']:.1f} ms"
        f" (the whole library in {figures['library_ms']:.0f} ms) · {figures['memory_mib']:.1f} MiB"
        f" · topics {figures['model_bytes'] / 1e6:.2f} MB, danger {figures['danger_bytes'] / 1e6:.2f} MB"
    )
    problems = _problems(figures, CROWD if options.crowded else 1)
    for problem in problems:
        report.line(problem)
    report.finish(f"on core {core}", figures=figures, problems=problems)
    return 1 if problems else 0


def _alone(core: int) -> Mapping[str, Any]:
    """The figures of one process that does nothing else."""
    command = [sys.executable, "-m", "tests.bench.understanding_alone", str(core)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    figures: Mapping[str, Any] = json.loads(done.stdout)
    return figures


def _times(figures: Mapping[str, Any]) -> Sequence[Sequence[object]]:
    return [
        ("judged, each sentence for the first time", figures["judge_first_mean"], figures["judge_first_p99"]),
        ("judged, its words seen before", figures["judge_mean"], figures["judge_p99"]),
        ("of that, words_in", figures["words_mean"], figures["words_p99"]),
    ]


def _problems(figures: Mapping[str, Any], crowd: int) -> list[str]:
    times = {"judge_first_mean": MOST_MICROSECONDS * crowd, "load_ms": MOST_LOADING * crowd}
    limits = {**times, **dict.fromkeys(MODELS, MOST_BYTES)}
    return [f"{name} is {figures[name]:.0f}, over {most}" for name, most in limits.items() if figures[name] > most]
