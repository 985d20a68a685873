"""The pages inside a package: the record for people to read and print, in both languages, with no server behind it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment
from markupsafe import Markup

from journal.clock import TimeSpan, intersect
from recordings.evidence import VERIFIER, VIDEO, Absent, media_path, spoken_path
from recordings.evidence.authenticity import ASPECTS, authenticity
from recordings.evidence.lines import DecodedLines, media_of
from recordings.evidence.package import NOTICE, LogProofs, Record, mask_of, masked_json
from recordings.evidence.sheets import LANGUAGES, derive, names as sheets_of
from recordings.gap_ledger import ledger
from rooms import events as e
from rooms.events import SessionEntry
from rooms.timing import Timing, measure
from rooms.vocabulary import Role
from web import i18n
from web.evidence import entries
from web.i18n import N_
from web.office.audit import sentences
from web.office.audit.sections import titles
from web.office.audit.sentences import PRIVATE, Voice, headline
from web.office.audit.timeline import ROW_RECESS, draw
from web.rendering import MARKS, TEMPLATES, plain_environment


@dataclass(frozen=True, slots=True)
class Stretch:
    """`during`: of a private talk or a recess what it was. `clauses`: who heard and saw whom."""

    span: TimeSpan
    during: str
    clauses: list[str]
    recorded: str


def stretches(routing: Mapping[str, Any], timing: Timing, voice: Voice) -> list[Stretch]:
    """`routing`: the sheet of that name."""
    return [_stretch(one, timing, voice) for one in routing["stretches"]]


def _stretch(one: Mapping[str, Any], timing: Timing, voice: Voice) -> Stretch:
    _ = voice.gettext
    span = TimeSpan(datetime.fromisoformat(one["from"]), datetime.fromisoformat(one["until"]))
    there = [seat for seat, told in timing.seats.items() if _mostly(told.presence, span)]
    told = sentences.consent_clauses(one["hears"], one["sees"], voice)
    lonely = [voice.name(seat) for seat in sentences.alone(there, one["hears"], one["sees"])]
    if told or len(lonely) == 1:
        told += [_("%(name)s alone: hears and sees nobody, is heard and seen by nobody", name=name) for name in lonely]
    else:
        told = [_("nobody hears or sees anybody")]
    return Stretch(
        span, _during(span, timing, voice), told, voice.list(map(voice.name, one["recorded"])) or _("nobody")
    )


def _during(span: TimeSpan, timing: Timing, voice: Voice) -> str:
    for side, talk in timing.caucuses:
        if _mostly((talk,), span):
            return voice.gettext(PRIVATE[side])
    return voice.gettext(ROW_RECESS) if _mostly(timing.recesses, span) else ""


def _mostly(spans: Iterable[TimeSpan], span: TimeSpan) -> bool:
    """Routing follows what is decided a moment later: half of the stretch is enough."""
    return 2 * sum(part.ms for part in intersect(tuple(spans), (span,))) > span.ms


ASPECT_NAMES: Final = {
    "environment": N_("Environment"),
    "subject": N_("Subject"),
    "time": N_("Time"),
    "custody": N_("Custody"),
    "extraction": N_("Extraction"),
    "completeness": N_("Completeness"),
    "verifiability": N_("Verifiability"),
}
ZONES: Final = {"Asia/Shanghai": N_("Beijing time")}
SHEETS: Final = {
    "people": N_("People and consent"),
    "clocks": N_("Clocks of the devices"),
    "gaps": N_("What is missing, and why"),
    "exhibits": N_("Exhibits and answers to them"),
    "signatures": N_("Who signed, and how"),
    "attachments": N_("Files of the complaint"),
}
"""Those that the sheet of authenticity names."""
ITEM_KINDS: Final = {
    "segment": N_("Recordings of single people"),
    "video": N_("Composed video"),
    "exhibit": N_("Exhibits as they were sent"),
    "document": N_("Documents under the bureau's seal"),
    "signed": N_("Texts that were signed"),
    "handwriting": N_("Handwriting of signatures"),
    "attachment": N_("Files of the complaint"),
    "transcript": N_("Machine transcript, not confirmed"),
    "spoken": N_("Consents spoken on the telephone"),
    "journal": N_("Journal entries"),
    "log": N_("The bureau's log"),
    "text": N_("Texts agreed to"),
    "sheet": N_("Overviews"),
    "page": N_("Pages to read"),
}


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
    """Shown in each page of the package and on the first sheet of a printed one."""
    told = f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"
    zones = {language: _zone_name(zone, at, i18n.words_of(language)) for language in LANGUAGES}
    page = _environment("zh").get_template("evidence/export.html")
    iso = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return page.render(exporter=exporter, office=office, at=told, zones=zones, iso=iso).encode()


def _cover(verifier: bool, is_masked: bool) -> bytes:
    notice = [NOTICE[language] for language in LANGUAGES] if is_masked else []
    page = _environment("zh").get_template("evidence/index.html")
    return page.render(verifier=verifier, notice=notice).encode()


def _page(
    record: Record, absent: Sequence[Absent], zone: str, language: str, verifier: bytes | None, notice: str = ""
) -> bytes:
    told, spoken, place = record.decoded, i18n.words_of(language), ZoneInfo(zone)
    happened = told.history
    begins = next((entry.event for entry in happened if isinstance(entry.event, e.SessionScheduled)), None)
    order = begins.order if begins else "121"
    timing = measure(happened, told.end)
    voice = _voice(told, spoken, place, order)
    outcome = next((entry.event.outcome for entry in happened if isinstance(entry.event, e.SessionClosed)), None)
    gone = {piece.path: piece.cause for piece in absent}
    film = next((one for one in media_of(record.session, record.complaint) if one.path == VIDEO), None)
    kept = ledger(happened)

    def clock(at: datetime) -> str:
        return f"{at.astimezone(place):%H:%M:%S}"

    def fine(at: datetime) -> str:
        return f"{clock(at)}.{at.microsecond // 1000:03}"

    context: dict[str, Any] = {
        "notice": notice,
        "begins": begins,
        "number": begins.number if begins and not notice else "",
        "heading": headline(outcome, voice) if outcome else "",
        "outcome": outcome,
        "basis": entries.sentences(told, voice, clock),
        "sums": entries.money(record.complaint, outcome),
        "steps": derive("outcome", told),
        "timing": timing,
        "seats": derive("people", told)["people"],
        "texts": record.texts,
        "names": voice.names,
        "roles": {seat: one.role for seat, one in told.seats.items()},
        "stretches": stretches(derive("routing", told), timing, voice),
        "gaps": entries.gap_rows(kept, timing, told.seats, voice),
        "chat": derive("chat", told)["messages"],
        "picture": draw(happened, timing, voice, lambda at, _: clock(at), kept=kept, numbered=True),
        "entries": entries.of_session(told.lines, happened, voice, spoken),
        "complaint": entries.of_complaint(record.complaint, order, spoken, place),
        "segments": [] if notice else _segments(happened, gone),
        "spoken": [] if notice else _spoken(happened, gone),
        "transcript": None if notice else entries.transcript(record, voice, gone),
        "files": [] if notice else entries.files(record, voice, gone),
        "film": None if notice or film is None or film.path in gone else film.path,
        "absent": absent,
        "aspects": None if notice else authenticity(told, _paths(record, verifier))["kinds"],
        "aspect_names": {aspect: ASPECT_NAMES[aspect] for aspect in ASPECTS},
        "linked": lambda text: _linked(text, sheets_of(told), spoken),
        "others": _others(record.logged, spoken),
        "logged": record.logged,
        "installation": record.installation,
        "software": record.software,
        "verifier": verifier is not None,
        "voice": voice,
        "clock": clock,
        "fine": fine,
        "parsed": datetime.fromisoformat,
        "day": lambda at: i18n.day(at, language, place),
        "when": lambda at: i18n.when(at, language, place),
        "zone_name": _zone_name(zone, told.end, spoken),
        "words": i18n,
        "absent_causes": entries.ABSENT,
        "item_kinds": ITEM_KINDS,
        "role_names": i18n.ROLE_NAMES,
        "money": i18n.money,
        "duration": lambda ms: i18n.duration(ms, language),
        "length": lambda ms: _length(ms, language),
    }
    return _environment(language).get_template("evidence/record.html").render(context).encode()


def _zone_name(zone: str, at: datetime, spoken: i18n.Words) -> str:
    """Beijing time (UTC+8): one name on every page."""
    minutes = round((at.astimezone(ZoneInfo(zone)).utcoffset() or at.astimezone(UTC) - at).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    offset = f"{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
    return spoken.gettext("%(zone)s (UTC%(offset)s)", zone=spoken.gettext(ZONES.get(zone, zone)), offset=offset)


def _length(milliseconds: int, language: str) -> str:
    """Of what is short tenths count, of what is shorter hundredths."""
    if milliseconds >= 60_000 or not milliseconds:
        return i18n.duration(milliseconds, language)
    return f"{milliseconds / 1000:.{2 if milliseconds < 1000 else 1}f}{'秒' if language == 'zh' else ' s'}"


def _linked(text: str, there: Sequence[str], spoken: i18n.Words) -> Markup:
    """What the sheets say of each item names others of them; here each leads to its file."""

    def link(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        called = Markup.escape(spoken.gettext("the overview “%(name)s”", name=spoken.gettext(SHEETS[name])))
        shown = f'<a href="sheets/{name}.json">{called}</a>' if name in there else called
        return f"in {shown}" if found[2] else shown

    names = "|".join(SHEETS)
    return Markup(re.sub(rf"“({names})”|\bin ({names})\b", link, str(Markup.escape(text))))  # noqa: S704 - escaped


def _others(logged: LogProofs, spoken: i18n.Words) -> str:
    """Whether anybody but the bureau says that the log was so, in a sentence."""
    _, stamps, witnesses = spoken.gettext, len(logged.stamps), len(logged.witnesses)
    if not stamps and not witnesses:
        return _(
            "No time-stamping authority and no witness from outside has signed: that these entries stood there at the "
            "time rests on the bureau's own signature alone."
        )
    told = [
        spoken.ngettext("One time stamp of an authority", "%(num)s time stamps of authorities", stamps)
        if stamps
        else _("No time stamp of an authority"),
        spoken.ngettext("one witness", "%(num)s witnesses", witnesses) if witnesses else _("no witness"),
    ]
    return _("Besides the bureau's own signature: %(what)s.", what=_(", ").join(told))


def _voice(told: DecodedLines, spoken: i18n.Words, zone: ZoneInfo, order: str) -> Voice:
    names = {seat.id: seat.name for seat in told.seats.values()}
    for entry in told.history:
        if isinstance(entry.event, e.NameChosen):
            names[entry.event.seat] = entry.event.name
    mediator = next((seat.id for seat in told.seats.values() if seat.role is Role.MEDIATOR), "")

    def when(at: datetime) -> str:
        return i18n.when(at, spoken.language, zone)

    called = titles(entry.event for entry in told.history)
    return Voice(spoken.gettext, i18n.money, when, names, spoken.language, mediator, order, called)


def _segments(happened: Sequence[SessionEntry], gone: Mapping[str, str]) -> list[dict[str, Any]]:
    found = [entry.event for entry in happened if isinstance(entry.event, e.SegmentSealed)]
    return [
        {
            "event": one,
            "span": TimeSpan(one.started, one.ended),
            "path": media_path(one.path),
            "gone": gone.get(media_path(one.path), ""),
        }
        for one in found
    ]


def _spoken(happened: Sequence[SessionEntry], gone: Mapping[str, str]) -> list[dict[str, Any]]:
    found = [entry.event for entry in happened if isinstance(entry.event, e.ConsentSpoken)]
    return [
        {
            "event": one,
            "span": TimeSpan(one.started, one.ended),
            "path": spoken_path(one.path),
            "gone": gone.get(spoken_path(one.path), ""),
        }
        for one in found
    ]


def _paths(record: Record, verifier: bytes | None) -> list[str]:
    """One of each kind is enough for the aspects a page tells."""
    kinds = ["index.html", "journal/session.jsonl", "log/checkpoint.note", "sheets/people.json", *record.texts]
    return [*kinds, *(one.path for one in media_of(record.session, record.complaint))]


@functools.cache
def _environment(language: str) -> Environment:
    made = plain_environment(functools.partial(i18n.words_of, language), language)
    tokens = Markup((TEMPLATES.parent / "static" / "tokens.css").read_text("utf-8"))  # noqa: S704 - our own file
    marks = MARKS if language == "zh" else {role: name[0].upper() for role, name in i18n.ROLE_NAMES.items()}
    made.globals.update(marks=marks, tokens=tokens)
    return made
