"""Reads the pictures and files of `content/media/`, which messages may carry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

from msgspec.structs import replace

from bot.library.source import Problem, Source, nearest, source_of
from bot.library.table import Table
from bot.messages import Media

FOLDER: Final = "media"
NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\.[a-z]+")
"""What a file may be called: it stands in addresses, and some platforms show it."""
DIGITS: Final = 32
MAX_SIDES: Final = 10_000
MAX_RATIO: Final = 20
"""Pixels of width and height together, and how many times one may be the other: Telegram's limits for pictures."""


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: how it begins, and how many bytes it may have."""

    kind: Literal["image", "file"]
    start: bytes
    most: int


_IMAGE, _FILE = 1 << 20, 5 << 20  # what Zalo takes at most; Telegram and browsers take more
FORMATS: Final[Mapping[str, Format]] = {
    ".jpg": Format("image", b"\xff\xd8\xff", _IMAGE),
    ".png": Format("image", b"\x89PNG\r\n\x1a\n", _IMAGE),
    ".pdf": Format("file", b"%PDF", _FILE),
    ".docx": Format("file", b"PK\x03\x04", _FILE),
}
"""What every platform takes, by the end of its name."""


def load_media(content: Path, problems: list[Problem]) -> dict[str, Media]:
    """Everything in `media/` by its name; what it shows is said by the messages that carry it."""
    found: dict[str, Media] = {}
    for path in sorted((content / FOLDER).glob("*")):
        if path.name.startswith("."):
            continue
        media = _media_at(path, source_of(path, content, problems))
        if media is not None:
            found[path.name] = media
    return found


def media_from(table: Table, known: Mapping[str, Media]) -> Media | None:
    """What the message in *table* carries: `media:` with `file`, the name, and `says`, what it shows; None without."""
    entry = table.table("media")
    if entry is None:
        return None
    name, says = entry.text("file"), entry.text("says")
    entry.finish()
    if name and name not in known:
        entry.note("file", f"không có tệp '{name}' trong {FOLDER}/", nearest(name, known) or f"Đặt tệp vào {FOLDER}/.")
    return replace(known[name], says=says) if name in known else None


class MediaFiles:
    """The bytes of what messages carry, in the `media` folder of *content*."""

    def __init__(self, content: Path) -> None:
        self._folder = content / FOLDER

    def read(self, ref: str) -> bytes:
        """The bytes of `Media.ref`. LookupError: that file isn't there, or is another one by now."""
        digest, _, name = ref.partition("/")
        path = self._folder / name
        if not NAME.fullmatch(name) or path.suffix not in FORMATS or not path.is_file():
            raise LookupError(ref)
        content = path.read_bytes()
        if digest != _digest(content):
            raise LookupError(ref)
        return content


def _media_at(path: Path, source: Source) -> Media | None:
    """The picture or file at *path*; None, and noted, when no platform would take it."""
    known = FORMATS.get(path.suffix)
    if known is None or not NAME.fullmatch(path.name):
        ends = ", ".join(FORMATS)
        source.note(1, "tên tệp không dùng được", f"Chỉ chữ thường không dấu, số và gạch nối, tận cùng là {ends}.")
        return None
    content = path.read_bytes()
    if not content.startswith(known.start):
        source.note(1, f"tệp này không phải là {path.suffix}", "Lưu lại đúng loại tệp.")
        return None
    if len(content) > known.most:
        source.note(1, f"tệp nặng {len(content) >> 10} KB, nhiều nhất {known.most >> 10} KB", "Thu nhỏ tệp.")
        return None
    sides = _sides_of(content) if known.kind == "image" else (0, 0)
    if known.kind == "image" and not _fits(sides):
        source.note(1, f"ảnh {sides[0]}×{sides[1]} điểm không gửi được", f"Rộng và cao cộng lại dưới {MAX_SIDES} điểm.")
        return None
    return Media(path.name, _digest(content), known.kind, "", *sides)


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:DIGITS]


def _fits(sides: tuple[int, int]) -> bool:
    least, most = sorted(sides)
    return least > 0 and sum(sides) <= MAX_SIDES and most <= MAX_RATIO * least


def _sides_of(content: bytes) -> tuple[int, int]:
    """Width and height in pixels; (0, 0) when they can't be read."""
    if content.startswith(FORMATS[".png"].start):  # the IHDR chunk is the first
        return int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:  # a JPEG's segments: marker, length, body
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # a frame header
            return int.from_bytes(content[at + 7 : at + 9]), int.from_bytes(content[at + 5 : at + 7])
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    return 0, 0
