"""Pages of supervision: this period's plan and how it was drawn, reviews, one's own practice, the quarter's report.

Here is what they call things: reasons, answers, severities, stages, and the rule in plain words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rooms.supervision.drawing import SamplingRule
from web.i18n import N_, Words

REASONS: Final[Mapping[str, str]] = {
    "share": N_("by lot"),
    "mediator": N_("by lot, one of every mediator’s"),
    "below": N_("settled far below the claim"),
    "short": N_("very short"),
    "silent": N_("one side hardly spoke"),
    "caucus": N_("mostly in private"),
    "gaps": N_("recording with gaps"),
    "repeated": N_("the same business again"),
    "withdrawn": N_("withdrawn right after a private talk"),
    "overdue": N_("a promise is overdue"),
    "hand": N_("added by hand"),
}
CHANCE: Final = ("share", "mediator")

SKIPS: Final[Mapping[str, str]] = {
    "not_drawn": N_("not drawn, and nothing speaks for it"),
    "no_place": N_("something speaks for it, but every place was taken"),
    "known": N_("drawn or reviewed before"),
    "gone": N_("the record was erased"),
}

STATES: Final[Mapping[str, str]] = {
    "": N_("to be looked at"),
    "open": N_("being looked at"),
    "replying": N_("with the mediator"),
    "replied": N_("the mediator has answered"),
    "closed": N_("closed"),
}
STATE_TONES: Final[Mapping[str, str]] = {"open": "warn", "replying": "warn", "replied": "act", "closed": "ok"}

ITEMS: Final[Mapping[str, str]] = {
    "identity": N_("Who they are was made sure of"),
    "rights": N_("Rights and duties were explained"),
    "recusal": N_("They were asked whether somebody should step aside"),
    "consent": N_("Taking part and being recorded were agreed to freely"),
    "balance": N_("Both sides could say as much"),
    "concessions": N_("What was conceded in private stayed there"),
    "terms": N_("The terms are clear and lawful"),
    "ground": N_("The ground for terminating it fits what happened"),
    "notices": N_("Everybody was told in time"),
    "record": N_("The record is complete"),
    "agreed": N_("Both sides agreed to mediate, freely"),
    "papers": N_("Record and papers say how it was held"),
}
ASKED: Final[Mapping[str, str]] = {
    "identity": N_("Names and authority of whoever spoke; a representative’s written authority."),
    "rights": N_(
        "The mediator’s words at the opening: what mediation is, that it is voluntary, what a sham one leads to."
    ),
    "recusal": N_("Asked before anything else began, and what was answered."),
    "consent": N_("Each answered for themselves, nothing was pressed, a no had no consequence."),
    "balance": N_("Speaking times side by side; who was interrupted, whose turn came late."),
    "concessions": N_("Nothing said in a private talk was used before the other side without a slip."),
    "terms": N_("Who does what by when, in words both can check; nothing the law rules out."),
    "ground": N_("The number of the ground, and the moment it came about."),
    "notices": N_("Invitations, the result and the document reached both in the time the order sets."),
    "record": N_("Recording, journal and document belong together; every gap has its cause."),
    "agreed": N_("How each side was asked and what it said (Order 121 Art 18); nothing was pressed."),
    "papers": N_("Mode, time, place, who spoke for each side, how it went; proof where something was done at once."),
}

ANSWERS: Final[Mapping[str, str]] = {
    "yes": N_("In order"),
    "no": N_("Not in order"),
    "none": N_("Does not apply here"),
}

SEVERITIES: Final[Mapping[str, str]] = {
    "praise": N_("Well done"),
    "minor": N_("Minor"),
    "major": N_("Serious"),
    "grave": N_("Grave"),
}
SEVERITY_TONES: Final[Mapping[str, str]] = {"praise": "ok", "minor": "", "major": "warn", "grave": "seal"}
MEANT: Final[Mapping[str, str]] = {
    "praise": N_("worth showing to others; nothing to answer"),
    "minor": N_("to be done better next time; the result stands"),
    "major": N_("a party’s right was touched; something is to be put right"),
    "grave": N_("the result itself is in doubt"),
}

FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "share": (N_("By lot, of all that closed"), N_("per mille")),
    "least": (N_("By lot, at least"), N_("mediations")),
    "each": (N_("By lot, of every mediator at least"), N_("mediations")),
    "most": (N_("In all at most"), N_("mediations")),
    "kept": (N_("Of these, kept for risks"), N_("places")),
    "below": (N_("Settled for less than this much of the claim"), N_("per cent")),
    "short": (N_("Together for less than"), N_("minutes")),
    "silent": (N_("One side’s part of what both said, less than"), N_("per cent")),
    "caucus": (N_("In private for more than"), N_("per cent of the time")),
    "gaps": (N_("Recording lost for technical reasons, more than"), N_("seconds")),
    "repeats": (N_("Mediations of one business, from"), N_("mediations")),
    "window": (N_("counted over the last"), N_("days")),
    "withdrawn": (N_("Withdrawn after a private talk within"), N_("minutes")),
    "overdue": (N_("A promise past due for at least"), N_("days")),
}
RANDOM: Final = ("share", "least", "each", "most", "kept")


def in_words(rule: SamplingRule, words: Words) -> Sequence[str]:
    """The rule as somebody would say it, one sentence each; risks that are off are not mentioned."""
    _ = words.gettext
    share = f"{rule.share / 10:g}"
    said = [
        _(
            "By lot: %(share)s%% of the mediations that closed, at least %(least)s;"
            " then, of every mediator, at least %(each)s.",
            share=share,
            least=rule.least,
            each=rule.each,
        ),
        _("At most %(most)s in all. %(kept)s places are kept for risks.", most=rule.most, kept=rule.kept),
    ]
    risks = {
        "below": _("settled for less than %(n)s%% of the claim", n=rule.below),
        "short": _("less than %(n)s minutes together", n=rule.short),
        "silent": _("one side’s part of what both said is below %(n)s%%", n=rule.silent),
        "caucus": _("more than %(n)s%% of the time in private", n=rule.caucus),
        "gaps": _("more than %(n)s seconds of the recording lost for technical reasons", n=rule.gaps),
        "repeats": _("the business’s mediation no. %(n)s or more in %(days)s days", n=rule.repeats, days=rule.window),
        "withdrawn": _("withdrawn within %(n)s minutes after a private talk", n=rule.withdrawn),
        "overdue": _("a promise is past due for %(n)s days or more", n=rule.overdue),
    }
    seen = [text for name, text in risks.items() if getattr(rule, name)]
    if seen:
        joint = "; " if words.language.startswith("en") else "；"
        said.append(_("Risks, the most of them first: %(risks)s.", risks=joint.join(seen)))
    return said
