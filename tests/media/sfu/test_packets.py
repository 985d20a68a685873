"""VP8 descriptors and RTP header extensions, byte by byte."""

from __future__ import annotations

import struct

from hypothesis import given, strategies as st

from media.sfu.codecs import PictureIds, Shift, starts_key_frame
from media.sfu.rtp import header_extension


def mem(data: bytes) -> memoryview:
    """In a buffer longer than the packet, as on the wire path."""
    return memoryview(bytearray(data + bytes(64)))


def frame(picture: int, tl0: int, key: bool, start: bool = True) -> bytes:
    """A payload as Chromium writes it: X, I (15 bit), L and T."""
    descriptor = bytes([0x90 if start else 0x80, 0xE0]) + struct.pack("!H", 0x8000 | picture) + bytes([tl0, 0x20])
    return descriptor + bytes([0x00 if key else 0x01]) + b"rest"


def test_a_key_frame_is_known_by_its_first_packet_only() -> None:
    for data, expected in (
        (frame(5, 6, key=True), True),
        (frame(5, 6, key=False), False),
        (frame(5, 6, key=True, start=False), False),
        (b"\x10\x00", True),  # the shortest descriptor
        (b"\x10\x01", False),
        (b"\x11\x00", False),  # not the first partition
        (b"\x10", False),
        (b"", False),
        (b"\x90", False),
        (b"\x90\x80\x80", False),  # the descriptor runs past the end
    ):
        assert starts_key_frame(mem(data), 0, len(data)) is expected, data


def test_a_shift_makes_the_next_picture_follow_the_last() -> None:
    first = mem(frame(700, 31, key=True))
    shift = Shift.between(PictureIds(32767, 255), None, PictureIds.of(first, 0, 11))
    shift.apply(first, 0, 11)
    assert PictureIds.of(first, 0, 11) == PictureIds(0, 0)
    again = Shift.between(PictureIds(701, 32), shift, PictureIds(9, 9))
    second = mem(frame(9, 9, key=True))
    again.apply(second, 0, 11)
    assert PictureIds.of(second, 0, 11) == PictureIds(2, 2)


@given(st.binary(max_size=60))
def test_no_payload_disturbs_what_lies_behind_it(data: bytes) -> None:
    buffer = mem(data)
    starts_key_frame(buffer, 0, len(data))
    picture = PictureIds.of(buffer, 0, len(data))
    Shift(5, 5).apply(buffer, 0, len(data))
    assert 0 <= picture.picture_id < 1 << 15
    assert bytes(buffer[len(data) :]) == bytes(64)


def test_an_extension_is_found_behind_others_and_padding() -> None:
    block = b"\xbe\xde\x00\x02" + b"\x10\x85" + b"\x00" + b"\x41ab" + b"\x00\x00"
    assert header_extension(mem(block), 0, len(block), 1) == b"\x85"
    assert header_extension(mem(block), 0, len(block), 4) == b"ab"
    assert header_extension(mem(block), 0, len(block), 5) == b""
    assert header_extension(mem(block), 0, len(block), 0) == b""


def test_an_extension_that_runs_past_its_block_is_none() -> None:
    block = b"\xbe\xde\x00\x01" + b"\x1fabc"
    assert header_extension(mem(block), 0, len(block), 1) == b""
    assert header_extension(mem(b"\x10\x00\x00\x01\x01\x01\x05\x00"), 0, 8, 1) == b""


@given(st.binary(max_size=80), st.integers(0, 15))
def test_any_bytes_are_safe_to_look_into(data: bytes, wanted: int) -> None:
    assert len(header_extension(mem(b"\xbe\xde" + data), 0, 2 + len(data), wanted)) <= 16
