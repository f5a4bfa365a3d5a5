"""How the Bot API answers and what it refuses: written from its documentation, apart from our encoder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from aiohttp import web

REFUSALS: dict[str, tuple[int, str]] = {
    "is_blocked": (403, "Forbidden: bot was blocked by the user"),
    "refuses": (400, "Bad Request: can't parse entities: unsupported start tag"),
    "conflicts": (409, "Conflict: terminated by other getUpdates request"),
}
PAGES = {"crashes": 502, "is_a_proxy": 403}
CARRIERS = {"sendPhoto": "photo", "sendDocument": "document"}
TAGS = {"b", "strong", "i", "em", "u", "s", "a", "code", "pre", "blockquote"}


@dataclass(frozen=True)
class Call:
    """One call as it arrived; `at` is the loop's time in seconds."""

    method: str
    fields: Mapping[str, Any]
    at: float

    @property
    def chat(self) -> int:
        return int(self.fields.get("chat_id", 0))


class Refusal(Exception):
    """An answer with ok=false."""

    def __init__(self, code: int, description: str, **parameters: float) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.open = "", list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS or {name for name, _ in attrs} - {"href"}:
            raise Refusal(400, f'Bad Request: can\'t parse entities: unsupported start tag "{tag}"')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise Refusal(400, f'Bad Request: can\'t parse entities: unmatched end tag "{tag}"')

    def handle_data(self, data: str) -> None:
        self.text += data


def visible(html: str) -> str:
    """What people see of *html*. Raises Refusal when it isn't well-formed."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    if reader.open:
        raise Refusal(400, "Bad Request: can't parse entities: can't find end tag")
    return reader.text


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def check_message(method: str, fields: dict[str, Any]) -> None:
    """Raise Refusal where Telegram would."""
    if method != "editMessageReplyMarkup":
        _check_text(fields)
    if isinstance(fields.get("reply_markup"), str):
        fields["reply_markup"] = json.loads(fields["reply_markup"])
    markup = fields.get("reply_markup") or {}
    if method != "sendMessage" and set(markup) - {"inline_keyboard"}:
        raise Refusal(400, "Bad Request: inline keyboard expected")
    for row in markup.get("inline_keyboard", []):
        for button in row:
            if not button["text"].strip():
                raise Refusal(400, "Bad Request: inline keyboard button text is empty")
            if not 1 <= len(button["callback_data"].encode()) <= 64:
                raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")


def take_media(method: str, fields: dict[str, Any], files: dict[str, bytes]) -> tuple[dict[str, Any], str]:
    """What is told of a picture or a document, uploaded or named by its id, and its caption. Raises Refusal."""
    name = CARRIERS[method]
    given, text = fields.get(name), fields.get("caption", "")
    if isinstance(fields.get("reply_markup"), str):
        fields["reply_markup"] = json.loads(fields["reply_markup"])
    if units(visible(text).strip()) > 1024:
        raise Refusal(400, "Bad Request: message caption is too long")
    if isinstance(given, bytes):
        if method == "sendPhoto" and not given.startswith((b"\xff\xd8\xff", b"\x89PNG")):
            raise Refusal(400, "Bad Request: IMAGE_PROCESS_FAILED")
        files[given_id := f"file-{len(files) + 1}"] = given
    elif given in files:
        given_id = str(given)
    else:
        raise Refusal(400, "Bad Request: wrong file identifier/HTTP URL specified")
    sizes = [{"file_id": f"{given_id}-small"}, {"file_id": given_id}]
    return ({"photo": sizes} if name == "photo" else {"document": sizes[-1]}), text


def _check_text(fields: dict[str, Any]) -> None:
    text = fields.get("text", "")
    shown = visible(text) if fields.get("parse_mode") == "HTML" else text
    if not shown.strip():
        raise Refusal(400, "Bad Request: message text is empty")
    if units(shown.strip()) > 4096:
        raise Refusal(400, "Bad Request: message is too long")


def refused(code: int, description: str, **parameters: float) -> web.Response:
    """An answer with ok=false."""
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    return web.json_response(body | ({"parameters": parameters} if parameters else {}), status=code)


def user_of(chat: int) -> dict[str, Any]:
    return {"id": chat, "is_bot": False, "first_name": "Bà", "last_name": "Con", "language_code": "vi"}


def message_of(chat: int, message_id: int) -> dict[str, Any]:
    person = {"id": chat, "type": "private", "first_name": "Bà"}
    return {"message_id": message_id, "date": 1_700_000_000, "chat": person, "from": user_of(chat)}


def with_markup(shown: dict[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """*shown* with the keyboard that *fields* bring."""
    return shown | {name: fields[name] for name in ("reply_markup",) if name in fields}


async def fields_of(request: web.Request) -> dict[str, Any]:
    """The parameters of a call, as JSON or as a form; files as their bytes."""
    if request.content_type == "application/json":
        return dict(await request.json())
    posted = (await request.post()).items()
    return {name: value.file.read() if isinstance(value, web.FileField) else str(value) for name, value in posted}
