"""The `recordings.writing.Writer` in Python: passes over many takes, whose files are written in one go."""

from __future__ import annotations

from collections.abc import Sequence

from recordings.disk import DiskWriter
from recordings.scribe import FrameWriter
from recordings.segment import SegmentFile
from recordings.writing import RecordingContext

TOGETHER = 4  # takes: what they say stays in the cache


class PythonWriter:
    """The `Writer` in Python."""

    def __init__(self, direct: bool = True) -> None:
        """`direct`: see `recordings.disk.DiskWriter`."""
        self._disk = DiskWriter(direct)

    def scribe(self, desk: RecordingContext) -> FrameWriter:
        return FrameWriter(desk, self._disk)

    def work(self, scribes: Sequence[FrameWriter], wall: float) -> None:
        for first in range(0, len(scribes), TOGETHER):
            some = scribes[first : first + TOGETHER]
            for scribe in some:
                scribe.work(wall)
            self._store(some)
        self._make_durable(scribes)

    def _store(self, scribes: Sequence[FrameWriter]) -> None:
        """What they have to say, into their files; of some together, so that what is hashed is still in the cache."""
        ready = [(scribe, file) for scribe, file in _open(scribes) if file.prepare()]
        for (scribe, file), fault in zip(ready, self._disk.write([file.outlet for _, file in ready]), strict=True):
            if fault is None:
                file.wrote()
                file.add_up()
            elif scribe.fault is None:
                scribe.fault = fault

    def _make_durable(self, scribes: Sequence[FrameWriter]) -> None:
        """What is in their files, for good: of all of them together."""
        waiting = [(scribe, file) for scribe, file in _open(scribes) if file.outlet.waits]
        news = [not file.outlet.synced_size for _, file in waiting]
        faults = self._disk.sync([file.outlet for _, file in waiting])
        for (scribe, file), first, fault in zip(waiting, news, faults, strict=True):
            try:
                if fault is not None:
                    raise fault
                scribe.made_durable(file, first)
            except OSError as found:
                scribe.fault = scribe.fault or found


def _open(scribes: Sequence[FrameWriter]) -> list[tuple[FrameWriter, SegmentFile]]:
    return [(scribe, file) for scribe in scribes if scribe.fault is None for file in scribe.files]
