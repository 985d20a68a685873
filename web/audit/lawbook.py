"""What happened with the law at hand, the script card and helpers, said in words. None for whatever else happened."""

from __future__ import annotations

from typing import Final

from rooms import events as e
from web.audit.voice import Voice
from web.i18n import N_

RELATIONS: Final = {
    "station": N_("works at the station"),
    "family": N_("family"),
    "community": N_("works for the community"),
    "volunteer": N_("volunteer"),
    "other": N_("somebody else"),
}
ITEMS: Final = {
    "opening.introduced": N_("Introduced everybody"),
    "opening.voluntary": N_("Said that taking part is voluntary"),
    "opening.recording_explained": N_("Explained the recording and each consent"),
    "opening.assisted_asked": N_("Asked whether anybody sits beside them"),
    "consumer_statement.when_and_how_much": N_("Asked the consumer when and for how much"),
    "consumer_statement.used_and_left": N_("Asked the consumer what was used and what is left"),
    "consumer_statement.request_and_reason": N_("Asked the consumer for the request and the reason"),
    "consumer_statement.summed_up": N_("Summed up the consumer, who confirmed it"),
    "business_statement.facts_agreed": N_("Asked the business which facts it agrees with"),
    "business_statement.facts_disputed": N_("Asked the business which facts it disputes"),
    "business_statement.refund_terms": N_("Asked the business what was agreed about refunds"),
    "business_statement.may_decide": N_("Asked who may decide for the business"),
    "discussion.undisputed_named": N_("Named the undisputed facts"),
    "discussion.open_points_named": N_("Named the open points"),
    "discussion.law_explained": N_("Explained the articles"),
    "proposal.who_does_what": N_("Settled who does what"),
    "proposal.how_much_by_when": N_("Settled how much, by when and how"),
    "proposal.both_answered": N_("Heard both on the proposal"),
    "proposal.performable": N_("Asked whether it can be kept"),
    "closing.read_out": N_("Read out the result"),
    "closing.next_steps": N_("Explained the next steps"),
    "closing.ways_out_told": N_("Told the other ways out"),
}


def at_hand(fact: e.SessionEvent, voice: Voice) -> str | None:
    _ = voice.gettext
    match fact:
        case e.LawShown(leaf=leaf):
            return _("Showed everybody %(citation)s", citation=leaf.citation.get(voice.language, leaf.article))
        case e.LawPutAway():
            return _("Stopped showing the article")
        case e.TypicalShown(leaf=typical):
            return _("Showed everybody the case %(title)s", title=typical.title.get(voice.language, typical.case))
        case e.TypicalPutAway():
            return _("Stopped showing the case")
        case e.ItemChecked(item=item, done=done):
            said = _(ITEMS.get(item, item))
            return said if done else _("Took back: %(item)s", item=said)
        case e.SeatAssisted(seat=seat, helper=helper, relation=relation, by=by):
            who = {"helper": helper, "relation": _(RELATIONS.get(relation, relation)), "name": voice.name(seat)}
            if by == seat:
                return _("%(helper)s (%(relation)s) sits with %(name)s to help, as %(name)s agreed", **who)
            return _("%(helper)s (%(relation)s) sits with %(name)s to help, as %(name)s told the mediator", **who)
        case e.AssistanceEnded(seat=seat):
            return _("Nobody sits with %(name)s any more", name=voice.name(seat))
        case _:
            return None
