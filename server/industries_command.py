"""`yuntiao industries import`: the official table of industries, from the CSV an office has."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Final

import typer

from complaints.industries import BadTable, official_table
from server.settings import Settings
from server.terminal import fail

MOST_BYTES: Final = 2 * 1024 * 1024

app = typer.Typer(no_args_is_help=True, help="Industries of GB/T 4754-2017.")


@app.callback()
def _group() -> None:
    """Keeps `import` a word of its own."""


@app.command("import")
def import_table(
    file: Annotated[Path, typer.Argument(help="CSV: code, name; UTF-8 or GB18030.")],
    data: Annotated[Path | None, typer.Option(help="Data folder; the server may be running.")] = None,
) -> None:
    """Take over groups and classes from the official table, in place of an earlier one."""
    try:
        raw = file.read_bytes()
        if len(raw) > MOST_BYTES:
            fail(f"{file} has more than {MOST_BYTES} bytes: that is no table of industries")
        table = official_table(decoded(raw))
    except OSError as fault:
        fail(str(fault))
    except UnicodeDecodeError:
        fail(f"{file} is neither UTF-8 nor GB18030")
    except BadTable as fault:
        fail(f"{file}: {fault}")
    settings = Settings(data=data) if data else Settings()
    asyncio.run(_take(settings, table))
    typer.echo(f"{len(table)} industries")


def decoded(raw: bytes) -> str:
    """UTF-8 when it is that, else GB18030."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


async def _take(settings: Settings, table: dict[str, str]) -> None:
    from server.storage.areas import IndustryStore
    from server.storage.engine import Database

    database = Database(settings.database)
    try:
        await database.migrate()
        await IndustryStore(database).replace(table)
    finally:
        await database.close()
