"""What a consultation message may hold (A2): texts, attachments, buttons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.fakes.zalo.books import Button
from tests.fakes.zalo.refusals import Refusal, invalid
from tests.fakes.zalo.uploads import check_upload

if TYPE_CHECKING:
    from tests.fakes.zalo.app import FakeZalo

MAX_TEXT, MAX_BUTTONS, MAX_TITLE, MAX_QUERY, MAX_SMS = 2000, 5, 100, 1000, 160


def check_message(zalo: FakeZalo, message: Mapping[str, Any]) -> tuple[str, tuple[Button, ...]]:
    """What else *message* carries than text ("" or its kind), and its buttons. Raises Refusal where Zalo would."""
    _note_others(zalo, "message", message, {"text", "attachment", "quote_message_id"})
    text, attachment = message.get("text"), message.get("attachment")
    if text is not None and not isinstance(text, str):
        raise invalid("text")
    if text is not None and len(text) > MAX_TEXT:
        raise Refusal(zalo.long_text_code, "text is invalid!" if zalo.long_text_code == -201 else "")
    if attachment is None:
        if not text or not text.strip():
            raise invalid("text")
        return "", ()
    payload = attachment.get("payload") if isinstance(attachment, dict) else None
    if not isinstance(payload, dict):
        raise invalid("attachment")
    _note_others(zalo, "attachment", attachment, {"type", "payload"})
    if attachment.get("type") == "file":
        check_upload(zalo, payload.get("token"), "file", "token")
        return "file", ()
    if attachment.get("type") != "template":
        raise invalid("attachment.type")
    return _check_template(zalo, payload, text)


def _check_template(zalo: FakeZalo, payload: Mapping[str, Any], text: str | None) -> tuple[str, tuple[Button, ...]]:
    _note_others(zalo, "payload", payload, {"template_type", "elements", "buttons"})
    match payload.get("template_type"):
        case "media":
            return _check_media(zalo, _only_element(payload)), ()
        case "request_user_info":
            element = _only_element(payload)
            for name in ("title", "subtitle", "image_url"):
                if not element.get(name) or not isinstance(element[name], str):
                    raise invalid(name)
            _note_others(zalo, "elements", element, {"title", "subtitle", "image_url"})
            return "request_user_info", ()
        case None | "button" if "buttons" in payload:
            return "", _check_buttons(zalo, payload["buttons"], text)
        case _:  # lists among them: nobody knows whether v3 still takes these
            raise Refusal(-233)


def _only_element(payload: Mapping[str, Any]) -> dict[str, Any]:
    elements = payload.get("elements")
    if not isinstance(elements, list) or len(elements) != 1 or not isinstance(elements[0], dict):
        raise invalid("elements")
    return elements[0]


def _check_media(zalo: FakeZalo, element: Mapping[str, Any]) -> str:
    kind = element.get("media_type")
    if kind not in ("image", "gif", "sticker"):
        raise invalid("media_type")
    _note_others(zalo, "elements", element, {"media_type", "url", "attachment_id", "width", "height"})
    if ("url" in element) == ("attachment_id" in element):
        raise invalid("attachment_id")
    if "url" in element:
        _check_address(element["url"])
    elif kind == "sticker":
        if not isinstance(element["attachment_id"], str) or not element["attachment_id"]:
            raise invalid("attachment_id")
    else:
        check_upload(zalo, element["attachment_id"], str(kind), "attachment_id")
    if kind == "gif" and not all(isinstance(element.get(side), int) for side in ("width", "height")):
        raise invalid("width")
    return str(kind)


def _check_buttons(zalo: FakeZalo, buttons: Any, text: str | None) -> tuple[Button, ...]:
    if zalo.buttons != "accept":
        code = int(zalo.buttons)
        raise invalid("buttons") if code == -201 else Refusal(code)
    if not text or not text.strip():
        raise invalid("text")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= MAX_BUTTONS:
        raise invalid("buttons")
    return tuple(_check_button(zalo, button) for button in buttons)


def _check_button(zalo: FakeZalo, button: Any) -> Button:
    if not isinstance(button, dict):
        raise invalid("buttons")
    _note_others(zalo, "buttons", button, {"title", "type", "payload", "image_icon"})
    title, kind, payload = button.get("title"), button.get("type"), button.get("payload")
    if not isinstance(title, str) or not title.strip() or len(title) > MAX_TITLE:
        raise invalid("title")
    check = PAYLOADS.get(str(kind))
    if check is None:
        raise invalid("type")
    check(payload)
    return Button(title, str(kind), payload)


def _check_query(payload: Any) -> None:
    if not isinstance(payload, str) or not 1 <= len(payload) <= MAX_QUERY:
        raise invalid("payload")


def _check_link(payload: Any) -> None:
    if not isinstance(payload, dict):
        raise invalid("payload")
    _check_address(payload.get("url"))


def _check_sms(payload: Any) -> None:
    _check_phone(payload)
    if not isinstance(payload.get("content"), str) or len(payload["content"]) > MAX_SMS:
        raise invalid("content")


def _check_phone(payload: Any) -> None:
    if not isinstance(payload, dict) or not str(payload.get("phone_code", "")).isdecimal():
        raise invalid("phone_code")


PAYLOADS: Mapping[str, Callable[[Any], None]] = {
    "oa.open.url": _check_link,
    "oa.query.show": _check_query,
    "oa.query.hide": _check_query,
    "oa.open.sms": _check_sms,
    "oa.open.phone": _check_phone,
}


def _check_address(url: Any) -> None:
    parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise invalid("url")


def _note_others(zalo: FakeZalo, where: str, fields: Mapping[str, Any], known: set[str]) -> None:
    for name in fields.keys() - known:
        zalo.take(f"{where}.{name}")
