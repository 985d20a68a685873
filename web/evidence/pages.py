"""Renders the pages of a package: everything inline, no script, no network, the same bytes for the same session.

Owns what a page is told; words are gettext's, sentences those of the record (`web.audit.sentences`).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from complaints.events import KINDS, typed
from journal.events import stamp
from recordings.evidence.authenticity import ASPECTS, authenticity
from recordings.evidence.form import VIDEO, Absent, document_path, media_path, signed_path
from recordings.evidence.lines import Line
from recordings.evidence.masking import NOTICE, mask_of, masked_json
from recordings.evidence.media import attached, handwriting, media_of, papers
from recordings.evidence.package import Record
from recordings.evidence.sheets import LANGUAGES, Told, derive
from rooms import events as e
from rooms.codec import Happened
from rooms.timing import measure
from rooms.vocabulary import Role
from web import figures, i18n
from web.audit import consents, missing, signing
from web.audit.moments import titles
from web.audit.sentences import headline, sentence
from web.audit.timeline import draw
from web.audit.voice import Voice
from web.i18n import N_
from web.office import history, words
from web.rendering import MARKS, TEMPLATES

PROGRAM: Final = N_("the program")
VERIFIER: Final = "verify.html"

ABSENT: Final = {
    "erased": N_("erased: the key of this case was destroyed"),
    "missing": N_("no longer in the bureau's storage"),
    "damaged": N_("damaged in the bureau's storage"),
}
ASPECT_NAMES: Final = {
    "environment": N_("Environment"),
    "subject": N_("Subject"),
    "time": N_("Time of it"),
    "custody": N_("Custody"),
    "extraction": N_("Extraction"),
    "completeness": N_("Completeness"),
    "verifiability": N_("Verifiability"),
}
ITEM_KINDS: Final = {
    "segment": N_("Recordings of single people"),
    "video": N_("Composed video"),
    "exhibit": N_("Exhibits as they were sent"),
    "document": N_("Documents under the bureau's seal"),
    "signed": N_("Texts that were signed"),
    "handwriting": N_("Handwriting of signatures"),
    "attachment": N_("Files of the complaint"),
    "journal": N_("Journal entries"),
    "log": N_("The bureau's log"),
    "text": N_("Texts agreed to"),
    "sheet": N_("Overviews"),
    "page": N_("Pages to read"),
}


ATTACHED_BY: Final = {
    "consumer": N_("Attached by the consumer: %(name)s"),
    "business": N_("Attached by the business: %(name)s"),
    "": N_("Attached by the office: %(name)s"),
}


@dataclass(frozen=True, slots=True)
class File:
    """A line of the list of files. `path` "" of one that was removed, whose `gone` is the reason given."""

    what: str
    at: datetime
    path: str
    sha256: str
    gone: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the journal, told. `what` is "" of an erased one."""

    version: int
    at: datetime
    who: str
    what: str
    hash: str


def record(record: Record, absent: Sequence[Absent], zone: str, verifier: bytes | None) -> dict[str, bytes]:
    """index.html and its two languages, and the verifier where the program was built with one."""
    pages = {f"index.{language}.html": _page(record, absent, zone, language, verifier) for language in LANGUAGES}
    pages["index.html"] = _cover(verifier is not None, False)
    return pages | ({VERIFIER: verifier} if verifier is not None else {})


def masked(whole: Record, zone: str) -> dict[str, bytes]:
    """The masked copy: the same pages without people in them, and the sheets as JSON."""
    pages = {"masked.json": masked_json(whole.session, whole.complaint), "index.html": _cover(False, True)}
    for language in LANGUAGES:
        mask = mask_of(whole.session, whole.complaint, language)
        hidden = Record(
            installation="",
            software=whole.software,
            session=[mask.line(line) for line in whole.session],
            complaint=[],
            logged=whole.logged,
        )
        pages[f"index.{language}.html"] = _page(hidden, (), zone, language, None, NOTICE[language])
    return pages


