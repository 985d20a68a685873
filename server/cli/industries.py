"""`yuntiao industries import`: the official table of industries, from the CSV an office has."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from server.cli.terminal import Data, chosen, fail

if TYPE_CHECKING:
    from server.serving.settings import Settings

MOST_BYTES: Final = 2 * 1024 * 1024

app = typer.Typer(no_args_is_help=True, help="Industries of GB/T 4754-2017.")


@app.callback()
def _group() -> None:
    """Keeps `import` a word of its own."""


@app.command("import")
def import_table(
    file: Annotated[Path, typer.Argument(help="CSV: code, name; UTF-8 or GB18030.")],
    data: Data = None,
) -> None:
    """Take over groups and classes from the official table, in place of an earlier one."""
    from complaints.record.industries import BadIndustryTable as BadTable
    from server.confinement.frames import Declined, ReaderStopped
    from server.confinement.reader import read_now

    try:
        if file.stat().st_size > MOST_BYTES:
            fail(f"{file} has more than {MOST_BYTES} bytes: that is no table of industries")
        with file.open("rb") as opened:
            (frame,) = read_now("industries", opened).frames
    except OSError as fault:
        fail(str(fault))
    except Declined as no:
        fail(f"{file} is neither UTF-8 nor GB18030" if no.code == "encoding" else f"{file}: {BadTable(**no.params)}")
    except ReaderStopped:
        fail(f"{file}: reading it took more memory or time than any table of industries")
    table: dict[str, str] = json.loads(frame)
    asyncio.run(_take(chosen({"data": data}), table))
    typer.echo(f"{len(table)} industries")


async def _take(settings: Settings, table: dict[str, str]) -> None:
    from server.complaints.office_store import IndustryStore
    from server.db.engine import Database

    database = Database(settings.database)
    try:
        await database.migrate()
        await IndustryStore(database).replace(table)
    finally:
        await database.close()
