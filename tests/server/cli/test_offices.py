"""`yuntiao offices`: a bureau is put together from the command line."""

from __future__ import annotations

import asyncio
import getpass
import json
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr
from typer.testing import CliRunner

from offices.oversight import ActFilter
from server.app import demo
from server.app.demo import ADMINISTRATOR, OFFICE, SUPERVISOR
from server.app.wiring import assemble
from server.cli import app
from server.identity.officers import officer_from
from server.oversight.act_store import ActStore
from server.serving.settings import Settings
from tests.server.app.office import PASSWORD, SECOND

RUN = CliRunner()


def run(data: Path, *words: str) -> tuple[int, str]:
    result = RUN.invoke(app, ["offices", *words, "--data", str(data)])
    return result.exit_code, result.output


def test_offices_are_added_and_made_to_dispatch(tmp_path: Path) -> None:
    new = (
        "add",
        "intake",
        "--name",
        "投诉举报中心",
        "--short",
        "中心",
        "--phone",
        "027-00001200",
        "--prefix",
        "东高投",
    )
    code, said = run(tmp_path, *new, "--administrator", "admin-zx")
    assert code == 0
    assert "admin-zx signs in with" in said
    assert run(tmp_path, *new, "--administrator", "admin-zx")[0] == 1  # the sign-in name is taken
    assert run(tmp_path, "intake", "intake") == (0, "intake receives for the bureau and dispatches\n")
    assert run(tmp_path, "intake", "nowhere")[0] == 1
    (office,) = json.loads(run(tmp_path, "list", "--json")[1])
    assert (office["id"], office["intake"]) == ("intake", True)
    assert run(tmp_path, "oversee", "nobody", "intake")[0] == 1


async def test_what_the_command_line_changes_stands_in_the_journal_with_who_and_why(tmp_path: Path) -> None:
    parts = assemble(Settings(data=tmp_path, demo=True, demo_password=SecretStr(PASSWORD)))
    await parts.database.migrate()
    await demo.seed(parts.store, parts.officers, parts.journal, parts.seal, datetime.now(UTC), PASSWORD)
    await parts.store.add_office(SECOND)
    try:
        account = f"yuntiao ({getpass.getuser()})"
        oversee = ("oversee", SUPERVISOR, SECOND.id, "--reason", "轮岗")
        assert (await in_a_thread(tmp_path, *oversee))[0] == 0
        assert (await in_a_thread(tmp_path, *oversee))[0] == 0  # as before: nothing to note
        assert (await in_a_thread(tmp_path, "intake", SECOND.id))[0] == 0
        supervisor = await parts.store.user_by_login(SUPERVISOR)
        assert supervisor is not None
        assert await parts.store.overseen(supervisor.id) == {SECOND.id}
        [overseen] = await parts.journal.read("bureau/access")
        assert (overseen.actor.id, overseen.actor.name, overseen.type) == ("command-line", account, "OverseenChanged")
        assert (overseen.data["before"], overseen.data["after"], overseen.data["reason"]) == ([], [SECOND.id], "轮岗")
        [dispatching] = await parts.journal.read("bureau/offices")
        assert (dispatching.actor.name, dispatching.data["changes"]) == (account, {"intake": [False, True]})
        administrator = await parts.store.user_by_login(ADMINISTRATOR)
        assert administrator is not None
        officer = officer_from(administrator, OFFICE)
        seen = (await ActStore(parts.database).acts(officer, ActFilter(act="rule"))).rows
        assert [(one.actor, one.reason) for one in seen] == [(account, "轮岗")]  # among what others did
    finally:
        await parts.database.close()


async def in_a_thread(data: Path, *words: str) -> tuple[int, str]:
    """It has an event loop of its own."""
    return await asyncio.to_thread(run, data, *words)


