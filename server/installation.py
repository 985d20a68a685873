"""Whether a data folder is an installation at all: looking must not make one."""

from __future__ import annotations

from server.settings import Settings


def absent(settings: Settings) -> str:
    """A sentence for the person at the terminal; "" when there is one. Touches nothing."""
    data, database = settings.data, settings.database_url.get_secret_value()
    there = (data / "keys").is_dir() if database else (data / "yuntiao.db").is_file()
    if there:
        return ""
    return (
        f"there is no installation in {data.resolve()}, and none was made: "
        "name its folder with --data or YUNTIAO_DATA; `yuntiao serve` makes a new one"
    )
