"""`bot segment`, as officers run it."""

from __future__ import annotations

import json

from typer.testing import CliRunner, Result

from bot.cli.commands import commands
from bot.cli.shell import Shell
from tests.cli.test_broadcast import furnished
from tests.conftest import Clock


def test_queries_are_read_counted_explained_and_kept(sqlite_url: str, clock: Clock) -> None:
    settings = furnished(sqlite_url)

    def run(*arguments: str, fails: bool = False) -> Result:
        result = CliRunner().invoke(commands, ["segment", *arguments], obj=Shell(clock, lambda: settings))
        assert result.exit_code == (1 if fails else 0), (result.output, result.exception)
        return result

    assert run("show", "Hộ = 'Nghèo' và kênh = telegram").stdout.strip() == "ho = ngheo va kenh = telegram"
    counted = json.loads(run("count", "ho = ngheo", "--json").stdout)
    assert (counted["total"], counted["by_household"]) == (2, {"ngheo": 2})
    assert "2 người nhận được" in run("count", "ho = ngheo").stdout
    told = json.loads(run("test", "ho = khac and kenh = telegram", "--contact", "1", "--json").stdout)
    assert (told["holds"], [part["holds"] for part in told["parts"]]) == (False, [False, True])
    assert "✗ ho = khac" in run("test", "ho = khac and kenh = telegram", "--contact", "1").stdout
    assert "Gần nhất: ho" in run("count", "hoo = ngheo", fails=True).output
    assert "không có người này" in run("test", "tat-ca", "--contact", "telegram:nobody", fails=True).output
    assert "Đã lưu nhóm @ngheo" in run("save", "ngheo", "ho = ngheo", "--as", "lan").stdout
    assert "Đã thay nhóm @ngheo" in run("save", "ngheo", "ho in (ngheo, khac)", "--as", "lan").stdout
    assert json.loads(run("count", "@ngheo", "--json").stdout)["total"] == 3
    for name in ("@ngheo", "x" * 65, "hai chữ"):
        assert "Tên nhóm" in run("save", name, "ho = khac", "--as", "lan", fails=True).output
    run("save", "khac", "ho = khac", "--as", "tu", fails=True)  # staff only read
    assert [json.loads(line)["name"] for line in run("list", "--json").stdout.splitlines()] == ["ngheo"]
    assert "Đã bỏ nhóm" in run("delete", "ngheo", "--as", "lan").stdout
    run("delete", "ngheo", "--as", "lan", fails=True)
