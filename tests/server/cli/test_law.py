"""`yuntiao law …`: official texts come in while the server runs, are searched, shown for their day, and forgotten."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from law.catalogue import catalogue
from law.library import ArticleText
from rooms import commands as c
from rooms.live.registry import Rooms
from server.cli import app
from server.cli.law import own_id
from server.complaints.office_store import LawStore, StoredLaws
from tests.server.app.office import NoMedia, World

LOCAL = "某市预付卡管理办法\n\n第一条　为了试一试。\n第二条　存管银行每月报余额。\n"
OFFICIAL = """# 中华人民共和国消费者权益保护法

## 第五十四条

官方的第五十四条。

**第五十五条** 官方的第五十五条。
第二款。
"""


def run(*args: str, fails: bool = False) -> str:
    done = CliRunner().invoke(app, ["law", *args])
    assert (done.exit_code != 0) is fails, done.output
    return done.output


def told(*args: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*args, "--json"))
    return found


def test_the_catalogue_is_listed_and_searched_without_a_server(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    assert told("list", *data)["articles"] == len(catalogue())
    assert "《民法典》第五百八十七条" in run("list", "civil", *data)
    assert told("search", "定金不退", *data)["hits"][0]["id"] == "civil-587"
    assert "not yet in force then" in run("search", "预付式消费解释第十四条", "--on", "2025-04-30", *data)
    assert "nothing found" in run("search", "zzzqqq", *data)
    run("list", "no-such-law", *data, fails=True)
    run("search", "定金", "--on", "yesterday", *data, fails=True)


def test_without_a_data_folder_there_is_the_catalogue_and_nothing_is_written(tmp_path: Path) -> None:
    nowhere, file = tmp_path / "nowhere", tmp_path / "law.md"
    file.write_text(OFFICIAL, "utf-8")
    assert told("search", "消法53", "--data", str(nowhere))["hits"][0]["id"] == "consumer-53"
    assert "there is no data folder" in run("import", str(file), "--data", str(nowhere), fails=True)
    assert not nowhere.exists()


def test_a_known_statute_comes_beside_its_gists(tmp_path: Path) -> None:
    data, file = ("--data", str(tmp_path)), tmp_path / "law.md"
    file.write_text(OFFICIAL, "gb18030")
    report = told("import", str(file), *data)
    assert (report["statute"], report["since"], report["articles"], report["beside_a_gist"]) == (
        "consumer", "2014-03-15", 2, 2,
    )  # fmt: skip
    hit = told("search", "消法55条", *data)["hits"][0]
    assert hit["official"] == "官方的第五十五条。\n第二款。"
    assert hit["gist"]
    assert told("import", str(file), *data)["replaced"] == 2
    run("forget", "consumer", "2014-03-15", *data)
    assert told("search", "消法55条", *data)["hits"][0]["official"] == ""
    run("forget", "consumer", "2014-03-15", *data, fails=True)


def test_an_unknown_statute_needs_its_first_day(tmp_path: Path) -> None:
    data, file = ("--data", str(tmp_path)), tmp_path / "local.txt"
    file.write_text(LOCAL, "utf-8")
    assert "give --since" in run("import", str(file), *data, fails=True)
    report = told("import", str(file), "--since", "2026-01-01", *data)
    assert (report["statute"], report["beside_a_gist"]) == (own_id("某市预付卡管理办法"), 0)
    assert told("search", "存管银行", *data)["hits"][0]["citation"] == "《某市预付卡管理办法》第二条"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "nothing to read"),
        (b"\xff\xfe\x00\x81", "neither UTF-8 nor GB18030"),
        ("标题\n第二条 甲。\n第一条 乙。".encode(), "not in order"),
        (b"hello", "nothing to read"),
    ],
)
def test_a_file_that_is_no_statute_is_refused_with_the_reason(tmp_path: Path, content: bytes, why: str) -> None:
    file = tmp_path / "broken.txt"
    file.write_bytes(content)
    assert why in run("import", str(file), "--since", "2026-01-01", "--data", str(tmp_path), fails=True)
    run("import", str(tmp_path / "nowhere.txt"), "--data", str(tmp_path), fails=True)


async def test_the_room_shows_the_wording_of_the_day_it_happened(world: World, tmp_path: Path) -> None:
    store = LawStore(world.database)
    shelf = StoredLaws(store, world.complaints, world.store)
    session = await world.rooms.state(await world.session())
    before = await shelf.leaf(session, "consumer-55")
    assert before is not None
    assert (before.official, before.on) == ("", "2026-06-20")  # received four days ago, no purchase on file
    text = ArticleText("consumer", "消费者权益保护法", 55, 0, "官方的。", date(2014, 3, 15))
    await store.replace([text], world.clock.now())
    after = await shelf.leaf(session, "consumer-55")
    assert after is not None
    assert after.official == "官方的。"
    assert await shelf.leaf(session, "nothing-1") is None


async def test_what_was_imported_is_shown_to_a_room(world: World) -> None:
    store = LawStore(world.database)
    shelf = StoredLaws(store, world.complaints, world.store)
    await store.replace([ArticleText("own-1", "某办法", 3, 0, "本地的写法。", date(2026, 1, 1))], world.clock.now())
    session = await world.session()
    rooms = Rooms(world.journal, NoMedia(), world.clock, articles=shelf.leaf)
    await rooms.start()
    try:
        await rooms.submit(session, c.Arrive(), world.zhou.actor)
        await rooms.submit(session, c.ShowLaw("own-1-3"), world.zhou.actor)
        shown = (await rooms.state(session)).shown_law
    finally:
        await rooms.stop()
    assert shown is not None
    assert (shown.leaf.official, shown.leaf.citation["zh"]) == ("本地的写法。", "《某办法》第三条")
