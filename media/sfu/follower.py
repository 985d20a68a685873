"""What follows an incoming stream: a sink towards a subscriber, or a feed into a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

from media.sfu import vp8

if TYPE_CHECKING:
    from media.sfu.source import IncomingStream


class Follower:
    """Takes up a stream at once for sound, at its next key frame for pictures."""

    __slots__ = ("joined", "next", "stream")

    def __init__(self) -> None:
        self.stream: IncomingStream | None = None
        self.next: IncomingStream | None = None  # the one whose key frame we await
        self.joined = 0  # extended sequence number of the first packet taken from `stream`

    def follow(self, stream: IncomingStream, since: float = float("inf")) -> None:
        """Take up `stream`; pictures that came after `since` (of the publisher's clock) may be shown later."""
        if stream is self.stream:
            self._stop_waiting()
        elif stream.kind == "audio":
            self.start(stream, (stream.highest + 1) & 0xFFFF, stream.timestamp, None)
        elif self.next is not stream:
            self._stop_waiting()
            self.next = stream
            stream.waiting.append(self)
            stream.request_key_frame()

    def start(self, stream: IncomingStream, seq: int, timestamp: int, picture: vp8.Picture | None) -> None:
        """Begin with the stream's packet `seq`; extended by what the follower does with it."""
        if self.stream is not None:
            self._leave(self.stream)
        self.stream, self.next = stream, None
        self.joined = stream.extended + ((seq - stream.highest + 0x8000) & 0xFFFF) - 0x8000
        self._join(stream)

    def stop(self) -> None:
        self._stop_waiting()
        if self.stream is not None:
            self._leave(self.stream)
            self.stream = None

    def covers(self, seq: int) -> bool:
        """Whether a late packet belongs to what was taken from the present stream.

        For a sink, one from before a switch would reuse a sequence number, and with it a nonce, for other content.
        """
        stream = self.stream
        return stream is not None and stream.extended - ((stream.highest - seq) & 0xFFFF) >= self.joined

    def _stop_waiting(self) -> None:
        if self.next is not None:
            self.next.waiting.remove(self)
            self.next = None

    def _join(self, stream: IncomingStream) -> None:
        raise NotImplementedError

    def _leave(self, stream: IncomingStream) -> None:
        raise NotImplementedError
