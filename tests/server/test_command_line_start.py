"""The command line is there at once: what a command needs is loaded by that command."""

from __future__ import annotations

import subprocess
import sys

LATER = {"sqlalchemy", "alembic", "aiohttp", "aiortc", "socketio", "jinja2", "PIL", "typst", "web"}


def test_what_only_some_commands_need_is_loaded_by_those() -> None:
    asked = "import sys, server.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True).stdout.split()
    assert LATER & set(loaded) == set()
