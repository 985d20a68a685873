"""The channel between the web process and a worker."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from media.engine import (
    BadDescription,
    CaptionsFault,
    Connection,
    Echo,
    Gap,
    Heard,
    MediaError,
    MediaEvent,
    NotAdmitted,
    Offer,
    OfferedTrack,
    PicturesPaused,
    PublisherState,
    Quality,
    Recording,
    RecordingAlarm,
    RoomClosed,
    RoomLost,
    RouteMatrix,
    Segment,
    Speaking,
    Unrecorded,
    WorkerFull,
)
from media.sfu import control
from media.sfu.control import ChannelBroken, ControlChannel

NOW = datetime(2026, 11, 25, 8, 30, 1, 250_000, UTC)
EVENTS: list[MediaEvent] = [
    Offer("r", "ann", "v=0", (OfferedTrack("0", "bob", "mic", True), OfferedTrack("1", "bob", "camera", False))),
    Connection("r", "ann", "failed"),
    PublisherState("r", "ann", "connecting"),
    Speaking("r", "ann", True),
    Echo("r", "ann", "bob", True),
    Heard("r", "ann", "我们退", NOW, NOW),
    CaptionsFault("r", "speech_gone"),
    Quality("r", "ann", 3),
    PicturesPaused("r", "ann", "to", True),
    Recording("r", "ann", False, "consent"),
    Segment("r", "ann", "r/ann.webm", "ab" * 32, 12, NOW, NOW, 640, 360),
    Segment(
        "r",
        "ann",
        "r/ann.webm",
        "ab" * 32,
        12,
        NOW,
        NOW,
        640,
        360,
        "screen",
        "cd" * 32,
        99,
        "ef" * 32,
        (Gap("mic", NOW, NOW, "late"), Gap("camera", NOW, NOW, "silent")),
        -1500,
    ),
    Unrecorded("r", "ann", NOW, NOW, (Gap("mic", NOW, NOW, "unbegun"),)),
    RecordingAlarm("r", "disk_full"),
    RoomLost("r"),
    RoomClosed("r"),
]


@pytest.fixture
async def ends() -> AsyncIterator[tuple[ControlChannel, ControlChannel]]:
    one, other = socket.socketpair()
    channels = await ControlChannel.over(one), await ControlChannel.over(other)
    yield channels
    for channel in channels:
        await channel.close()


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
async def test_an_event_arrives_as_it_was(ends: tuple[ControlChannel, ControlChannel], event: MediaEvent) -> None:
    ends[0].send(control.encode_event(event))
    message = await ends[1].receive()
    assert message is not None
    assert control.decode_event(message) == event


def test_every_event_of_the_engine_can_be_sent() -> None:
    assert {type(event) for event in EVENTS} == set(control.EVENTS.values()) == set(MediaEvent.__args__)


def test_a_matrix_arrives_as_it_was() -> None:
    matrix = RouteMatrix(
        {"ann": frozenset({"bob"}), "bob": frozenset()},
        {"bob": frozenset({"ann"})},
        frozenset({"ann"}),
        frozenset({"bob"}),
    )
    assert control.decode_matrix(control.encode_matrix(matrix)) == matrix


@pytest.mark.parametrize(
    "refusal", [BadDescription("setup", "a=setup:holdconn"), NotAdmitted("why"), WorkerFull("why"), MediaError("why")]
)
def test_a_refusal_arrives_as_what_it_was(refusal: MediaError) -> None:
    error = control.decode_error(control.encode_error(refusal))
    assert (type(error), str(error), error.params) == (type(refusal), str(refusal), refusal.params)


async def test_the_end_of_the_other_side_is_noticed(ends: tuple[ControlChannel, ControlChannel]) -> None:
    await ends[0].close()
    assert await ends[1].receive() is None


async def test_a_message_too_large_is_not_sent(ends: tuple[ControlChannel, ControlChannel]) -> None:
    with pytest.raises(ChannelBroken):
        ends[0].send({"sdp": "x" * control.MAX_FRAME})


async def test_a_frame_too_large_is_not_read(ends: tuple[ControlChannel, ControlChannel]) -> None:
    ends[0]._writer.write(control.LENGTH.pack(control.MAX_FRAME + 1))
    with pytest.raises(ChannelBroken):
        await ends[1].receive()


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff\xfe"])
async def test_what_is_no_message_breaks_the_channel(ends: tuple[ControlChannel, ControlChannel], body: bytes) -> None:
    ends[0]._writer.write(control.LENGTH.pack(len(body)) + body)
    with pytest.raises(ChannelBroken):
        await ends[1].receive()


async def test_who_does_not_read_is_given_up(ends: tuple[ControlChannel, ControlChannel]) -> None:
    message = {"text": "x" * 500_000}
    while ends[0]._writer.transport.get_write_buffer_size() <= control.MAX_BACKLOG:
        ends[0].send(message)
    with pytest.raises(ChannelBroken):
        ends[0].send(message)
    # Abort, so that closing does not wait.
    ends[0]._writer.transport.abort()
    await asyncio.sleep(0)
