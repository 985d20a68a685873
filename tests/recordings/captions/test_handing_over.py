"""How a media worker hands sound over: small datagrams, and never a moment's wait."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from media import PacketRun
from recordings.captions import LARGEST, MOST_WAITING, CaptionsSink, datagrams, packets_of


def run(sequence: int, payload: bytes = b"opus") -> PacketRun:
    return PacketRun(sequence, sequence * 960, False, payload, 1000 + sequence * 0.02, 1)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        theirs.setblocking(False)
        yield ours, theirs


def test_packets_arrive_as_they_were_with_the_names_they_belong_to() -> None:
    runs = [run(n, bytes([n]) * (n + 1)) for n in range(5)]
    (datagram,) = datagrams("调解-1", "座", runs)
    assert packets_of(datagram) == ("调解-1", "座", runs)


def test_much_sound_is_several_datagrams_of_bounded_size() -> None:
    runs = [run(n, bytes(900)) for n in range(60)]
    parts = list(datagrams("r", "s", runs))
    assert max(map(len, parts)) <= LARGEST
    assert [one for part in parts for one in packets_of(part)[2]] == runs


@pytest.mark.parametrize("broken", [b"", b"\x05", b"\xff\xff\xff\xff", b"\x01\x00\x01\x00ab\x00"])
def test_what_is_no_datagram_of_ours_is_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match=""):
        packets_of(broken)


def test_while_nobody_takes_it_the_oldest_gives_way_and_nothing_waits(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = ends
    sink = CaptionsSink(ours)
    for n in range(5_000):
        sink.take("r", "s", [run(n % 60_000, bytes(100))])
    taken: list[int] = []
    for _ in range(2):
        while True:
            try:
                taken += [one.sequence for one in packets_of(theirs.recv(LARGEST))[2]]
            except BlockingIOError:
                break
        sink.take("r", "s", [run(5_000, bytes(100))])
    assert sink.taken == 5_002
    assert len(taken) < 5_000
    # What came before the socket was full, and the newest of what waited.
    assert taken[-1] >= 5_000 - MOST_WAITING


def test_of_whoever_is_to_be_forgotten_nothing_that_waited_goes_out(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    sink = CaptionsSink(ours)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    for n in range(100):
        sink.take("r", "ab", [run(n, bytes(100))])
        sink.take("ra", "b", [run(n, bytes(100))])

    def taken() -> list[str]:
        found = []
        while True:
            try:
                found.append(packets_of(theirs.recv(LARGEST))[0])
            except BlockingIOError:
                return found

    assert "r" in taken()
    sink.forget("r", "ab")
    sink.take("ra", "b", [run(100)])
    assert set(taken()) == {"ra"}


def test_without_anybody_at_the_other_end_nothing_is_raised(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    sink = CaptionsSink(ours)
    theirs.close()
    sink.take("r", "s", [run(1)])
    assert sink.taken == 1
