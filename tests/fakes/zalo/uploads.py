"""Pictures and files handed to Zalo before they are sent; each is good for seven days."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import Message
from email.parser import BytesParser
from typing import TYPE_CHECKING, Any

from tests.fakes.zalo.books import Call
from tests.fakes.zalo.refusals import Refusal, invalid

if TYPE_CHECKING:
    from tests.fakes.zalo.app import FakeZalo

LIVES = timedelta(days=7)
MAGIC = {
    "image": (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"),
    "gif": (b"GIF87a", b"GIF89a"),
    "file": (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"),
}
"""How what may be uploaded begins; DOCX is a ZIP, DOC an OLE file."""
LARGEST = {"image": 1 << 20, "gif": 5 << 20, "file": 5 << 20}  # a gif's limit is not stated: as a file's


@dataclass(frozen=True)
class Upload:
    """One upload. `kind` is image, gif or file."""

    kind: str
    name: str
    size: int
    at: datetime


def upload(zalo: FakeZalo, call: Call) -> dict[str, Any]:
    """POST /v2.0/oa/upload/{image,gif,file}: the id by which a message names it."""
    kind = call.path.rpartition("/")[2]
    part = _file_of(call)
    content = part.get_payload(decode=True) if part is not None else None
    if part is None or not isinstance(content, bytes):
        raise invalid("file")
    name = part.get_filename() or ""
    if not content.startswith(MAGIC[kind]) and not (kind == "file" and name.lower().endswith(".csv")):
        raise invalid("file")
    if len(content) > LARGEST[kind]:
        raise Refusal(-210)
    token = secrets.token_urlsafe(24)
    zalo.uploads[token] = Upload(kind, name, len(content), zalo.clock())
    return {"token" if kind == "file" else "attachment_id": token}


def check_upload(zalo: FakeZalo, token: object, kind: str, field: str) -> None:
    """Raise Refusal where *token* names no upload of that kind, or one that is too old."""
    found = zalo.uploads.get(token) if isinstance(token, str) else None
    if found is None or found.kind != kind:
        raise invalid(field)
    if zalo.clock() > found.at + LIVES:
        raise Refusal(-100)


def _file_of(call: Call) -> Message | None:
    headers = {name.lower(): value for name, value in call.headers.items()}
    head = f"Content-Type: {headers.get('content-type', '')}\r\n\r\n".encode()
    message = BytesParser().parsebytes(head + call.body)
    if not message.is_multipart():
        return None
    for part in message.walk():
        if part.get_param("name", header="content-disposition") == "file":
            return part
    return None
