"""What is counted of a complaint: one fact, with the day of each step where its office is (Order 121 Arts 38, 40), and
of where, what and whom the few words figures are grouped by.

A fact is a fold of the complaint's events beside the complaint itself: a step's day is the day its state was first
entered, whichever event led there, and is forgotten when the complaint leaves that state again (a note taken back).
It names nobody.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from itertools import takewhile
from math import asin, cos, radians, sin, sqrt
from typing import Final

from complaints import AgeBand
from complaints.complaint import deadlines, evolve, local_day
from complaints.duplicates import core
from complaints.events import ComplaintEvent, ComplaintRegistered, from_event
from complaints.notices.rules import afterwards, decision_told
from complaints.procedure.rules import ended_on
from complaints.record import PartyRecord
from complaints.record.changes import TRANSFERRED, SourceUpdated
from complaints.record.industries import SECTIONS, written_industry
from complaints.record.places import place_in
from complaints.state import Complaint, ComplaintState
from journal import Event
from law import WorkingCalendar

KEY: Final = 24  # hex digits of a respondent's key
LONGEST: Final = 40  # characters of a street's or a platform's name
AGES: Final = {
    AgeBand.CHILD.value: "minor",
    AgeBand.TEENAGER.value: "minor",
    AgeBand.MINOR.value: "minor",
    AgeBand.ADULT.value: "adult",
    AgeBand.YOUNG.value: "adult",
    AgeBand.MIDDLE.value: "adult",
    AgeBand.SENIOR.value: "elder",
}
# The least yuan of each band but the first; an amount that was not given has none. Names sort as the bands do.
EDGES: Final = (100, 500, 1_000, 5_000, 10_000, 50_000)
BANDS: Final = ("0", "100", "500", "1000", "5000", "10000", "50000")

_HAN: Final = "[\u3400-\u9fff]"
_ABOVE: Final = re.compile(
    rf"{_HAN}{{1,8}}?(?:特别行政区|自治区|自治州|自治县|地区|林区|新区|省|市|区|县|盟|旗)(?={_HAN}{{2}})"
)
_TOWN: Final = re.compile(rf"{_HAN}{{1,8}}?(?:街道|镇|乡|苏木)(?!路|街|大道|巷|道)")
_ROAD: Final = re.compile(r"[\u3400-\u9fffA-Za-z0-9]{1,10}?(?:大道|大街|路|街|巷|弄|里|道)")
_TAIL: Final = re.compile(r"(?:app|平台|官方网站|官网|网站)$")


def respondent(record: ComplaintRegistered) -> str:
    """A key of who is complained of: by the digest of the credit code, else by the name's core and the division. ""
    for nobody. The same business with and without its code has two keys."""
    business = record.business
    if business.code_key:
        return _key("code", business.code_key)
    name = core(business.title)
    return named_key(name, record.division) if name else ""


def named_key(name: str, division: str) -> str:
    """Of one known by name only; `name`: its core (`complaints.duplicates.core`)."""
    return _key("name", name, division)


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:KEY]


def street(address: str) -> str:
    """The subdistrict, town or road an address begins with once the divisions are taken off; "" when it names none."""
    left = "".join(address.split())
    for _ in range(3):
        above = _ABOVE.match(left)
        if above is None:
            break
        left = left[above.end() :]
    found = _TOWN.match(left) or _ROAD.match(left)
    return found[0] if found else ""


@lru_cache(maxsize=1024)
def platform(name: str) -> str:
    """An e-commerce platform in one spelling: 拼多多APP and 拼多多 are the same."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", name)).casefold()
    return (_TAIL.sub("", plain) or plain)[:LONGEST]


def age_band(party: PartyRecord) -> str:
    """minor, adult, elder; "" when it is not known."""
    return AGES.get(party.age_band, "")


@lru_cache(maxsize=1024)
def industry(code: str) -> str:
    """The code in its written form, to whatever level it goes; only the section of one that cannot be."""
    return written_industry(code) or section(code)


