"""Recording: which participants of a room are recorded, and how their packets reach the recorder's taps (`media.tap`).

Packets are collected by a `FrameAssembler`, or in C by a `FrameBuffer`; a tap gets them once per flush tick.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Set
from functools import partial

from aiortc.rtp import RtcpSenderInfo

from media.engine import MediaEvent, RecordingAlarm, Source
from media.sfu import codecs
from media.sfu.publisher import Publisher
from media.sfu.rtp import MARKER_BIT, PADDING_BIT, payload_end
from media.sfu.uptrack import TrackRecorder, UpTrack
from media.tap import Batch, Tap, TapFactory

log = logging.getLogger(__name__)


class RecorderTap(TrackRecorder):
    """Hands the packets of one source to a tap, from the best layer that arrives."""

    __slots__ = ("_on_failure", "_pending_report", "_started", "_tap", "source")

    def __init__(self, tap: Tap, source: Source, on_failure: Callable[[], None]) -> None:
        super().__init__()
        self.source: Source = source
        self._tap = tap
        self._on_failure = on_failure
        self._started = False
        self._pending_report: tuple[int, int] | None = None  # the newest, told after what was collected

    def start(self, track: UpTrack, seq: int, timestamp: int, picture: codecs.PictureIds | None) -> None:
        super().start(track, seq, timestamp, picture)
        if self._started:
            self._tap.restart(self.source)
        self._started = True
        if track.sender_info is not None:
            self.on_sender_report(track.sender_info)

    def flush(self, unfinished: bool = False) -> None:
        batch = self._take_batch(unfinished)
        if batch is None:
            return
        try:
            self._tap.batch(self.source, batch)
            if self._pending_report is not None:
                self._tap.report(self.source, *self._pending_report)
                self._pending_report = None
        except Exception:
            self._fail()

    def _take_batch(self, unfinished: bool) -> Batch | None:
        if self.frame_buffer is not None:
            return self.frame_buffer.take() if self.frame_buffer.packets else None
        track = self.track
        if track is None or not (track.bodies or unfinished):
            return None
        batch = track.take_batch(unfinished)
        return batch if batch.packets else None

    def on_sender_report(self, info: RtcpSenderInfo) -> None:
        if self.frame_buffer.packets if self.frame_buffer is not None else self.track is not None and self.track.bodies:
            self._pending_report = info.ntp_timestamp, info.rtp_timestamp
        else:
            self._tap.report(self.source, info.ntp_timestamp, info.rtp_timestamp)

    def on_packet(
        self, mem: memoryview, start: int, size: int, first: int, marker: int, seq: int, timestamp: int
    ) -> None:
        if first & PADDING_BIT:
            size = payload_end(mem, start, size)
        self.flush()
        try:
            self._tap.packet(self.source, seq, timestamp, marker >= MARKER_BIT, bytes(mem[start:size]), time.time())
        except Exception:
            self._fail()

    def _fail(self) -> None:
        """End the recording: a fault of the recorder must not end the conversation."""
        log.exception("A recording tap failed")
        self._on_failure()

    def _attach(self, track: UpTrack) -> None:
        if self.frame_buffer is None and track.receiver is not None:
            self.frame_buffer = track.receiver.frame_buffer(track.video)
        track.set_recorder_tap(self)

    def _detach(self, track: UpTrack) -> None:
        track.set_recorder_tap(None)
        self.flush(unfinished=True)


RECORDED: tuple[Source, ...] = ("mic", "camera", "screen")


class ParticipantEgress:
    """One participant who is being recorded."""

    def __init__(self, publisher: Publisher, tap: Tap, on_failure: Callable[[], None]) -> None:
        self.publisher = publisher
        self._tap = tap
        self._recorder_taps = [RecorderTap(tap, source, on_failure) for source in RECORDED]

    def connect(self, audible: bool, now: float) -> None:
        """Take the best layer of each source, and audio only if `audible`.

        A participant who was muted (by themselves or the mediator) must not be heard in the recording.
        """
        for recorder_tap in self._recorder_taps:
            track = self.publisher.best_layer(recorder_tap.source, now)
            if track is None or (recorder_tap.source == "mic" and not audible):
                recorder_tap.stop()
            else:
                recorder_tap.subscribe(track)

    def flush(self, unfinished: bool) -> None:
        for recorder_tap in self._recorder_taps:
            recorder_tap.flush(unfinished)

    def close(self, cause: str) -> None:
        for recorder_tap in self._recorder_taps:
            recorder_tap.stop()
        self._tap.close(cause)


class EgressManager:
    """All open taps of a room."""

    def __init__(self, room: str, taps: TapFactory, emit: Callable[[MediaEvent], None]) -> None:
        self._room = room
        self._taps = taps
        self._emit = emit
        self._open: dict[str, ParticipantEgress] = {}
        self._failed: set[str] = set()

    def update(self, recorded: Set[str], publishers: dict[str, Publisher], audible: Set[str], now: float) -> None:
        """Open and close taps until exactly `recorded` participants with a connected publisher have one."""
        for participant in [p for p in self._open if p not in recorded]:
            self.end(participant, "consent")
        self._failed &= recorded
        for participant, egress in list(self._open.items()):
            if publishers.get(participant) is not egress.publisher:
                self.end(participant, "disconnected")
        for participant in recorded - self._open.keys() - self._failed:
            publisher = publishers.get(participant)
            if publisher is not None:
                self._open_tap(participant, publisher)
        for participant, egress in self._open.items():
            egress.connect(participant in audible, now)

    def flush(self, unfinished: bool = False) -> None:
        """Give all taps what was collected; `unfinished`: unfinished frames too. Called once per flush tick."""
        for egress in list(self._open.values()):  # a copy: one that fails is removed
            egress.flush(unfinished)

    def end(self, participant: str, cause: str) -> None:
        egress = self._open.pop(participant, None)
        if egress is not None:
            try:
                egress.close(cause)
            except Exception:
                log.exception("A recording tap failed while closing")

    def end_all(self, cause: str) -> None:
        for participant in list(self._open):
            self.end(participant, cause)

    def _open_tap(self, participant: str, publisher: Publisher) -> None:
        def request_key_frame(source: Source) -> None:
            for track in publisher.layers(source):
                if track.recorder_tap is not None:
                    track.request_key_frame()

        try:
            tap = self._taps.open(self._room, participant, self._emit, request_key_frame)
        except Exception:
            log.exception("A recording tap could not be opened")
            self._fail(participant)
        else:
            self._open[participant] = ParticipantEgress(publisher, tap, partial(self._fail, participant))

    def _fail(self, participant: str) -> None:
        self._failed.add(participant)
        self.end(participant, "io")
        self._emit(RecordingAlarm(self._room, "io", participant))
