"""What the log shows of a failure: where it was, and no value of any variable."""

from __future__ import annotations

import io
import sys

import pytest
import structlog

from bot.cli.run import log_from


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [Terminal(), io.StringIO()], ids=["terminal", "pipe"])
def test_a_traceback_shows_no_values(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    log_from("info")
    try:
        secret = "".join(("12345", ":token"))
        try:
            len(secret) / 0
        except ZeroDivisionError:
            structlog.get_logger().exception("it broke")
    finally:
        structlog.reset_defaults()
    shown = stream.getvalue()
    assert "ZeroDivisionError" in shown
    assert "12345:token" not in shown
