"""What a connection carries: estimates by loss, pictures that rest for the sound, caps."""

from __future__ import annotations

import itertools

from aiortc.rtp import RtcpReceiverInfo

from media.sfu.bandwidth import (
    AUDIO_BITRATE,
    MIN_ESTIMATE,
    Caps,
    DownlinkBandwidth,
    QueueDelay,
    UplinkBandwidth,
    VideoPause,
)
from media.sfu.probing import LossMeter


def test_without_loss_an_estimate_grows_by_a_twentieth_a_second_as_far_as_is_useful() -> None:
    link = DownlinkBandwidth()
    assert link.update(0.01, 500_000, 50_000, 2_000_000, 1.0) == 1_050_000
    for second in range(100):
        link.update(0.0, 500_000, 50_000, 2_000_000, second)
    assert 2_500_000 <= link.estimate < 2_700_000


def test_a_small_estimate_grows_twice_as_fast_unless_something_waits() -> None:
    link = DownlinkBandwidth()
    link.estimate = 200_000
    assert link.update(0.0, 50_000, 50_000, 2_000_000, 1.0) == 220_000
    assert link.update(0.0, 50_000, 50_000, 2_000_000, 2.0, queued=0.2) == 231_000


def test_some_loss_leaves_an_estimate_and_much_cuts_it_to_half_the_loss_of_what_was_sent() -> None:
    link = DownlinkBandwidth()
    assert link.update(0.05, 500_000, 50_000, 2_000_000, 1.0) == 1_000_000
    assert link.update(0.2, 600_000, 50_000, 2_000_000, 2.0) == 540_000
    for second in range(20):
        link.update(0.6, 600_000, 50_000, 2_000_000, second)
    assert link.estimate == MIN_ESTIMATE


def test_one_bad_second_takes_half_of_an_estimate_at_most() -> None:
    link = DownlinkBandwidth()
    assert link.update(0.2, 60_000, 60_000, 2_000_000, 1.0) == 450_000, "only sound was sent"
    assert link.update(0.0, 60_000, 60_000, 2_000_000, 2.0) == 472_500
    assert link.update(0.2, 60_000, 60_000, 2_000_000, 3.0) == 212_625
    assert link.update(0.2, 60_000, 60_000, 2_000_000, 4.0) == MIN_ESTIMATE, "two in a row are the line's"


def test_the_clients_own_estimate_is_a_ceiling_while_it_is_fresh_and_something_waits() -> None:
    link = DownlinkBandwidth()
    link.on_remb(200_000, 1.0)
    assert link.update(0.0, 700_000, 50_000, 2_000_000, 1.5, 0.2) == 1_050_000, "a moment's jitter"
    assert link.update(0.0, 700_000, 50_000, 2_000_000, 2.5, 0.2) == 250_000
    assert link.update(0.0, 300_000, 50_000, 2_000_000, 6.0) == 275_000, "that of five seconds ago says nothing"


def test_a_client_that_estimates_a_little_less_is_believed_while_it_goes_on_losing() -> None:
    link = DownlinkBandwidth()
    link.on_remb(540_000, 1.0)
    assert link.update(0.03, 700_000, 50_000, 2_000_000, 1.0) == 1_000_000
    link.on_remb(540_000, 2.0)
    assert link.update(0.03, 700_000, 50_000, 2_000_000, 2.0) == 590_000


def test_a_busy_phone_that_estimates_a_little_less_and_loses_nothing_keeps_its_pictures() -> None:
    link = DownlinkBandwidth()
    for second in range(1, 9):
        link.on_remb(540_000, second)
        assert link.update(0.0, 700_000, 50_000, 2_000_000, second) > 1_000_000


def test_a_busy_phone_that_estimates_a_tenth_keeps_its_pictures_while_nothing_is_lost_and_nothing_waits() -> None:
    link = DownlinkBandwidth()
    for second in range(1, 9):
        link.on_remb(40_000 - second * 2000, second)
        assert link.update(0.0, 400_000, 60_000, 2_000_000, second, 0.05) > 1_000_000


def test_half_of_two_still_pictures_is_no_shortage_while_nothing_is_lost() -> None:
    link = DownlinkBandwidth()
    for second in range(1, 9):
        link.on_remb(33_000, second)
        assert link.update(0.0, 240_000, 175_000, 2_000_000, second, 0.2) > 1_000_000


def test_a_clients_estimate_of_the_little_it_gets_is_no_ceiling() -> None:
    """Chromium allows no more than half as much again as arrives."""
    link = DownlinkBandwidth()
    link.on_remb(130_000, 1.0)
    assert link.update(0.0, 180_000, 50_000, 2_000_000, 1.0) > 1_000_000


def test_a_publishers_estimate_falls_to_what_arrives_and_finds_its_way_back() -> None:
    link = UplinkBandwidth()
    assert link.update(0.8, 150_000) == 750_000, "one bad second may be a busy machine's"
    assert link.update(0.8, 150_000) == 150_000
    assert link.update(0.9, 20_000) == MIN_ESTIMATE
    seconds = 0
    while link.estimate < 200_000:
        link.update(0.0, 60_000)
        seconds += 1
    assert 10 < seconds < 20
    for _ in range(200):
        link.update(0.0, 60_000)
    assert link.estimate == UplinkBandwidth.MAX


def test_a_queue_on_the_way_here_cuts_a_publisher_as_loss_would() -> None:
    link = UplinkBandwidth()
    assert link.update(0.0, 300_000, queued=0.5) == 750_000
    assert link.update(0.0, 300_000, queued=0.5) == 240_000
    assert link.update(0.0, 300_000, queued=0.2) == 240_000, "not while it is still getting shorter"
    assert link.update(0.0, 300_000, queued=0.1) == 252_000