def test_a_new_office_is_in_the_journal_and_two_give_no_same_numbers(tmp_path: Path) -> None:
    new = ("--name", "二所", "--short", "二所", "--phone", "027-1", "--prefix", "东高二")
    assert run(tmp_path, "add", "two", *new, "--administrator", "admin-2")[0] == 0
    code, said = run(tmp_path, "add", "three", *new, "--administrator", "admin-3")
    assert (code, "bad_choice" in said) == (1, True)
    assert [office["id"] for office in json.loads(run(tmp_path, "list", "--json")[1])] == ["two"]
    assert asyncio.run(noted(tmp_path)) == [("OfficeAdded", "two")]


async def noted(data: Path) -> list[tuple[str, str]]:
    parts = assemble(Settings(data=data))
    try:
        return [(event.type, event.data["office"]) for event in await parts.journal.read("bureau/offices")]
    finally:
        await parts.database.close()


def test_the_issuing_authority_is_given_at_the_command_line(tmp_path: Path) -> None:
    new = ("--name", "二所", "--short", "二所", "--phone", "027-1", "--prefix", "东高二")
    bureau = ("--authority", "东湖高新区市场监督管理局", "--signature", "东湖市监")
    assert run(tmp_path, "add", "two", *new, *bureau, "--administrator", "admin-2")[0] == 0
    changed = run(tmp_path, "change", "two", "--address", "武汉市高新大道1号", "--signature", "")
    assert changed == (0, "two changed: address, signature\n")
    [office] = json.loads(run(tmp_path, "list", "--json")[1])
    assert (office["authority"], office["address"]) == ("东湖高新区市场监督管理局", "武汉市高新大道1号")
    assert (office["name"], office["signature"]) == ("二所", "")  # what was not said stays
    assert run(tmp_path, "change", "nowhere", "--address", "x")[0] == 1
    assert asyncio.run(noted(tmp_path)) == [("OfficeAdded", "two"), ("OfficeChanged", "two")]


async def test_a_roster_and_places_at_the_command_line_are_the_pages_rules_alone(tmp_path: Path) -> None:
    parts = assemble(Settings(data=tmp_path, demo=True, demo_password=SecretStr(PASSWORD)))
    await parts.database.migrate()
    await demo.seed(parts.store, parts.officers, parts.journal, parts.seal, datetime.now(UTC), PASSWORD)
    header = "单位代码,单位名称,简称,层级,上级机关,电话,投诉编号前缀,管理员登录名"
    good = "wuhan,武汉市市场监督管理局,武汉市局,市,,027-1,样例武投,wuhan.admin"
    right, wrong = tmp_path / "right.csv", tmp_path / "wrong.csv"
    right.write_text(f"{header}\n{good}\n", "utf-8")
    wrong.write_text(f"{header}\n{good}\nx,某局,某局,乡,wuhan,1,样例某投,\n", "utf-8")
    try:
        code, said = await in_a_thread(tmp_path, "roster", str(wrong))
        assert code == 1
        assert "x  wrong (level: bad_level)" in said
        assert (await in_a_thread(tmp_path, "roster", str(right), "--dry-run"))[0] == 0
        assert await parts.store.office("wuhan") is None
        code, said = await in_a_thread(tmp_path, "roster", str(right))
        assert "wuhan.admin signs in first with" in said
        assert (await in_a_thread(tmp_path, "place", OFFICE.id, "wuhan", "--reason", "归口"))[0] == 0
        assert await parts.store.line(OFFICE.id) == ["wuhan"]
        assert (await in_a_thread(tmp_path, "place", "wuhan", OFFICE.id))[0] == 1  # no city below an office
        entry = (await parts.journal.read("bureau/offices"))[-1]
        assert (entry.actor.id, entry.data["reason"]) == ("command-line", "归口")
        listed = (await in_a_thread(tmp_path, "list"))[1].splitlines()
        assert [line.index(id_) for line, id_ in zip(listed, ("wuhan", OFFICE.id), strict=True)] == [2, 4]
    finally:
        await parts.database.close()
