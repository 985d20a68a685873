"""One recording file while it is written, and the facts of a finished one.

Owns the names: `<session>/<seat>/<start>-camera.webm`, with `.part` behind it and a lock on it until it is finished.
A finished file is never changed, and never repaired. What is in it is encrypted (`recordings.sealed`).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Literal

from media.engine import Hole, Source
from recordings import opus, webm
from recordings.durable import sync_folder as sync_folder
from recordings.holes import Holes, Tally
from recordings.names import safe_id as safe_id
from recordings.sealed import SealedWriter, Stored

Kind = Literal["camera", "screen"]

PART = ".part"
CLUSTER_MS = 1000
_NAME = re.compile(r"(\d{8}T\d{9}Z)-(camera|screen)\.webm(\.part)?")


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A finished file, as `media.engine.Segment` has it. `path` is relative to the recordings folder."""

    path: str
    sha256: str
    size: int
    started: datetime
    ended: datetime
    width: int
    height: int
    kind: Kind
    stored_sha256: str = ""
    stored_size: int = 0
    sm3: str = ""
    holes: tuple[Hole, ...] = ()


def utc(wall: float) -> datetime:
    """Seconds since the epoch as a time of whole milliseconds: what a file name can carry."""
    return datetime.fromtimestamp(round(wall * 1000) / 1000, UTC)


def file_name(started: datetime, kind: Kind) -> str:
    return f"{started:%Y%m%dT%H%M%S}{started.microsecond // 1000:03d}Z-{kind}.webm"


def parse_name(name: str) -> tuple[datetime, Kind] | None:
    """Start and kind of a recording file's name, sealed or not; None when it is no recording's name."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    try:
        started = datetime.strptime(found[1][:15], "%Y%m%dT%H%M%S").replace(
            tzinfo=UTC, microsecond=int(found[1][15:18]) * 1000
        )
    except ValueError:
        return None
    return started, "camera" if found[2] == "camera" else "screen"


def keep(part: Path, final: Path) -> None:
    """Make what is there durable under its final name."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    if part != final:
        part.rename(final)
    sync_folder(final.parent)


def sources(kind: Kind, width: int) -> tuple[Source, ...]:
    """What a file of this kind holds."""
    return ("screen",) if kind == "screen" else ("mic", "camera") if width else ("mic",)


class Part:
    """Where a file lies while it is written, and its name after that. Everything here may raise OSError."""

    def __init__(self, folder: Path, seat: str, kind: Kind, wall: float) -> None:
        """`seat` is the folder below `folder`; `wall` is the time of the first block, seconds since the epoch."""
        self.started, self.kind = utc(wall), kind
        parent = folder / seat
        parent.mkdir(parents=True, exist_ok=True)
        # A sender's reports may move its time back to where a file has begun already, which stays as it is.
        while (parent / file_name(self.started, kind)).exists():
            self.started += timedelta(milliseconds=1)
        self.origin = self.started.timestamp()
        self.path = f"{seat}/{file_name(self.started, kind)}"
        self._final, self._part = folder / self.path, folder / (self.path + PART)
        self.descriptor = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        # Says that somebody is still writing; the kernel lets go of it when the process dies.
        fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def sync_folder(self) -> None:
        sync_folder(self._part.parent)

    def keep(self) -> None:
        keep(self._part, self._final)

    def drop(self) -> None:
        self._part.unlink()

    def close(self) -> None:
        os.close(self.descriptor)

    def sealed(self, end: float, width: int, height: int, stored: Stored, holes: tuple[Hole, ...]) -> SealedFile:
        return SealedFile(
            self.path, stored.sha256, stored.size, self.started, utc(end), width, height, self.kind,
            stored.stored_sha256, stored.stored_size, stored.sm3, holes,
        )  # fmt: skip


class SegmentFile:
    """A file being written. Everything here may raise OSError; the caller then seals what there is."""

    def __init__(
        self,
        folder: Path,
        seat: str,
        kind: Kind,
        wall: float,
        width: int,
        height: int,
        key: bytes,
        tallies: Mapping[Source, Tally],
        sm3: bool = False,
    ) -> None:
        self._part = part = Part(folder, seat, kind, wall)
        self.kind, self.width, self.height = kind, width, height
        self.last_picture = wall if width else 0.0
        self.last = wall  # end of the newest block
        self.durable = wall  # end of the newest block that is in the file
        self.origin = part.origin
        self._clocks = {webm.VIDEO: -1, webm.AUDIO: -1}
        self._cluster: int | None = None
        self._synced_size = 0  # of the file, when it was last made durable
        # Not a method of ours: the circle would keep every finished file's cipher and hashes for the collector.
        # The file's own hash is found when it goes into the archive (`recordings.archive`).
        self._writer = SealedWriter(partial(os.write, part.descriptor), key, sm3=sm3, hash_stored=False)
        self._writer.append(webm.head(part.started, width, height, kind == "camera"))
        self._holes = Holes(self.origin, tallies, sources(kind, width))

    def picture(self, wall: float, data: bytes, key: bool) -> None:
        self._block(webm.VIDEO, wall, key, data)
        end = wall + 0.033
        if wall > self.last_picture:
            self.last_picture = wall
        if end > self.last:
            self.last = end
        self._holes.written(self.kind, wall, end)

    def sound(self, wall: float, data: bytes) -> None:
        self._block(webm.AUDIO, wall, True, data)
        end = wall + opus.duration_ms(data) / 1000
        if end > self.last:
            self.last = end
        self._holes.written("mic", wall, end)

    def _block(self, track: int, wall: float, key: bool, data: bytes) -> None:
        at, least = round((wall - self.origin) * 1000), self._clocks[track] + 1
        if at < least:
            at = least
        self._clocks[track] = at
        cluster = self._cluster
        if cluster is None or (key and track == webm.VIDEO) or not -CLUSTER_MS <= at - cluster < CLUSTER_MS:
            self._cluster = cluster = at
            self._writer.append(webm.cluster(at))
        self._writer.append(webm.block(track, at - cluster, key, len(data)))
        self._writer.append(data)

    def flush(self) -> None:
        """Hand the collected blocks to the operating system, as one record: they survive the death of this process."""
        self._writer.flush()
        self.durable = self.last

    def sync(self) -> bool:
        """Make it survive a power cut; whether there was anything that would not have."""
        written = self._writer.stored_size
        if written == self._synced_size:
            return False
        os.fdatasync(self._part.descriptor)
        if not self._synced_size:
            self._part.sync_folder()
        self._synced_size = written
        return True

    def seal(self) -> SealedFile | None:
        """Finish the file; None when nothing whole ever got into it."""
        try:
            if self._cluster is not None:
                with contextlib.suppress(OSError):  # a full disk: what is in the file is evidence as it is
                    self.flush()
                    self._writer.finish()
            if self._cluster is None or not self._writer.size:
                self._part.drop()
                return None
            self._part.keep()
        finally:
            self._part.close()
        end = max(self.durable, self.origin)
        return self._part.sealed(end, self.width, self.height, self._writer.stored, self._holes.close(end))
