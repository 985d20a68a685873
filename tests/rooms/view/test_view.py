from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, get_args

import pytest

from rooms import commands as c, events as e
from rooms.live.audience import announcement, visible
from rooms.view.seat_view import RoomContext, ViewExtras
from rooms.vocabulary import Consent, Role, Seat, SeatStatus, Side
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, OB, OBSERVER, M, Scene, live, opened, party, settled, system
from tests.rooms.whole import lines, view

EXTRAS = ViewExtras(RoomContext("一所", "027-00000000", {"request": "退款"}), {CO: 2})


def seen(scene: Scene, seat: str) -> dict[str, Any]:
    body = view(scene.state, scene.timing, seat, scene.now, EXTRAS)
    json.dumps(body)
    return body


def test_the_view_has_exactly_the_parts_the_wire_document_names() -> None:
    scene = live()
    body = seen(scene, CO)
    assert set(body) == {
        "session", "you", "seats", "clock", "recording", "captions", "reads_captions",
        "opening", "outcome", "closed", "corrections", "case",
        "draft", "law", "typical", "card", "script",
        "caucus", "consulting", "channel", "slips", "gap",
        "exhibits", "proofs",
        "signing", "documents",
    }  # fmt: skip
    assert set(body["session"]) == {
        "id", "number", "title", "ordinal", "office", "office_phone", "starts", "status", "phase", "locked",
        "opened", "closed", "recess_since", "live",
    }  # fmt: skip
    assert set(body["seats"][0]) == {
        "id", "role", "side", "name", "organisation", "city", "status", "mode", "hears", "muted", "muted_by", "camera",
        "background", "screen", "hand", "speaking", "spoke_ms", "speaking_since", "waiting_since", "away_since",
        "away_cause", "call", "recording", "quality", "paused", "consents", "helper",
    }  # fmt: skip
    assert set(body["clock"]) == {"session_ms", "phase_ms", "phases", "speaker", "caucus_ms"}
    assert body["you"] == {"seat": CO, "role": "consumer", "side": "consumer", "mediator": False, "removed": ""}
    assert len(json.dumps(body)) < 8_000


def test_in_the_waiting_room_one_sees_names_and_nothing_else() -> None:
    scene = opened().bring(BU).prepare(CO)
    scene.ask(c.Say("已经开始"), BUSINESS)
    scene.ask(c.Arrive(), CONSUMER)
    body = seen(scene, CO)
    assert set(body) == {"session", "you", "seats"}
    assert all(set(seat) == {"id", "role", "side", "name", "status"} for seat in body["seats"])


def test_the_case_is_the_mediators_alone() -> None:
    scene = live()
    assert seen(scene, M)["case"] == {"request": "退款"}
    assert seen(scene, CO)["case"] is None


def test_what_is_said_to_the_mediator_stays_between_the_two() -> None:
    scene = live()
    scene.ask(c.Say("底线是1500元", M), CONSUMER)
    scene.ask(c.Say("大家好"), CONSUMER)
    assert [said["text"] for said in lines(scene, M)] == ["底线是1500元", "大家好"]
    assert [said["text"] for said in lines(scene, CO)] == ["底线是1500元", "大家好"]
    assert [(said["n"], said["text"]) for said in lines(scene, BU)] == [(1, "大家好")]  # nor that there is more
    whispered = next(entry for entry in scene.history if isinstance(entry.event, e.Said))
    assert visible(scene.state, whispered, M)
    assert not visible(scene.state, whispered, BU)


def test_the_outcome_is_shown_with_who_has_seen_it_then_as_closed() -> None:
    scene = live()
    scene.ask(c.ProposeOutcome(settled()))
    scene.ask(c.SeeOutcome(), CONSUMER)
    body = seen(scene, BU)
    assert body["outcome"]["seen"] == [CO]
    assert body["outcome"]["proposed"]["terms"][0]["amount"] == "2000.00"
    scene.ask(c.Close("商家已口头确认"))
    body = seen(scene, BU)
    assert body["outcome"] is None
    assert body["closed"]["loss_recovered"] == "2000.00"
    assert body["session"]["closed"].endswith("Z")


@pytest.mark.parametrize("gone", [c.Leave(), c.WithdrawConsent(Consent.PARTICIPATE)])
def test_a_party_who_left_before_the_end_is_told_the_result_and_nothing_said_meanwhile(gone: c.Command) -> None:
    scene = live()
    scene.ask(gone, CONSUMER)
    assert set(seen(scene, CO)) == {"session", "you", "seats"}
    scene.ask(c.Say("对方已经离开"), BUSINESS)
    scene.ask(c.ProposeOutcome(settled()))
    assert set(seen(scene, CO)) == {"session", "you", "seats"}  # a proposal is not a result
    scene.ask(c.Close("商家已口头确认"))
    body = seen(scene, CO)
    assert set(body) == {"session", "you", "seats", "closed", "corrections", "draft", "proofs", "documents"}
    assert body["closed"]["terms"][0]["amount"] == "2000.00"


