"""Recording and captions: whose packets leave a room, and how they reach the recorder's taps and the captions' sink
(`media`).

Packets are collected by a `FrameAssembler`, or in C by a `FrameBuffer`; a tap gets them once per flush tick, the sink
several times a second.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Set
from functools import partial

from aiortc.rtp import RtcpSenderInfo

from media import Batch, PacketRun, SoundSink, Tap, TapFactory
from media.engine import MediaEvent, RecordingAlarm, Source
from media.sfu import codecs
from media.sfu.publisher import Publisher
from media.sfu.rtp import MARKER_BIT, PADDING_BIT, payload_end
from media.sfu.uptrack import TrackRecorder, UpTrack

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
CAPTIONED: tuple[Source, ...] = ("mic",)
SOUND_INTERVAL = 0.2  # seconds between two helpings for captions: part of how late they are


class SplitTap:
    """The recorder's tap, if there is one, and what takes a copy of the sound, if anybody's words become text."""

    def __init__(self, recorder: Tap | None) -> None:
        self.recorder = recorder
        self.take_sound: Callable[[Iterable[PacketRun]], None] | None = None

    def packet(
        self, source: Source, sequence: int, timestamp: int, marker: bool, payload: bytes, at: float, count: int = 1
    ) -> None:
        if source == "mic" and self.take_sound is not None:
            self.take_sound([PacketRun(sequence, timestamp, marker, payload, at, count)])
        if self.recorder is not None:
            self.recorder.packet(source, sequence, timestamp, marker, payload, at, count)

    def batch(self, source: Source, batch: Batch) -> None:
        if source == "mic" and self.take_sound is not None:
            self.take_sound(batch.runs())
        if self.recorder is not None:
            self.recorder.batch(source, batch)
        else:
            batch.release()

    def restart(self, source: Source) -> None:
        if self.recorder is not None:
            self.recorder.restart(source)

    def report(self, source: Source, ntp: int, timestamp: int) -> None:
        if self.recorder is not None:
            self.recorder.report(source, ntp, timestamp)

    def close(self, cause: str) -> None:
        if self.recorder is not None:
            self.recorder.close(cause)


class ParticipantEgress:
    """One participant who is being recorded, or whose words become text."""

    def __init__(self, publisher: Publisher, tap: Tap | None, on_failure: Callable[[], None]) -> None:
        self.publisher = publisher
        self.recorded = tap is not None
        self._tap = SplitTap(tap)
        sources = RECORDED if self.recorded else CAPTIONED
        self._recorder_taps = [RecorderTap(self._tap, source, on_failure) for source in sources]

    @property
    def captioned(self) -> bool:
        return self._tap.take_sound is not None

    def caption(self, take: Callable[[Iterable[PacketRun]], None] | None) -> None:
        """Begin or end the copy. What was collected before it begins is not in it, nor what came before it ended."""
        if take is not None:
            self.flush(unfinished=False)
        self._tap.take_sound = take

    def flush_sound(self) -> None:
        for recorder_tap in self._recorder_taps:
            if recorder_tap.source == "mic":
                recorder_tap.flush()

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

    def __init__(
        self, room: str, taps: TapFactory, emit: Callable[[MediaEvent], None], sound: SoundSink | None = None
    ) -> None:
        self._room = room
        self._taps = taps
        self._sound = sound
        self._emit = emit
        self._open: dict[str, ParticipantEgress] = {}
        self._failed: set[str] = set()

    def update(
        self,
        recorded: Set[str],
        captioned: Set[str],
        publishers: dict[str, Publisher],
        audible: Set[str],
        now: float,
    ) -> None:
        """Open and close taps until exactly these participants have them, of those with a connected publisher."""
        if self._sound is None:
            captioned = frozenset()
        for participant in [p for p, open_ in self._open.items() if self._changed(open_, p, recorded, captioned)]:
            self.end(participant, "consent")
        self._failed &= recorded
        for participant, egress in list(self._open.items()):
            if publishers.get(participant) is not egress.publisher:
                self.end(participant, "disconnected")
        for participant in (recorded | captioned) - self._open.keys():
            publisher = publishers.get(participant)
            if publisher is not None:
                if participant in recorded and participant not in self._failed:
                    self._open_tap(participant, publisher)
                elif participant in captioned:  # words do not depend on what the disk can take
                    self._open[participant] = ParticipantEgress(publisher, None, partial(self._fail, participant))
        for participant, egress in self._open.items():
            self._caption(participant, egress, participant in captioned)
            egress.connect(participant in audible, now)

    def _caption(self, participant: str, egress: ParticipantEgress, wanted: bool) -> None:
        if self._sound is None or wanted is egress.captioned:
            return
        egress.caption(partial(self._sound.take, self._room, participant) if wanted else None)
        if not wanted:
            self._sound.forget(self._room, participant)

    def _changed(self, egress: ParticipantEgress, participant: str, recorded: Set[str], captioned: Set[str]) -> bool:
        wanted = participant in recorded and participant not in self._failed
        return egress.recorded is not wanted or not (wanted or participant in captioned)

    def flush_sound(self) -> None:
        """Give the sink what microphones sent since the last time."""
        for egress in list(self._open.values()):
            if egress.captioned:
                egress.flush_sound()

    def flush(self, unfinished: bool = False) -> None:
        """Give all taps what was collected; `unfinished`: unfinished frames too. Called once per flush tick."""
        for egress in list(self._open.values()):  # a copy: one that fails is removed
            egress.flush(unfinished)

    def end(self, participant: str, cause: str) -> None:
        egress = self._open.pop(participant, None)
        if egress is not None:
            self._caption(participant, egress, wanted=False)
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
