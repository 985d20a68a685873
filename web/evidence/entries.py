"""What a package says in rows: entries, files, gaps, what a settlement rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from complaints.events import KINDS, typed
from journal.clock import TimeSpan, intersect
from recordings.evidence import TRANSCRIPT, VIDEO, document_path, media_path, signed_path
from recordings.evidence.lines import (
    ERASED,
    WITHHOLDABLE,
    DecodedLines,
    JournalLine,
    SealedPaper,
    attached,
    corrections,
    handwriting,
    papers,
)
from recordings.evidence.package import Record
from recordings.evidence.sheets import derive
from recordings.gap_ledger import Ledger
from recordings.transcripts import Line, from_json
from rooms import events as e
from rooms.events import SessionEntry
from rooms.timing import Timing
from rooms.vocabulary import Outcome, OutcomeKind, Role, Seat
from web import i18n
from web.i18n import N_
from web.office.audit.sections import doer
from web.office.audit.sentences import PAPERS, WITHHELD, MissingStretch, Voice, gap_lines, sentence
from web.office.complaints import history

PROGRAM: Final = N_("the program")
KEEPERS: Final = {"party": N_("one of the parties"), "officer": N_("somebody of the office"), "system": PROGRAM}
"""Whose a line is of which only the kind of person is told."""


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """A line of a journal, told. `gone`: "confidence" or "erased" when its content is not in the package."""

    version: int
    at: datetime
    who: str
    what: str
    hash: str
    gone: str = ""
    corrected_by: int = 0  # the newest entry that corrects it


def of_session(
    lines: Sequence[JournalLine], happened: Sequence[SessionEntry], voice: Voice, spoken: i18n.Words
) -> list[ToldEvent]:
    known = {entry.version: entry.event for entry in happened}
    erased, corrected, out = _erased(lines), corrections(lines), list[ToldEvent]()
    for line in lines:
        fact = known.get(line.version)
        if line.erased:
            out.append(_gone(line, erased, spoken))
        else:
            what = sentence(fact, voice) if fact is not None else line.type
            kind, id_, name, _, _ = line.actor
            who = doer(kind, id_, name, fact, voice, spoken.gettext(PROGRAM))
            by = corrected.get(line.version, 0)
            out.append(ToldEvent(line.version, line.time, who, what, line.hash, corrected_by=by))
    return out


def of_complaint(lines: Sequence[JournalLine], order: str, spoken: i18n.Words, zone: ZoneInfo) -> list[ToldEvent]:
    """An entry that this program does not know is named by its type."""
    erased, told = _erased(lines), list[ToldEvent]()
    for line in lines:
        if line.erased:
            told.append(_gone(line, erased, spoken))
            continue
        what = line.type
        if what in KINDS:
            what = history.complaint_sentence(typed(KINDS[what], line.data), order, spoken, zone)
        who = spoken.gettext(PROGRAM) if line.actor[0] == "system" else line.actor[2]
        told.append(ToldEvent(line.version, line.time, who, what, line.hash))
    return told


def _erased(lines: Sequence[JournalLine]) -> Mapping[int, tuple[int, str]]:
    """Version -> the entry that says so, and the reason it gives."""
    return {
        version: (line.version, line.data.get("reason", ""))
        for line in lines
        if line.type == ERASED and not line.erased
        for version in line.data["versions"]
    }


def _gone(line: JournalLine, erased: Mapping[int, tuple[int, str]], spoken: i18n.Words) -> ToldEvent:
    """Of a confidence the line says only whether a party or the office had written it, not which party."""
    _ = spoken.gettext
    by = _(KEEPERS.get(line.actor[0], PROGRAM))
    if line.version in erased:
        number, reason = erased[line.version]
        what = _("Erased (entry %(number)s says so)", number=number)
        if reason:
            what = _("Erased (entry %(number)s says so): %(reason)s", number=number, reason=reason)
        return ToldEvent(line.version, line.time, by, what, line.hash, "erased")
    if line.type in WITHHOLDABLE and line.stream.startswith("session/"):
        what = _("In confidence, and in no package: %(what)s", what=_(WITHHELD[line.type]))
        return ToldEvent(line.version, line.time, by, what, line.hash, "confidence")
    return ToldEvent(line.version, line.time, by, _("erased"), line.hash, "erased")


ABSENT: Final = {
    "erased": N_("erased: the key of this case was destroyed"),
    "missing": N_("no longer in the bureau's storage"),
    "damaged": N_("damaged in the bureau's storage"),
}
ATTACHED_BY: Final = {
    "consumer": N_("Attached by the consumer: %(name)s"),
    "business": N_("Attached by the business: %(name)s"),
    "": N_("Attached by the office: %(name)s"),
}


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A line of the list of files. `path` "" of one that was removed, whose `gone` is the reason given."""

    what: str
    at: datetime
    path: str
    sha256: str
    gone: str = ""


