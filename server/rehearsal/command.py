"""`yuntiao rehearse`: plays the story in a throw-away office or on a given server and reports."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from server.rehearsal.report import Report
from server.rehearsal.story import Story
from server.rehearsal.venue import VenueFault, throw_away


async def rehearse(server: str = "", password: str = "") -> dict[str, Any]:
    """The report as plain values; `ok` says whether everything held.

    `server` is the address of a running demo office with `password`; empty: one is started and thrown away.
    """
    report = Report()
    try:
        if server:
            here = urlsplit(server).hostname in ("127.0.0.1", "localhost", "::1")
            await Story(server.rstrip("/"), password, report, ("127.0.0.1",) if here else None).play()
        else:
            with tempfile.TemporaryDirectory(prefix="yuntiao-rehearsal-") as folder:
                await _in_throw_away(Path(folder), report)
    except VenueFault:
        pass  # its step says so
    except Exception:
        if report.ok:
            raise
    return report.json()


async def _in_throw_away(folder: Path, report: Report) -> None:
    office = throw_away(folder)
    with report.step("a throw-away office starts"):
        venue = await office.__aenter__()
    try:
        await Story(venue.url, venue.password, report, ("127.0.0.1",)).play()
    finally:
        await office.__aexit__(None, None, None)
