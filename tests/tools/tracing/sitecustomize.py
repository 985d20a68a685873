"""Notes which of our modules a process enters, when, and on whose account. Python loads it by PYTHONPATH.

A module is entered when one of its functions is called. Running its body on import does not count, and neither does
what a body calls. The account is what set it off: a request ("/join/code"), a room ("room"), a job ("job export"),
a loop that goes by the clock ("clock"), the start of a process ("start"); "" of everything else. What a task begins
goes on its account (`tests.tools.flows` says which accounts belong to a flow). A job's account says which job it is:
some the clock puts into the queue.
"""

from __future__ import annotations

import atexit
import contextvars
import json
import os
import sys
import threading
import time
from pathlib import Path
from types import CodeType, FrameType
from typing import NoReturn

FOLDER = os.environ.get("YUNTIAO_TRACE_FOLDER", "")
ROOT = str(Path(__file__).resolve().parents[3]) + os.sep
PACKAGES = (
    "journal", "law", "offices", "complaints", "casebook", "rooms", "media", "recordings", "signaling", "web", "server",
)  # fmt: skip
APART = 0.05  # seconds between two entries of a module that are noted
FUNCTION = 0x2  # CO_NEWLOCALS: not the body of a module or class
OPENS = {"_live": "room", "_watch": "clock", "watch": "clock", "keep_looking": "clock", "watched": "job"}
"""By the function a task begins with."""

_modules: dict[CodeType, str] = {}  # "": not ours
_opens: dict[CodeType, str] = {}
_entered: dict[tuple[str, str], list[float]] = {}
_account = contextvars.ContextVar("account", default="start" if "server.serving.jobs" in sys.orig_argv else "")


def _on_call(frame: FrameType, event: str, argument: object) -> None:
    code = frame.f_code
    module = _modules.get(code)
    if module is None:
        module = _modules[code] = _module(code)
        _opens[code] = OPENS.get(code.co_name, "") if module else ""
    if opened := _opens[code]:
        _account.set(f"job {frame.f_locals['handler']._make.__name__}" if opened == "job" else opened)
    elif not module and code.co_name == "_handle_request" and "request" in frame.f_locals:
        _account.set(frame.f_locals["request"].path)
    if module:
        now = time.monotonic()
        times = _entered.setdefault((module, _account.get()), [])
        if (not times or now - times[-1] > APART) and not _importing(frame):
            times.append(now)


def _importing(frame: FrameType | None) -> bool:
    """True below the body of a module of ours, but for the program's own, which never ends."""
    while frame is not None:
        code = frame.f_code
        ours = code.co_name == "<module>" and code.co_filename.startswith(ROOT)
        if ours and frame.f_globals["__name__"] != "__main__":
            return True
        frame = frame.f_back
    return False


def _module(code: CodeType) -> str:
    name = code.co_filename
    if not code.co_flags & FUNCTION or not name.startswith(ROOT) or not name.endswith(".py"):
        return ""
    module = name[len(ROOT) :].removesuffix(".py").removesuffix(os.sep + "__init__").replace(os.sep, ".")
    return module if module.partition(".")[0] in PACKAGES else ""


def _write() -> None:
    sys.settrace(None)
    entries = [(module, account, times) for (module, account), times in _entered.items()]
    Path(FOLDER, f"{os.getpid()}.json").write_text(json.dumps(entries))


def _exit_at_once(status: int) -> NoReturn:
    _write()
    _os_exit(status)


if FOLDER:
    atexit.register(_write)
    _os_exit, os._exit = os._exit, _exit_at_once  # as the job process does
    threading.settrace(_on_call)
    sys.settrace(_on_call)
