"""Pictures and sounds as blocks of a file, in clusters, each at its time from the file's beginning."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from media.engine import Source
from recordings import opus, webm
from recordings.holes import LEAST, Holes
from recordings.reorder import Interleaved
from recordings.vp8 import Frame

CLUSTER_MS = 1000
_NONE = -1 << 40  # where no cluster is: from there everything is too far
PICTURE_S = 0.033  # how long a picture is said to be seen, with none behind it


class Blocks:
    """Of one file. `picture`: the source of its pictures. `origin`: of its beginning, `wall`: when its first block was
    captured; seconds since the epoch.

    Owns the clocks of its tracks: within each, every block is a millisecond after the one before at least.
    """

    def __init__(self, picture: Source, origin: float, wall: float, width: int, height: int, holes: Holes) -> None:
        self.last_picture = wall if width else 0.0
        self.last = wall  # end of the newest block
        self._picture, self._origin, self._shape, self._holes = picture, origin, (width, height), holes
        self._sound_at = self._picture_at = -1
        self._cluster = _NONE
        self._pieces: list[bytes] = []

    @property
    def clocks(self) -> tuple[int, int, int]:
        """Newest sound, newest picture and cluster, in milliseconds from the file's beginning."""
        return self._sound_at, self._picture_at, self._cluster

    @property
    def begun(self) -> bool:
        return self._cluster != _NONE

    def text(self) -> bytes:
        """Of what was written since this was asked for last."""
        text = b"".join(self._pieces)
        self._pieces.clear()
        return text

    def write(self, items: Iterable[Interleaved[Frame | bytes]]) -> int:
        """Pictures and sounds, in order, up to a picture of another size than the file's. How many these were.

        What is written goes to the ledger by stretches without a hole: `heard_from` to `heard`, `seen_from` to `seen`.
        """
        origin, append, seconds = self._origin, self._pieces.append, opus.OPUS_SECONDS
        wide, high = self._shape
        head, simple, sized, short = webm.SHORT.pack, webm.SIMPLE, webm.SIZED, webm.SHORT_BELOW
        audio, video = webm.TRACKED | webm.AUDIO, webm.TRACKED | webm.VIDEO
        sound_at, picture_at, cluster = self._sound_at, self._picture_at, self._cluster
        heard_from = heard = seen_from = seen = -inf
        count, last_picture = 0, self.last_picture
        for wall, _, _, item, _ in items:
            at = round((wall - origin) * 1000)
            if isinstance(item, bytes):
                if at <= sound_at:
                    at = sound_at + 1
                sound_at, key, flags, track, data = at, False, webm.KEY, audio, item
                if wall - heard >= LEAST:
                    self._written("mic", heard_from, heard)
                    heard_from = wall
                end = wall + (seconds[data[0]] or opus.opus_duration_ms(data) / 1000)
                if end > heard:
                    heard = end
            else:
                data, key, width, height = item
                if width != wide or height != high:
                    break
                if at <= picture_at:
                    at = picture_at + 1
                picture_at, flags, track = at, webm.KEY if key else 0, video
                if wall - seen >= LEAST:
                    self._written(self._picture, seen_from, seen)
                    seen_from = wall
                end = wall + PICTURE_S
                if end > seen:
                    seen = end
                if wall > last_picture:
                    last_picture = wall
            offset = at - cluster
            if key or offset >= CLUSTER_MS or offset < -CLUSTER_MS:
                cluster, offset = at, 0
                append(webm.cluster_header(at))
            size = len(data)
            if size < short:
                append(head(simple, sized + size, track, offset, flags))
            else:
                append(webm.block_header(track & ~webm.TRACKED, offset, flags > 0, size))
            append(data)
            count += 1
        self._sound_at, self._picture_at, self._cluster = sound_at, picture_at, cluster
        self.last, self.last_picture = max(self.last, heard, seen), last_picture
        self._written("mic", heard_from, heard)
        self._written(self._picture, seen_from, seen)
        return count

    def _written(self, source: Source, start: float, end: float) -> None:
        if start > -inf:
            self._holes.written(source, start, end)
