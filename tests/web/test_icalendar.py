"""A calendar file as RFC 5545 and RFC 5546 ask for one, read back by these rules."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from web.icalendar import CalendarEntry, calendar_file

ENTRY = CalendarEntry(
    uid="0123abc@tiaojie.example.cn",
    sequence=2,
    made=datetime(2026, 9, 1, 1, 2, 3, tzinfo=UTC),
    starts=datetime(2026, 9, 7, 10, 0, tzinfo=timezone(timedelta(hours=8))),
    length=timedelta(minutes=30),
    summary="调解（东湖一所）；第二次，带发票\\收据",
    description="投诉编号：东高一投〔2026〕12号。" * 6 + "\n有疑问请打 027-00001201; 谢谢, 再见",
    location="用手机视频参加",
    url="https://tiaojie.example.cn/j/abc",
    organizer=('东湖"高新"区所', "tel:027-00001201"),
    attendee=("丁小禾", "https://tiaojie.example.cn/j/abc"),
)


def properties(file: bytes) -> list[tuple[str, str]]:
    """Unfolded content lines (3.1), each as what stands before its first colon outside of quotes, and after it."""
    assert file.endswith(b"\r\n")
    assert b"\n" not in file.replace(b"\r\n", b"")
    lines = file.split(b"\r\n")[:-1]
    assert all(len(line) <= 75 for line in lines)
    for line in lines:
        line.decode()  # no character is cut in two
    found = []
    for unfolded in file.decode().replace("\r\n ", "").split("\r\n")[:-1]:
        parted = re.match(r'((?:[^":]|"[^"]*")+):(.*)$', unfolded)
        assert parted, unfolded
        found.append((parted[1], parted[2]))
    return found


def unescaped(text: str) -> str:
    assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", text)
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], text)


def test_it_is_folded_escaped_and_read_back_word_for_word() -> None:
    told = dict(properties(calendar_file(ENTRY))[:14])
    assert unescaped(told["SUMMARY"]) == ENTRY.summary
    assert unescaped(dict(properties(calendar_file(ENTRY)))["LOCATION"]) == ENTRY.location
    description = next(value for name, value in properties(calendar_file(ENTRY)) if name == "DESCRIPTION")
    assert unescaped(description) == ENTRY.description


def test_it_has_what_a_request_needs_once_and_times_in_utc() -> None:
    told = properties(calendar_file(ENTRY))
    names = [name.partition(";")[0] for name, _ in told]
    assert names[0] == "BEGIN"
    assert told[-1] == ("END", "VCALENDAR")
    for once in ("UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "ORGANIZER", "ATTENDEE", "METHOD", "VERSION"):
        assert names.count(once) == 1, once
    values = dict(told)
    assert (values["METHOD"], values["SEQUENCE"], values["VERSION"]) == ("REQUEST", "2", "2.0")
    assert (values["DTSTART"], values["DTEND"]) == ("20260907T020000Z", "20260907T023000Z")
    assert sum(pair == ("BEGIN", "VALARM") for pair in told) == 2
    begun = [value for name, value in told if name == "BEGIN"]
    assert sorted(begun) == sorted(value for name, value in told if name == "END")


def test_one_that_is_off_has_the_same_uid_a_higher_sequence_and_no_alarm() -> None:
    off = dict(properties(calendar_file(replace(ENTRY, cancelled=True, sequence=3))))
    assert (off["METHOD"], off["STATUS"], off["UID"], off["SEQUENCE"]) == ("CANCEL", "CANCELLED", ENTRY.uid, "3")
    assert b"VALARM" not in calendar_file(replace(ENTRY, cancelled=True))


def test_nothing_that_a_name_holds_ends_a_line_or_a_parameter() -> None:
    bad = replace(ENTRY, organizer=('a":x\r\nATTENDEE:b', "tel:1"), summary="a\r\nBEGIN:VEVENT\x07")
    names = [name.partition(";")[0] for name, _ in properties(calendar_file(bad))]
    assert names.count("ATTENDEE") == 1
    assert names.count("BEGIN") == 4