def test_a_party_whose_connection_was_gone_for_good_is_told_the_result() -> None:
    scene = live()
    system(scene, c.NoteConnection(CO, False))
    scene.wait(minutes=11)
    system(scene, c.NoteConnection(CO, False, "absent"))
    assert scene.state.seats[CO].status is SeatStatus.LEFT
    scene.ask(c.ProposeOutcome(settled(scene.now)))
    scene.ask(c.SeeOutcome(), BUSINESS)
    scene.ask(c.Close())
    assert seen(scene, CO)["closed"]["kind"] == "settled"


def test_a_connection_dropped_after_closing_still_gets_the_result() -> None:
    scene = live()
    scene.ask(c.ProposeOutcome(settled()))
    scene.ask(c.Close("当面确认"))
    system(scene, c.NoteConnection(CO, False))
    assert seen(scene, CO)["closed"]["kind"] == "settled"


def test_the_result_is_not_for_an_observer_who_left_nor_for_a_lawyer_who_never_came() -> None:
    lawyer = Seat("s-l", Role.LAWYER, "刘律师", Side.BUSINESS)
    scene = live().bring(OB)
    scene.ask(c.AddSeat(lawyer))
    scene.ask(c.Leave(), OBSERVER)
    scene.ask(c.ProposeOutcome(settled()))
    scene.ask(c.Close("当面确认"))
    assert "closed" not in seen(scene, OB)
    assert "closed" not in seen(scene, lawyer.id)


def test_a_lawyer_who_took_part_and_left_is_told_the_result() -> None:
    lawyer = Seat("s-l", Role.LAWYER, "刘律师", Side.BUSINESS)
    scene = live()
    scene.ask(c.AddSeat(lawyer))
    scene.bring(lawyer.id).ask(c.Leave(), party(lawyer.id))
    scene.ask(c.ProposeOutcome(settled()))
    scene.ask(c.Close("当面确认"))
    assert seen(scene, lawyer.id)["closed"]["kind"] == "settled"


def test_recording_shows_who_is_recorded_and_who_said_no() -> None:
    scene = live(record=False)
    assert seen(scene, CO)["recording"] == {"on": False, "seats": [], "refused": [CO], "failed": ""}
    system(scene, c.NoteRecording(e.RecordingStarted(BU)))
    assert seen(scene, CO)["recording"] == {"on": True, "seats": [BU], "refused": [CO], "failed": ""}
    system(scene, c.NoteRecording(e.RecordingFailed("disk_full")))
    assert seen(scene, CO)["recording"] == {"on": False, "seats": [], "refused": [CO], "failed": "disk_full"}
    system(scene, c.NoteRecording(e.RecordingStarted(BU)))
    assert seen(scene, CO)["recording"]["failed"] == ""


def test_why_somebody_was_removed_is_not_told_to_the_other_side() -> None:
    scene = live()
    scene.ask(c.Remove(CO, "辱骂他人"))
    removed = next(entry for entry in scene.history if isinstance(entry.event, e.Removed))
    assert announcement(scene.state, removed, M)["data"]["reason"] == "辱骂他人"
    assert announcement(scene.state, removed, CO)["data"]["reason"] == "辱骂他人"
    assert announcement(scene.state, removed, BU)["data"] == {"seat": CO, "reason": ""}
    assert seen(scene, CO)["you"]["removed"] == "辱骂他人"
    assert "辱骂他人" not in json.dumps(seen(scene, BU), ensure_ascii=False)
    scene.ask(c.IssueLink(CO, "second", scene.now + timedelta(hours=1)))
    assert seen(scene, CO)["you"]["removed"] == ""


def test_the_mediator_is_told_who_hears_nothing() -> None:
    scene = opened().prepare(CO)
    scene.ask(c.CheckDevice("text", ("calls:none",)), CONSUMER)
    scene.ask(c.Arrive(), CONSUMER)
    scene.bring(BU)
    scene.ask(c.Admit(CO))
    assert [seat["id"] for seat in seen(scene, M)["seats"] if not seat["hears"]] == [CO]


def test_links_routes_files_and_looks_are_nobodys_news_in_the_room() -> None:
    scene = live().bring(OB)
    system(scene, c.NoteRecording(e.SegmentSealed(CO, "p", "0", 1, scene.now, scene.now)))
    kinds = (e.LinkIssued, e.LinkOpened, e.Routed, e.SegmentSealed, e.DeviceChecked, e.IdentityConfirmed)
    for entry in scene.history:
        if isinstance(entry.event, kinds):
            assert not any(visible(scene.state, entry, seat) for seat in (CO, BU, OB))


def test_somebody_at_the_door_is_told_only_of_themselves() -> None:
    scene = opened().bring(BU).prepare(CO)
    scene.ask(c.Arrive(), CONSUMER)
    told = [type(entry.event) for entry in scene.history if visible(scene.state, entry, CO)]
    assert set(told) == {e.ConsentGiven, e.Arrived}
    assert scene.state.seats[CO].status is SeatStatus.WAITING


def test_every_kind_of_event_has_a_sayable_form() -> None:
    scene = live()
    assert {type(entry.event) for entry in scene.history} <= set(get_args(e.SessionEvent))
    line = announcement(scene.state, scene.history[-1], M)
    assert set(line) == {"version", "type", "at", "actor", "data"}
    mediators = announcement(scene.state, scene.history[1], CO)
    assert mediators["actor"] == {"kind": "officer", "name": "李调解", "seat": M}
