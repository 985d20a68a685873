"""Pages of reports (举报), and of consultations and other bodies' matters: registered, listed, handled.

A report's own page is the lead's (`web.office.leads.pages`), behind the same wall. Here is what pages ask of services,
what leads, reports and consultations are called on all of them, and how the forms of both are read.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, BinaryIO, Final, Protocol
from zoneinfo import ZoneInfo

from aiohttp import web

import complaints
from complaints import Names
from complaints.consultations import ConsultationCommand
from complaints.insight.aftermath import LEAST_WEEKS, Aftermath
from complaints.leads import (
    MEDIATION,
    PROFILE,
    REPORT,
    SPOT,
    ConsultationPage,
    ConsultationRow,
    Lead,
    LeadCommand,
    LeadPage,
    LeadRow,
    NewConsultation,
    NewLead,
    NewReport,
    ReportFigures,
    ReportFilter,
)
from complaints.leads.decisions import competences
from complaints.record import AttachmentAdded, shortened
from complaints.state import LONGEST
from complaints.views import PrintedPaper
from journal.numbers import narrow
from law.orders import SUBJECTS, Citation, CompetenceRule, rules
from offices import Officer
from web import i18n
from web.http.forms import Form
from web.i18n import N_, Words, day
from web.office.complaints.entry import received
from web.rendering import show

ORIGINS: Final[Mapping[str, str]] = {
    REPORT: N_("Report"),
    MEDIATION: N_("Found in mediation"),
    SPOT: N_("From a hot spot"),
    PROFILE: N_("From a business’s record"),
}
OUTCOMES: Final[Mapping[str, str]] = {
    "case": N_("A case is opened"),
    "verified": N_("Substantiated, no case filed"),
    "unfounded": N_("Unfounded"),
    "moved": N_("Handed to whom it concerns"),
    "no_case": N_("No case is opened"),  # said before there were four
}
CHOICES: Final = ("case", "verified", "unfounded", "moved")
TONES: Final[Mapping[str, str]] = {"case": "seal", "verified": "warn", "unfounded": "", "moved": ""}
ACTIONS: Final[Mapping[str, str]] = {
    "inspection": N_("Inspection on site"),
    "talk": N_("Talk with the business"),
    "order": N_("Order to put it right"),
    "penalty": N_("Penalty"),
    "other": N_("Something else"),
}
TOLD: Final[Mapping[str, str]] = {
    "received": N_("That it was received"),
    "joined": N_("That it was joined to an earlier one"),
    "decision": N_("Whether a case is opened"),
    "result": N_("Outcome of the report"),
    "reward": N_("The reward"),
    "moved": N_("That another authority is competent"),
}
HOW: Final[Mapping[str, str]] = {
    "phone": N_("by phone"),
    "message": N_("by message"),
    "letter": N_("by letter"),
    "visit": N_("face to face"),
    "platform": N_("on the platform it came from"),
}
HAPPENED: Final[Mapping[str, str]] = {
    "LeadOpened": N_("Received"),
    "VerificationExtended": N_("Verification extended by 15 working days"),
    "LeadAssigned": N_("Given to"),
    "RecordAttached": N_("A record was attached"),
    "RecordDetached": N_("A record was taken off"),
    "ActionNoted": N_("Action noted"),
    "InformantTold": N_("The informant was told"),
    "InformantMessaged": N_("A message to the informant was queued"),
    "InformantMessageLost": N_("A message to the informant did not leave"),
    "InformantRevealed": N_("Somebody looked at who reported it"),
    "LeadDecided": N_("Decided"),
    "LeadWithdrawn": N_("Marked as registered by mistake"),
    "LeadNoteTakenBack": N_("A note was taken back"),
    "LeadHeld": N_("Its files are held"),
    "LeadHoldLifted": N_("The hold was lifted"),
    "LeadFileArchived": N_("A file went to the archive"),
    "AttachmentAdded": N_("A file was attached"),
    "AttachmentTaken": N_("A file was downloaded"),
    "AttachmentRemoved": N_("A file was removed"),
    "LeadTestingBegun": N_("Testing began; the period stands still"),
    "LeadTestingEnded": N_("Testing ended; the period runs on"),
    "LeadCompetenceDisputed": N_("Competence was disputed"),
    "LeadCompetenceSettled": N_("The dispute over competence was settled"),
    "ReportJoined": N_("A later report was joined to it"),
    "JoinTakenBack": N_("A joining was taken back"),
    "JoinedIntoReport": N_("Joined to an earlier report"),
    "ReportSeparated": N_("Separated again"),
    "ReportSupplemented": N_("Its source says more"),
    "InformantWithdrew": N_("The informant took the report back"),
    "LeadReferred": N_("Handed over"),
}
NEEDS_REASON: Final = N_("Say why you need to know; the reason goes into the journal.")

_WEEK: Final = timedelta(days=7)
WIDTH, HEIGHT, BASE, TOP = 720.0, 170.0, 140.0, 12.0


@dataclass(frozen=True, slots=True)
class WeekBar:
    """One bar. `side`: "before" | "after"."""

    first: date
    last: date
    count: int
    side: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class ToldAftermath:
    """`sentences`: what can be said, and how surely; `line`: x of the day of action."""

    measured: Aftermath
    sentences: Sequence[str]
    weeks: Sequence[WeekBar]
    line: float
    most: int


def initial(name: str) -> str:
    """Of an informant, until somebody asked."""
    return shortened(name)


def aftermath(measured: Aftermath | None, lead: Lead, words: Words) -> ToldAftermath | None:
    if measured is None:
        return None
    weeks, line = _weeks(measured)
    most = max((week.count for week in weeks), default=0)
    return ToldAftermath(measured, list(_sentences(measured, lead, words)), weeks, line, most)


def _sentences(of: Aftermath, lead: Lead, words: Words) -> list[str]:
    _ = words.gettext
    if of.verdict == "early":
        return [_("It is too early to say: %(weeks)s whole weeks have to pass after the action.", weeks=LEAST_WEEKS)]
    was, now = of.per_week
    rates = _("%(was)s complaints a week before, %(now)s after.", was=f"{was:.1f}", now=f"{now:.1f}")
    if of.verdict == "few" or of.change is None:
        return [rates, _("There are too few of them to say whether that is more than chance.")]
    said, share = [rates], within(of, words)
    if of.others_before and of.others_after:
        expected = _(
            "Beside the other complaints of the same office in the same weeks, that is %(share)s%% of what was to "
            "be expected.",
            share=f"{100 * of.change:.0f}",
        )
        said.append(expected)
    if of.verdict == "fell":
        surely = N_("They fell by more than chance: with 95%% confidence to %(within)s of what was to be expected.")
    elif of.verdict == "rose":
        surely = N_("They rose by more than chance: with 95%% confidence to %(within)s of what was to be expected.")
    else:
        surely = N_("That may be chance: %(within)s of what was to be expected fits what was counted.")
    said.append(_(surely, within=share))
    if lead.opened.origin == SPOT:
        said.append(_("It was opened because there were many; some of the fall would have come by itself."))
    return said


def within(of: Aftermath, words: Words) -> str:
    """The 95 % interval of its change, in percent of what was to be expected."""
    low = f"{100 * of.low:.0f}"
    if of.high is None:
        return words.gettext("%(low)s%% or more", low=low)
    high = f"{100 * of.high:.0f}"
    if low == high:
        return f"{low}%"
    return words.gettext("%(low)s%% to %(high)s%%", low=low, high=high)


def _weeks(of: Aftermath) -> tuple[list[WeekBar], float]:
    count = len(of.before) + len(of.after)
    if not count:
        return [], 0.0
    most, room = max(1, *of.before, *of.after), (WIDTH - 20) / count
    found = []
    for n, many in enumerate((*of.before, *of.after)):
        later = n - len(of.before)
        first = of.acted + later * _WEEK + (timedelta(days=1) if later >= 0 else timedelta())
        height = round((BASE - TOP) * many / most, 1)
        gap = 20.0 if later >= 0 else 0.0
        found.append(
            WeekBar(
                first,
                first + timedelta(days=6),
                many,
                "after" if later >= 0 else "before",
                round(n * room + gap + room * 0.12, 1),
                round(BASE - height, 1),
                round(room * 0.76, 1),
                height,
            )
        )
    return found, round(len(of.before) * room + 10, 1)


STATES: Final[Mapping[str, str]] = {
    "open": N_("being verified"),
    "decided": N_("decision made"),
    "joined": N_("joined to an earlier report"),
    "withdrawn": N_("registered by mistake"),
}
INFORMANTS: Final[Mapping[str, str]] = {
    "named": N_("by name"),
    "unnamed": N_("name or number given"),
    "anonymous": N_("anonymous"),
}
TESTS: Final[Mapping[str, str]] = {
    "testing": N_("Testing"),
    "inspection": N_("Inspection of the product"),
    "quarantine": N_("Quarantine"),
    "appraisal": N_("Appraisal"),
    "identification": N_("Identification by the holder of the right"),
}
BODIES: Final[Mapping[str, str]] = {
    "police": N_("The police"),
    "authority": N_("Another administrative authority"),
    "branch": N_("The intake unit"),
}
JOINED: Final[Mapping[str, str]] = {
    "repeat": N_("The same facts once more: not handled again"),
    "facts": N_("New facts: handled together, and the period begins anew"),
}
SETTLED: Final[Mapping[str, str]] = {
    "agreed": N_("Agreed between the authorities"),
    "designated": N_("Designated by the common superior"),
}
OURS: Final[Mapping[str, str]] = {"yes": N_("This office handles it"), "no": N_("The other authority handles it")}
OWED: Final[Mapping[str, str]] = {
    "result": N_("A law or rule says the informant is told the result"),
    "reward": N_("A law or rule provides for a reward"),
}
CONSULTATION_STATES: Final[Mapping[str, str]] = {
    "registered": N_("to be answered"),
    "answered": N_("answered"),
    "closed": N_("dealt with"),
    "withdrawn": N_("registered by mistake"),
}
CONSULTATION_HAPPENED: Final[Mapping[str, str]] = {
    "ConsultationRegistered": N_("Registered"),
    "ConsultationAnswered": N_("The answer was noted"),
    "ConsultationClosed": N_("Marked as dealt with"),
    "ConsultationTakenBack": N_("A note was taken back"),
    "PersonRevealed": N_("Somebody looked at the full number"),
    "ConsultationUndone": N_("Marked as registered by mistake"),
}


def subjects(language: str) -> Sequence[tuple[str, str]]:
    return [(value, en if language.startswith("en") else zh) for value, (zh, en) in SUBJECTS.items()]


def named(table: Mapping[str, Names], language: str) -> Sequence[tuple[str, str]]:
    return [(value, complaints.name(table, value, language)) for value in table]


def hints(lead: Lead) -> Sequence[CompetenceRule]:
    """The rules that say which authority handles it."""
    return rules(lead.order, lead.opened.report.subject if lead.opened.report else "conduct")


def competent(lead: Lead, words: Words, language: str) -> Sequence[tuple[str, str]]:
    """On what it can be ours to decide, for whoever decides it."""
    said = {rule.key: f"{rule.citation.place(language)} {rule.text(language)}" for rule in hints(lead)}
    settled = words.gettext("The dispute over competence was settled: this office handles it")
    return [(key, said.get(key, settled)) for key in competences(lead)]


def result_article(lead: Lead, language: str) -> str:
    """Where it stands that informants are told, and rewarded."""
    return Citation(lead.order, lead.order.result_article).cited(language)


def secrecy_article(lead: Lead, language: str) -> str:
    """Where it stands that who reported is kept secret."""
    return Citation(lead.order, lead.order.secrecy_article).cited(language)


def next_steps(page: LeadPage, words: Words, language: str, zone: str) -> Sequence[str]:
    """What this report waits for, the most urgent first."""
    _, lead = words.gettext, page.lead
    due = {clock.code: day(clock.due, language, ZoneInfo(zone)) for clock in page.clocks}
    match lead.state:
        case "open":
            return _while_open(lead, due, words)
        case "decided":
            return _once_decided(lead, due, words, language)
        case "joined":
            into = lead.joined_into.number if lead.joined_into else ""
            return [_("It is handled as part of %(number)s; nothing more is done here.", number=into)]
        case _:
            return []


def _while_open(lead: Lead, due: Mapping[str, str], words: Words) -> Sequence[str]:
    _, steps = words.gettext, []
    if not lead.owner:
        steps.append(_("An inspector takes it."))
    if "competence" in due:
        steps.append(
            _("By %(day)s the dispute is settled, or the common superior is asked to decide.", day=due["competence"])
        )
    if lead.tested is not None:
        steps.append(_("The period stands still: note the day the testing ended when it has."))
    elif "verify" in due:
        steps.append(_("By %(day)s it is verified and the person in charge decides on a case.", day=due["verify"]))
    if lead.withdrew is not None:
        steps.append(_("The informant took it back; what it points to is verified all the same."))
    return steps


def _once_decided(lead: Lead, due: Mapping[str, str], words: Words, language: str) -> Sequence[str]:
    _, steps = words.gettext, []
    told, article = {one.what for _n, one in lead.standing_told}, result_article(lead, language)
    if "tell_filing" in due:
        steps.append(_("By %(day)s the informant is told whether a case is filed.", day=due["tell_filing"]))
    if "result" in lead.owed:
        steps.append(_("The informant is still to be told the result (%(article)s).", article=article))
    if "reward" in lead.owed:
        steps.append(_("The reward is still to be given or told (%(article)s).", article=article))
    if lead.outcome == "moved" and lead.reported and "moved" not in told:
        where = Citation(lead.order, lead.order.elsewhere_article).cited(language)
        steps.append(_("The informant is still to be told to whom to turn (%(article)s).", article=where))
    return steps or [_("Nothing is left to do.")]


def defaults(at: datetime, zone: str) -> dict[str, str]:
    local = at.astimezone(ZoneInfo(zone))
    day, clock = local.date().isoformat(), f"{local:%H:%M}"
    return {"channel": "window", "mode": "visit", "received_day": day, "received_time": clock}


def came_in(form: Form, zone: str, day: date) -> dict[str, Any]:
    """Fields of `NewReport` and of `NewConsultation`."""
    return {
        "key": form.text("key", needed=True, longest=64),
        "channel": form.choice("channel", i18n.CHANNELS),
        "mode": form.choice("mode", tuple(complaints.MODES)),
        "received": received(form, zone, day),
        "title": form.text("title", needed=True, longest=LONGEST["title"]),
        "content": form.text("content", needed=True, longest=LONGEST["facts"]),
        "phone": form.phone("phone"),
        "source": narrow(form.text("source", longest=60)),
    }


def form_page(
    request: web.Request, template: str, section: str, form: Form, status: int = 200, **more: Any
) -> web.Response:
    form.values.setdefault("key", secrets.token_hex(16))
    modes = named(complaints.MODES, i18n.language(request))
    return show(request, template, section, status, form=form, channels=i18n.CHANNELS, modes=modes, **more)


class Leads(Protocol):
    """Read by inspectors and supervisors only (Order 121 Art 37), within their offices."""

    async def hand_on(self, officer: Officer, complaint: str, origin: str, title: str, content: str) -> None:
        """By who mediates. Refused: not_found, not_allowed, wrong_state, missing, too_long."""
        ...

    async def open(self, officer: Officer, new: NewLead) -> str:
        """Its id. It belongs to the office most of its records are of. Refused: not_found when the officer sees none of
        the records, not_allowed, too_many."""
        ...

    async def leads(self, officer: Officer, state: str = "", mine: bool = False) -> Sequence[LeadRow]:
        """Open ones first, the earliest date first."""
        ...

    async def lead(self, officer: Officer, lead: str) -> LeadPage:
        """Refused: not_found, also when it is another office's."""
        ...

    async def ask(self, officer: Officer, lead: str, command: LeadCommand) -> None: ...

    async def attach(self, officer: Officer, lead: str, number: str) -> None:
        """A complaint of the lead's office, by its number. Refused: not_found."""
        ...

    async def message(self, officer: Officer, lead: str, what: str, words: str) -> None:
        """Send who reported one of the offered messages, with what it asks for. Refused: missing, too_long (field
        "said"), bad_choice (the words name somebody), wrong_state."""
        ...

    async def informant(self, officer: Officer, lead: str, reason: str) -> tuple[str, str]:
        """Their name and whole number; that somebody looked stands in the lead's history."""
        ...

    async def add_file(self, officer: Officer, lead: str, name: str, content: bytes, note: str) -> None:
        """Refused: bad_upload, too_many, too_long."""
        ...

    async def take_file(
        self, officer: Officer, lead: str, attachment: str, original: bool
    ) -> tuple[AttachmentAdded, BinaryIO]: ...

    async def remove_file(self, officer: Officer, lead: str, attachment: str, reason: str) -> None: ...


