"""What a released version left is taken over, and what none of them made is refused in a sentence."""

from __future__ import annotations

import ast
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

import server.db.migrations
from server.db.engine import Database, UnknownTables, newest_revision
from server.db.journal import SqlJournal
from server.identity.store import IdentityStore
from tests.server.app.program import yuntiao
from tests.server.db.databases import sqlite_url
from tests.server.db.save import ADMIN, OFFICE, SAID, STREAM

SAVED = {path.stem: path.read_text("utf-8") for path in sorted((Path(__file__).parent / "saved").glob("*.sql"))}
STEPS = sorted((Path(server.db.migrations.__file__).parent / "versions").glob("r*.py"))


@pytest.mark.parametrize("version", SAVED)
async def test_a_database_of_a_released_version_is_upgraded_with_all_that_is_in_it(
    version: str, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "yuntiao.db")) as connection:
        connection.executescript(SAVED[version])
    database = Database(sqlite_url(tmp_path / "yuntiao.db"))
    await database.migrate()
    store = IdentityStore(database)
    assert (await store.office(OFFICE.id), await store.user(ADMIN.id)) == (OFFICE, ADMIN)
    assert [event.data["text"] for event in await SqlJournal(database).read(STREAM)] == list(SAID)
    await database.close()


async def test_a_database_that_is_up_to_date_is_known_by_the_last_steps_name(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "yuntiao.db")
    database = Database(url)
    await database.migrate()
    async with database.read() as connection:
        assert (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar() == newest_revision()
    await database.close()


async def test_the_first_step_makes_what_the_first_version_made(tmp_path: Path) -> None:
    """It is frozen: later changes of the tables are steps of their own."""
    database = Database(sqlite_url(tmp_path / "yuntiao.db"))
    await database.migrate("0001_version_0_2_0")
    await database.close()
    every = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name"
    with closing(sqlite3.connect(":memory:")) as saved, closing(sqlite3.connect(tmp_path / "yuntiao.db")) as made:
        saved.executescript(SAVED["version_0_2_0"])
        assert made.execute(every).fetchall() == saved.execute(every).fetchall()


@pytest.mark.parametrize("step", STEPS, ids=lambda path: path.stem)
def test_a_step_imports_nothing_of_the_program_which_goes_on_changing(step: Path) -> None:
    names = set()
    for node in ast.walk(ast.parse(step.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            names.add(str(node.module))
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    assert {name.partition(".")[0] for name in names} <= {"__future__", "alembic", "sqlalchemy"}


async def _made_by(url: URL, revision: str) -> None:
    database = Database(url)
    await database.migrate()
    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = :one"), {"one": revision})
    await database.close()


async def test_tables_of_a_version_nobody_knows_are_refused(empty_url: URL) -> None:
    await _made_by(empty_url, "0045_satisfaction")
    database = Database(empty_url)
    with pytest.raises(UnknownTables, match="0045_satisfaction"):
        await database.migrate()
    await database.close()


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("offices", "list")], ids=["serve", "a command"])
async def test_the_program_says_so_in_a_sentence_and_ends(command: tuple[str, ...], tmp_path: Path) -> None:
    await _made_by(sqlite_url(tmp_path / "yuntiao.db"), "0045_satisfaction")
    process = await yuntiao(*command, "--data", str(tmp_path))
    _, said = await process.communicate()
    assert process.returncode == 2, said.decode()
    assert "begin with another data folder" in " ".join(said.decode().split())
    assert "Traceback" not in said.decode()
