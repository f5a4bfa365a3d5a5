"""Which browser somebody is signed in with, as people call it."""

from __future__ import annotations

from bot.speech import _

BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("coc_coc", "Cốc Cốc"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
            ("Safari", "Safari"))  # fmt: skip
"""The first that stands in the header: those built on Chrome name it as well, and Chrome names Safari."""
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "Mac"),
           ("Linux", "Linux"))  # fmt: skip


def agent_words(header: str) -> str:
    """ "Chrome, Windows" of a User-Agent header."""
    browser = next((name for mark, name in BROWSERS if mark in header), "")
    system = next((name for mark, name in SYSTEMS if mark in header), "")
    return ", ".join(filter(None, (browser, system))) or _("máy không rõ")