class Reports(Protocol):
    """Registered by who takes reports in, who reads no more of them; read by inspectors and supervisors only (Order
    121 Art 37), within their offices."""

    async def register(self, officer: Officer, new: NewReport) -> tuple[str, str]:
        """Its id and number. Refused: not_allowed, missing, too_long, bad_choice, bad_phone, bad_check."""
        ...

    async def reports(self, officer: Officer, wanted: ReportFilter) -> tuple[Sequence[LeadRow], int]:
        """The newest first, and how many there are."""
        ...

    async def saved(self, officer: Officer, wanted: ReportFilter) -> tuple[Sequence[LeadRow], bool]:
        """The whole list, and whether there is more of it."""
        ...

    async def figures(self, officer: Officer, wanted: ReportFilter) -> ReportFigures: ...

    async def book(self, officer: Officer, wanted: ReportFilter) -> PrintedPaper:
        """The register on paper, who reported masked. Refused: too_many."""
        ...

    async def form(self, officer: Officer, lead: str) -> PrintedPaper:
        """A report's register form, who reported masked. Refused: not_found, also of a lead nobody reported."""
        ...

    async def join(self, officer: Officer, lead: str, into: str, how: str) -> None:
        """To the report of this number. Refused: not_found, bad_choice (another informant's), wrong_state."""
        ...

    async def separate(self, officer: Officer, lead: str, reason: str) -> None: ...