def band(amount: Decimal) -> str:
    """The band of an amount in dispute, by its least yuan; "" for none given."""
    return BANDS[bisect_right(EDGES, amount)] if amount > 0 else ""


def travel(complaint: Complaint) -> int | None:
    """Kilometres between the parties' cities, there and back, once they met in a room of ours; None: not known."""
    if not complaint.held_online:
        return 0
    record = complaint.record
    there = record.division or code_of(record.business.city)
    distance = cities_apart(code_of(record.consumer.city), there)
    return None if distance is None else 2 * distance


# The twenty sections of GB/T 4754-2017 and the last division of each.
_LAST_DIVISION: Final = (
    (5, "A"), (12, "B"), (43, "C"), (46, "D"), (50, "E"), (52, "F"), (60, "G"), (62, "H"), (65, "I"), (69, "J"),
    (70, "K"), (72, "L"), (75, "M"), (79, "N"), (82, "O"), (83, "P"), (85, "Q"), (90, "R"), (96, "S"), (97, "T"),
)  # fmt: skip


def section(code: str) -> str:
    """The section of a code of any length, with or without its letter; "" for none that exists."""
    if code[:1] in SECTIONS:
        return code[0]
    division = code[:2]
    if not (len(division) == 2 and division.isascii() and division.isdigit()) or division == "00":
        return ""
    return next((letter for last, letter in _LAST_DIVISION if int(division) <= last), "")


# ------------------------------------------------------------ distances


EARTH: Final = 6371.0  # mean radius, km