def watermark(exporter: str, office: str, at: datetime, zone: str) -> bytes:
    """Shown in each page of the package, on every printed sheet."""
    told = at.astimezone(ZoneInfo(zone))
    page = _environment("zh").get_template("evidence/export.html")
    return page.render(exporter=exporter, office=office, at=f"{told:%Y-%m-%d %H:%M:%S %Z}", iso=stamp(at)).encode()


def _cover(verifier: bool, is_masked: bool) -> bytes:
    notice = [NOTICE[language] for language in LANGUAGES] if is_masked else []
    page = _environment("zh").get_template("evidence/index.html")
    return page.render(verifier=verifier, notice=notice).encode()


def _page(
    record: Record, absent: Sequence[Absent], zone: str, language: str, verifier: bytes | None, notice: str = ""
) -> bytes:
    told, spoken, place = record.told, i18n.words_of(language), ZoneInfo(zone)
    happened = told.history
    begins = next((entry.event for entry in happened if isinstance(entry.event, e.SessionScheduled)), None)
    timing = measure(happened, told.end)
    voice = _voice(told, spoken, place, begins.order if begins else "121")
    outcome = next((entry.event.outcome for entry in happened if isinstance(entry.event, e.SessionClosed)), None)
    gone = {piece.path: piece.cause for piece in absent}
    film = next((one for one in media_of(record.session, record.complaint) if one.path == VIDEO), None)

    def clock(at: datetime, seconds: bool) -> str:
        return at.astimezone(place).strftime("%H:%M:%S" if seconds else "%H:%M")

    context: dict[str, Any] = {
        "notice": notice,
        "begins": begins,
        "number": begins.number if begins and not notice else "",
        "heading": headline(outcome, voice) if outcome else "",
        "outcome": outcome,
        "steps": derive("outcome", told),
        "timing": timing,
        "people": consents.people(happened),
        "seats": derive("people", told)["people"],
        "names": voice.names,
        "routing": derive("routing", told),
        "gaps": derive("gaps", told),
        "chat": derive("chat", told)["messages"],
        "picture": draw(happened, timing, voice, clock),
        "entries": _entries(told, happened, voice, spoken),
        "complaint": _complaint_entries(record.complaint, begins.order if begins else "121", spoken, place),
        "segments": [] if notice else _segments(happened, gone),
        "files": [] if notice else _files(record, voice, gone),
        "film": None if notice or film is None or film.path in gone else film.path,
        "absent": absent,
        "aspects": None if notice else authenticity(told, _paths(record, verifier))["kinds"],
        "aspect_names": {aspect: ASPECT_NAMES[aspect] for aspect in ASPECTS},
        "logged": record.logged,
        "installation": record.installation,
        "software": record.software,
        "verifier": verifier is not None,
        "voice": voice,
        "clock": clock,
        "stamp_clock": lambda text: clock(datetime.fromisoformat(text), True),
        "when": lambda at: figures.when(at, language, place),
        "zone": zone,
        "words": words,
        "causes": missing.CAUSES,
        "sources": missing.NAMES,
        "absent_causes": ABSENT,
        "item_kinds": ITEM_KINDS,
        "role_names": figures.ROLE_NAMES,
        "money": figures.money,
        "duration": lambda ms: figures.duration(ms, language),
    }
    return _environment(language).get_template("evidence/record.html").render(context).encode()


def _voice(told: Told, spoken: i18n.Words, zone: ZoneInfo, order: str) -> Voice:
    names = {seat.id: seat.name for seat in told.seats.values()}
    for entry in told.history:
        if isinstance(entry.event, e.NameChosen):
            names[entry.event.seat] = entry.event.name
    mediator = next((seat.id for seat in told.seats.values() if seat.role is Role.MEDIATOR), "")

    def when(at: datetime) -> str:
        return figures.when(at, spoken.language, zone)

    called = titles(entry.event for entry in told.history)
    return Voice(spoken.gettext, figures.money, when, names, spoken.language, mediator, order, called)


