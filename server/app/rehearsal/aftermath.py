"""What follows a mediation: its complaint, its recording, its record, and the evidence package that a supervisor takes
along, checked the way somebody checks who trusts none of us.

Of a composed recording is told how long it is, which streams it has, whose picture and sound, and how far apart the two
are. Synthetic people clap every two seconds: their picture turns white while their tone jumps an octave. The distance
between the two onsets, per person, is the skew.
"""

from __future__ import annotations

import asyncio
import io
import re
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from recordings.evidence import AFTER, read
from recordings.evidence.verdict import VerificationReport as Verified
from server.app.rehearsal import RehearsalReport, Visitor, expect
from server.app.rehearsal.peer import CLAP_EVERY, Pattern
from server.evidence.verifying import check


async def export(visitor: Visitor, session: str, kind: str) -> bytes:
    """Ask for it on the record's page, wait as the page does, and download it."""
    page = await visitor.get(f"/audit/{session}")
    form = next(one for one in page.forms if "exports" in one.action and one.fields.get("kind") == kind)
    page = await visitor.submit(page, form)
    found = re.search(rf"/audit/{session}/exports/(\w+)\.(?:json|zip)", page.text)
    expect(found is not None, "the record's page tells of no export")
    assert found is not None
    state: dict[str, Any] = {}
    async with asyncio.timeout(60):
        while state.get("state") != "ready":
            state = await visitor.json(f"/audit/{session}/exports/{found[1]}.json")
            expect(state["state"] != "failed", f"the export failed: {state}")
            await asyncio.sleep(0.25)  # another process works, and only says how far it is when asked
    status, package = await visitor.download(f"/audit/{session}/exports/{found[1]}.zip")
    expect(status == 200, f"the export answered {status}")
    return package


async def verified(package: bytes, key: str) -> Verified:
    """By the same code as `yuntiao verify`."""
    with tempfile.TemporaryDirectory(prefix="yuntiao-package-") as folder:
        file = Path(folder) / "package.zip"
        await asyncio.to_thread(file.write_bytes, package)
        return await asyncio.to_thread(check, file, key)


def differing(one: bytes, two: bytes) -> set[str]:
    """Names of the entries in which two packages differ."""
    first, second = _entries(one), _entries(two)
    return {name for name in first.keys() | second.keys() if first.get(name) != second.get(name)}


def _entries(package: bytes) -> dict[str, bytes]:
    return {entry.name: package[entry.start : entry.end] for entry in read(io.BytesIO(package))}


def only_who_and_when(names: set[str]) -> bool:
    return names <= set(AFTER)


WIDTH, HEIGHT = 64, 36  # to which pictures are shrunk: a cell stays dozens of pixels
NEAR_COLOUR = 45  # per channel, after chroma subsampling and H.264
WHITE = 200
HOP = 480  # 10 ms at 48 kHz
WINDOW = 1920
FARTHEST_PAIR = 0.6  # seconds; claps are two seconds apart

Floats = NDArray[np.float64]


def inspect(film: bytes, patterns: Sequence[Pattern]) -> dict[str, Any]:
    """`duration_s`, `streams`, `people_seen`, `people_heard`, `av_skew_ms` (the worst person's median).

    `skews_ms` are the people's own, positive when the picture comes after the sound; None where no clap was found.
    `claps` are each person's: at which second of the film the picture turns white, and by how many ms after the sound.
    """
    with av.open(io.BytesIO(film), "r") as container:
        streams = sorted(stream.type for stream in container.streams)
        duration = float(container.duration or 0) / av.time_base
    times, pictures = pictures_of(film)
    sound = sound_of(film)
    skews: list[float | None] = []
    claps: list[list[tuple[float, int]]] = []
    seen = heard = 0
    for pattern in patterns:
        white = _white_onsets(times, pictures, pattern)
        octave = _octave_onsets(sound, pattern)
        seen += bool(white)
        heard += bool(octave)
        found = [(w, min((w - o for o in octave), key=abs)) for w in white if octave]
        claps.append([(round(w, 3), round(gap * 1000)) for w, gap in found if abs(gap) <= CLAP_EVERY / 2])
        gaps = [gap for _, gap in found if abs(gap) < FARTHEST_PAIR]
        skews.append(round(median(gaps) * 1000) if gaps else None)
    known = [abs(skew) for skew in skews if skew is not None]
    return {
        "duration_s": round(duration, 2),
        "bytes": len(film),
        "streams": streams,
        "people_seen": seen,
        "people_heard": heard,
        "skews_ms": skews,
        "claps": claps,
        "av_skew_ms": max(known) if len(known) == len(patterns) else None,
    }


