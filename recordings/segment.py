"""One recording file while it is written, and the facts of a finished one.

Owns the names: `<session>/<seat>/<start>-camera.webm`, with `.part` behind it and a lock on it until sealed.
A file is never changed after sealing, and never repaired.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from recordings import opus, webm
from recordings.durable import sync_folder as sync_folder
from recordings.names import safe_id as safe_id

Kind = Literal["camera", "screen"]

PART = ".part"
CLUSTER_MS = 1000
_NAME = re.compile(r"(\d{8}T\d{9}Z)-(camera|screen)\.webm(\.part)?")


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A finished file. `path` is relative to the recordings folder; width 0: sound only."""

    path: str
    sha256: str
    size: int
    started: datetime
    ended: datetime
    width: int
    height: int
    kind: Kind


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


def seal_file(part: Path, sealed: Path) -> tuple[str, int]:
    """Make what is there durable under its final name; returns its SHA-256 and size."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
    if part != sealed:
        part.rename(sealed)
    sync_folder(sealed.parent)
    return digest, size


class SegmentFile:
    """A file being written. Everything here may raise OSError; the caller then seals what there is."""

    def __init__(self, folder: Path, seat: str, kind: Kind, wall: float, width: int, height: int) -> None:
        """`seat` is the folder below `folder`; `wall` is the time of the first block, seconds since the epoch."""
        self.started = utc(wall)
        self.kind, self.width, self.height = kind, width, height
        self.last_picture = wall if width else 0.0
        self.last = wall  # end of the newest block
        self.durable = wall  # end of the newest block that is in the file
        self.synced: float | None = None  # monotonic time of the last fsync
        self._folder, self._origin = folder, self.started.timestamp()
        self._clocks = {webm.VIDEO: -1, webm.AUDIO: -1}
        self._cluster: int | None = None
        self._dirty = False
        parent = folder / seat
        parent.mkdir(parents=True, exist_ok=True)
        self.path = f"{seat}/{file_name(self.started, kind)}"
        self._part = folder / (self.path + PART)
        self._file = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        # Says that somebody is still writing; the kernel lets go of it when the process dies.
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._buffer = bytearray(webm.head(self.started, width, height, kind == "camera"))

    def picture(self, wall: float, data: bytes, key: bool) -> None:
        self._block(webm.VIDEO, wall, key, data)
        self.last_picture = max(self.last_picture, wall)
        self.last = max(self.last, wall + 0.033)

    def sound(self, wall: float, data: bytes) -> None:
        self._block(webm.AUDIO, wall, True, data)
        self.last = max(self.last, wall + opus.duration_ms(data) / 1000)

    def _block(self, track: int, wall: float, key: bool, data: bytes) -> None:
        at = max(round((wall - self._origin) * 1000), self._clocks[track] + 1)
        self._clocks[track] = at
        starts_picture = key and track == webm.VIDEO
        if self._cluster is None or starts_picture or not -CLUSTER_MS <= at - self._cluster < CLUSTER_MS:
            self._cluster = at
            self._buffer += webm.cluster(at)
        self._buffer += webm.block(track, at - self._cluster, key, data)

    def flush(self) -> None:
        """Hand the collected blocks to the operating system: they survive the death of this process."""
        while self._buffer:
            written = os.write(self._file, self._buffer)
            del self._buffer[:written]
            self._dirty = True
        self.durable = self.last

    def sync(self, now: float, every: float) -> bool:
        """Make it survive a power cut, at most once in `every` seconds; whether it did."""
        if not self._dirty or (self.synced is not None and now - self.synced < every):
            return False
        os.fdatasync(self._file)
        if self.synced is None:
            sync_folder((self._folder / self.path).parent)
        self._dirty, self.synced = False, now
        return True

    def seal(self) -> SealedFile | None:
        """Finish the file; None when nothing ever got into it."""
        try:
            with contextlib.suppress(OSError):  # a full disk: what is in the file is evidence as it is
                self.flush()
            if self._cluster is None or os.fstat(self._file).st_size == 0:
                self._part.unlink()
                return None
            digest, size = seal_file(self._part, self._folder / self.path)
        finally:
            os.close(self._file)
        ended = utc(max(self.durable, self._origin))
        return SealedFile(self.path, digest, size, self.started, ended, self.width, self.height, self.kind)
