"""Somebody at a browser: what they do goes by words and labels, as a person would find their way."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pyotp
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

LAPTOP, PHONE = 1280, 360
HEIGHTS = {LAPTOP: 900, PHONE: 740}
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
PATIENCE = 30_000
"""Milliseconds until somebody gives up on a page: a busy machine is no fault of a page."""
STEP = timedelta(seconds=30)
GRAVE = ("serious", "critical")
"""How axe-core names what keeps people out."""
AXE = Axe()
NO_FAULTS = ("status of 4", "htmx:sendAbort", "htmx:afterRequest")
"""What the browser calls errors and pages mean: a refusal is an answer; a newer request takes an older one's place."""
PASSWORD = "con trâu là đầu cơ nghiệp"


@dataclass
class Seat:
    """One person's browser. `faults` are errors that pages told on the console, or threw: none may."""

    browser: Browser
    address: str
    shots: Path
    width: int = LAPTOP
    theme: Theme = "light"
    state: Any = None
    faults: list[str] = field(default_factory=list)
    context: BrowserContext = field(init=False)
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.context = self.browser.new_context(
            viewport={"width": self.width, "height": HEIGHTS[self.width]}, locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh", color_scheme=self.theme,
            storage_state=self.state, reduced_motion="reduce",
        )  # fmt: skip
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._told)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))

    def _told(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(word in message.text for word in NO_FAULTS):
            self.faults.append(f"{self.page.url}: {message.text}")

    def goes_to(self, path: str) -> Page:
        """Open *path*, and wait until it is all there."""
        self.page.goto(self.address + path, wait_until="load")
        return self.page

    def enrolls(self, link: str) -> str:
        """Set up through *link*; the secret of their phone."""
        page = self.goes_to(re.sub(r"^https?://[^/]+", "", link))
        page.get_by_text("Không quét được?").click()
        secret = page.locator("details code").inner_text().replace(" ", "")
        page.get_by_label("Mật khẩu mới").fill(PASSWORD)
        page.get_by_label("Gõ lại mật khẩu").fill(PASSWORD)
        page.get_by_label("Mã 6 số").fill(pyotp.TOTP(secret).now())
        page.get_by_role("button", name="Xong").click()
        page.get_by_role("heading", name="Đăng nhập").wait_for()
        return secret

    def signs_in(self, login: str, secret: str, password: str = PASSWORD, *, steps: int = 1) -> None:
        """Through the door. *steps*: how many codes later than the present one, for each works once; the door takes the
        next one too."""
        page = self.goes_to("/console/sign-in")
        page.get_by_label("Tên đăng nhập").fill(login)
        page.get_by_label("Mật khẩu").fill(password)
        page.get_by_label("Mã 6 số").fill(pyotp.TOTP(secret).at(datetime.now(UTC) + steps * STEP))
        page.get_by_role("button", name="Đăng nhập").click()
        page.get_by_role("navigation").first.wait_for()

    def shoots(self, name: str) -> None:
        """Keep what is seen: a page of the console whole, of the chat what the screen holds."""
        is_whole = "/console" in self.page.url
        self.page.screenshot(path=self.shots / f"{name}-{self.width}-{self.theme}.png", full_page=is_whole)

    def shoots_all(self, name: str) -> None:
        """Keep what is seen as others would see it too: on a laptop and a phone, in the light and in the dark."""
        seen = self.width, self.theme
        for self.width in (LAPTOP, PHONE):
            self.page.set_viewport_size({"width": self.width, "height": HEIGHTS[self.width]})
            for self.theme in THEMES:
                self.page.emulate_media(color_scheme=self.theme)
                self.shoots(name)
        self.width, self.theme = seen
        self.page.set_viewport_size({"width": self.width, "height": HEIGHTS[self.width]})
        self.page.emulate_media(color_scheme=self.theme)

    def barriers(self) -> list[str]:
        """What axe-core finds on the page that keeps people out."""
        found = AXE.run(self.page).response["violations"]
        return [
            f"{one['id']}: {node['target'][0]} {node['html'][:120]}"
            for one in found if one["impact"] in GRAVE for node in one["nodes"]
        ]  # fmt: skip

    def overflow(self) -> int:
        """How many pixels the page is wider than the screen."""
        wider: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return max(0, wider)

    def leaves(self) -> None:
        """Close it all."""
        self.context.close()
