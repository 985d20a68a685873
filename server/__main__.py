"""`python -m server` is `yuntiao`."""

from __future__ import annotations

from server.cli import app
from server.cli.terminal import fail


def main() -> None:
    try:
        app()
    except Exception as fault:
        from server.db.engine import UnknownTables  # what raises it has loaded it

        if not isinstance(fault, UnknownTables):
            raise
        fail(str(fault))


if __name__ == "__main__":  # a process an import starts for itself loads this module, too
    main()
