"""Files made for officers: in the background, one page of rows after another, kept for a day for who asked for them."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.services.broadcasting.rights import Refused
from bot.services.exporting.formats import FORMATS, HANOI, TooManyRows
from bot.services.exporting.table import Report
from bot.speech import _
from bot.store import audit

log = structlog.get_logger()
KEPT = timedelta(days=1)
"""How long a file is there: it is a copy of people's data, and can be made again."""
AT_ONCE = 2
"""Files being made for one officer at a time."""
LOOK = 0.5
"""Seconds between two looks at a file that is being made."""
KEY = re.compile(r"[A-Za-z0-9_-]{16,40}")

State = Literal["making", "done", "failed"]


@dataclass(slots=True)
class Job:
    """One file. *done* is the share of the work behind us, *told* why it failed. `name` is what browsers save it as."""

    key: str
    owner: str
    name: str
    format: str
    at: datetime
    state: State = "making"
    rows: int = 0
    done: float = 0.0
    told: str = ""


class Exports:
    """Makes files in *folder*. Only in the process that makes a file is its progress known; a finished one is found
    by every process that shares the folder, and after a restart."""

    def __init__(self, database: AsyncEngine, now: Callable[[], datetime], folder: Path) -> None:
        self._database, self._now, self._folder = database, now, folder
        self._jobs: dict[str, Job] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def begin(self, report: Report, *, format: str, by: str) -> Job:
        """Start making a file of *report* for the officer *by*. Raises `Refused`."""
        if format not in FORMATS:
            raise Refused(_("Không có kiểu tệp “{format}”: chọn CSV, Excel hoặc JSONL.").format(format=format))
        if sum(job.owner == by and job.state == "making" for job in self._jobs.values()) >= AT_ONCE:
            raise Refused(_("Đang có {count} tệp được làm cho bạn: đợi xong rồi làm tiếp.").format(count=AT_ONCE))
        await asyncio.to_thread(self._sweep)
        at = self._now()
        name = f"vuonlen-{report.name}-{at.astimezone(HANOI):%Y-%m-%d-%H%M}.{format}"
        job = Job(secrets.token_urlsafe(16), by, name, format, at)
        self._jobs[job.key] = job
        self._tasks[job.key] = asyncio.create_task(self._make(job, report))
        return job

    async def wait(self, job: Job, seconds: float) -> None:
        """Give a short file the time to be ready."""
        task = self._tasks.get(job.key)
        if task is not None:
            await asyncio.wait((task,), timeout=seconds)

    async def follow(self, job: Job) -> AsyncIterator[Job]:
        """The job again and again, until it has ended."""
        yield job
        while job.state == "making":
            await self.wait(job, LOOK)
            yield job

    async def find(self, key: str, by: str) -> Job | None:
        """The job, if it is *by*'s own and not too old."""
        job = self._jobs.get(key)
        if job is None and KEY.fullmatch(key):
            job = await asyncio.to_thread(_read, self._folder / f"{key}.json")
        return job if job is not None and job.owner == by and self._now() - job.at < KEPT else None

    def path(self, job: Job) -> Path:
        """Where the file of a finished job is."""
        return self._folder / f"{job.key}.{job.format}"

    async def close(self, _app: object = None) -> None:
        """Leave what is being made: whoever wants it asks again."""
        for task in list(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _make(self, job: Job, report: Report) -> None:
        part = self._folder / f"{job.key}.part"
        try:
            await self._write(job, report, part)
            await self._publish(job, report, part)
            job.state = "done"
        except TooManyRows as refusal:
            job.state, job.told = "failed", str(refusal)
        except Exception:  # whatever broke it: the page says so, and the log keeps why
            log.exception("an export broke", kind=report.name)
            job.state, job.told = "failed", _("Tệp bị lỗi giữa chừng; lỗi đã được ghi lại. Thử lại sau.")
        finally:
            self._tasks.pop(job.key, None)
            with suppress(OSError):
                part.unlink(missing_ok=True)

    async def _write(self, job: Job, report: Report, part: Path) -> None:
        """Files are written by a thread: a disk or a large workbook must not keep people waiting for answers."""
        await asyncio.to_thread(self._folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        file = await asyncio.to_thread(FORMATS[job.format], part, report.columns)
        try:
            async for batch in report.batches:
                await asyncio.to_thread(file.write, batch.rows)
                job.rows += len(batch.rows)
                job.done = batch.done
        finally:
            await asyncio.to_thread(file.close)

    async def _publish(self, job: Job, report: Report, part: Path) -> None:
        """Into the audit log first: no file can be fetched that it doesn't know of."""
        detail = {"format": job.format, "rows": job.rows, "asked": report.asked, "file": job.name}
        async with self._database.begin() as db:
            await audit.record(
                db, at=self._now(), actor=job.owner, action=f"export.{report.name}", subject=f"export:{job.key}",
                detail=detail,
            )  # fmt: skip
        kept = {"key": job.key, "owner": job.owner, "name": job.name, "format": job.format, "rows": job.rows}
        note = json.dumps({**kept, "at": job.at.isoformat()})
        await asyncio.to_thread(_settle, part, self.path(job), note)

    def _sweep(self) -> None:
        """Take away what is older than a day, and what a killed process left half made."""
        oldest = (self._now() - KEPT).timestamp()
        for key, job in list(self._jobs.items()):
            if job.at.timestamp() < oldest:
                del self._jobs[key]
        paths = sorted(self._folder.glob("*.*")) if self._folder.is_dir() else []
        notes = {path.stem: _read(path) for path in paths if path.suffix == ".json"}
        for path in paths:
            with suppress(OSError):
                note = notes.get(path.stem)
                made = note.at.timestamp() if note is not None else path.stat().st_mtime
                if made < oldest:
                    path.unlink()


def _settle(part: Path, path: Path, note: str) -> None:
    part.chmod(0o600)
    part.rename(path)
    path.with_suffix(".json").write_text(note)


def _read(note: Path) -> Job | None:
    """A finished job as its note tells it; None where there is none, or no readable one."""
    try:
        kept = json.loads(note.read_text())
        return Job(**{**kept, "at": datetime.fromisoformat(kept["at"])}, state="done", done=1.0)
    except (OSError, ValueError, TypeError, KeyError):
        return None
