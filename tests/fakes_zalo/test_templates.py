"""Templates by user id and by phone number."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.fakes.zalo import FakeZalo, Parameter, Template
from tests.fakes_zalo.conftest import UID, Caller, Heard

PHONE = "84912345678"
NIGHT = datetime(2026, 11, 23, 15, tzinfo=UTC)  # 22:00 in Hà Nội


@pytest.fixture(autouse=True)
def template(zalo: FakeZalo) -> Template:
    """One that is approved, and somebody with Zalo who never wrote."""
    zalo.user(UID, phone=PHONE)
    parameters = (Parameter("ten", 10), Parameter("so", type="NUMBER", is_required=False))
    zalo.templates["t1"] = Template("t1", "Chào <ten>, <so> hộ", parameters)
    return zalo.templates["t1"]


def by_uid(app: Caller, **other: object) -> Any:
    body = {"user_id": UID, "template_id": "t1", "template_data": {"ten": "Hoa", "so": "3"}}
    return app.post("/v3.0/oa/message/template", body | other)


def by_phone(app: Caller, **other: object) -> Any:
    body = {"phone": PHONE, "template_id": "t1", "template_data": {"ten": "Hoa"}, "tracking_id": "b1-c1"}
    return app.post("/message/template", body | other)


async def test_a_template_reaches_who_never_wrote_and_is_charged(zalo: FakeZalo, app: Caller) -> None:
    told = await by_uid(app)
    assert told["error"] == 0
    assert told["data"]["quota"]["quota_type"] == "purchase_quota"
    assert zalo.user(UID).texts == ["Chào Hoa, 3 hộ"]
    assert [(c.kind, c.to, c.price, c.template) for c in zalo.books] == [("template", UID, 200, "t1")]


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"template_id": "none"}, -201),
        ({"user_id": "404"}, -201),
        ({"template_data": {}}, -201),
        ({"template_data": {"ten": "a" * 11}}, -210),
        ({"template_data": {"ten": "Hoa", "so": "ba"}}, -201),
        ({"template_data": "Hoa"}, -201),
    ],
)
async def test_by_user_id_everything_must_be_right(app: Caller, other: dict[str, object], error: int) -> None:
    assert (await by_uid(app, **other))["error"] == error
    assert app.zalo.books == []


async def test_a_template_goes_only_where_it_may(zalo: FakeZalo, app: Caller, template: Template) -> None:
    template.by_uid = False
    assert (await by_uid(app))["error"] == -249
    template.by_uid, template.by_phone = True, False
    assert (await by_phone(app))["error"] == -117
    zalo.is_verified = False
    assert (await by_uid(app))["error"] == -221
    assert (await by_phone(app))["error"] == -120
    zalo.is_verified, zalo.has_zca = True, False
    assert (await by_uid(app))["error"] == -320
    assert (await by_phone(app))["error"] == -136


@pytest.mark.parametrize(
    ("status", "errors"), [("PENDING_REVIEW", (-201, -131)), ("REJECT", (-201, -131)), ("DISABLE", (-201, -146))]
)
async def test_only_an_approved_one_is_sent(
    app: Caller, template: Template, status: str, errors: tuple[int, int]
) -> None:
    template.status = status
    assert ((await by_uid(app))["error"], (await by_phone(app))["error"]) == errors


async def test_promotions_go_to_followers_by_day_and_once(zalo: FakeZalo, app: Caller, template: Template) -> None:
    template.tag = 3
    assert (await by_uid(app))["error"] == -213
    zalo.user(UID).is_follower = True
    assert (await by_uid(app))["error"] == 0
    assert (await by_uid(app))["error"] == -218
    zalo.clock.at = NIGHT
    app.headers = {"access_token": zalo.oauth.consent().access_token}
    assert (await by_uid(app))["error"] == -234
    template.tag = 2
    assert (await by_uid(app))["error"] == 0


async def test_a_template_by_phone_tells_the_days_quota(zalo: FakeZalo, app: Caller) -> None:
    told = await by_phone(app, phone=f"+{PHONE}")
    assert told["data"]["quota"] == {"dailyQuota": "500", "remainingQuota": "499"}
    assert told["data"]["sending_mode"] == "1"
    charge = zalo.books[0]
    assert (charge.kind, charge.to, charge.price, charge.tracking) == ("phone", PHONE, 200, "b1-c1")
    told = await app.get("/message/status", message_id=charge.message_id)
    assert told["data"]["status"] == 1
    assert (await app.get("/message/quota"))["data"]["remainingQuota"] == "499"


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"phone": "0912345678"}, -108),
        ({"phone": "84"}, -108),
        ({"phone": 84912345678}, -108),
        ({"phone": "84999999999"}, -118),
        ({"template_id": "none"}, -109),
        ({"template_data": {}}, -1122),
        ({"template_data": {"ten": "a" * 11}}, -1121),
        ({"template_data": {"ten": "Hoa", "so": "ba"}}, -1124),
        ({"template_data": None}, -112),
        ({"tracking_id": "a" * 49}, -132),
        ({"tracking_id": ""}, -132),
        ({"sending_mode": "2"}, -132),
        ({"mode": "development"}, -127),
    ],
)
async def test_by_phone_everything_must_be_right(app: Caller, other: dict[str, object], error: int) -> None:
    assert (await by_phone(app, **other))["error"] == error
    assert app.zalo.books == []


async def test_by_phone_a_body_is_an_object_and_a_token_good(app: Caller) -> None:
    assert (await app.post("/message/template", b"[]"))["error"] == -122
    app.headers = {"access_token": "another"}
    assert (await by_phone(app))["error"] == -124


async def test_tests_go_to_admins_before_the_review_is_over(zalo: FakeZalo, app: Caller, template: Template) -> None:
    zalo.user(UID).is_admin, template.status = True, "PENDING_REVIEW"
    assert (await by_phone(app, mode="development"))["error"] == 0
    assert (await by_phone(app))["error"] == -131


async def test_people_who_can_not_or_will_not_have_it(zalo: FakeZalo, app: Caller) -> None:
    zalo.user(UID).restricts = True
    assert (await by_phone(app))["error"] == -139
    zalo.user(UID).is_banned = True
    assert (await by_phone(app))["error"] == -119


async def test_by_phone_nights_rest_where_the_rule_is_on(zalo: FakeZalo, app: Caller) -> None:
    zalo.clock.at = NIGHT
    assert (await by_phone(app))["error"] == -133
    zalo.phone_rests_at_night = False
    assert (await by_phone(app))["error"] == 0


async def test_quotas_of_a_day_end_with_it(zalo: FakeZalo, app: Caller, template: Template) -> None:
    template.daily_quota = 1
    assert [(await by_phone(app))["error"] for _ in range(2)] == [0, -147]
    zalo.daily_quota = 1
    assert (await by_phone(app))["error"] == -144
    await app.later(days=1)
    assert (await by_phone(app))["error"] == 0


async def test_an_empty_balance_refuses_with_the_hosts_own_number(zalo: FakeZalo, app: Caller) -> None:
    zalo.balance = 199
    assert (await by_uid(app))["error"] == -321
    assert (await by_phone(app))["error"] == -115
    assert zalo.balance == 199


async def test_a_registry_tells_of_templates(zalo: FakeZalo, app: Caller, template: Template) -> None:
    rows = (await app.get("/template/all", offset="0", limit="100"))["data"]
    assert [(row["templateId"], row["status"]) for row in rows] == [("t1", "ENABLE")]
    assert (await app.get("/template/all", offset="0", limit="101"))["error"] == -132
    told = (await app.get("/template/info/v2", template_id="t1"))["data"]
    assert [(p["name"], p["require"], p["maxLength"]) for p in told["listParams"]] == [
        ("ten", True, 10),
        ("so", False, 30),
    ]
    assert (told["price_uid"], told["price_sdt"]) == (200, 200)
    assert (await app.get("/template/info/v2", template_id="none"))["error"] == -109


async def test_the_webhook_hears_of_reviews_and_of_what_came_by_phone(
    zalo: FakeZalo, app: Caller, heard: Heard
) -> None:
    zalo.webhook, zalo.receipts = heard.url, "received"
    assert await zalo.change_template("t1", "DISABLE", "nội dung") == 200
    assert heard.events[0]["status"] == {"prev_status": "ENABLE", "new_status": "DISABLE"}
    assert heard.events[0]["template_id"] == "t1"
    zalo.templates["t1"].status = "ENABLE"
    await by_phone(app)
    await zalo.hook.settle()
    assert heard.headers[-1]["X-ZEvent-Server"] == "ZNS"
    event = heard.events[-1]
    assert (event["event_name"], event["recipient"]["id"]) == ("user_received_message", PHONE)
    assert event["message"]["tracking_id"] == "b1-c1"
