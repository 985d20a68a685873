"""kill -9 within the ten seconds in which an acceptance can be undone."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from tests.browser.desk import Desk
from tests.server.app.application import demo_program

ISSUED = re.compile(r"受〔\d{4}〕\d+号")


async def test_an_acceptance_that_was_acknowledged_is_done_and_told_once_after_a_kill(tmp_path: Path) -> None:
    async with demo_program(tmp_path, "--workers", "1") as venue, Desk(venue) as desk:
        page = await desk.visitor.get("/queue")
        form = page.form("/accept")
        complaint = form.action.rsplit("/", 2)[1]
        page = await desk.visitor.submit(page, form)
        assert page.form(f"/queue/{complaint}/undo")
        await venue.kill()
        await venue.start()
        async with asyncio.timeout(60):
            while not (notices := ISSUED.findall((await desk.visitor.get(f"/complaints/{complaint}")).words)):
                pass
        assert len(set(notices)) == 1
