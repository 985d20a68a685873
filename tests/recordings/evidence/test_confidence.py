"""Private talks in a package: that they were, when and who could hear whom; what was said in confidence is in none."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from recordings.evidence.lines import withheld
from rooms import events as e
from rooms.caucus.state import CONFIDENTIAL, OFFERED
from rooms.vocabulary import GapRule, Side
from tests import ROOT
from tests.recordings.evidence.log import SYSTEM
from tests.recordings.evidence.told import OFFICER, Story
from tests.recordings.evidence.verifiers import judged_bytes

C, B = ("party", "c", "张女士", "", ""), ("party", "b", "周经理", "", "")
ASIDE: dict[str, tuple[str, ...]] = {"m": ("c",), "c": ("m",)}
ALL: dict[str, tuple[str, ...]] = {"m": ("c", "b"), "c": ("m", "b"), "b": ("m", "c")}
SECRETS = ("我最低一千八", "1834.27", "1751.93", "2615.49", "可以退一千七百五", "2224.88")
TALK = (
    (e.CaucusStarted(1, Side.CONSUMER), OFFICER),
    (e.Routed(ASIDE, ASIDE, ()), SYSTEM),
    (e.Confided("c", SECRETS[0], "", 1, ("m", "c")), C),
    (e.SlipWritten(1, Side.CONSUMER, "c", SECRETS[4], Decimal("1751.93"), True), C),
    (e.FigureEntered(1, Side.CONSUMER, "c", Decimal("1834.27")), C),
    (e.CaucusEnded(1, "mediator"), OFFICER),
    (e.Routed(ALL, ALL, ("m", "c", "b")), SYSTEM),
    (e.SlipShown(1, ("m", "c", "b")), OFFICER),
    (e.GapOpened(1, GapRule.MIDPOINT), OFFICER),
    (e.FigureEntered(1, Side.BUSINESS, "b", Decimal("2615.49")), B),
    (e.GapRevealed(1, True, Decimal("2224.88")), B),
)


def story() -> Story:
    return Story(before_recording=TALK)


def test_what_was_said_in_confidence_is_nowhere_in_a_package_and_it_still_holds(tmp_path: Path) -> None:
    made = story()
    packed = made.bytes()
    for secret in SECRETS:
        assert secret.encode() not in packed
    report = judged_bytes(packed, tmp_path, made.log.key.public).here
    assert report.verdict == "holds"
    assert (report.withheld, report.erased) == (6, 0)


DRAFT = (
    (e.ClausePut("c1", 1, "退2,360.00元。"), OFFICER),
    (e.ClausePut("c2", 1, "另付违约金199.00元。"), OFFICER),
    (e.ClauseAnswered("b", "c1", 1, False, "只能退一千八"), B),
    (e.ClauseRemoved("c2", 1, "另付违约金199.00元。"), OFFICER),
    (e.ClausePut("c1", 2, "退2,000.00元。"), OFFICER),
    (e.ClauseAnswered("c", "c1", 2, True), C),
    (e.ClauseAnswered("b", "c1", 2, True), B),
)
IN_VAIN = ("2,360.00", "199.00", "只能退一千八")


def test_a_package_holds_the_clauses_that_were_agreed_and_none_that_were_offered_on_the_way(tmp_path: Path) -> None:
    made = Story(before_recording=DRAFT)
    packed = made.bytes()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        journal = archive.read(next(name for name in archive.namelist() if name.startswith("journal/session"))).decode()
    assert "退2,000.00元。" in journal
    assert [text for text in IN_VAIN if text in journal] == []
    report = judged_bytes(packed, tmp_path, made.log.key.public).here
    assert report.verdict == "holds"
    assert (report.withheld, report.erased) == (4, 0)


def test_of_a_draft_that_came_to_nothing_no_word_is_in_a_package() -> None:
    made = Story(before_recording=DRAFT)
    lines = list(made.log.streams[made.stream])
    at = next(i for i, line in enumerate(lines) if line.type == "SessionClosed")
    lines[at] = replace(lines[at], data={"outcome": {"kind": "not_settled"}, "anyway": ""})
    left = withheld(lines)
    assert all(line.erased for line in left if line.type in ("ClausePut", "ClauseRemoved", "ClauseAnswered"))
    assert withheld(left) == left


def test_who_could_hear_whom_and_how_long_are_told_block_by_block() -> None:
    with zipfile.ZipFile(io.BytesIO(story().bytes())) as archive:
        routing, timing, gaps = (
            json.loads(archive.read(f"sheets/{name}.json")) for name in ("routing", "timing", "gaps")
        )
    apart = [stretch for stretch in routing["stretches"] if stretch["hears"] == {"c": ["m"], "m": ["c"]}]
    assert [stretch["recorded"] for stretch in apart] == [[]]
    assert (timing["edition"], gaps["edition"]) == (3, 2)
    assert [block["side"] for block in timing["timing"]["caucuses"]] == ["consumer"]
    assert timing["timing"]["caucus_ms"] == [{"ms": 5000, "side": "consumer"}]


def test_of_a_session_without_private_talks_the_sheets_are_what_they_were() -> None:
    with zipfile.ZipFile(io.BytesIO(Story().bytes())) as archive:
        timing = json.loads(archive.read("sheets/timing.json"))
    assert timing["edition"] == 1
    assert not {"caucuses", "caucus_ms"} & timing["timing"].keys()


def test_nothing_else_can_be_left_out_as_if_it_were_confidential(tmp_path: Path) -> None:
    """Whoever takes out what was said at the table is found out: its type says nothing of confidence."""
    made = story()
    stream = made.log.streams[made.stream]
    at = next(i for i, line in enumerate(stream) if line.type == "Said")
    stream[at] = replace(stream[at], data={}, actor=("party", "", "", "", ""), salt="")
    assert "erased_unaccounted" in judged_bytes(made.bytes(), tmp_path, made.log.key.public).codes


@pytest.mark.parametrize(
    "where", ["docs/evidence.md", "web/frontend/src/verify/journal.ts", "web/office/audit/sentences.json"]
)
def test_the_list_of_confidential_types_is_one(where: str) -> None:
    text = (ROOT / where).read_text()
    assert [kind.__name__ for kind in (*CONFIDENTIAL, *OFFERED) if kind.__name__ not in text] == []
