"""What commands have in common at a terminal: options of one meaning, settings, and one line for what went wrong."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from server.serving import installation_absent

if TYPE_CHECKING:
    from server.serving.settings import Settings, SettingsFile

T = TypeVar("T")
Data = Annotated[Path | None, typer.Option(help="Data folder; the server may be running.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def log_to_stderr() -> None:
    """Standard output is for what was asked. `serve` says more exactly how its lines look."""
    import structlog

    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))


def fail(why: str, code: int = 2) -> NoReturn:
    typer.echo(f"yuntiao: {why}", err=True)
    sys.exit(code)


def chosen(given: dict[str, Any]) -> Settings:
    """What was given, over what YUNTIAO_… variables say; exits with a sentence when that cannot be."""
    try:
        return settings_of(given)
    except ValueError as fault:
        fail(str(fault))


@cache
def _file() -> SettingsFile:
    from server.serving.settings import SettingsFile

    return SettingsFile()


def settings_of(given: dict[str, Any]) -> Settings:
    """Likewise, also of the file that YUNTIAO_SETTINGS names, as it is now. ValueError, fit for who operates it."""
    _file().read()
    return _settings(given)


def settings_anew(given: dict[str, Any]) -> Settings:
    """Likewise, for a server that runs; its environment stays as it was."""
    with _file().looked_into():
        return _settings(given)


def _settings(given: dict[str, Any]) -> Settings:
    from pydantic import ValidationError

    from server.serving.settings import Settings

    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as fault:
        raise ValueError("; ".join(_said(error) for error in fault.errors())) from None


def with_parts(data: Path | None, do: Callable[[Any], Awaitable[T]], there: bool = True) -> T:
    """What `do` says of the program's parts over a data folder, whose server may be running. `there`: ends the program
    where there is no installation; otherwise one is made."""
    # The rest of the program takes a moment to load, which `--help` need not wait for.
    from server.app.wiring import assemble

    settings = chosen({"data": data})
    if there and (sentence := installation_absent(settings)):
        fail(sentence, 1)

    async def inside() -> T:
        parts = assemble(settings)
        try:
            await parts.database.migrate()
            return await do(parts)
        finally:
            await parts.database.close()

    return asyncio.run(inside())


def _said(error: Any) -> str:
    where = " ".join(str(part).replace("_", "-") for part in error["loc"])
    what = error["msg"].removeprefix("Value error, ")
    return f"{where}: {what}" if where else what
