"""`python -m server` is `yuntiao`."""

from __future__ import annotations

import sys


def main() -> None:
    if sys.argv[1:] in (["health"], ["health", "--json"]):  # asked every few seconds: the command line need not load
        from server import serving as probe

        sys.exit(probe.tell_health(None, "--json" in sys.argv))
    from server.cli import app
    from server.cli.terminal import fail

    try:
        app()
    except Exception as fault:
        from server.db.engine import UnknownTables  # what raises it has loaded it

        if not isinstance(fault, UnknownTables):
            raise
        fail(str(fault))


if __name__ == "__main__":  # a process an import starts for itself loads this module, too
    main()
