"""Why somebody is heard or seen badly: which of line, device and server it is, and that it does not flicker."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from media.engine import Measurement
from rooms.media.diagnosis import (
    BEGINS,
    ENDS,
    FINDINGS,
    PATIENT,
    SIDES,
    Diagnosis,
    MinuteReports,
    Outage,
    SeatReport,
    found,
    shared,
)

START = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
FINE = Measurement(rtt=0.04, up=400, down=800)
EVERY = timedelta(seconds=4)


class Seat:
    """Reports every four seconds."""

    def __init__(self) -> None:
        self.now, self.diagnosis = START, Diagnosis()

    def reports(self, measured: Measurement, seconds: float, lag: float = 0.0, resting: tuple[str, ...] = ()) -> str:
        until = self.now + timedelta(seconds=seconds)
        while self.now < until:
            self.diagnosis.note(found(measured, resting, lag, self.diagnosis.finding), self.now)
            self.now += EVERY
        return self.diagnosis.finding


@pytest.mark.parametrize(
    ("measured", "lag", "resting", "finding", "side"),
    [
        (replace(FINE, loss_up=0.08), 0.0, (), "loss_up", "uplink"),
        (FINE, 0.0, ("from",), "narrow_up", "uplink"),
        (replace(FINE, limited="bandwidth", available=90), 0.0, (), "narrow_up", "uplink"),
        (replace(FINE, rtt=0.7), 0.0, (), "delay", "uplink"),
        (replace(FINE, loss_down=0.08), 0.0, (), "loss_down", "downlink"),
        (FINE, 0.0, ("to",), "narrow_down", "downlink"),
        (replace(FINE, limited="cpu"), 0.0, (), "cpu", "device"),
        (replace(FINE, mic="muted"), 0.0, (), "mic_muted", "device"),
        (replace(FINE, mic="silent"), 0.0, (), "mic_silent", "device"),
        (replace(FINE, camera="still"), 0.0, (), "camera_still", "device"),
        (replace(FINE, camera="gone"), 0.0, (), "camera_gone", "device"),
        (replace(FINE, hidden=True), 0.0, (), "hidden", "device"),
        (replace(FINE, battery=True), 0.0, (), "battery", "device"),
        (FINE, 0.4, (), "server", "server"),
        (FINE, 0.0, (), "", ""),
        (replace(FINE, mic="off", camera="off", limited="bandwidth", available=900), 0.0, (), "", ""),
    ],
)
def test_what_lasts_is_said_by_whose_it_is(
    measured: Measurement, lag: float, resting: tuple[str, ...], finding: str, side: str
) -> None:
    assert Seat().reports(measured, 90, lag, resting) == finding
    assert SIDES[finding] == side


def test_when_we_are_late_nobodys_line_is_blamed() -> None:
    assert Seat().reports(replace(FINE, rtt=0.9, loss_up=0.2), 40, lag=0.5) == "server"


def test_a_bad_moment_is_not_said() -> None:
    seat = Seat()
    for _ in range(20):
        assert seat.reports(replace(FINE, loss_up=0.3), 4) == ""
        assert seat.reports(FINE, 4) == ""


def test_what_is_said_stays_while_it_wavers_about_the_limit_and_goes_once_it_is_gone() -> None:
    seat = Seat()
    assert seat.reports(replace(FINE, loss_up=0.06), 12) == "loss_up"
    for _ in range(20):
        assert seat.reports(replace(FINE, loss_up=0.035), 4) == "loss_up"
        assert seat.reports(FINE, 8) == "loss_up"
    assert seat.reports(FINE, ENDS.total_seconds() + 4) == ""


def test_what_hinders_more_takes_its_place_and_what_hinders_less_waits() -> None:
    seat = Seat()
    assert seat.reports(replace(FINE, limited="cpu"), 12) == "cpu"
    assert seat.reports(replace(FINE, limited="cpu", loss_up=0.2), 12) == "loss_up"
    assert seat.reports(replace(FINE, limited="cpu"), 8) == "loss_up"
    assert seat.reports(replace(FINE, limited="cpu"), 12) == "cpu"


def test_whoever_only_listens_for_a_while_has_no_dead_microphone() -> None:
    seat = Seat()
    assert seat.reports(replace(FINE, mic="silent"), 40) == ""
    assert seat.reports(replace(FINE, mic="silent"), 40) == "mic_silent"


def test_every_finding_is_somebodys_and_comes_in_its_time() -> None:
    assert set(SIDES) == {"", *FINDINGS}
    assert all(PATIENT[name] > BEGINS for name in PATIENT)


def test_a_minute_keeps_the_usual_the_bad_and_what_was_said_from_when() -> None:
    minute = MinuteReports(START, "cpu")
    for n in range(15):
        measured = replace(FINE, rtt=0.1 if n < 13 else 0.9, up=400 if n < 13 else 90, over="udp")
        finding = "cpu" if n < 5 else "" if n < 10 else "delay"
        minute.reports.append(SeatReport("s-c", START + n * EVERY, measured, "Chrome 131, Android", 0.01 * n, finding))
    kept = minute.line()
    assert (kept.client, kept.way, kept.reports) == ("Chrome 131, Android", "direct/udp", 15)
    assert (kept.figures["rtt"], kept.figures["up"]) == ((0.1, 0.9), (400, 90))  # of a rate the lower is the worse
    assert "available" not in kept.figures  # their browser does not say
    assert kept.said == [(START + 5 * EVERY, ""), (START + 10 * EVERY, "delay")]


def test_all_lines_bad_at_once_are_one_thing_and_so_are_those_of_one_address() -> None:
    well, bad = dict.fromkeys(("m", "c", "b"), ""), dict.fromkeys(("m", "c", "b"), "loss_down")
    assert shared(well, {}).scope == ""
    assert shared(bad, {}) == Outage("all", ("b", "c", "m"))
    assert shared({"c": "delay", "b": "delay"}, {}).scope == "", "of two who knows whose it is"
    office = {"m": "office", "c": "office", "b": "elsewhere"}
    assert shared({**bad, "b": ""}, office) == Outage("network", ("c", "m"))
    assert shared({**bad, "b": "", "c": ""}, office).scope == "", "the other one there is well"
    assert shared({**well, "c": "battery", "m": "battery"}, office).scope == "", "no line is to blame for a battery"
    assert shared({**bad, "b": ""}, {"m": "", "c": ""}).scope == "", "addresses that are not known are not one"
