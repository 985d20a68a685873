"""What follows a mediation: its complaint, its recording, its record and the package that is taken along."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from server.rehearsal import taking
from server.rehearsal.film import inspect
from server.rehearsal.peer import Pattern
from server.rehearsal.report import Report, expect
from server.rehearsal.visitor import Visitor

REFUND: Final = "2000.00"


class Aftermath:
    """Of one session and its complaint; `patterns`: what its people showed and sounded like."""

    def __init__(self, report: Report, complaint: str, session: str, patterns: Sequence[Pattern]) -> None:
        self.report, self.complaint, self.session, self.patterns = report, complaint, session, patterns

    async def follow(self, desk: Visitor) -> None:
        state = ""

        async def done() -> bool:
            nonlocal state
            page = await desk.get(f"/complaints/{self.complaint}")
            step = re.search(r'aria-current="step".*?</span>([^<]+)</li>', page.text, re.DOTALL)
            state = step[1].strip() if step else ""
            return state == "履行" and "2,000.00" in page.words and self.session in page.text

        await eventually(done, "the complaint to wait for what was promised, with what was recovered", 10)
        expect(self.report.outcome["loss_recovered"] == REFUND, f"the outcome is {self.report.outcome}")
        self.report.complaint = {
            "id": self.complaint,
            "session": self.session,
            "state": state,
            "loss_recovered": REFUND,
        }

    async def recording(self, supervisor: Visitor) -> None:
        state: dict[str, Any] = {}

        async def ready() -> bool:
            state.update(await supervisor.json(f"/audit/{self.session}/recording.json"))
            expect(state.get("state") != "failed", f"composition failed: {state}")
            return state.get("state") == "ready"

        await eventually(ready, "the composed recording", 60)
        status, film = await supervisor.download(f"/audit/{self.session}/recording.mp4")
        expect(status == 200 and film[4:8] == b"ftyp", f"the recording answered {status}")
        status, part = await supervisor.download(f"/audit/{self.session}/recording.mp4", {"Range": "bytes=0-99"})
        expect(status == 206 and len(part) == 100, "the player cannot jump: no byte ranges")
        self.report.recording = await asyncio.to_thread(inspect, film, list(self.patterns))
        expect(self.report.recording["streams"] == ["audio", "video"], f"streams: {self.report.recording['streams']}")
        skew = self.report.recording["av_skew_ms"]
        expect(skew is not None and skew <= 150, f"picture and sound are {skew} ms apart")

    async def audit(self, supervisor: Visitor) -> None:
        page = await supervisor.get("/audit")
        expect(self.session in page.text, "the session is not in the supervisor's list")
        page = await supervisor.get(f"/audit/{self.session}")
        expect(page.status == 200 and "recording.mp4" in page.text, "the record has no recording to play")
        expect('class="bad"' not in page.text, "a gap in the recording that the journal does not explain")
        journal = await supervisor.json(f"/audit/{self.session}/journal.json")
        timing = journal["timing"]
        self.report.timing = {name: value for name, value in timing.items() if name.endswith("_ms") or name == "phases"}
        expect(journal["verified"] and timing["joint_ms"] > 0, f"the journal does not verify: {journal['broken_at']}")
        kinds = [event["type"] for event in journal["events"]]
        expect(kinds.count("Viewed") >= 1, "the supervisor's look is not in the journal")
        expect("SessionClosed" in kinds and kinds.count("SegmentSealed") >= 3, f"journal: {sorted(set(kinds))}")

    async def take(self, supervisor: Visitor) -> None:
        status, published = await supervisor.download("/log/key")
        key = published.decode().strip()
        expect(status == 200 and key.startswith("yuntiao/"), f"/log/key answered {status}: {key[:80]}")
        package = await taking.export(supervisor, self.session, "package")
        found = await taking.verified(package, key)
        self.report.package = found.to_json("", "en") | {"bytes": len(package)}
        faults = [f"{check.code}: {check.text('en')} {check.details}" for check in found.amiss]
        expect(found.verdict == "holds", "; ".join(faults))
        expect(found.session == self.session, f"the package is of {found.session}")
        again = await taking.export(supervisor, self.session, "package")
        changed = taking.differing(package, again)
        expect(taking.only_who_and_when(changed), f"two exports differ in {sorted(changed)}")
        masked = await taking.export(supervisor, self.session, "masked")
        expect((await taking.verified(masked, key)).codes == ["manifest"], "the masked copy is not told from a package")
        journal = await supervisor.json(f"/audit/{self.session}/journal.json")
        exported = [event["data"] for event in journal["events"] if event["type"] == "Exported"]
        expect([one["kind"] for one in exported] == ["package", "package", "masked"], f"the journal says {exported}")


async def eventually(holds: Callable[[], Awaitable[bool]], what: str, seconds: float) -> None:
    """Ask another process until it says yes; Failed after `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            while not await holds():  # noqa: ASYNC110 - another process answers, and only when asked
                await asyncio.sleep(0.25)
    except TimeoutError:
        expect(False, f"waited {seconds} s in vain for {what}")
