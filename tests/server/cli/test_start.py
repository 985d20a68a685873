"""The command line is there at once, and so is a server: what only some of it needs is loaded when it is needed."""

from __future__ import annotations

import subprocess
import sys

OURS = {"casebook", "complaints", "journal", "law", "media", "offices", "recordings", "rooms", "signaling", "web"}
LATER_THAN_HELP = {
    "sqlalchemy", "alembic", "aiohttp", "aiortc", "socketio", "jinja2", "PIL", "typst", "pydantic", "pydantic_settings",
    "cryptography", "structlog", "rich", "numpy", "holidays", "server.serving.settings", "server.confinement",
}  # fmt: skip
LATER_THAN_SERVE = {
    "openpyxl", "alembic", "mako", "pyhanko", "pyhanko_certvalidator", "PIL", "av", "psycopg", "holidays",
    "aiortc", "aioice", "joserfc", "ldap3", "pypdfium2", "segno", "lxml", "casebook.deidentifying.persons",
    "server.app.rehearsal",
}  # fmt: skip


def _loaded(code: str) -> set[str]:
    asked = f"import sys\n{code}\nprint(*sys.modules, file=sys.stderr)"
    return set(subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True).stderr.split())


def test_what_only_some_commands_need_is_loaded_by_those() -> None:
    helped = "from server.cli import app\ntry: app(['--help'])\nexcept SystemExit: pass"
    assert (LATER_THAN_HELP | OURS) & _loaded(helped) == set()


def test_what_only_some_requests_need_is_not_loaded_by_a_server_that_starts() -> None:
    assert LATER_THAN_SERVE & _loaded("import server.serving.process") == set()
