"""Two Firefox pages in a conversation through our engine, in a network of their own: run by test_firefox.

Firefox offers no address of the loopback network (127.0.0.0/8), so it needs one that is none.
Prints what the pages saw, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from media.engine import Connection
from media.sfu.engine import EmbeddedEngine
from tests.browser.bidi import launched
from tests.media.browsers.test_chromium_media import ROOM, advances, hall
from tests.media.stage import COMMAND


async def converse(folder: Path, address: str) -> None:
    engine = EmbeddedEngine(1, [address], 0, [address], COMMAND, folder, 0)
    async with hall(folder, 0, engine) as (one, _), launched(folder / "profile") as bob:
        ann = await bob.another()
        for page, name in ((bob, "bob"), (ann, "ann")):
            await page.goto(one.url)
            await page.evaluate(f"join({name!r}, {{simulcast: true}})")
        await advances(bob, {"ann-camera", "ann-mic"})
        before = await bob.evaluate("received()")
        # New paths on both connections, and everything goes on.
        await bob.evaluate("restart()")
        await advances(bob, {"ann-camera", "ann-mic"})
        report = {
            "before": before,
            "bob": await bob.evaluate("received()"),
            "ann": await ann.evaluate("received()"),
            "connected": sorted(n for n in ("ann", "bob") if Connection(ROOM, n, "connected") in one.events),
            "errors": [entry for page in (ann, bob) for entry in await page.evaluate("log") if "error" in entry[0]],
        }
        sys.stdout.write(json.dumps(report))


if __name__ == "__main__":
    asyncio.run(converse(Path(sys.argv[1]), sys.argv[2]))