def files(record: Record, voice: Voice, gone: Mapping[str, str]) -> list[ListedFile]:
    """Exhibits, what was signed and sealed, and the files of the complaint."""
    _, found = voice.gettext, list[ListedFile]()

    def add(what: str, at: datetime, path: str, sha256: str) -> None:
        cause = gone.get(path, "")
        found.append(ListedFile(what, at, path, sha256, _(ABSENT[cause]) if cause else ""))

    for row in derive("exhibits", record.decoded)["exhibits"]:
        for one in row["files"]:
            what = _(
                "Exhibit of %(name)s: %(title)s", name=voice.name(row["seat"]), title=row["title"] or row["exhibit"]
            )
            add(what, datetime.fromisoformat(row["at"]), one["path"], one["sha256"])
    for paper in papers(record.session):
        sealed = paper.sealed.data
        what = f"{_(PAPERS.get(sealed['kind'], PAPERS['record']))} {sealed['number']}"
        add(what, paper.sealed.time, document_path(paper.document), sealed["sha256"])
        if sealed.get("text"):
            add(_("The text that was signed"), paper.sealed.time, signed_path(paper.document), sealed["text"])
        for hand in paper.hands:
            if path := handwriting(hand):
                name = voice.name(hand.data["seat"])
                stored = hand.data["how"] == "saved"
                what = _("Drawing of the saved signature of %(name)s", name=name) if stored else ""
                add(what or _("Handwriting of %(name)s", name=name), hand.time, path, hand.data["sha256"])
    for file in attached(record.complaint):
        data = file.added.data
        what = _(ATTACHED_BY.get(data.get("by", ""), ATTACHED_BY[""]), name=data["name"])
        if file.removed is None:
            add(what, file.added.time, file.path, file.sha256)
        else:
            why = _("removed: %(reason)s", reason=file.removed.data["reason"])
            found.append(ListedFile(what, file.added.time, "", file.sha256, why))
    return found


@dataclass(frozen=True, slots=True)
class HeardLine:
    """`plays`: where the file lies that has it, from its second on, "" where there is none; `heard`: by the machine, of
    a corrected one."""

    id: str
    seat: str
    at: datetime
    plays: str
    text: str
    heard: str
    unsure: bool


@dataclass(frozen=True, slots=True)
class ListedTranscript:
    """`said`: its lines as they are read; empty where the file is not to be had, and then `corrected` has those that
    the journal knows."""

    file: ListedFile
    lines: int
    model: str
    digest: str
    corrected: Sequence[tuple[str, str]]
    said: Sequence[HeardLine]


_UNSURE: Final = 0.5


def transcript(record: Record, voice: Voice, gone: Mapping[str, str]) -> ListedTranscript | None:
    made, corrected = None, dict[str, str]()
    for line in record.session:
        if line.type == "TranscriptMade" and not line.erased:
            made = line
        elif line.type == "TranscriptCorrected" and not line.erased:
            corrected[line.data["line"]] = line.data["text"]
    if made is None:
        return None
    cause, data = gone.get(TRANSCRIPT, ""), made.data
    what = voice.gettext("Machine transcript, not confirmed")
    file = ListedFile(what, made.time, TRANSCRIPT, data["sha256"], voice.gettext(ABSENT[cause]) if cause else "")
    read = {line: text for line, text in corrected.items() if text}
    said = () if cause else _said(record, gone, read)
    return ListedTranscript(file, data["lines"], data["model"], data["digest"], () if said else [*read.items()], said)


def _said(record: Record, gone: Mapping[str, str], corrected: Mapping[str, str]) -> Sequence[HeardLine]:
    try:
        heard = from_json(record.heard).with_corrections(corrected)
    except ValueError:  # of a later program, or none: the file is linked all the same
        return ()
    happened = [entry.event for entry in record.decoded.history]
    files = [
        (VIDEO, "", one.origin, one.origin + timedelta(milliseconds=one.duration_ms))
        for one in happened
        if isinstance(one, e.RecordingComposed)
    ]
    files += [
        (media_path(one.path), one.seat, one.started, one.ended)
        for one in happened
        if isinstance(one, e.SegmentSealed) and one.source == "camera"
    ]
    files = [one for one in files if one[0] not in gone]

    def plays(line: Line) -> str:
        for path, seat, begins, ends in files:
            if seat in ("", line.seat) and begins <= line.begins < ends:
                # The page has no script: a browser seeks when it opens a file, so each line opens it by another name.
                return f"{path}?line={line.id}#t={(line.begins - begins).total_seconds():.2f}"
        return ""

    return [
        HeardLine(
            line.id, line.seat, line.begins, plays(line), heard.text(line),
            line.text if line.id in heard.corrected else "", line.sure < _UNSURE,
        )
        for line in heard.lines
    ]  # fmt: skip