def distance_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Kilometres along the great circle between two points, each latitude and longitude in degrees."""
    (lat, lon), (lat2, lon2) = [(radians(a), radians(b)) for a, b in (one, other)]
    half = sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin((lon2 - lon) / 2) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(half)))


def cities_apart(one: str, other: str) -> int | None:
    """Whole kilometres between the prefectures of two division codes: what nobody had to travel when they met by video.

    0 within one; None when either is not known.
    """
    here, there = prefecture(one), prefecture(other)
    if not here or not there:
        return None
    return 0 if here == there else round(distance_between(centroids()[here], centroids()[there]))


def prefecture(code: str) -> str:
    """Four digits that have a centroid, "" for none. A municipality (北京, 重庆 …) is one whole."""
    found = code[:4]
    if code[:2] in ("11", "12", "31", "50", "71", "81", "82"):
        found = f"{code[:2]}00"
    return found if found in centroids() else ""


@functools.lru_cache(maxsize=4096)
def code_of(city: str) -> str:
    """The division a text like 武汉 or 湖北省武汉市 names for sure, "" for none."""
    place = place_in("".join(city.split())[:60])
    return place.division.code if place and place.sure else ""


@functools.cache
def centroids() -> Mapping[str, tuple[float, float]]:
    """Latitude and longitude of the middle of each prefecture, by the first four digits of GB/T 2260.

    `centroids.csv` was written by hand to a tenth of a degree (some ten kilometres), mostly the seat of the prefecture,
    which is where its people are. It is good for sums over many complaints, not for one journey. A county that a
    province governs directly (`4290..`) has no line: its distance is not known.
    """
    text = files(__package__).joinpath("centroids.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["code"]: (float(row["latitude"]), float(row["longitude"])) for row in rows}


_SETTLED = frozenset({ComplaintState.SETTLED, ComplaintState.PERFORMING})
_CALENDAR = WorkingCalendar()
NONE = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Fact:
    """Days are local to the office; money in yuan. `counted`: not merged into another, and its import not undone.

    `industry` is the section of GB/T 4754 ("F"), `problem` one of `complaints.PROBLEMS`, "" when not given.
    `decided`: the first of accepted and refused; `decision_told`: and the complainant told; `concluded`: of settled and
    ended; `handled`: of refused and concluded. `changed`: the newest time of any of its events. `entered`: when it came
    into the journal; `dropped`: when it stopped being counted, and `dropped_as` why ("merged" | "undone" |
    "transferred").
    `days_to_settlement`: from acceptance.

    What it is grouped by is in `complaints.statistics.facts`: `industry_code` is GB/T 4754 as far as it is known,
    `division` GB/T 2260, `respondent` a key and no name, `travel` kilometres, None when the cities are not known.
    """

    id: str
    office: str
    channel: str
    problem: str
    industry: str
    counted: bool
    amount: Decimal
    recovered: Decimal
    received: date
    accepted: date | None
    refused: date | None
    decided: date | None
    settled: date | None
    ended: date | None
    concluded: date | None
    handled: date | None
    told: date | None
    closed: date | None
    lead: date | None
    accept_due: date | None
    mediate_due: date | None
    tell_due: date | None
    days_to_decision: int | None
    days_to_handling: int | None
    changed: datetime
    division: str = ""
    street: str = ""
    industry_code: str = ""
    platform: str = ""
    respondent: str = ""
    age_band: str = ""
    travel: int | None = 0
    days_to_settlement: int | None = None
    entered: date | None = None
    dropped: date | None = None
    dropped_as: str = ""
    asked: date | None = None  # the consumer, afterwards, by a personal link
    answered: date | None = None  # the first time
    heard: date | None = None  # ... when the newest answer is that they were heard
    rated: date | None = None  # the first time the consumer said how satisfied they are
    satisfied: date | None = None  # ... when the newest such answer is satisfied or mostly satisfied
    decision_told: date | None = None  # accepted or refused, and the complainant told of it
    mode: str = ""  # law.orders: of the mediation that concluded it, "" for none
    confirmed: date | None = None  # the first day a court confirmed an agreement of it


@dataclass(frozen=True, slots=True)
class FollowedComplaint:
    """A complaint on the way to its fact: its state, and when it entered the states that are counted."""

    complaint: Complaint
    entered: datetime
    changed: datetime
    dropped: datetime | None = None
    accepted: datetime | None = None
    refused: datetime | None = None
    settled: datetime | None = None
    ended: datetime | None = None
    told: datetime | None = None
    closed: datetime | None = None
    lead: datetime | None = None  # the first that was found in its mediation: Order 121 Art 27


def follow_complaint(before: FollowedComplaint | None, event: ComplaintEvent, at: datetime) -> FollowedComplaint:
    """After one more event of its stream."""
    complaint = evolve(before.complaint if before else None, event, at)
    if before is None:
        begun = FollowedComplaint(complaint, at, at)
        return begun if complaint.record.earlier is None else _begun(begun)
    if isinstance(event, SourceUpdated) and "earlier" in event.changes:
        return _begun(replace(before, complaint=complaint, changed=max(before.changed, at)))
    state = complaint.state
    closed = state is ComplaintState.CLOSED
    return replace(
        before,
        complaint=complaint,
        changed=max(before.changed, at),
        dropped=_since(before.dropped, not counted(complaint), False, at),
        accepted=complaint.accepted_at,
        refused=_since(before.refused, state is ComplaintState.REFUSED, closed, at),
        settled=_since(before.settled, state in _SETTLED, closed, at),
        ended=complaint.ended_at,
        told=complaint.end_told_at if complaint.end_told else None,
        closed=_since(before.closed, closed, False, at),
        lead=_since(before.lead, bool(complaint.leads), False, at),
    )


def _begun(followed: FollowedComplaint) -> FollowedComplaint:
    """With what another system did before; its days are its own."""
    complaint = followed.complaint
    ended = ended_on(complaint.record)
    return replace(
        followed,
        accepted=complaint.accepted_at,
        refused=complaint.refused_at,
        settled=ended if complaint.closed_from is ComplaintState.SETTLED else None,
        ended=complaint.ended_at,
        told=complaint.end_told_at if complaint.end_told else None,
        closed=ended,
    )


def _since(known: datetime | None, there: bool, on: bool, at: datetime) -> datetime | None:
    """When a state was entered. `on`: it has been left for the one that ends the file, which keeps what led there."""
    if there:
        return known or at
    return known if on else None


def fold_fact(entries: Iterable[Event]) -> FollowedComplaint | None:
    """None for a stream without a readable beginning."""
    followed: FollowedComplaint | None = None
    for entry in entries:
        if not entry.erased:
            followed = follow_complaint(followed, from_event(entry), entry.at)
    return followed


def as_of(entries: Iterable[Event], moment: datetime) -> FollowedComplaint | None:
    """As the stream stood at that moment; None when it did not exist yet."""
    return fold_fact(takewhile(lambda entry: entry.at <= moment, entries))


def fact(complaint: str, followed: FollowedComplaint, zone: str, calendar: WorkingCalendar = _CALENDAR) -> Fact:
    """`zone`: of its office. Due days are those of the clocks that ever started."""
    state, record = followed.complaint, followed.complaint.record
    # What stands still is due on no day yet.
    due = {clock.code: clock.due for clock in deadlines(state, zone, calendar) if not clock.standing}

    def day(at: datetime | None) -> date | None:
        return None if at is None else local_day(at, zone)

    received = local_day(record.received, zone)
    here = received if state.received_anew is None else local_day(state.received_here, zone)
    accepted, refused = day(followed.accepted), day(followed.refused)
    settled, ended = day(followed.settled), day(followed.ended)
    decided, concluded = _first(accepted, refused), _first(settled, ended)
    handled = _first(refused, concluded)
    earlier = record.earlier
    if earlier is not None and earlier.state == "closed":
        handled = handled or day(followed.closed)  # how it ended is not told, that it is over is
    lasted = earlier is None or earlier.ended is not None or earlier.state == "accepted"
    return Fact(
        id=complaint,
        office=record.office,
        channel=record.channel,
        problem=record.problem_class,
        industry=section(record.industry_code),
        counted=counted(state),
        amount=record.amount or NONE,
        recovered=state.loss_recovered,
        received=received,
        accepted=accepted,
        refused=refused,
        decided=decided,
        settled=settled,
        ended=ended,
        concluded=concluded,
        handled=handled,
        told=day(followed.told),
        closed=day(followed.closed),
        decision_told=day(decision_told(state)),
        mode=state.mode,
        confirmed=min((one.day for one in state.rulings.values() if one.upheld), default=None),
        lead=day(followed.lead),
        accept_due=due.get("accept"),
        mediate_due=due.get("mediate"),
        tell_due=due.get("tell_end"),
        days_to_decision=_between(here, decided) if lasted or decided == accepted else None,
        days_to_handling=_between(here, handled) if lasted else None,
        changed=followed.changed,
        division=record.division[:6],
        street=street(record.business.address) or street(record.place),
        industry_code=industry(record.industry_code),
        platform=platform(record.object.platform),
        respondent=respondent(record),
        age_band=age_band(record.consumer),
        travel=travel(state),
        days_to_settlement=None if accepted is None or not lasted else _between(accepted, settled),
        entered=day(followed.entered),
        dropped=day(followed.dropped),
        dropped_as=_dropped_as(state),
        **({name: day(at) for name, at in afterwards(state).items()} if state.asked else {}),
    )


def counted(complaint: Complaint) -> bool:
    return stands_alone(complaint) and complaint.state is not ComplaintState.UNDONE


def stands_alone(complaint: Complaint) -> bool:
    """Whether it counts, once: one merged into another with that one, one that another bureau has there."""
    return complaint.merged is None and not complaint.transfers.elsewhere


def _dropped_as(complaint: Complaint) -> str:
    if counted(complaint):
        return ""
    if complaint.state is ComplaintState.UNDONE:
        return "undone"
    return "merged" if complaint.merged is not None else TRANSFERRED


def _first(one: date | None, other: date | None) -> date | None:
    return other if one is None else one if other is None else min(one, other)


def _between(first: date, last: date | None) -> int | None:
    return None if last is None else (last - first).days
