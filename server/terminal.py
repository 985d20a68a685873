"""What commands have in common at a terminal: options of one meaning, settings, and one line for what went wrong."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import structlog
import typer
from pydantic import ValidationError

from server.settings import Settings

Data = Annotated[Path | None, typer.Option(help="Data folder; the server may be running.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def log_to_stderr() -> None:
    """Standard output is for what was asked. `serve` says more exactly how its lines look."""
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))


def fail(why: str, code: int = 2) -> NoReturn:
    typer.echo(f"yuntiao: {why}", err=True)
    sys.exit(code)


def chosen(given: dict[str, Any]) -> Settings:
    """What was given, over what YUNTIAO_… variables say; exits with a sentence when that cannot be."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as fault:
        fail("; ".join(_said(error) for error in fault.errors()))


def _said(error: Any) -> str:
    where = " ".join(str(part).replace("_", "-") for part in error["loc"])
    what = error["msg"].removeprefix("Value error, ")
    return f"{where}: {what}" if where else what
