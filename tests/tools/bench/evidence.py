"""What an evidence package costs: putting it together and verifying it, for an hour of four people.

The session is invented and its media noise; sizes, and how many pieces and entries, are those of an hour at 720p.
"""

from __future__ import annotations

import hashlib
import os
import resource
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from complaints.events import ComplaintRegistered, MediationScheduled
from complaints.record import PartyRecord
from journal import stamp
from journal.notes import Ed25519Signer, Signer, signed
from recordings.evidence import base64_of, lines
from recordings.evidence.claim import Expected
from recordings.evidence.lines import JournalLine, Media
from recordings.evidence.package import Export, LogProofs, Package, Record, packed, put_together
from recordings.evidence.verifier import verify
from rooms import events as e
from rooms.events import plain
from rooms.vocabulary import Outcome, OutcomeKind, Phase, Role, Seat, Side
from server.app import PACKAGE_PAGES
from server.evidence.verifying import known_text
from tests.tools.figures import Figures

MEGABYTE = 1 << 20
PIECE_SECONDS, PIECE_BYTES = 40, 6 * MEGABYTE  # 1.2 Mbit/s of a person
FILM_BYTES = 450 * MEGABYTE  # of an hour
SPEECH_SECONDS = 3.0  # somebody begins or stops to speak so often
MOST_SECONDS = 10.0
START = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
SEATS = (
    Seat("m", Role.MEDIATOR, "调解员"),
    Seat("c", Role.CONSUMER, "消费者", Side.CONSUMER),
    Seat("b", Role.BUSINESS, "商家", Side.BUSINESS),
    Seat("l", Role.LAWYER, "律师", Side.BUSINESS),
)


