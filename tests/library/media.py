"""Pictures and files as small as they can be, for the tests."""

from __future__ import annotations

import struct
import zlib

PDF = b"%PDF-1.4\n%%EOF\n"


def png(width: int = 2, height: int = 1, more: bytes = b"") -> bytes:
    """A real picture of one colour; *more* makes another file of it."""
    rows = b"".join(b"\0" + b"\x20\x80\x40" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks) + more


def jpeg(width: int, height: int) -> bytes:
    """The head of a JPEG, as far as its size is told."""
    application = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9)
    frame = b"\xff\xc2" + struct.pack(">HBHHB", 17, 8, height, width, 3) + bytes(9)
    return b"\xff\xd8" + application + frame + b"\xff\xd9"


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