class Consultations(Protocol):
    """Of an officer's own office; a supervisor reads those they oversee. Inspectors see none."""

    async def register(self, officer: Officer, new: NewConsultation) -> str:
        """Its id. Refused: not_allowed, missing, too_long, bad_choice, bad_phone."""
        ...

    async def consultations(
        self, officer: Officer, state: str, kind: str, page: int
    ) -> tuple[Sequence[ConsultationRow], int]:
        """The newest first, those to be answered before all others; and how many there are."""
        ...

    async def saved(self, officer: Officer, state: str, kind: str) -> tuple[Sequence[ConsultationRow], bool]:
        """All of the list, for a workbook; True: there are more than fit."""

    async def counts(self, officer: Officer, first: date, last: date) -> Mapping[str, tuple[int, int]]:
        """Received from `first` to `last` (local days): kind -> (received, answered)."""
        ...

    async def consultation(self, officer: Officer, consultation: str) -> ConsultationPage:
        """Refused: not_found, also when it is another office's."""
        ...

    async def ask(self, officer: Officer, consultation: str, command: ConsultationCommand) -> None: ...

    async def person(self, officer: Officer, consultation: str, reason: str) -> tuple[str, str]:
        """Name and whole number; that somebody looked stands in the history."""
        ...


LEADS: web.AppKey[Leads] = web.AppKey("leads", Leads)
REPORTS: web.AppKey[Reports] = web.AppKey("reports", Reports)
CONSULTATIONS: web.AppKey[Consultations] = web.AppKey("consultations", Consultations)
