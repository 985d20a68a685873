"""Log lines, alike from every process of the program: one line each on standard error, as JSON or to be read.

Both loggers in use, the standard library's and structlog's, end in `_Writer`. What is known of where a line belongs,
the request or the job that is being dealt with, is in it by itself.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, TextIO

LogFormat = Literal["text", "json"]
NOISY: Final = ("alembic", "aiosqlite", "aioice", "engineio", "socketio")
"""Libraries of which only warnings are told."""
REQUEST_ID: Final = "X-Request-ID"
_GIVEN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_PLAIN: Final = re.compile(r"[^\s\"=]+")


@dataclass(slots=True)
class _Dealing:
    """`over`: tasks it began, which took it along, say no more that they belong to it."""

    ids: Mapping[str, str]
    over: bool = False


_DEALING: ContextVar[_Dealing | None] = ContextVar("dealing with", default=None)


@contextmanager
def dealing_with(*, request: str = "", job: str = "") -> Iterator[None]:
    """Lines from within say which request, or which job of which request, they belong to."""
    what = _Dealing({key: id_ for key, id_ in (("request", request), ("job", job)) if id_})
    before = _DEALING.set(what)
    try:
        yield
    finally:
        what.over = True
        _DEALING.reset(before)


def current_request() -> str:
    """Id of the request that is being dealt with; "" when none is."""
    dealing = _DEALING.get()
    return "" if dealing is None or dealing.over else dealing.ids.get("request", "")


def request_id(given: str | None = None) -> str:
    """A proxy's, when it may be one; a new one otherwise."""
    return given if given and _GIVEN.fullmatch(given) else secrets.token_hex(8)


def configure(process: str, form: LogFormat, to: TextIO | None = None, bound: bool = True) -> None:
    """For the whole process, whose name each line says; also faults that nobody catches, and Python's warnings.

    `bound`: structlog as well, which takes a tenth of a second and five megabytes to load.
    """
    write = _Writer(process, form, to or sys.stderr)
    root = logging.getLogger()
    root.handlers = [_Handler(write)]
    root.setLevel(logging.INFO)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    if bound:
        import structlog

        structlog.configure(
            processors=[structlog.processors.add_log_level, structlog.processors.format_exc_info, _named],
            logger_factory=lambda *names: _Sink(write, str(names[0]) if names else ""),
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        )
    sys.excepthook = lambda _kind, fault, _trace: write.fault("uncaught", _told(fault))
    threading.excepthook = lambda of: write.fault("uncaught in a thread", _told(of.exc_value))


def _told(fault: BaseException | None) -> str:
    return "".join(traceback.format_exception(fault)).rstrip()


class _Writer:
    def __init__(self, process: str, form: str, to: TextIO) -> None:
        self._process, self._line, self._to = process, _json if form == "json" else _text, to

    def __call__(self, at: float | None, level: str, logger: str, event: str, more: Mapping[str, Any]) -> None:
        """`at`: Unix time; None is now."""
        moment = datetime.now(UTC) if at is None else datetime.fromtimestamp(at, UTC)
        said = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": level,
            "process": self._process,
            "logger": logger,
            "event": event,
        }
        dealing = _DEALING.get()
        if dealing is not None and not dealing.over:
            said |= dealing.ids
        said |= {f"{key}_" if key in said else key: value for key, value in more.items() if value is not None}
        with suppress(OSError, ValueError):  # nobody reads it any more: no reason to end what it was about
            self._to.write(self._line(said) + "\n")
            self._to.flush()

    def fault(self, event: str, exception: str) -> None:
        self(None, "critical", "", event, {"exception": exception})


def _json(said: Mapping[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, default=str, separators=(",", ":"))


def _text(said: Mapping[str, Any]) -> str:
    rest = dict(said)
    exception = rest.pop("exception", "")
    head = " ".join(str(rest.pop(key)) for key in ("time", "level", "process"))
    # Nobody who has something written down makes up a line of their own.
    logger, event = rest.pop("logger"), str(rest.pop("event")).replace("\n", "\\n")
    values = "".join(f" {key}={_quoted(value)}" for key, value in rest.items())
    return f"{head} {logger}: {event}{values}" + (f"\n{exception}" if exception else "")


def _quoted(value: object) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


class _Handler(logging.Handler):
    """The standard library's."""

    def __init__(self, write: _Writer) -> None:
        super().__init__()
        self._write, self._formatter = write, logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            fault = {"exception": self._formatter.formatException(record.exc_info)} if record.exc_info else {}
            self._write(record.created, record.levelname.lower(), record.name, record.getMessage(), fault)
        except Exception:
            self.handleError(record)


class _Sink:
    """Where structlog's bound loggers end."""

    def __init__(self, write: _Writer, name: str) -> None:
        self._write, self.name = write, name

    def msg(self, event: str = "", *, level: str, **more: Any) -> None:
        self._write(None, level, self.name, event, more)

    debug = info = warning = error = critical = msg


def _named(_logger: object, _method: str, said: MutableMapping[str, Any]) -> tuple[tuple[str], dict[str, Any]]:
    """The last of structlog's processors: what `_Sink.msg` takes."""
    event = str(said.pop("event", ""))
    return (event,), dict(said)
