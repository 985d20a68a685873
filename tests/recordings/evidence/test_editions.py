"""Editions of overviews, and entries of programs to come: what is known has to be right, what is not stays open."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from recordings import evidence
from recordings.evidence import lines, sheets
from recordings.evidence.authenticity import authenticity
from recordings.evidence.verdict import Check
from rooms import events as e
from rooms.vocabulary import ExhibitKind, Side
from tests.recordings.evidence import papers
from tests.recordings.evidence.log import SYSTEM, WHEN, Log
from tests.recordings.evidence.papers import sha
from tests.recordings.evidence.target import Entries, opened, resigned, zipped
from tests.recordings.evidence.test_exhibits import CONSUMER, PHOTO, original
from tests.recordings.evidence.told import OFFICER, Story
from tests.recordings.evidence.verifiers import judged, judged_all


def sheets_of(path: Path, key: bytes) -> tuple[str, str]:
    """Status of the check here and on the page."""
    return judged(path, key).status("derived_sheet")


def with_edition(entries: Entries, sheet: str, edition: int | str) -> Entries:
    name = f"sheets/{sheet}.json"
    return {**entries, name: evidence.canonical({**json.loads(entries[name]), "edition": edition})}


@pytest.mark.parametrize(
    ("sheet", "edition", "status"),
    [
        *((sheet, edition, "failed") for sheet in ("gaps", "authenticity") for edition in (0, 2, "1")),
        *(("people", edition, "failed") for edition in (0, 2, "1")),
        ("people", 3, "open"),
        *(("timing", edition, "failed") for edition in (0, 2, 3)),
        ("timing", 4, "open"),
        *((sheet, 99, "open") for sheet in ("gaps", "authenticity")),
    ],
)
def test_another_edition_that_is_known_is_a_lie_and_a_newer_one_is_left_open(
    tmp_path: Path, sheet: str, edition: int | str, status: str
) -> None:
    """A signer could otherwise hide a sheet that says what he likes behind an edition."""
    story, path = Story(), tmp_path / "package.zip"
    path.write_bytes(zipped(resigned(with_edition(opened(story.bytes()), sheet, edition), story.log.key)))
    assert sheets_of(path, story.log.key.public) == (status, status)


def test_what_was_shown_in_a_private_talk_is_not_told_as_shown_to_everybody(tmp_path: Path) -> None:
    story = Story(
        before_recording=(
            (e.ExhibitOffered("xa", "c", Side.CONSUMER, ExhibitKind.PICTURES, original("xa", "jpeg", PHOTO)), CONSUMER),
            (e.CaucusStarted(1, Side.BUSINESS), OFFICER),
            (e.ExhibitShown("xa", "m", 1, 1, Side.BUSINESS), OFFICER),
            (e.ExhibitPutAway("xa", 1, Side.BUSINESS), OFFICER),
            (e.CaucusEnded(1, "mediator"), OFFICER),
            (e.ExhibitShown("xa", "m"), OFFICER),
        )
    )
    story.pieces["s1/exhibits/xa/original-1"] = PHOTO
    path = tmp_path / "package.zip"
    path.write_bytes(story.bytes())
    sheet = json.loads(opened(path.read_bytes())["sheets/exhibits.json"])
    steps = [(step["step"], step["side"], step["talk"]) for step in sheet["exhibits"][0]["steps"]]
    assert (sheet["edition"], steps) == (2, [("shown", "business", 1), ("put_away", "business", 1), ("shown", None, 0)])
    assert sheets_of(path, story.log.key.public) == ("ok", "beyond")
    entries = opened(path.read_bytes())
    for step in sheet["exhibits"][0]["steps"]:
        del step["side"], step["talk"]
    before = {**entries, "sheets/exhibits.json": evidence.canonical({**sheet, "edition": 1})}
    path.write_bytes(zipped(resigned(before, story.log.key)))
    assert sheets_of(path, story.log.key.public) == ("ok", "beyond")  # as every package said it once
    path.write_bytes(zipped(resigned(with_edition(entries, "exhibits", 1), story.log.key)))
    assert sheets_of(path, story.log.key.public) == ("failed", "failed")


def test_what_is_said_of_kinds_of_items_is_judged_by_the_words_of_its_edition(tmp_path: Path) -> None:
    story, path = Story(), tmp_path / "package.zip"
    entries = opened(story.bytes())
    name = "sheets/authenticity.json"
    record, paths = story.record(), [item for item in entries if item not in (*evidence.BEFORE, *evidence.AFTER)]
    assert json.loads(entries[name])["edition"] == 6
    before, fourth, fifth = (
        {**entries, name: evidence.canonical(authenticity(record.decoded, paths, one))} for one in (1, 4, 5)
    )
    assert "本机构".encode() in fifth[name]
    assert "本机构".encode() not in entries[name]
    for told, status in (
        (before, ("ok", "beyond")),
        (fourth, ("ok", "beyond")),
        (fifth, ("ok", "beyond")),
        (with_edition(before, "authenticity", 4), ("failed", "beyond")),
        (with_edition(before, "authenticity", 5), ("failed", "beyond")),
        (with_edition(fifth, "authenticity", 6), ("failed", "beyond")),
    ):
        path.write_bytes(zipped(resigned(told, story.log.key)))
        assert sheets_of(path, story.log.key.public) == status


def verdicts(story: Story, path: Path, sheet: str, edition: int) -> list[tuple[str, str]]:
    """Of the package as it is made now; with that sheet as a program of before made it; and with that only named so."""
    entries, name = opened(story.bytes()), f"sheets/{sheet}.json"
    before = {**entries, name: evidence.canonical(sheets.derive(sheet, story.record().decoded, edition))}
    assert before[name] != entries[name]
    assert json.loads(before[name])["edition"] == edition
    found = []
    for told in (entries, before, with_edition(entries, sheet, edition)):
        path.write_bytes(zipped(resigned(told, story.log.key)))
        found.append(sheets_of(path, story.log.key.public))
    return found


def test_people_have_the_number_that_was_corrected_and_what_it_was_before(tmp_path: Path) -> None:
    story = Story(before_recording=[(e.PhoneCorrected("c", "139****0002"), OFFICER)])
    told = json.loads(opened(story.bytes())["sheets/people.json"])
    [person] = [one for one in told["people"] if one["id"] == "c"]
    [corrected] = person["phones"]
    assert (told["edition"], person["phone"], corrected["to"]) == (2, "139****0002", "139****0002")
    earlier = sheets.derive("people", story.record().decoded, 1)
    assert [one["phone"] for one in earlier["people"] if one["id"] == "c"] == [corrected["from"]]
    assert verdicts(story, tmp_path / "p", "people", 1) == [
        ("ok", "beyond"),
        ("ok", "beyond"),
        ("failed", "failed"),
    ]


def test_nobody_interrupts_in_a_private_talk(tmp_path: Path) -> None:
    story = Story()
    for event in (
        e.SpeakingStarted("m"), e.CaucusStarted(1, Side.CONSUMER), e.SpeakingStarted("c"), e.SpeakingStopped("c"),
        e.CaucusEnded(1, "mediator"), e.SpeakingStarted("c"),
    ):  # fmt: skip
        story.say(event, OFFICER, after=2)
    told = json.loads(opened(story.bytes())["sheets/timing.json"])
    earlier = sheets.derive("timing", story.record().decoded, 2)
    assert (told["edition"], told["timing"]["interruptions"], earlier["timing"]["interruptions"]) == (3, 1, 2)
    [now, before, named] = verdicts(story, tmp_path / "p", "timing", 2)
    assert (now, before, named) == (("ok", "beyond"), ("ok", "beyond"), ("failed", "beyond"))


def test_a_signature_is_confirmed_by_what_came_before_it_and_says_who_agreed_to_the_electronic_form(
    tmp_path: Path,
) -> None:
    story = papers.story()
    sealed = next(n for n, (event, _) in enumerate(story.before_recording) if isinstance(event, e.SignerConfirmed))
    text = sha(papers.TEXT)
    agreed = (e.ElectronicFormAgreed("c", text, "electronic-2026-11-29"), CONSUMER)
    late = (e.SignerConfirmed("c", text, "account"), CONSUMER)
    first, rest = story.before_recording[:sealed], story.before_recording[sealed:]
    told = replace(story, log=Log(), before_recording=(*first, agreed, *rest, late))
    told.pieces.update(story.pieces)
    sheet = json.loads(opened(told.bytes())["sheets/signatures.json"])
    [hand] = [one for one in sheet["documents"][0]["hands"] if one["seat"] == "c"]
    [mediator] = [one for one in sheet["documents"][0]["hands"] if one["seat"] == "m"]
    assert (sheet["edition"], hand["confirmed"]["how"], mediator["electronic"]) == (2, "code", None)
    assert hand["electronic"]["notice"] == "electronic-2026-11-29"
    assert hand["electronic"]["version"] < hand["confirmed"]["version"] < hand["version"]
    earlier = sheets.derive("signatures", told.record().decoded, 1)
    [before] = [one for one in earlier["documents"][0]["hands"] if one["seat"] == "c"]
    assert (before["confirmed"]["how"], "electronic" in before) == ("account", False)
    assert verdicts(told, tmp_path / "p", "signatures", 1) == [
        ("ok", "beyond"), ("ok", "beyond"), ("failed", "beyond"),
    ]  # fmt: skip


def test_a_clock_that_was_set_back_accuses_nobody(tmp_path: Path) -> None:
    story, path = Story(), tmp_path / "package.zip"
    both: dict[str, tuple[str, ...]] = {"c": ("b",), "b": ("c",)}
    story.say(e.Routed(both, both, ()), OFFICER)
    story.say(e.Routed({}, {}, ()), OFFICER, after=-30)
    path.write_bytes(story.bytes())
    assert sheets_of(path, story.log.key.public) == ("ok", "beyond")


def gaps_of(content: bytes) -> Any:
    return json.loads(opened(content)["sheets/gaps.json"])


def causes(sheet: Any, seat: str) -> list[str]:
    (mic,) = (one for one in sheet["tracks"] if (one["seat"], one["source"]) == (seat, "mic"))
    return [one["cause"] for one in mic["missing"]]


def just_ended() -> Story:
    """Its last pieces are on their way to the disk."""
    return Story(segments=0, composed=False, before_recording=[(e.RecordingStarted("c"), SYSTEM)])


def test_a_package_made_before_the_last_piece_was_sealed_says_that_it_was_being_written(tmp_path: Path) -> None:
    """It once said of what was on its way to the disk that nothing explains why it is missing."""
    story, path = just_ended(), tmp_path / "p"
    path.write_bytes(story.bytes())
    sheet = gaps_of(path.read_bytes())
    assert (sheet["edition"], causes(sheet, "c")) == (3, ["starting", "writing"])
    assert sheets_of(path, story.log.key.public) == ("ok", "beyond")
    assert judged(path, story.log.key.public).codes == []


def test_a_package_of_an_earlier_program_that_accused_for_it_still_verifies(tmp_path: Path) -> None:
    story, path = just_ended(), tmp_path / "p"
    before = {**sheets.gap_sheet(story.record().decoded.history, 2), "edition": 1, "sheet": "gaps"}
    assert "writing" not in before["missing_ms"]
    entries = {**opened(story.bytes()), "sheets/gaps.json": evidence.canonical(before)}
    path.write_bytes(zipped(resigned(entries, story.log.key)))
    assert sheets_of(path, story.log.key.public) == ("ok", "beyond")


@pytest.mark.parametrize(
    "fact",
    [
        e.MediaAwaited("c", WHEN, "connection"),
        e.NothingRecorded("c", WHEN, WHEN, ()),
        e.Disconnected("c", "link_revoked"),
    ],
)
def test_what_explains_a_gap_anew_makes_the_third_edition_and_no_other_will_do(
    tmp_path: Path, fact: e.SessionEvent
) -> None:
    story, path = Story(before_recording=[(fact, SYSTEM)]), tmp_path / "p"
    path.write_bytes(story.bytes())
    assert gaps_of(path.read_bytes())["edition"] == 3
    assert sheets_of(path, story.log.key.public) == ("ok", "beyond")
    path.write_bytes(zipped(resigned(with_edition(opened(path.read_bytes()), "gaps", 2), story.log.key)))
    assert sheets_of(path, story.log.key.public) == ("failed", "failed")


def newer(folder: Path) -> Path:
    """A package with an entry that only a newer program can read."""
    story, path = Story(), folder / "newer.zip"
    entries = opened(story.bytes())
    at = story.log.streams[story.stream][-1].time + timedelta(seconds=1)
    story.log.append(story.stream, "PhaseEntered", {"phase": "of a newer program"}, at)
    path.write_bytes(zipped(resigned(_with_journal(entries, story), story.log.key)))
    return path


def test_an_entry_of_a_newer_program_leaves_the_overviews_open(tmp_path: Path) -> None:
    (both,) = judged_all([(newer(tmp_path), Story().log.key.public)])
    report = both.here  # the page derives what it can read, and finds the overview of clocks to be that of before
    assert both.differences == ["derived_sheet: only the page"]
    assert report.codes == []
    assert Check("derived_sheet", "open") in [Check(check.code, check.status) for check in report.checks]


def _with_journal(entries: Entries, story: Story) -> Entries:
    """The package of before with the journal and the log of now."""
    record = story.record()
    logged = record.logged
    proofs = {str(leaf): [one.hex() for one in path] for leaf, path in logged.proofs.items()}
    return {
        **entries,
        evidence.SESSION: lines.to_text(record.session),
        evidence.CHECKPOINT: logged.checkpoint,
        evidence.INCLUSION: evidence.canonical({"proofs": proofs, "size": logged.size}),
    }
