"""Who may be written to, for what money, and in Zalo's order of refusals."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from tests.fakes.zalo import FakeZalo
from tests.fakes.zalo.endpoints import proof_of
from tests.fakes.zalo.faults import Fault
from tests.fakes_zalo.conftest import UID, Caller

HOUR, DAY = 3600, 86_400


async def test_an_answer_within_48_hours_is_free(zalo: FakeZalo, app: Caller) -> None:
    await zalo.user(UID).write("xin chào")
    await app.later(seconds=48 * HOUR)
    told = await app.say()
    assert (told["error"], told["message"], told["data"]["quota"]) == (0, "Success", {"quota_type": "reply"})
    assert told["data"]["user_id"] == UID
    assert isinstance(told["data"]["sent_time"], str)
    assert [(charge.zone, charge.price) for charge in zalo.books] == [("free", 0)]
    assert zalo.user(UID).texts == ["Chào bà con"]


async def test_after_48_hours_it_takes_from_the_sub_quota_and_then_it_costs(zalo: FakeZalo, app: Caller) -> None:
    zalo.sub_quota = 1
    await zalo.user(UID).write("xin chào")
    await app.later(seconds=48 * HOUR + 1)
    assert (await app.say())["data"]["quota"]["quota_type"] == "sub_quota"
    assert "quota" not in (await app.say())["data"]
    assert [(charge.zone, charge.price) for charge in zalo.books] == [("sub_quota", 0), ("billed", 55)]
    assert zalo.spent == 55


async def test_seven_days_after_the_last_word_the_window_is_shut_until_they_write(zalo: FakeZalo, app: Caller) -> None:
    await zalo.user(UID).write("xin chào")
    await app.later(days=7)
    assert (await app.say())["error"] == 0
    await app.later(seconds=1)
    assert await app.say() == {"error": -230, "message": "User has not interacted with the OA in the past 7 days"}
    await zalo.user(UID).write("còn đây")
    assert (await app.say())["error"] == 0


async def test_reading_a_message_and_reacting_to_it_open_nothing(zalo: FakeZalo, app: Caller) -> None:
    await zalo.user(UID).write("xin chào")
    await app.say()
    await app.later(days=8)
    await zalo.user(UID).see()
    await zalo.user(UID).react()
    assert (await app.say())["error"] == -230


async def test_who_never_did_anything_can_not_be_written_to(zalo: FakeZalo, app: Caller) -> None:
    zalo.user(UID)
    assert (await app.say())["error"] == -232
    assert zalo.books == []


@pytest.mark.parametrize(("opens", "errors"), [(True, [0, 0]), (False, [0, -232])])
async def test_a_follower_who_never_wrote_gets_what_is_set(
    zalo: FakeZalo, app: Caller, opens: bool, errors: list[int]
) -> None:
    zalo.follow_opens_window, zalo.welcome_quota = opens, 1
    await zalo.user(UID).follow()
    told = [await app.say(), await app.say()]
    assert [each["error"] for each in told] == errors
    assert told[0]["data"]["quota"]["quota_type"] == ("reply" if opens else "welcome_msg")


@pytest.mark.parametrize("uid", [5, "999", None, ""])
async def test_a_recipient_is_the_string_of_somebody_known(zalo: FakeZalo, app: Caller, uid: object) -> None:
    told = await app.send({"text": "a"}, uid)
    assert told == {"error": -201, "message": "user_id is invalid!"}


async def test_people_who_are_gone_or_restrict_it_are_refused_before_their_window(zalo: FakeZalo, app: Caller) -> None:
    user = zalo.user(UID)
    user.restricts = True
    assert (await app.say())["error"] == -244
    user.is_banned = True
    assert (await app.say())["error"] == -227
    user.is_banned, user.restricts, user.inactive_since = False, False, zalo.clock()
    await app.later(days=45, seconds=1)
    assert (await app.say())["error"] == -227


async def test_the_account_is_checked_first_in_zalos_order(zalo: FakeZalo, app: Caller) -> None:
    zalo.is_granted = False
    assert (await app.send({}))["error"] == -223
    zalo.has_tier = False
    assert (await app.send({}))["error"] == -224
    zalo.oa_state = "gone"
    assert (await app.send({}))["error"] == -205
    zalo.oa_state = "disabled"
    assert (await app.send({}))["error"] == -204
    zalo.is_app_active = False
    assert (await app.send({}))["error"] == -209


async def test_an_empty_cloud_account_refuses_only_what_costs(zalo: FakeZalo, app: Caller) -> None:
    zalo.balance = 60
    await zalo.user(UID).write("xin chào")
    assert (await app.say())["error"] == 0
    await app.later(days=3)
    assert (await app.say())["error"] == 0
    assert (await app.say())["error"] == -321
    zalo.has_zca = False
    assert (await app.say())["error"] == -320
    assert zalo.balance == 5
    assert len(zalo.books) == 2


async def test_a_token_is_unknown_past_or_superseded(zalo: FakeZalo, app: Caller) -> None:
    await zalo.user(UID).write("xin chào")
    mine = app.headers.pop("access_token")
    assert (await app.say())["error"] == -216
    app.headers["Authorization"] = f"Bearer {mine}"
    assert (await app.say())["error"] == -216
    app.headers = {"access_token": mine}
    await zalo.advance(seconds=89_999)
    assert (await app.say())["error"] == 0
    await zalo.advance(seconds=1)
    assert await app.say() == {"error": -220, "message": "access_token is expired or removed"}
    app.headers = {"access_token": zalo.oauth.consent().access_token}
    assert (await app.say())["error"] == 0
    zalo.oauth.consent()
    assert (await app.say())["error"] == -220


async def test_the_proof_is_checked_only_when_the_switch_is_on(zalo: FakeZalo, app: Caller) -> None:
    await zalo.user(UID).write("xin chào")
    zalo.demands_proof = True
    assert (await app.say())["error"] == -242
    app.headers["appsecret_proof"] = proof_of(zalo.app_secret, app.headers["access_token"])
    assert (await app.say())["error"] == 0


async def test_more_calls_a_minute_than_allowed_are_refused_until_the_next(zalo: FakeZalo, app: Caller) -> None:
    zalo.rate_per_minute = 2
    await zalo.user(UID).write("xin chào")
    assert [(await app.say())["error"] for _ in range(3)] == [0, 0, -32]
    url = f"{zalo.url}/v3.0/oa/message/cs"
    async with app.client.post(url, json={}, headers=app.headers) as got:
        assert (got.status, got.headers["X-RateLimit-Remain"]) == (200, "0")
    await app.later(seconds=60)
    assert (await app.say())["error"] == 0


async def test_an_answer_is_of_the_type_text_json_and_tells_the_limit(zalo: FakeZalo, app: Caller) -> None:
    body = {"recipient": {"user_id": UID}, "message": {"text": "a"}}
    await zalo.user(UID).write("xin chào")
    url = f"{zalo.url}/v3.0/oa/message/cs"
    async with app.client.post(url, json=body, headers=app.headers) as got:
        assert got.content_type == "text/json"
        assert (got.headers["X-RateLimit-Limit"], got.headers["X-RateLimit-Remain"]) == ("4000", "3999")


async def test_what_is_discontinued_is_refused(zalo: FakeZalo, app: Caller) -> None:
    body = {"recipient": {"user_id": UID}, "message": {"text": "a"}}
    await zalo.user(UID).write("xin chào")
    assert (await app.post("/v3.0/oa/message/promotion", body))["error"] == -233
    assert (await app.post("/v3.0/oa/message/transaction", body))["error"] == -233
    assert (await app.post("/v2.0/oa/message", body))["error"] == -240


async def test_a_broadcast_is_one_article_and_goes_by_day(zalo: FakeZalo, app: Caller) -> None:
    zalo.articles.add("a1")
    element = {"media_type": "article", "attachment_id": "a1"}
    attachment = {"type": "template", "payload": {"template_type": "media", "elements": [element]}}
    body = {"recipient": {"target": {"gender": "0"}}, "message": {"attachment": attachment}}
    assert (await app.post("/v2.0/oa/message", body))["error"] == 0
    element["media_type"] = "image"
    assert (await app.post("/v2.0/oa/message", body))["error"] == -201
    element["media_type"] = "article"
    await app.later(seconds=10 * HOUR)  # 22:00
    assert (await app.post("/v2.0/oa/message", body))["error"] == -234


async def test_consultation_knows_no_night(zalo: FakeZalo, app: Caller) -> None:
    await zalo.user(UID).write("xin chào")
    await app.later(seconds=12 * HOUR)
    assert (await app.say())["error"] == 0


@pytest.mark.parametrize("path", ["/v3.0/oa/nothing", "/message/cs", "/v2.0/oa/message/cs"])
async def test_an_unknown_path_is_not_taken_silently(zalo: FakeZalo, app: Caller, path: str) -> None:
    async with app.client.post(zalo.url + path, json={}, headers=app.headers) as got:
        assert got.status == 404
        assert (await got.json())["error"] == -201


async def test_planned_faults_hit_whom_they_are_for(zalo: FakeZalo, app: Caller) -> None:
    await zalo.user(UID).write("xin chào")
    zalo.fail(-200, to=UID)
    assert await app.say() == {"error": -200, "message": "Send message failed"}
    assert (await app.say())["error"] == 0


async def test_a_lost_answer_is_of_a_message_that_arrived(zalo: FakeZalo, app: Caller) -> None:
    await zalo.user(UID).write("xin chào")
    zalo.fail("loses_answer")
    with pytest.raises(aiohttp.ClientError):
        await app.say()
    assert zalo.user(UID).texts == ["Chào bà con"]
    zalo.fail("drops")
    with pytest.raises(aiohttp.ClientError):
        await app.say()
    assert len(zalo.books) == 1


@pytest.mark.parametrize(("fault", "status"), [("crashes", 502), ("is_a_proxy", 403), ("talks_nonsense", 200)])
async def test_a_page_can_come_in_the_place_of_an_answer(
    zalo: FakeZalo, app: Caller, fault: Fault, status: int
) -> None:
    await zalo.user(UID).write("xin chào")
    zalo.fail(fault, path="/cs", times=0)
    async with app.client.post(f"{zalo.url}/v3.0/oa/message/cs", json={}, headers=app.headers) as got:
        assert (got.status, got.content_type) == (status, "text/html")
    assert (await app.get("/v2.0/oa/getoa"))["error"] == 0
    zalo.heal()
    assert (await app.say())["error"] == 0


async def test_a_call_can_hang_until_it_is_let_go(zalo: FakeZalo, app: Caller) -> None:
    await zalo.user(UID).write("xin chào")
    zalo.fail("hangs")
    hanging = asyncio.create_task(app.say())
    await zalo.until("/cs")
    assert not hanging.done()
    zalo.heal()
    with pytest.raises(AssertionError):
        await hanging
    assert zalo.books == []
