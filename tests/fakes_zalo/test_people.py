"""What citizens do, and how the webhook hears of it."""

from __future__ import annotations

import pytest

from tests.fakes.zalo import FakeZalo
from tests.fakes_zalo.conftest import NOON, UID, Caller, Heard


async def with_buttons(app: Caller) -> None:
    await app.zalo.user(UID).write("xin chào")
    shown = {"title": "2. Việc làm", "type": "oa.query.show", "payload": "Việc làm"}
    hidden = {"title": "1. Vay vốn", "type": "oa.query.hide", "payload": "#3.vay"}
    opened = {"title": "3. Trang", "type": "oa.open.url", "payload": {"url": "https://hanoi.example"}}
    attachment = {"type": "template", "payload": {"buttons": [hidden, shown, opened]}}
    assert (await app.send({"text": "Chọn mục", "attachment": attachment}))["error"] == 0


async def test_a_pressed_button_comes_as_a_message_with_its_payload(zalo: FakeZalo, app: Caller, heard: Heard) -> None:
    await with_buttons(app)
    zalo.webhook = heard.url
    assert await zalo.user(UID).click("Vay vốn") == 200
    assert await zalo.user(UID).click("Việc làm") == 200
    assert await zalo.user(UID).click("Trang") == 0
    assert heard.names == ["user_send_text"] * 2
    assert [event["message"]["text"] for event in heard.events] == ["#3.vay", "Việc làm"]
    assert [shown.text for shown in zalo.user(UID).shown if shown.is_mine] == ["xin chào", "Việc làm"]
    with pytest.raises(LookupError, match="Không có"):
        await zalo.user(UID).click("Không có")


async def test_a_pressed_button_opens_the_window(zalo: FakeZalo, app: Caller) -> None:
    await with_buttons(app)
    await app.later(days=8)
    await zalo.user(UID).click("Vay vốn")
    assert (await app.say())["error"] == 0


async def test_every_kind_of_message_has_its_event(zalo: FakeZalo, heard: Heard) -> None:
    zalo.webhook, user = heard.url, zalo.user(UID)
    for act in (
        user.send_image, user.send_gif, user.send_sticker, user.send_audio, user.send_video, user.send_file,
        user.send_location, user.send_link, user.send_card,
    ):  # fmt: skip
        assert await act() == 200
    kinds = ["image", "gif", "sticker", "audio", "video", "file", "location", "link", "business_card"]
    assert heard.names == [f"user_send_{kind}" for kind in kinds]
    for event in heard.events:
        assert event["sender"]["id"] == UID
        assert event["message"]["msg_id"]
        assert event["message"]["attachments"][0]["payload"]
    assert len({event["message"]["msg_id"] for event in heard.events}) == 9


async def test_following_and_leaving_name_the_follower(zalo: FakeZalo, heard: Heard) -> None:
    zalo.webhook = heard.url
    await zalo.user(UID).follow()
    await zalo.user(UID).unfollow()
    assert heard.names == ["follow", "unfollow"]
    for event in heard.events:
        assert (event["oa_id"], event["follower"]) == (zalo.oa_id, {"id": UID})
        assert "sender" not in event


async def test_a_chat_is_opened_from_the_profile_once_by_who_never_wrote(
    zalo: FakeZalo, app: Caller, heard: Heard
) -> None:
    zalo.webhook = heard.url
    assert await zalo.user(UID).click_chatnow() == 200
    assert await zalo.user(UID).click_chatnow() == 0
    assert (await app.say())["error"] == 0
    await zalo.hook.settle()
    assert heard.names == ["user_click_chatnow", "oa_send_text"]


async def test_details_come_in_either_shape(zalo: FakeZalo, app: Caller, heard: Heard) -> None:
    zalo.webhook = heard.url
    await zalo.user(UID).submit_info("84987654321", "Hoa")
    await zalo.user(UID).submit_info(is_old=True)
    new, old = (event["info"] for event in heard.events)
    assert (new["phone"], new["name"], new["full_address"]["user_city"]) == ("84987654321", "Hoa", "Hà Nội")
    assert (old["phone"], old["ward"]) == ("84987654321", "")
    told = await app.ask("/v3.0/oa/user/detail", {"user_id": UID})
    assert told["data"]["shared_info"]["phone"] == "84987654321"
    assert zalo.phones["84987654321"] is zalo.user(UID)


