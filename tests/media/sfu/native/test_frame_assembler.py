"""Packets for a recording are collected in Python as they are in C.

That both give a recorder the same is in `test_wayin_recording`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from media import Batch, FrameEntry
from media.engine import Source
from media.sfu.egress import RecorderTap
from media.sfu.rtp import BUFFER_SIZE, MAX_ENTRIES, MAX_FRAME_PACKETS, FrameAssembler
from media.sfu.uptrack import HISTORY_SIZE
from tests.media.bench import MIC, SCREEN, picture
from tests.media.sfu.native.receivers import opened
from tests.media.taps import CountingTap

NAME = b"\x80\x80\x05"  # extended, with a picture's number
FIRST, OTHER = b"\x90" + NAME[1:], b"\x80" + NAME[1:]


class Sender:
    """Of pictures and sounds, one packet after the other."""

    def __init__(self) -> None:
        self.assembler = FrameAssembler(lambda: next(self._times))
        self._times: Iterator[float] = iter(range(100, 10_000_000))
        self.seq = 65_534

    def picture(self, body: bytes, timestamp: int = 1, *, begins: bool = False, marker: bool = False) -> bool:
        head = FIRST if begins else OTHER
        return self._send("camera", head + body, timestamp, marker, len(head) if begins else 0)

    def sound(self, body: bytes, timestamp: int, padding: bytes = b"") -> bool:
        return self._send("mic", body, timestamp, False, 0, padding)

    def _send(
        self, source: Source, payload: bytes, timestamp: int, marker: bool, skip: int, padding: bytes = b""
    ) -> bool:
        size = 12 + len(payload) + len(padding)
        mem = memoryview(bytes(12) + payload + padding + bytes(BUFFER_SIZE))
        seq, self.seq = self.seq, self.seq + 1 & 0xFFFF
        packet = mem, 12, size, 0xA0 if padding else 0x80, 0x80 if marker else 0, seq, timestamp
        return self.assembler.add_audio(*packet) if source == "mic" else self.assembler.add_video(*packet, skip)

    def collected(self, everything: bool = False) -> list[FrameEntry]:
        return list(self.assembler.take_batch(everything).entries)


def test_what_follows_one_another_in_a_picture_is_one_stretch_that_came_with_its_first() -> None:
    sender = Sender()
    sender.picture(b"one", begins=True)
    sender.picture(b"two")
    sender.picture(b"three", marker=True)
    sender.picture(b"alone", 2, begins=True, marker=True)
    batch = sender.assembler.take_batch()
    assert batch.packets == 4
    assert list(batch.entries) == [
        (100, 1, 65_534, 3, True, FIRST, b"onetwothree"),
        (101, 2, 1, 1, True, FIRST, b"alone"),
    ]
    assert sender.collected() == []


def test_a_picture_that_has_begun_stays_until_it_is_whole_or_everything_goes() -> None:
    sender = Sender()
    sender.picture(b"one", begins=True)
    assert sender.collected() == []
    sender.picture(b"two", marker=True)
    assert [body for *_, body in sender.collected()] == [b"onetwo"]
    sender.picture(b"three", 2, begins=True)
    assert [(marker, body) for *_, marker, _, body in sender.collected(everything=True)] == [(False, b"three")]
    sender.picture(b"four", 2, marker=True)
    assert [(descriptor, body) for *_, descriptor, body in sender.collected()] == [(b"", OTHER + b"four")]


def test_what_does_not_belong_to_the_picture_that_is_open_is_not_joined_to_it() -> None:
    sender = Sender()
    sender.picture(b"one", begins=True)
    sender.seq = sender.seq + 1 & 0xFFFF  # lost
    sender.picture(b"three")
    sender.picture(b"new", 2, begins=True)
    sender._send("camera", b"\x80\x80\x06other number", 2, False, 0)
    sender.picture(b"new", 3, begins=True)
    sender._send("camera", FIRST + b"a second beginning", 3, False, 0)
    sender.picture(b"new", 4, begins=True)
    sender._send("camera", OTHER, 4, False, 0)  # no more than a descriptor
    bodies = [[descriptor, body] for *_, descriptor, body in sender.collected(everything=True)]
    assert bodies == [
        [FIRST, b"one"],
        [b"", OTHER + b"three"],
        [FIRST, b"new"],
        [b"", b"\x80\x80\x06other number"],
        [FIRST, b"new"],
        [b"", FIRST + b"a second beginning"],
        [FIRST, b"new"],
        [b"", OTHER],
    ]


def test_padding_is_left_out_and_what_is_nothing_else_as_well() -> None:
    sender = Sender()
    sender.sound(b"sound", 960, padding=b"\0\0\3")
    sender.sound(b"", 1920, padding=b"\0\0\3")
    sender.sound(b"", 1920)
    assert [body for *_, body in sender.collected()] == [b"sound"]


@pytest.mark.parametrize("source", ["mic", "camera"])
def test_neither_a_picture_nor_what_collects_grows_without_end(source: Source) -> None:
    sender, answers = Sender(), []
    for number in range(MAX_ENTRIES + MAX_FRAME_PACKETS):
        if source == "mic":
            answers.append(sender.sound(b"x", number))
        else:
            answers.append(sender.picture(b"x", begins=number == 0))
    assert answers.index(True) <= MAX_ENTRIES + MAX_FRAME_PACKETS - 1
    assert all(packets <= MAX_FRAME_PACKETS for _, _, _, packets, *_ in sender.collected())


async def test_a_picture_longer_than_the_history_is_recorded_as_it_was_sent() -> None:
    """Its packets stay in the history until they are copied; those places are used again for its later ones."""
    sent = [b"%d" % number for number in range(3 * HISTORY_SIZE["video"])]
    kept: list[bytes] = []

    class Keeping(CountingTap):
        def packet(
            self, source: Source, sequence: int, timestamp: int, marker: bool, payload: bytes, at: float, count: int = 1
        ) -> None:
            kept.append(payload)

    async with opened(None) as bench:
        bench.recorded_at_once = False
        bench.send(SCREEN, 0, 0, picture(0, key=True))
        recorder_tap = RecorderTap(Keeping("r", "ann", lambda _: None), "screen", lambda: None)
        recorder_tap.subscribe(bench.stream(SCREEN))
        begun = picture(1, key=True)
        bench.send(SCREEN, 1, 3000, begun)
        name = b"\x80" + begun[1:4]
        for number, body in enumerate(sent):
            bench.send(SCREEN, 2 + number, 3000, name + body)
        recorder_tap.stop()
    assert b"".join(kept).replace(name, b"") == begun + b"".join(sent)


async def test_a_feed_hands_over_once_it_is_full() -> None:
    batches: list[int] = []

    class Counting(CountingTap):
        def batch(self, source: Source, batch: Batch) -> None:
            batches.append(batch.packets)

    async with opened(None) as bench:
        bench.recorded_at_once = False
        bench.send(MIC, 0, 0, b"x")
        tap = Counting("r", "ann", lambda _: None)
        RecorderTap(tap, "mic", lambda: None).subscribe(bench.stream(MIC))
        for number in range(1, MAX_ENTRIES + 3):
            bench.send(MIC, number, 960 * number, b"x")
    assert batches == [MAX_ENTRIES, 2], "and the rest at the end"
