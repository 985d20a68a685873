"""Google's Lighthouse, where `requirements/lighthouse` has fetched it: what it makes of a page on a middling phone.

It slows down the processor and the line by reckoning, so that its score wavers less than this machine; it still wants
it quiet. Only `bench pages` asks it.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from statistics import median
from typing import Final

from assets import Node
from tests.machine import whole_browser

VERSION: Final = "13.5.0"
LEAST: Final = 0.95
RUNS: Final = 3
SECONDS: Final = 120
CHROME: Final = (
    "--headless=new --no-sandbox --disable-gpu --use-fake-device-for-media-stream --use-fake-ui-for-media-stream"
)


def command() -> list[str] | None:
    """How it is started; None where it is missing, or a Chromium."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    script = cache / "yuntiao" / f"lighthouse-{VERSION}" / "node_modules" / "lighthouse" / "cli" / "index.js"
    return [*Node().node, str(script)] if script.is_file() and whole_browser() else None


async def score(started: list[str], url: str, cookies: str) -> float:
    """Of the page's performance, 0 to 1: the middle of three runs, each in a browser of its own."""
    return median([await _once(started, url, cookies) for _ in range(RUNS)])


async def _once(started: list[str], url: str, cookies: str) -> float:
    asked = [*started, url, "--quiet", "--output=json", "--only-categories=performance", f"--chrome-flags={CHROME}"]
    if cookies:
        asked.append(f"--extra-headers={json.dumps({'Cookie': cookies})}")
    process = await asyncio.create_subprocess_exec(
        *asked,
        env={**os.environ, "CHROME_PATH": str(whole_browser())},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told, complained = await asyncio.wait_for(process.communicate(), SECONDS)
    if process.returncode:
        raise RuntimeError(f"lighthouse on {url}: {complained.decode(errors='replace')[-800:]}")
    report = json.loads(told)
    return float(report["categories"]["performance"]["score"])
