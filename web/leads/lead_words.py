"""What leads are called on pages, and in words what became of complaints after action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from complaints.insight.aftermath import LEAST_WEEKS, Aftermath
from complaints.leads import MEDIATION, PROFILE, REPORT, SPOT, Lead
from complaints.record.parties import shortened
from web.i18n import N_, Words

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
}
NEEDS_REASON: Final = N_("Say why you need to know; the reason goes into the journal.")

_WEEK: Final = timedelta(days=7)
WIDTH, HEIGHT, BASE, TOP = 720.0, 170.0, 140.0, 12.0


@dataclass(frozen=True, slots=True)
class Week:
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
class Told:
    """`sentences`: what can be said, and how surely; `line`: x of the day of action."""

    measured: Aftermath
    sentences: Sequence[str]
    weeks: Sequence[Week]
    line: float
    most: int


def initial(name: str) -> str:
    """Of an informant, until somebody asked."""
    return shortened(name)


def aftermath(measured: Aftermath | None, lead: Lead, words: Words) -> Told | None:
    if measured is None:
        return None
    weeks, line = _weeks(measured)
    most = max((week.count for week in weeks), default=0)
    return Told(measured, list(_sentences(measured, lead, words)), weeks, line, most)


def _sentences(of: Aftermath, lead: Lead, words: Words) -> list[str]:
    _ = words.gettext
    if of.verdict == "early":
        return [_("It is too early to say: %(weeks)s whole weeks have to pass after the action.", weeks=LEAST_WEEKS)]
    was, now = of.per_week
    rates = _("%(was)s complaints a week before, %(now)s after.", was=f"{was:.1f}", now=f"{now:.1f}")
    if of.verdict == "few" or of.change is None:
        return [rates, _("There are too few of them to say whether that is more than chance.")]
    said = [rates]
    if of.others_before and of.others_after:
        said.append(
            _(
                "Beside the other complaints of the same office in the same weeks, that is %(share)s%% of what was to "
                "be expected.",
                share=f"{100 * of.change:.0f}",
            )
        )
    match of.verdict:
        case "fell":
            said.append(
                _(
                    "They fell by more than chance: with 95%% confidence to %(within)s of what was to be expected.",
                    within=within(of, words),
                )
            )
        case "rose":
            said.append(
                _(
                    "They rose by more than chance: with 95%% confidence to %(within)s of what was to be expected.",
                    within=within(of, words),
                )
            )
        case _:
            said.append(
                _(
                    "That may be chance: %(within)s of what was to be expected fits what was counted.",
                    within=within(of, words),
                )
            )
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


def _weeks(of: Aftermath) -> tuple[list[Week], float]:
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
            Week(
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
