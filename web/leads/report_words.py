"""What reports and consultations are called on pages, and what is to be done next with a report, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from complaints import vocabulary
from complaints.leads import Lead
from complaints.leads.decisions import competences
from complaints.leads.views import LeadPage
from complaints.vocabulary import Names
from law.competence import SUBJECTS, Rule, rules
from law.orders import Citation
from web.figures import day
from web.i18n import N_, Words
from web.leads import lead_words

STATES: Final[Mapping[str, str]] = {
    "open": N_("being verified"),
    "decided": N_("decision made"),
    "joined": N_("joined to an earlier report"),
    "withdrawn": N_("registered by mistake"),
}
OUTCOMES: Final[Mapping[str, str]] = lead_words.OUTCOMES
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
HAPPENED: Final[Mapping[str, str]] = {
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
    return [(value, vocabulary.name(table, value, language)) for value in table]


def hints(lead: Lead) -> Sequence[Rule]:
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