def pictures_of(film: bytes) -> tuple[Floats, NDArray[np.int16]]:
    """Times in seconds and small RGB pictures, shape (frames, HEIGHT, WIDTH, 3)."""
    times, pictures = [], []
    with av.open(io.BytesIO(film), "r") as container:
        for frame in container.decode(video=0):
            times.append(float(frame.time or 0))
            small = frame.reformat(width=WIDTH, height=HEIGHT, format="rgb24").to_ndarray()
            pictures.append(small.astype(np.int16))
    return np.array(times), np.array(pictures)


def sound_of(film: bytes) -> Floats:
    """Mono samples at 48 kHz, placed by their timestamps so that gaps stay gaps."""
    pieces: list[tuple[int, Floats]] = []
    with av.open(io.BytesIO(film), "r") as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=48_000)
        for frame in container.decode(audio=0):
            start = round(float(frame.time or 0) * 48_000)
            for piece in resampler.resample(frame):
                samples = piece.to_ndarray().reshape(-1).astype(np.float64)
                pieces.append((start, samples))
                start += len(samples)
    if not pieces:
        return np.zeros(0)
    whole = np.zeros(max(start + len(samples) for start, samples in pieces))
    for start, samples in pieces:
        whole[start : start + len(samples)] = samples
    return whole


def _white_onsets(times: Floats, pictures: NDArray[np.int16], pattern: Pattern) -> list[float]:
    """When the region that usually has the person's colour turns white."""
    if not len(pictures):
        return []
    near = np.abs(pictures - np.array(pattern.colour, np.int16)).max(axis=3) < NEAR_COLOUR
    region = near.mean(axis=0) > 0.3
    if region.sum() < 20:
        return []
    white = pictures[:, region].min(axis=2).mean(axis=1) > WHITE
    return [float(times[i]) for i in range(1, len(white)) if white[i] and not white[i - 1]]


def _octave_onsets(sound: Floats, pattern: Pattern) -> list[float]:
    """When a tone an octave above the person's own takes its place, from their strengths in windows of 40 ms.

    A browser makes a person's sound louder and quieter as it goes on: a clap may be a third as loud as another.
    """
    tone, octave = _strength(sound, pattern.tone), _strength(sound, 2 * pattern.tone)
    if not len(octave):
        return []
    loud = (octave > tone) & (octave > max(octave.max() * 0.1, 1e-6))
    centre = WINDOW / 2 / 48_000
    return [float(i * HOP / 48_000 + centre) for i in range(1, len(loud)) if loud[i] and not loud[i - 10 : i].any()]


def _strength(sound: Floats, hz: float) -> Floats:
    """Of one frequency, in each window."""
    wave = np.exp(-2j * np.pi * hz * np.arange(WINDOW) / 48_000) * np.hanning(WINDOW)
    starts = range(0, max(0, len(sound) - WINDOW) // HOP * HOP, HOP)
    return np.array([abs(np.dot(sound[start : start + WINDOW], wave)) for start in starts])


REFUND: Final = "2000.00"


class AfterTheSession:
    """Of one session and its complaint; `patterns`: what its people showed and sounded like."""

    def __init__(self, report: RehearsalReport, complaint: str, session: str, patterns: Sequence[Pattern]) -> None:
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
        package = await export(supervisor, self.session, "package")
        found = await verified(package, key)
        self.report.package = found.to_json("", "en") | {"bytes": len(package)}
        faults = [f"{check.code}: {check.text('en')} {check.details}" for check in found.amiss]
        expect(found.verdict == "holds", "; ".join(faults))
        expect(found.session == self.session, f"the package is of {found.session}")
        again = await export(supervisor, self.session, "package")
        changed = differing(package, again)
        expect(only_who_and_when(changed), f"two exports differ in {sorted(changed)}")
        masked = await export(supervisor, self.session, "masked")
        expect((await verified(masked, key)).codes == ["manifest"], "the masked copy is not told from a package")
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