OUTSIDE: Final = N_("a private talk without this person: nothing is recorded of anybody then")


@dataclass(frozen=True, slots=True)
class GapRow:
    who: str
    what: str
    span: TimeSpan
    why: str


def gap_rows(kept: Ledger, timing: Timing, seats: Mapping[str, Seat], voice: Voice) -> Sequence[GapRow]:
    return [
        GapRow(voice.name(one.seat), one.what(voice), one.span, _why(one, timing, seats.get(one.seat), voice))
        for one in gap_lines(kept)
    ]


def _why(one: MissingStretch, timing: Timing, seat: Seat | None, voice: Voice) -> str:
    """Of an interpreter or a companion of neither side nobody knows which talks they were in."""
    if one.cause == "caucus" and seat and seat.side and seat.role is not Role.MEDIATOR:
        talks = [side for side, span in timing.caucuses if intersect((span,), (one.span,))]
        if talks and seat.side not in talks:
            return voice.gettext(OUTSIDE)
    return one.why(voice)


PAID: Final = N_("paid")
CLAIMED: Final = N_("claimed")
RECOVERED: Final = N_("recovered")


def money(complaint: Sequence[JournalLine], outcome: Outcome | None) -> list[tuple[str, Decimal]]:
    """What was paid and claimed, as the complaint has it now, and what was recovered: name and sum, where there is
    one."""
    now: dict[str, object] = {}
    for line in complaint:
        if line.erased:
            continue
        if line.type == "ComplaintRegistered":
            bought = line.data.get("object") or {}
            now = {"amount": line.data.get("amount"), "object.paid": bought.get("paid")}
        elif line.type == "RecordAmended":
            now |= {change["field"]: change["new"] for change in line.data["changes"] if change["field"] in now}
    told = [(name, now.get(field)) for name, field in ((PAID, "object.paid"), (CLAIMED, "amount"))]
    sums = [(name, Decimal(str(found))) for name, found in told if found is not None]
    return [*sums, (RECOVERED, outcome.loss_recovered)] if outcome and (sums or outcome.loss_recovered) else sums


def sentences(told: DecodedLines, voice: Voice, clock: Callable[[datetime], str]) -> list[str]:
    """None while there is no outcome."""
    closed = next((entry for entry in told.history if isinstance(entry.event, e.SessionClosed)), None)
    if closed is None or not isinstance(closed.event, e.SessionClosed):
        return []
    _ = voice.gettext
    sealed = papers(told.lines)
    said = [_papers(told, sealed, voice)]
    seen = _seen(told)
    by = {"number": closed.version, "when": clock(closed.at)}
    if sealed:
        rests = _("The mediator's closing entry names this outcome (journal no. %(number)s, %(when)s).", **by)
    elif closed.event.outcome.kind is OutcomeKind.SETTLED:
        rests = _("That they settled rests on the mediator's closing entry (journal no. %(number)s, %(when)s).", **by)
    else:
        rests = _("This outcome rests on the mediator's closing entry (journal no. %(number)s, %(when)s).", **by)
    said.append(rests)
    if seen:
        who = voice.list(
            _("%(name)s (no. %(number)s, %(when)s)", name=voice.name(seat), number=number, when=clock(at))
            for seat, (number, at) in seen.items()
        )
        said.append(_("Marked as seen before that: %(who)s; seen means read, not signed.", who=who))
    sides = [seat.id for seat in told.seats.values() if seat.role in (Role.CONSUMER, Role.BUSINESS)]
    if unseen := [voice.name(seat) for seat in sides if seat not in seen]:
        said.append(_("Not marked as seen: %(who)s.", who=voice.list(unseen)))
    if closed.event.anyway:
        said.append(_("Why it was closed all the same: %(reason)s", reason=closed.event.anyway))
    return said


def _papers(told: DecodedLines, sealed: Sequence[SealedPaper], voice: Voice) -> str:
    _ = voice.gettext
    if sealed:
        data = [paper.sealed.data for paper in sealed]
        what = voice.list(f"{_(PAPERS.get(one['kind'], PAPERS['record']))} {one['number']}" for one in data)
        return _("Under the bureau's seal: %(what)s; see files and documents.", what=what)
    if any(isinstance(entry.event, e.Signed) for entry in told.history):
        return _("Somebody signed, but no document was put under the bureau's seal; see the journal.")
    return _("Nobody signed anything and no document was sealed in this mediation.")


def _seen(told: DecodedLines) -> dict[str, tuple[int, datetime]]:
    """Who marked the outcome as it was shown last as seen: the entry's number and time."""
    found: dict[str, tuple[int, datetime]] = {}
    for entry in told.history:
        match entry.event:
            case e.OutcomeProposed() | e.OutcomeTakenBack():
                found.clear()
            case e.OutcomeSeen(seat=seat):
                found[seat] = (entry.version, entry.at)
            case _:
                pass
    return found