def measure(quick: bool) -> dict[str, Any]:
    figures = Figures()
    minutes = 6 if quick else 60
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as name:
        folder = Path(name)
        figures.on_disk(folder)
        session = _Session(folder, minutes)
        signer = Ed25519Signer("yuntiao/bench", os.urandom(32))
        record = session.record(signer)
        began = time.perf_counter()
        package = folder / "package.zip"
        made = put_together(
            record, lambda _: PACKAGE_PAGES.record(record, (), "Asia/Shanghai", None), signer, session.opened
        )
        _write(package, made, signer, session)
        figures.values["made_s"] = round(time.perf_counter() - began, 2)
        figures.values["package_bytes"] = package.stat().st_size
        figures.values["entries_count"] = len(record.session)
        began, cpu = time.perf_counter(), time.process_time()
        report = verify(package, Expected(signer.public), known_text)
        figures.values["verified_s"] = round(time.perf_counter() - began, 2)
        figures.values["verified_cpu_s"] = round(time.process_time() - cpu, 2)
        figures.values["memory_most_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        figures.values["checks_not_ok_count"] = len(report.amiss)
    figures.at_most("verified_s", MOST_SECONDS)
    figures.at_most("checks_not_ok_count", 0)
    figures.at_most("memory_most_bytes", 1024 * MEGABYTE)
    return figures.json()


def _write(file: Path, package: Package, signer: Signer, session: _Session) -> None:
    who = {"id": "u", "name": "赵", "office": "o", "role": "supervisor"}
    export = Export(stamp(START), who, "", PACKAGE_PAGES.watermark("赵", "", START, "Asia/Shanghai"))
    with file.open("wb") as out:
        for piece in packed(package, export, signer, session.opened):
            out.write(piece)


class _Session:
    """Its streams, and its media as one file of noise per size that everything is read from."""

    def __init__(self, folder: Path, minutes: int) -> None:
        self._piece, self._film = folder / "piece", folder / "film"
        noise = os.urandom(MEGABYTE)
        _fill(self._piece, noise, PIECE_BYTES)
        _fill(self._film, noise, FILM_BYTES * minutes // 60)
        self._minutes = minutes
        self._lines: dict[str, list[JournalLine]] = {"session/s": [], "complaint/k": []}
        self._leaf = 0

    def opened(self, media: Media) -> BinaryIO:
        return (self._film if media.path.startswith("video/") else self._piece).open("rb")

    def record(self, signer: Signer) -> Record:
        self._tell()
        session, complaint = self._lines["session/s"], self._lines["complaint/k"]
        ordered = sorted([*session, *complaint], key=lambda line: line.leaf)
        tree = _Tree([bytes.fromhex(line.hash) for line in ordered])
        note = f"{signer.name}\n{len(ordered)}\n{base64_of(tree.root)}\ntime {stamp(START)}\n"
        proofs = {line.leaf: tree.proof(line.leaf) for line in ordered}
        return Record(
            "bench", "yuntiao", session, complaint, LogProofs(signed(note, signer).encode(), len(ordered), proofs)
        )

    def _append(self, stream: str, type_: str, data: Mapping[str, Any], at: datetime) -> None:
        told = self._lines[stream]
        actor = ("system", "system", "云调", "", "")
        line = JournalLine(
            stream, len(told) + 1, type_, dict(data), stamp(at), actor, os.urandom(16).hex(), "", "", self._leaf
        )
        line = replace(line, content=lines.content_of(line))
        told.append(replace(line, hash=lines.hash_of(told[-1].hash if told else "", line)))
        self._leaf += 1

    def _tell(self) -> None:
        self._append("complaint/k", "ComplaintRegistered", plain(_complaint()), START)
        self._append("complaint/k", "MediationScheduled", plain(MediationScheduled("s", 1, START, "u")), START)
        ends = START + timedelta(minutes=self._minutes)
        for at, event in sorted([*self._before(), *self._during(ends)], key=lambda told: told[0]):
            self._append("session/s", type(event).__name__, plain(event), at)
        self._append("session/s", "SessionClosed", plain(e.SessionClosed(Outcome(OutcomeKind.NOT_SETTLED))), ends)
        film = e.RecordingComposed("s/composed.mp4", _sha(self._film), self._film.stat().st_size, 1, START)
        self._append("session/s", "RecordingComposed", plain(film), ends)

    def _before(self) -> Iterator[tuple[datetime, e.SessionEvent]]:
        yield START, e.SessionScheduled("k", "1", "o", 1, "", START, SEATS, "u")
        yield START, e.SessionOpened()
        yield START, e.PhaseEntered(Phase.DISCUSSION)
        others = {seat.id: tuple(other.id for other in SEATS if other.id != seat.id) for seat in SEATS}
        for seat in SEATS:
            yield START, e.Arrived(seat.id)
            yield START, e.Admitted(seat.id)
        yield START, e.Routed(others, others, tuple(others))

    def _during(self, ends: datetime) -> Iterator[tuple[datetime, e.SessionEvent]]:
        digest = _sha(self._piece)
        for seat in SEATS:
            at, number = START, 0
            while at < ends:
                until = min(ends, at + timedelta(seconds=PIECE_SECONDS))
                path = f"s/{seat.id}/{number:04}-camera.webm"
                yield until, e.SegmentSealed(seat.id, path, digest, PIECE_BYTES, at, until, 1280, 720)
                at, number = until, number + 1
        at, number = START, 0
        while at < ends:
            seat = SEATS[number // 2 % len(SEATS)]
            yield at, (e.SpeakingStopped if number % 2 else e.SpeakingStarted)(seat.id)
            at, number = at + timedelta(seconds=SPEECH_SECONDS), number + 1


class _Tree:
    """Of RFC 9162, level by level: where a level is odd, its last node goes up as it is."""

    def __init__(self, entries: Sequence[bytes]) -> None:
        level = [hashlib.sha256(b"\0" + entry).digest() for entry in entries]
        self._levels = [level]
        while len(level) > 1:
            pairs = [hashlib.sha256(b"\1" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
            level = [*pairs, *(level[-1:] if len(level) % 2 else [])]
            self._levels.append(level)
        self.root = level[0]

    def proof(self, leaf: int) -> list[bytes]:
        path = []
        for level in self._levels[:-1]:
            if leaf ^ 1 < len(level):
                path.append(level[leaf ^ 1])
            leaf >>= 1
        return path


def _fill(file: Path, noise: bytes, size: int) -> None:
    with file.open("wb") as out:
        while size > 0:
            out.write(noise[:size])
            size -= len(noise)


def _sha(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _complaint() -> ComplaintRegistered:
    consumer, business = PartyRecord(name="消费者"), PartyRecord(name="商家")
    return ComplaintRegistered(
        "1", "o", "window", START, "退款", "退款", "", None, consumer, business, "", "", "121"
    )  # fmt: skip
