"""The whole story in real browsers: from an empty database to the numbers, by everybody who takes part in it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.browser.conftest import OpenSeat
from tests.browser.process import Bot
from tests.browser.seat import LAPTOP, PHONE, THEMES, Seat, Theme

NEWS = "Lớp may công nghiệp còn chỗ. Học ba tháng, không mất học phí."
QUESTION = "Nhà tôi ở Suối Hai thì nộp đơn học ở đâu?"
ANSWER = "Chào bà con, sáng thứ Ba bà con tới bộ phận một cửa của xã, mang theo căn cước."
EVERYONE_DONE = 40_000
"""Milliseconds in which a message to one person is out, and its page says so."""


def test_from_the_first_admin_to_the_numbers(bot: Bot, seat: OpenSeat) -> None:
    admin, officer, approver, reader = (seat(bot) for _ in range(4))
    citizen = seat(bot, PHONE)
    link = json.loads(bot.command("user", "add", "quan-tri", "--role", "admin", "--name", "Lê Châu", "--json"))["link"]
    comes_in(admin, "quan-tri", link)
    comes_in(officer, "thu-ha", hires(admin, "thu-ha", "Nguyễn Thu Hà", "officer"))
    comes_in(approver, "minh-duc", hires(admin, "minh-duc", "Trần Minh Đức", "approver"))
    comes_in(reader, "thanh-lich", hires(admin, "thanh-lich", "Phạm Thanh Lịch", "staff"))
    gets_to_know(citizen)
    bot.quarter_of_an_hour_later()

    drafts(officer)
    refused_to_sign(officer)
    signs(approver)
    releases(officer)
    hears_and_asks(citizen)
    answers(officer)
    citizen.page.get_by_text(ANSWER).wait_for()
    citizen.shoots_all("story-answered")
    bot.command("insight", "rebuild")
    sees_the_numbers(reader)


def comes_in(one: Seat, login: str, link: str) -> None:
    """Set up through the link, then through the door."""
    one.signs_in(login, one.enrolls(link))


def hires(admin: Seat, login: str, name: str, role: str) -> str:
    """The link to hand over."""
    page = admin.goes_to("/console/users")
    page.get_by_label("Tên đăng nhập").fill(login)
    page.get_by_label("Họ và tên").fill(name)
    page.get_by_label("Vai trò").select_option(role)
    page.get_by_role("button", name="Thêm").click()
    link = page.locator("#link").inner_text()
    admin.shoots_all(f"story-hired-{role}")
    return link


def gets_to_know(citizen: Seat) -> None:
    """A poor household in Suối Hai agrees to get news."""
    page = citizen.goes_to("/")
    page.get_by_role("button", name="Bắt đầu").click()
    page.get_by_role("button", name="Đồng ý, gửi tin cho tôi").click()
    page.get_by_role("button", name=re.compile("Hộ nghèo$")).click()
    page.get_by_text("Bà con ở xã, phường nào?").wait_for()  # while a tap is on its way, nothing else is sent
    says(citizen, "Suối Hai")
    page.get_by_text("Xong rồi, cảm ơn bà con").wait_for()
    citizen.shoots_all("story-known")


def says(citizen: Seat, text: str) -> None:
    citizen.page.get_by_label("Tin của bà con").fill(text)
    citizen.page.get_by_role("button", name="Gửi", exact=True).click()
    citizen.page.locator(".turn.mine").filter(has_text=text).last.wait_for()


def drafts(officer: Seat) -> None:
    """Written, looked at on the phone of who gets it, and handed in."""
    page = officer.goes_to("/console/broadcasts/new")
    page.get_by_role("textbox", name="Tên đợt gửi").fill("Lớp may còn chỗ")
    page.get_by_role("radio", name="Lời của cán bộ").check()
    page.get_by_role("textbox", name="Lời tiếng Việt").fill(NEWS)
    page.get_by_role("textbox", name="Lời tiếng Anh").fill("The sewing class has places left. It is free.")
    page.get_by_role("textbox", name="Nguồn").fill("Thông báo tuyển sinh 12")
    page.get_by_role("textbox", name="Câu điều kiện").fill("ho = ngheo")
    page.get_by_text("Giờ được gửi và hạn của tin").click()
    page.get_by_role("textbox", name="Gửi từ", exact=True).fill("00:00")
    page.get_by_role("textbox", name="đến trước").fill("24:00")
    page.get_by_label("Gửi cả ngày nghỉ, lễ").check()
    page.locator("#look").get_by_text(NEWS).wait_for()
    officer.shoots_all("story-composed")
    page.get_by_role("button", name="Lưu và xem trước").click()
    page.get_by_text(re.compile("Gửi tới .+ người ở 1 xã, phường")).first.wait_for()
    officer.shoots_all("story-previewed")
    page.get_by_role("button", name="Trình duyệt").click()
    page.get_by_text("Đã trình duyệt").wait_for()


def refused_to_sign(officer: Seat) -> None:
    """Nobody releases their own words: there is no button for it."""
    assert not officer.page.get_by_role("button", name="Duyệt bản này").count()


def signs(approver: Seat) -> None:
    """Somebody else reads what is frozen, on their phone or not, and signs it."""
    page = approver.goes_to("/console/broadcasts/1")
    assert page.get_by_text(NEWS).count()
    approver.shoots_all("story-sheet")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Duyệt bản này").click()
    page.get_by_text("Đã duyệt.").wait_for()


def releases(officer: Seat) -> None:
    """It goes out, and the page follows by itself."""
    page = officer.goes_to("/console/broadcasts/1")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Cho gửi").click()
    page.locator("#live").get_by_text("đã gửi xong").wait_for(timeout=EVERYONE_DONE)
    officer.goes_to("/console/broadcasts/1")
    officer.shoots_all("story-report")


def hears_and_asks(citizen: Seat) -> None:
    """The message is there without a reload; they answer it, then want a person."""
    page = citizen.page
    page.get_by_text(NEWS).wait_for(timeout=EVERYONE_DONE)
    says(citizen, "học nghề")
    page.get_by_text("Bà con thích nghề nào?").wait_for()  # a press before that is of a question that is gone
    page.get_by_role("button", name="Gặp cán bộ").first.click()
    page.get_by_role("button", name="Gửi lời cho cán bộ").last.click()
    page.get_by_text("Bà con muốn hỏi cán bộ điều gì?").wait_for()
    says(citizen, QUESTION)
    page.get_by_text("Tôi đã chuyển cho cán bộ").wait_for()
    citizen.shoots_all("story-asked")


def answers(officer: Seat) -> None:
    """The one who waits is found, read, taken and answered."""
    page = officer.goes_to("/console/inbox")
    page.locator("ol.queue a").first.click()
    page.get_by_text(QUESTION).first.wait_for()
    page.get_by_label("Trả lời", exact=True).last.fill(ANSWER)
    page.get_by_role("button", name="Gửi cho bà con").click()
    page.locator("#talk").get_by_text(ANSWER).wait_for()
    officer.shoots_all("story-inbox")


def sees_the_numbers(reader: Seat) -> None:
    """Who only reads sees what came of it, and takes a file of it along."""
    page = reader.goes_to("/console/")
    reader.shoots_all("story-overview")
    page = reader.goes_to("/console/broadcasts/1")
    page.get_by_role("link", name="Đã gửi").wait_for()
    page.get_by_text("trả lời trong một ngày").wait_for()
    reader.goes_to("/console/broadcasts/1/recipients")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    held = Path(download.value.path()).read_bytes()
    assert held.startswith(b"\xef\xbb\xbf"), "Excel reads Vietnamese only with a mark at the start"
    assert "Suối Hai" in held.decode("utf-8-sig")
    assert len(held.decode().splitlines()) == 2
    reader.shoots_all("story-exported")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [LAPTOP, PHONE])
def test_the_door_and_the_web_chat_keep_nobody_out(bot: Bot, seat: OpenSeat, width: int, theme: Theme) -> None:
    one = seat(bot, width, theme)
    for path in ("/", "/console/sign-in"):
        one.goes_to(path)
        assert (one.barriers(), one.overflow()) == ([], 0), path
        one.shoots("chat" if path == "/" else "door")
