"""Nodes are brought to the next version one after another: the others work on meanwhile on tables that have changed.

Held in two halves. Each step of a migration only adds, so that what the version before it says to the database still
holds; and this version, whose tables somebody adds to while it runs, plays a whole mediation on them.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import URL

import server.db.migrations
from server.db.engine import Database
from tests.server.app.program import serving, yuntiao
from tests.server.db.databases import create_postgres

STEPS = [
    path.stem.removeprefix("r")
    for path in sorted((Path(server.db.migrations.__file__).parent / "versions").glob("r*.py"))
]
BEFORE_ANY_RELEASE = {"0003_officers_day": ["links.opened_at is gone"]}
"""What steps did that were made before 0.2.0 was anywhere: nobody upgrades over them node by node."""


@dataclass
class Shape:
    """What whoever writes to a table has to do right."""

    columns: dict[str, tuple[str, bool, bool]] = field(default_factory=dict)  # type, may be left out, may be null
    rules: set[str] = field(default_factory=set)


async def shapes(database: Database) -> dict[str, Shape]:
    async with database.read() as connection:
        return await connection.run_sync(_shapes)


def _shapes(connection: Connection) -> dict[str, Shape]:
    looked, found = inspect(connection), {}
    for table in looked.get_table_names():
        shape = found[table] = Shape()
        for column in looked.get_columns(table):
            optional = column["nullable"] or column["default"] is not None or bool(column.get("autoincrement") is True)
            shape.columns[column["name"]] = (str(column["type"]), bool(optional), bool(column["nullable"]))
        unique = [one["column_names"] for one in looked.get_unique_constraints(table)]
        unique += [[name or "" for name in one["column_names"]] for one in looked.get_indexes(table) if one["unique"]]
        shape.rules |= {f"unique {names}" for names in unique}
        shape.rules |= {f"check {one['sqltext']}" for one in looked.get_check_constraints(table)}
        shape.rules |= {
            f"{one['constrained_columns']} of {one['referred_table']}" for one in looked.get_foreign_keys(table)
        }
        shape.rules.add(f"key {looked.get_pk_constraint(table)['constrained_columns']}")
    return found


def breaks(before: dict[str, Shape], after: dict[str, Shape]) -> list[str]:
    """What a program that knows only the tables of before could stumble over."""
    found = [f"{table} is gone" for table in before.keys() - after.keys()]
    for table in sorted(before.keys() & after.keys()):
        old, new = before[table], after[table]
        for name, (type_, optional, null) in old.columns.items():
            if name not in new.columns:
                found.append(f"{table}.{name} is gone")
            elif new.columns[name][0] != type_:
                found.append(f"{table}.{name} is {new.columns[name][0]}")
            elif (optional and not new.columns[name][1]) or (null and not new.columns[name][2]):
                found.append(f"{table}.{name} may no longer be left out")
        for name in new.columns.keys() - old.columns.keys():
            if not new.columns[name][1]:
                found.append(f"{table}.{name} is new and has no default")
        found += [f"{table}: {rule} is new" for rule in sorted(new.rules - old.rules)]
    return found


@pytest.mark.parametrize(("before", "step"), list(itertools.pairwise(STEPS)), ids=STEPS[1:])
async def test_a_step_only_adds_what_the_version_before_can_leave_alone(before: str, step: str, empty_url: URL) -> None:
    database = Database(empty_url)
    await database.migrate(before)
    was = await shapes(database)
    await database.migrate(step)
    assert breaks(was, await shapes(database)) == BEFORE_ANY_RELEASE.get(step, [])
    await database.close()


async def test_what_would_make_it_stumble_is_seen(empty_url: URL) -> None:
    database = Database(empty_url)
    await database.migrate()
    was = await shapes(database)
    async with database.write() as connection:
        for statement in (
            "CREATE TABLE tomorrow (id integer PRIMARY KEY, word text NOT NULL)",
            "ALTER TABLE offices ADD COLUMN tomorrow text",
            "ALTER TABLE offices ADD COLUMN counted integer NOT NULL DEFAULT 0",
            "CREATE INDEX ix_tomorrow ON offices (tomorrow)",
        ):
            await connection.execute(text(statement))
    assert breaks(was, await shapes(database)) == []
    async with database.write() as connection:
        for statement in (
            "ALTER TABLE messages RENAME COLUMN last_error TO fault",
            "CREATE UNIQUE INDEX ux_tomorrow ON offices (short)",
            "DROP TABLE alerts_read",
        ):
            await connection.execute(text(statement))
    assert breaks(was, await shapes(database)) == [
        "alerts_read is gone",
        "messages.last_error is gone",
        "messages.fault is new and has no default",
        "offices: unique ['short'] is new",
    ]
    await database.close()


# ------------------------------------------------------------ a program whose tables grow underneath it

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
TOMORROW = "9999_tomorrow"


async def become_tomorrows(url: URL) -> int:
    """As a migration of the next version: every table has a column more that may be empty, and one with a default."""
    database = Database(url)
    async with database.write() as connection:
        names: Sequence[str] = (await connection.execute(text(TABLES))).scalars().all()
        for name in names:
            await connection.execute(text(f'ALTER TABLE "{name}" ADD COLUMN tomorrow text'))
            await connection.execute(
                text(f'ALTER TABLE "{name}" ADD COLUMN tomorrows_count integer NOT NULL DEFAULT 0')
            )
        await connection.execute(text("CREATE TABLE tomorrow (id integer PRIMARY KEY, word text NOT NULL)"))
        await connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": TOMORROW})
    await database.close()
    return len(names)


async def rehearse(url: str, password: str) -> dict[str, Any]:
    options = ("--json", "--server", url, "--password", password)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "rehearse", *options, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    report: dict[str, Any] = json.loads(output)
    return report


@pytest.mark.long
@pytest.mark.media
@pytest.mark.postgres
async def test_a_node_plays_a_whole_mediation_while_the_next_version_has_changed_its_tables(
    postgres_server: URL, tmp_path: Path
) -> None:
    url = create_postgres(postgres_server)
    address = url.render_as_string(hide_password=False)
    async with serving(tmp_path, "--demo", YUNTIAO_DATABASE_URL=address) as program:
        assert await become_tomorrows(url) > 50
        report = await rehearse(program.url, program.facts["demo"]["password"])
        assert [step for step in report["steps"] if not step["ok"]] == []
        assert report["package"]["verdict"] == "holds"
        assert await program.end() == 0
        log = (await program.log).decode()
    assert "Traceback" not in log, log
    options = ("--demo", "--port", "0", "--media-port", "0", "--data", str(tmp_path))
    again = await yuntiao("serve", *options, YUNTIAO_DATABASE_URL=address)
    _, said = await again.communicate()
    assert again.returncode == 2
    assert f"the database has tables of {TOMORROW}, which this version does not know" in said.decode()
