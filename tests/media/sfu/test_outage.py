"""A network that was gone for seconds and came back whole is no narrow network."""

from __future__ import annotations

import pytest
from aiortc.rtp import RtcpReceiverInfo, RtcpRrPacket

from media.sfu.participant import OUTAGE, Participant
from tests.media.bench import MIC, Bench


def sound(bench: Bench, first: int, last: int) -> None:
    for seq in range(first, last):
        bench.send(MIC, seq, seq * 960, b"sound")


def person(bench: Bench) -> Participant:
    ann = Participant("ann", 0.0)
    ann.publisher, ann.subscriber = bench.publisher, bench.subscriber
    return ann


def away(bench: Bench, ann: Participant, seconds: float) -> None:
    """From now, and heard again at its end."""
    end = bench.time + seconds
    while bench.time < end:
        bench.time += 0.1
        ann.update_state(bench.time)
    bench.publisher.peer.authenticated += 1
    ann.update_state(bench.time)


@pytest.mark.parametrize(("seconds", "forgiven"), [(5.0, True), (OUTAGE / 3, False)])
async def test_what_an_outage_swallowed_on_the_way_to_us_is_not_held_against_the_line(
    bench: Bench, seconds: float, forgiven: bool
) -> None:
    ann = person(bench)
    sound(bench, 0, 50)
    ann.update_state(bench.time)
    bench.time += 1.0
    bench.publisher.tick(bench.time)
    before = bench.publisher.uplink.estimate
    away(bench, ann, seconds)
    sound(bench, 300, 350)  # 250 are missing
    bench.time += 1.0
    bench.publisher.tick(bench.time)
    assert (bench.publisher.loss == 0.0) is forgiven
    assert (bench.publisher.uplink.estimate >= before) is forgiven


@pytest.mark.parametrize(("seconds", "forgiven"), [(5.0, True), (OUTAGE / 3, False)])
async def test_nor_what_it_swallowed_on_the_way_to_them(bench: Bench, seconds: float, forgiven: bool) -> None:
    ann, downtrack = person(bench), bench.downtrack("mic")
    ssrc = downtrack.ssrc

    def report(highest: int, lost: int) -> None:
        bench.ask(RtcpRrPacket(1, [RtcpReceiverInfo(ssrc, 0, lost, highest, 0, 0, 0)]))

    report(100, 0)
    ann.update_state(bench.time)
    away(bench, ann, seconds)
    report(350, 240)
    report(360, 240)
    assert (bench.subscriber.estimator.loss_meter.take() == 0.0) is forgiven
    bench.time += 3.0
    report(400, 260)
    assert bench.subscriber.estimator.loss_meter.take() > 0.4, "what is lost later counts"
