"""Every route × every role × in and out of the area, forged forms on every change, and scripts on every page."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from bot.console.app import ROUTES
from bot.console.visit import COOKIE, PREFIX
from bot.store.schema import metadata
from tests.console.ground import MARKUP, Ground
from tests.console.office import Console
from tests.console.routes import AREAS, RIGHTS, ROLES

EVERYBODY = {"nobody": "", "staff": "xem", "officer": "an", "approver": "binh", "admin": "dung"}
NEAR = {"staff": "xem-mot", "officer": "an-mot", "approver": "binh-mot"}
"""Who works for commune 1 alone. Admins are everywhere."""
CHANGES = sorted(route for route in RIGHTS if route.startswith("POST"))
PAGES = sorted(route for route in RIGHTS if route.startswith("GET"))
VOLATILE = ("console_sessions", "sign_in_attempts")
"""Tables that being asked changes, whatever the answer."""


@pytest.fixture
async def ground(console: Console) -> Ground:
    """The console, with rows of two communes in it."""
    return await Ground(console).lay()


async def ask(console: Console, route: str, login: str, *, far: bool = False, csrf: str | None = None) -> int:
    """The status of *route*, asked by *login* in a session of its own; 401 when it leads to the door. Streams are left
    as soon as they begin."""
    method, path = route.split(" ")
    console.tokens.pop(login, None)
    token = await console.sign_in(login)
    form = {"csrf": console.csrf(token) if csrf is None else csrf} if method == "POST" else None
    answer = await console.client.request(
        method, PREFIX + Ground.path_of(path, far=far), data=form, headers={"Cookie": f"{COOKIE}={token}"},
        allow_redirects=False,
    )  # fmt: skip
    answer.close()
    to_door = answer.headers.get("Location", "").startswith(f"{PREFIX}/sign-in") and path != "/sign-out"
    return 401 if to_door and answer.status == 303 and path != "/setup/{token}" else answer.status


def test_every_route_stands_in_the_table_with_its_right() -> None:
    assert {f"{route.method} {route.path}": route.right for route in ROUTES} == RIGHTS
    assert {route for route in RIGHTS if "{" in route.partition(" ")[2]} == set(AREAS)


@pytest.mark.parametrize("role", EVERYBODY)
async def test_a_route_is_open_to_who_has_its_right_and_to_nobody_else(ground: Ground, role: str) -> None:
    wrong = []
    for route, right in RIGHTS.items():
        status = await ask(ground.console, route, EVERYBODY[role])
        # who isn't signed in has no form of ours: 403; what is there but not now, or not so, is 404, 409 or 422
        is_open = status not in (401, 403) and status < 500
        if is_open != (role in ROLES[right].split()) and not (role == "nobody" and route.startswith("POST")):
            wrong.append((route, status))
    assert not wrong


@pytest.mark.parametrize("role", NEAR)
async def test_what_is_out_of_the_area_is_not_there(ground: Ground, role: str) -> None:
    wrong = []
    for route, is_of_area in AREAS.items():
        if not is_of_area or role not in ROLES[RIGHTS[route]].split():
            continue
        near, far = await ask(ground.console, route, NEAR[role]), await ask(ground.console, route, NEAR[role], far=True)
        if near == 404 or far != 404:
            wrong.append((route, near, far))
    assert not wrong


@pytest.mark.parametrize("csrf", ["", "0" * 64])
async def test_a_forged_form_is_refused_by_every_change_and_changes_nothing(ground: Ground, csrf: str) -> None:
    before = await rows_of(ground.console)
    answers = {route: await ask(ground.console, route, "dung", csrf=csrf) for route in CHANGES}
    assert answers == dict.fromkeys(CHANGES, 403)
    assert await rows_of(ground.console) == before


async def test_a_session_that_was_signed_out_opens_nothing(ground: Ground) -> None:
    console = ground.console
    token = await console.sign_in("dung")
    assert (await console.post("/sign-out", "dung")).status == 303
    closed = [route for route in PAGES if RIGHTS[route] != "open"]
    for route in closed:
        answer = await console.client.get(
            PREFIX + Ground.path_of(route.split(" ")[1]), headers={"Cookie": f"{COOKIE}={token}"}, allow_redirects=False
        )
        answer.close()
        assert (answer.status, answer.headers["Location"][:17]) == (303, "/console/sign-in?"[:17]), route


async def test_scripts_in_names_and_messages_are_text_on_every_page(ground: Ground) -> None:
    shown = set()
    for route in PAGES:
        if ground.is_stream(route):
            continue
        page = await ground.console.get(Ground.path_of(route.split(" ")[1]), "dung")
        assert page.status < 500, route
        assert MARKUP not in page.text, route
        assert "<script>alert" not in page.text, route
        assert "onerror=alert(1)>" not in page.text, route
        if "alert(1)" in page.text:
            shown.add(route)
    assert shown >= ground.shows_markup, "pages that show what people wrote were looked at"


async def rows_of(console: Console) -> dict[str, list[tuple[object, ...]]]:
    """Everything that is stored, but what being asked changes."""
    found = {}
    async with console.database.connect() as db:
        for table in metadata.sorted_tables:
            if table.name not in VOLATILE:
                rows = await db.execute(select(table).order_by(text("1")))
                found[table.name] = [tuple(row) for row in rows]
    return found
