"""Private talks, consulting, slips and the blind gap, said in words; what was said in confidence is not told here."""

from __future__ import annotations

from typing import Final

from rooms import events as e
from rooms.vocabulary import Channel, GapRule, Side
from web.audit.voice import Voice
from web.i18n import N_

WITH: Final = {
    Side.CONSUMER: N_("Talks with the consumer in private; the others hear nothing, nothing is recorded"),
    Side.BUSINESS: N_("Talks with the business in private; the others hear nothing, nothing is recorded"),
}
PRIVATE: Final = {
    Side.CONSUMER: N_("Private talk with the consumer, not recorded"),
    Side.BUSINESS: N_("Private talk with the business, not recorded"),
}
ENDS: Final = {
    "mediator": N_("The private talk is over, everybody is together again"),
    "recess": N_("The private talk is over because of a recess"),
    "closed": N_("The private talk is over with the session"),
    "alone": N_("The private talk is over, nobody of that side was there any more"),
    "mediator_left": N_("The private talk is over, the mediator has left"),
    "media": N_("The private talk did not come about, sound and picture did not follow"),
}
CHANNELS: Final = {
    Channel.FLOOR: N_("Listens to the room without the interpreter"),
    Channel.INTERPRETER: N_("Listens to the interpreter alone"),
    Channel.BOTH: N_("Listens to the room and the interpreter"),
}
RULES: Final = {
    GapRule.WHETHER: N_("Double-blind offers no. %(number)s: told only whether they overlap"),
    GapRule.MIDPOINT: N_("Double-blind offers no. %(number)s: told whether they overlap, and if so the midpoint"),
}


def circles(fact: e.SessionEvent, voice: Voice) -> str:
    """ "" for what is not about these."""
    _, name = voice.gettext, voice.name
    match fact:
        case e.CaucusStarted(side=side):
            return _(WITH[side])
        case e.CaucusEnded(cause=cause):
            return _(ENDS.get(cause, ENDS["mediator"]))
        case e.ConsultingStarted(seat=seat, other=other):
            return _("%(one)s and %(other)s consult; nobody hears them", one=name(seat), other=name(other))
        case e.ConsultingEnded(seat=seat, other=other):
            return _("%(one)s and %(other)s no longer consult", one=name(seat), other=name(other))
        case e.ChannelChosen(channel=channel):
            return _(CHANNELS[channel])
        case e.GapOpened(number=number, rule=rule):
            return _(RULES[rule], number=number)
        case e.GapAgreed(number=number):
            return _("Agreed to the rule of double-blind offers no. %(number)s", number=number)
        case e.GapDropped(number=number):
            return _("Cancelled double-blind offers no. %(number)s", number=number)
        case _:
            return confidential(fact, voice)


def confidential(fact: e.SessionEvent, voice: Voice) -> str:
    """That it happened, and nothing of what it said."""
    _ = voice.gettext
    match fact:
        case e.Confided():
            return _("Wrote something in confidence")
        case e.SlipWritten(number=number):
            return _("Wrote message slip no. %(number)s", number=number)
        case e.SlipMarked(number=number):
            return _("Restated whether slip no. %(number)s may be told", number=number)
        case e.SlipWithdrawn(number=number):
            return _("Took slip no. %(number)s back", number=number)
        case e.SlipShown(number=number):
            return _("Passed slip no. %(number)s on", number=number)
        case e.FigureEntered(number=number):
            return _("Entered a figure for double-blind offers no. %(number)s", number=number)
        case e.GapRevealed(number=number):
            return _("Double-blind offers no. %(number)s were compared", number=number)
        case _:
            return ""
