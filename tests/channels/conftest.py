"""The stages where the HTTP client is tested: plain sockets and TLS, on both event loops."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import uvloop

from tests.channels.http_origin import Stage, make_certificate

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(params=["asyncio-plain", "asyncio-tls", "uvloop-plain", "uvloop-tls"])
def stage(request: pytest.FixtureRequest) -> Stage:
    loop, _, wire = request.param.partition("-")
    return Stage(LOOPS[loop], request.getfixturevalue("certificate") if wire == "tls" else None)