async def test_what_is_read_is_told_once(zalo: FakeZalo, app: Caller, heard: Heard) -> None:
    user = zalo.user(UID)
    await user.write("xin chào")
    ids = [(await app.say(text))["data"]["message_id"] for text in ("một", "hai", "ba")]
    zalo.webhook = heard.url
    await user.receive(ids[0])
    await user.see(ids[1])
    await user.see()
    assert await user.see() == 0
    assert [event["message"] for event in heard.events] == [
        {"msg_id": ids[0]}, {"msg_ids": ids[:2]}, {"msg_ids": ids[2:]},
    ]  # fmt: skip
    assert heard.events[1]["sender"] == {"id": zalo.oa_id}
    assert heard.events[1]["recipient"] == {"id": UID}


async def test_withdrawing_and_reacting_are_told(zalo: FakeZalo, app: Caller, heard: Heard) -> None:
    await zalo.user(UID).write("xin chào")
    message_id = (await app.say())["data"]["message_id"]
    zalo.webhook = heard.url
    await zalo.user(UID).react("/-strong")
    await zalo.user(UID).withdraw()
    assert heard.events[0]["message"] == {"msg_id": message_id, "react_icon": "/-strong"}
    assert (heard.events[1]["event_name"], heard.events[1]["user_id"]) == ("user_withdraw", UID)


async def test_people_can_be_looked_up_with_the_one_parameter(zalo: FakeZalo, app: Caller) -> None:
    zalo.user(UID, name="Hoa").is_follower = True
    await zalo.user(UID).write("xin chào")
    told = await app.ask("/v3.0/oa/user/detail", {"user_id": UID})
    assert (told["data"]["display_name"], told["data"]["user_last_interaction_date"]) == ("Hoa", "23/11/2026")
    assert (await app.get("/v3.0/oa/user/detail", user_id=UID))["error"] == -201
    assert (await app.ask("/v3.0/oa/user/detail", {"user_id": int(UID)}))["error"] == -201
    told = await app.post("/v3.0/oa/quota/message", {"user_id": UID})
    assert told["data"]["last_interaction"] == str(int(NOON.timestamp() * 1000))


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"offset": 0, "count": 50}, 0),
        ({"offset": 9951, "count": 1}, 0),
        ({"offset": 0, "count": 51}, -210),
        ({"offset": 9952, "count": 1}, -210),
        ({"offset": "0", "count": 1}, -201),
        ({"offset": 0, "count": 1, "last_interaction_period": "L9D"}, -201),
    ],
)
async def test_a_list_has_pages_of_fifty(zalo: FakeZalo, app: Caller, asked: dict[str, object], error: int) -> None:
    await zalo.user(UID).write("xin chào")
    assert (await app.ask("/v3.0/oa/user/getlist", asked))["error"] == error


async def test_a_list_can_be_narrowed(zalo: FakeZalo, app: Caller) -> None:
    await zalo.user(UID).write("xin chào")
    await app.later(days=10)
    zalo.user("2").is_follower = True
    zalo.user("3")
    app.headers = {"access_token": zalo.oauth.consent().access_token}
    assert (await app.post("/v2.0/oa/tag/tagfollower", {"user_id": "2", "tag_name": "ba-dinh"}))["error"] == 0
    assert (await app.get("/v2.0/oa/tag/gettagsofoa"))["data"] == ["ba-dinh"]

    async def found(**narrowed: object) -> list[str]:
        told = await app.ask("/v3.0/oa/user/getlist", {"offset": 0, "count": 50} | narrowed)
        return [row["user_id"] for row in told["data"]["users"]]

    assert await found() == [UID, "2"]
    assert await found(tag_name="ba-dinh") == await found(is_follower=True) == ["2"]
    assert await found(last_interaction_period="L7D") == []
    assert await found(last_interaction_period="L30D") == [UID]
    assert (await app.post("/v2.0/oa/tag/rmtag", {"tag_name": "ba-dinh"}))["error"] == 0
    assert (await app.post("/v2.0/oa/tag/rmtag", {"tag_name": "ba-dinh"}))["error"] == -201


async def test_the_account_tells_of_itself(zalo: FakeZalo, app: Caller) -> None:
    told = (await app.get("/v2.0/oa/getoa"))["data"]
    assert (told["oa_id"], told["is_verified"], told["package_name"]) == (zalo.oa_id, True, "Nâng cao")
    zalo.sub_quota = 500
    asked = {"quota_owner": "OA", "product_type": "cs", "quota_type": "sub_quota"}
    assert (await app.post("/v3.0/oa/quota/message", asked))["data"][0]["remain"] == 500