def waits(lags: list[float]) -> list[float]:
    """One packet every 100 ms by a clock of another start; each comes so much later than it could."""
    queue, found = QueueDelay(), []
    for n, lag in enumerate(lags):
        queue.add(7000.0 + n / 10, 3.0 + n / 10 + lag)
        if n % 10 == 9:
            found.append(round(queue.take(), 3))
    return found


def test_a_queue_is_what_comes_later_than_at_its_quickest() -> None:
    assert waits([0.02, 0.05] * 10) == [0.0, 0.0]
    assert waits([0.02] * 10 + [0.02 + n * 0.05 for n in range(10)] + [0.6] * 10) == [0.0, 0.0, 0.58]


def test_a_clock_that_begins_again_every_64_seconds_is_no_queue() -> None:
    queue = QueueDelay()
    for second in range(200):
        for tenth in range(10):
            at = second + tenth / 10
            queue.add(at % 64, 3.0 + at + 0.02)
        assert round(queue.take(), 3) == 0.0


def test_jitter_and_a_clock_that_jumps_are_no_queue() -> None:
    assert waits([0.4] * 9 + [0.0] + [0.5] * 9 + [0.01]) == [0.0, 0.01]
    assert waits([0.0] * 10 + [40.0] * 20) == [0.0, 0.0, 0.0]
    assert QueueDelay().take() == 0.0


def test_a_clients_estimate_that_only_grows_is_no_ceiling() -> None:
    """After a pause it begins with the little that came before, and grows by a twelfth a second."""
    link, remb = DownlinkBandwidth(), 100_000
    link.on_remb(remb, 1.0)
    for second in range(10, 20):
        remb = int(remb * 1.08)
        link.on_remb(remb, second)
        link.update(0.0, 600_000, 50_000, 2_000_000, second, 0.2)
    assert link.estimate > 1_000_000
    link.on_remb(int(remb * 0.85), 20.0)
    for second in (20, 21):
        link.update(0.0, 600_000, 50_000, 2_000_000, second, 0.2)
    assert link.estimate < 300_000


def test_pictures_rest_below_150_kbits_and_come_back_above_200() -> None:
    first = VideoPause()
    assert not first.update(149_000, 0, 0.0), "a moment is no shortage"
    assert first.update(149_000, 0, 1.0)
    assert first.update(190_000, 0, 20.0)
    assert not first.update(200_000, 0, 21.0)
    assert not first.update(160_000, 0, 30.0)


def test_pictures_rest_as_well_when_not_even_the_smallest_fits() -> None:
    first = VideoPause()
    first.update(400_000, 500_000, 0.0)
    assert first.update(400_000, 500_000, 1.0)
    assert first.update(600_000, 500_000, 30.0)
    assert not first.update(625_000, 500_000, 31.0)


def test_a_return_that_came_too_early_is_tried_later_each_time() -> None:
    first, rests, now = VideoPause(), [], 0.0
    for _ in range(4):
        while not first.update(100_000, 0, now):
            now += 1.0
        paused = now
        while first.update(300_000, 0, now):
            now += 1.0
        rests.append(now - paused)
    assert rests == [5.0, 10.0, 20.0, 40.0]


def test_a_network_at_the_edge_does_not_flap() -> None:
    first = VideoPause()
    said = [first.update(170_000 + (-25_000 if second % 2 else 25_000), 0, float(second)) for second in range(60)]
    assert sum(a != b for a, b in itertools.pairwise(said)) <= 1


def report(ssrc: int, highest: int, lost: int) -> RtcpReceiverInfo:
    return RtcpReceiverInfo(ssrc, 0, lost, highest, 0, 0, 0)


def test_loss_is_of_all_streams_together_and_since_the_last_look() -> None:
    losses = LossMeter()
    for ssrc in (1, 2):
        losses.add(report(ssrc, 1000, 5), 1.0)
    assert losses.take() == 0.0
    losses.add(report(1, 1090, 5), 1.0)
    losses.add(report(2, 1010, 10), 1.0)
    assert losses.take() == 0.05
    assert losses.take() == 0.0


def test_what_never_came_to_us_was_not_lost_by_the_subscribers_line() -> None:
    losses = LossMeter()
    losses.add(report(1, 1000, 5), 1.0)
    losses.add(report(1, 1100, 25), 1.0, upstream=0.16)
    assert losses.take() == 0.0
    losses.add(report(1, 1200, 55), 1.0, upstream=0.16)
    assert losses.take() == 0.1


def test_what_was_lost_before_a_pause_does_not_count_after_it() -> None:
    losses = LossMeter()
    losses.add(report(1, 1000, 0), 1.0)
    losses.add(report(1, 1000, 0), 2.0)
    losses.add(report(1, 1080, 60), 9.0)
    assert losses.take() == 0.0
    losses.add(report(1, 1180, 65), 10.0)
    assert losses.take() == 0.05


def test_a_stream_that_began_again_is_no_loss() -> None:
    losses = LossMeter()
    losses.add(report(1, 70_000, 0), 1.0)
    losses.add(report(1, 20, 0), 1.0)
    losses.add(report(1, 120, 0), 1.0)
    assert losses.take() == 0.0


def test_caps_are_shared_and_leave_everybody_their_sound() -> None:
    assert Caps().share(3, 10) == 0
    assert Caps(room_bits=3_000_000).share(3, 10) == 1_000_000
    assert Caps(room_bits=3_000_000, worker_bits=6_000_000).share(3, 10) == 200_000
    assert Caps(room_bits=100_000).share(8, 1) == AUDIO_BITRATE
