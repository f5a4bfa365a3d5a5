"""`bot template`: what content has, and what Zalo says of it."""

from __future__ import annotations

import json

from tests.cli.test_doctor import TEMPLATES, Ward, ward  # noqa: F401 - a fixture
from tests.fakes.zalo.books import Parameter, Template
from tests.library.packs import write


async def test_templates_are_listed_asked_about_and_listed_again(ward: Ward) -> None:  # noqa: F811 - the fixture
    assert "Chưa có mẫu nào" in (await ward.command("template", "list")).stdout
    write(ward.folder, {"content/templates/zalo.yaml": TEMPLATES})
    [line] = (await ward.command("template", "list", "--json")).stdout.splitlines()
    assert (json.loads(line)["state"], json.loads(line)["by"]) == ("", ["template"])
    unknown = await ward.command("template", "sync", "--as", "dung")
    assert (unknown.exit_code, "Không có cán bộ “dung”" in unknown.stderr) == (1, True)
    assert (await ward.command("user", "add", "dung", "--role", "admin")).exit_code == 0
    refused = await ward.command("template", "sync", "--as", "dung")
    assert (refused.exit_code, refused.stderr.startswith("-")) == (1, True), "Zalo has no such template"
    ward.zalo.templates["301"] = Template("301", "Lãi nay là <lai>.", (Parameter("lai", 10),), price_uid=120)
    [line] = (await ward.command("template", "sync", "--as", "dung", "--json")).stdout.splitlines()
    assert (json.loads(line)["state"], json.loads(line)["why_not"]) == ("approved", "")
    assert "đã duyệt" in (await ward.command("template", "list")).stdout
    assert "Theo mã: 120 đồng." in await ward.signs("ok", "templates")


async def test_without_tokens_nothing_can_be_asked(ward: Ward) -> None:  # noqa: F811 - the fixture
    ward.more["web_secret"] = "another"
    write(ward.folder, {"content/templates/zalo.yaml": TEMPLATES})
    refused = await ward.command("template", "sync", "--as", "dung")
    assert (refused.exit_code, "quản trị cấp phép" in refused.stderr) == (1, True)