def _entries(told: Told, happened: Sequence[Happened], voice: Voice, spoken: i18n.Words) -> list[Entry]:
    known = {entry.version: entry.event for entry in happened}
    out = []
    for line in told.lines:
        fact = known.get(line.version)
        who = _who(line, fact, voice, spoken)
        what = "" if line.erased else sentence(fact, voice) if fact is not None else line.type
        out.append(Entry(line.version, line.time, who, what, line.hash))
    return out


def _who(line: Line, fact: e.SessionEvent | None, voice: Voice, spoken: i18n.Words) -> str:
    kind, id_, name, _, _ = line.actor
    if kind == "party":
        return voice.name(id_)
    if kind == "system":
        seat = getattr(fact, "seat", "")
        return voice.name(seat) if isinstance(seat, str) and seat else spoken.gettext(PROGRAM)
    return name


def _complaint_entries(lines: Sequence[Line], order: str, spoken: i18n.Words, zone: ZoneInfo) -> list[Entry]:
    """An entry that this program does not know is named by its type."""
    told = []
    for line in lines:
        what = "" if line.erased else line.type
        if what in KINDS:
            what = history.sentence(typed(KINDS[what], line.data), order, spoken, zone)
        told.append(Entry(line.version, line.time, line.actor[2], what, line.hash))
    return told


def _segments(happened: Sequence[Happened], gone: Mapping[str, str]) -> list[dict[str, Any]]:
    found = [entry.event for entry in happened if isinstance(entry.event, e.SegmentSealed)]
    return [{"event": one, "path": media_path(one.path), "gone": gone.get(media_path(one.path), "")} for one in found]


def _files(record: Record, voice: Voice, gone: Mapping[str, str]) -> list[File]:
    """Exhibits, what was signed and sealed, and the files of the complaint."""
    _, found = voice.gettext, list[File]()

    def add(what: str, at: datetime, path: str, sha256: str) -> None:
        cause = gone.get(path, "")
        found.append(File(what, at, path, sha256, _(ABSENT[cause]) if cause else ""))

    for row in derive("exhibits", record.told)["exhibits"]:
        for one in row["files"]:
            what = _(
                "Exhibit of %(name)s: %(title)s", name=voice.name(row["seat"]), title=row["title"] or row["exhibit"]
            )
            add(what, datetime.fromisoformat(row["at"]), one["path"], one["sha256"])
    for paper in papers(record.session):
        sealed = paper.sealed.data
        what = f"{_(signing.KINDS.get(sealed['kind'], signing.KINDS['record']))} {sealed['number']}"
        add(what, paper.sealed.time, document_path(paper.document), sealed["sha256"])
        if sealed.get("text"):
            add(_("The text that was signed"), paper.sealed.time, signed_path(paper.document), sealed["text"])
        for hand in paper.hands:
            if path := handwriting(hand):
                name = voice.name(hand.data["seat"])
                add(_("Handwriting of %(name)s", name=name), hand.time, path, hand.data["sha256"])
    for file in attached(record.complaint):
        data = file.added.data
        what = _(ATTACHED_BY.get(data.get("by", ""), ATTACHED_BY[""]), name=data["name"])
        if file.removed is None:
            add(what, file.added.time, file.path, file.sha256)
        else:
            why = _("removed: %(reason)s", reason=file.removed.data["reason"])
            found.append(File(what, file.added.time, "", file.sha256, why))
    return found


def _paths(record: Record, verifier: bytes | None) -> list[str]:
    """One of each kind is enough for the aspects a page tells."""
    kinds = ["index.html", "journal/session.jsonl", "log/checkpoint.note", "sheets/people.json", *record.texts]
    return [*kinds, *(one.path for one in media_of(record.session, record.complaint))]


@functools.cache
def _environment(language: str) -> Environment:
    spoken = i18n.words_of(language)
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_callables(  # type: ignore[attr-defined]
        spoken.gettext, spoken.forms, newstyle=True, pgettext=spoken.pgettext
    )
    tokens = Markup((TEMPLATES.parent / "static" / "tokens.css").read_text("utf-8"))  # noqa: S704 - our own file
    made.globals.update(lang=language, marks=MARKS, tokens=tokens)
    return made
