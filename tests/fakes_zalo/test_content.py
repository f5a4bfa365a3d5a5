"""What a consultation message may hold."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import aiohttp
import pytest

from tests.fakes.zalo import FakeZalo
from tests.fakes_zalo.conftest import UID, Caller

PNG, PDF = b"\x89PNG\r\n\x1a\n" + bytes(100), b"%PDF-1.7 " + bytes(100)


@pytest.fixture(autouse=True)
async def _open(zalo: FakeZalo) -> None:
    await zalo.user(UID).write("xin chào")


def template(**payload: object) -> dict[str, object]:
    return {"attachment": {"type": "template", "payload": payload}}


def media(**element: object) -> dict[str, object]:
    return template(template_type="media", elements=[element])


def query(title: str = "Vay vốn", payload: object = "#3.vay") -> dict[str, object]:
    return {"title": title, "type": "oa.query.hide", "payload": payload}


def buttons(*each: object, **more: object) -> dict[str, object]:
    return {"text": "Chọn mục", **template(buttons=list(each), **more)}


async def upload(app: Caller, kind: str, content: bytes, name: str) -> Any:
    form = aiohttp.FormData()
    form.add_field("file", BytesIO(content), filename=name)
    url = f"{app.zalo.url}/v2.0/oa/upload/{kind}"
    async with app.client.post(url, data=form, headers=app.headers) as got:
        return await got.json(content_type=None)


@pytest.mark.parametrize(
    ("text", "error"), [("a" * 2000, 0), ("đ" * 2000, 0), ("a" * 2001, -210), ("", -201), (" \n", -201), (5, -201)]
)
async def test_a_text_has_up_to_2000_code_points(app: Caller, text: object, error: int) -> None:
    assert (await app.send({"text": text}))["error"] == error


async def test_the_code_for_a_long_text_can_be_the_other_one(zalo: FakeZalo, app: Caller) -> None:
    zalo.long_text_code = -201
    assert await app.say("a" * 2001) == {"error": -201, "message": "text is invalid!"}


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ({"text": "ảnh", **media(media_type="image", url="https://hanoi.example/a.jpg")}, 0),
        (media(media_type="image", url="ftp://hanoi.example/a.jpg"), -201),
        (media(media_type="image"), -201),
        (media(media_type="image", url="https://hanoi.example/a.jpg", attachment_id="a"), -201),
        (media(media_type="image", attachment_id="never uploaded"), -201),
        (media(media_type="gif", url="https://hanoi.example/a.gif"), -201),
        (media(media_type="gif", url="https://hanoi.example/a.gif", width=9, height=9), 0),
        (media(media_type="sticker", attachment_id="bfe458bf64fa8da4d4eb"), 0),
        (media(media_type="film", url="https://hanoi.example/a.mp4"), -201),
        (template(template_type="media", elements=[]), -201),
        (template(template_type="list", elements=[{"title": "a"}]), -233),
        ({"attachment": {"type": "file", "payload": {"token": "never uploaded"}}}, -201),
        ({"attachment": {"type": "audio", "payload": {}}}, -201),
        ({"attachment": "a"}, -201),
        ({}, -201),
    ],
)
async def test_an_attachment_has_a_known_shape(app: Caller, message: dict[str, object], error: int) -> None:
    assert (await app.send(message))["error"] == error


async def test_the_card_that_asks_for_details_has_one_whole_element(app: Caller) -> None:
    element = {"title": "OA", "subtitle": "Cho xin số", "image_url": "https://hanoi.example/a.jpg"}
    card = template(template_type="request_user_info", elements=[element])
    assert (await app.send(card))["error"] == 0
    assert app.zalo.user(UID).shown[-1].attachment == "request_user_info"
    two = template(template_type="request_user_info", elements=[element, element])
    assert (await app.send(two))["error"] == -201
    assert (await app.send(template(template_type="request_user_info", elements=[{"title": "OA"}])))["error"] == -201


async def test_an_upload_is_good_for_a_week(zalo: FakeZalo, app: Caller) -> None:
    image = (await upload(app, "image", PNG, "a.png"))["data"]["attachment_id"]
    file = (await upload(app, "file", PDF, "a.pdf"))["data"]["token"]
    with_file = {"attachment": {"type": "file", "payload": {"token": file}}}
    assert (await app.send(media(media_type="image", attachment_id=image)))["error"] == 0
    assert (await app.send(with_file))["error"] == 0
    assert (await app.send(media(media_type="image", attachment_id=file)))["error"] == -201
    await app.later(days=7, seconds=1)
    await zalo.user(UID).write("còn đây")
    assert await app.send(with_file) == {"error": -100, "message": "attachment_id was expired"}


@pytest.mark.parametrize(
    ("kind", "begins", "size", "name", "error"),
    [
        ("gif", "GIF89a", 100, "a.gif", 0),
        ("file", "a,b", 100, "a.csv", 0),
        ("image", "GIF89a", 100, "a.png", -201),
        ("file", "MZ", 100, "a.exe", -201),
        ("image", "\x89PNG\r\n\x1a\n", 1 << 20, "a.png", 0),
        ("image", "\x89PNG\r\n\x1a\n", (1 << 20) + 1, "a.png", -210),
        ("file", "%PDF", (5 << 20) + 1, "a.pdf", -210),
    ],
)
async def test_an_upload_is_of_a_kind_and_a_size(
    app: Caller, kind: str, begins: str, size: int, name: str, error: int
) -> None:
    content = begins.encode("latin-1").ljust(size, b"x")
    told = await upload(app, kind, content, name)
    assert told["error"] == error, name


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (buttons(query()), 0),
        (buttons(query(), template_type="button"), 0),
        (buttons(*[query()] * 5), 0),
        (buttons(*[query()] * 6), -201),
        (buttons(), -201),
        (buttons(query("a" * 100)), 0),
        (buttons(query("a" * 101)), -201),
        (buttons(query("")), -201),
        (buttons(query(payload="#" * 1000)), 0),
        (buttons(query(payload="#" * 1001)), -201),
        (buttons(query(payload={"a": 1})), -201),
        (buttons({"title": "a", "type": "oa.open.url", "payload": {"url": "https://hanoi.example"}}), 0),
        (buttons({"title": "a", "type": "oa.open.url", "payload": {"url": "javascript:alert(1)"}}), -201),
        (buttons({"title": "a", "type": "oa.open.url", "payload": "https://hanoi.example"}), -201),
        (buttons({"title": "a", "type": "oa.open.phone", "payload": {"phone_code": "84919018791"}}), 0),
        (buttons({"title": "a", "type": "oa.open.sms", "payload": {"phone_code": "849", "content": "a" * 160}}), 0),
        (buttons({"title": "a", "type": "oa.open.sms", "payload": {"phone_code": "849", "content": "a" * 161}}), -201),
        (buttons({"title": "a", "type": "oa.open.app", "payload": "a"}), -201),
        (template(buttons=[query()]), -201),
    ],
)
async def test_buttons_are_of_known_kinds_and_sizes(app: Caller, message: dict[str, object], error: int) -> None:
    assert (await app.send(message))["error"] == error


async def test_buttons_can_be_refused_in_two_ways(zalo: FakeZalo, app: Caller) -> None:
    zalo.buttons = "-201"
    assert await app.send(buttons(query())) == {"error": -201, "message": "buttons is invalid!"}
    zalo.buttons = "-233"
    told = await app.send(buttons(query()))
    assert told == {"error": -233, "message": "message type is invalid or not support"}
    assert zalo.books == []


async def test_a_body_that_is_no_object_is_refused(app: Caller) -> None:
    for body in (b"", b"{", b"[]", b"\xff"):
        assert (await app.post("/v3.0/oa/message/cs", body))["error"] == -201
    assert (await app.post("/v3.0/oa/message/cs", {"recipient": {"user_id": UID}}))["error"] == -201


async def test_fields_that_nobody_knows_are_noted(zalo: FakeZalo, app: Caller) -> None:
    assert (await app.say(tracking_id="x"))["error"] == 0
    assert zalo.unasserted == {"message.tracking_id"}
