"""Sentences on exhibits, articles, the agreement and its signing."""

from __future__ import annotations

from typing import Final, assert_never

from rooms import events as e
from rooms.vocabulary import Capacity, ExhibitKind, Purpose, Side
from web.audit.audience import Voice
from web.i18n import N_

EXHIBIT_KINDS: Final = {
    ExhibitKind.PICTURES: N_("pictures"),
    ExhibitKind.DOCUMENT: N_("a document"),
    ExhibitKind.FILM: N_("a film"),
}


def exhibit_sentence(fact: e.ExhibitEvent, voice: Voice) -> str:
    _, name = voice.gettext, voice.name
    if isinstance(fact, e.ExhibitFloorGiven):
        if fact.seat:
            return _("Let %(name)s show exhibits", name=name(fact.seat))
        return _("Only the mediator shows exhibits again")
    if isinstance(fact, e.ExhibitAsked):
        if fact.purpose is Purpose.PERFORMANCE:
            return _("Asked %(name)s for a proof of performance", name=name(fact.seat))
        return _("Asked %(name)s for an exhibit", name=name(fact.seat))
    which = voice.exhibit(fact.exhibit)
    match fact:
        case (
            e.ExhibitOffered(originals=originals, purpose=purpose)
            | e.ExhibitConfided(originals=originals, purpose=purpose)
        ):
            about = {
                "what": _(EXHIBIT_KINDS[fact.kind]),
                "size": f"{-(-sum(one.size for one in originals) // 1024):,}",
                "digest": originals[0].sha256[:12] if originals else "",
            }
            if purpose is Purpose.PERFORMANCE:
                said = _("Brought a proof of performance: %(what)s, %(size)s KB, SHA-256 %(digest)s…", **about)
            else:
                said = _("Brought an exhibit: %(what)s, %(size)s KB, SHA-256 %(digest)s…", **about)
            return said + (_("; not for the other side yet") if isinstance(fact, e.ExhibitConfided) else "")
        case e.ExhibitTitled(title=title):
            return _("Called it “%(title)s”", title=title)
        case e.ExhibitPrepared():
            return _("The film %(which)s can be shown", which=which)
        case e.ExhibitUnreadable():
            return _("The film %(which)s could not be made ready to be shown; the original is kept", which=which)
        case e.ExhibitWithdrawn():
            return _("Withdrew %(which)s before it was shown", which=which)
        case e.ExhibitReleased():
            return _("Released %(which)s: everybody may see it", which=which)
        case e.ExhibitShown(page=page, talk=talk):
            if talk:
                return _("Showed %(which)s, page %(page)s, in private", which=which, page=page)
            return _("Showed %(which)s to everybody, page %(page)s", which=which, page=page)
        case e.ExhibitPutAway():
            return _("Stopped showing %(which)s", which=which)
        case e.ExhibitPageTurned(page=page):
            return _("Turned to page %(page)s of %(which)s", which=which, page=page)
        case e.ExhibitMarked(page=page):
            return _("Marked a place on page %(page)s of %(which)s", which=which, page=page)
        case e.ExhibitUnmarked(n=n):
            if n:
                return _("Took a mark on %(which)s back", which=which)
            return _("Took all marks on %(which)s back", which=which)
        case e.ExhibitAccepted():
            return _("Accepted %(which)s", which=which)
        case e.ExhibitDisputed(reason=reason):
            if reason:
                return _("Disputed %(which)s: %(reason)s", which=which, reason=reason)
            return _("Disputed %(which)s", which=which)
        case e.ExhibitAnswerTakenBack():
            return _("Took the answer to %(which)s back", which=which)
        case _:
            assert_never(fact)


CAPACITIES: Final = {
    Capacity.SELF: N_("in person"),
    Capacity.LEGAL_REPRESENTATIVE: N_("as the legal representative"),
    Capacity.HEAD: N_("as the person in charge"),
    Capacity.GUARDIAN: N_("as the guardian"),
    Capacity.AGENT: N_("as an authorised agent"),
}


def agreement(fact: e.SessionEvent, voice: Voice) -> str | None:
    return _clause(fact, voice) or _beside(fact, voice)


def _clause(fact: e.SessionEvent, voice: Voice) -> str | None:
    _ = voice.gettext
    match fact:
        case e.ClausePut(clause=clause, edition=1, text=text):
            return _("Wrote clause %(clause)s: %(text)s", clause=clause, text=text)
        case e.ClausePut(clause=clause, edition=edition, text=text, voids=voids):
            said = _(
                "Changed clause %(clause)s, edition %(edition)s: %(text)s", clause=clause, edition=edition, text=text
            )
            return said + _void(voids, voice)
        case e.ClauseRemoved(clause=clause, text=text, voids=voids):
            said = _("Removed clause %(clause)s: %(text)s", clause=clause, text=text)
            return said + _void(voids, voice)
        case e.ClauseMoved(clause=clause, number=number):
            return _("Made clause %(clause)s the %(number)s. of the draft", clause=clause, number=number)
        case e.ConfirmationAsked(clause=clause, edition=edition):
            return _("Asked both sides about clause %(clause)s, edition %(edition)s", clause=clause, edition=edition)
        case e.ClauseAnswered(clause=clause, edition=edition, agrees=True):
            return _("Agreed to clause %(clause)s, edition %(edition)s", clause=clause, edition=edition)
        case e.ClauseAnswered(clause=clause, edition=edition, reason=reason):
            said = _("Did not agree to clause %(clause)s, edition %(edition)s", clause=clause, edition=edition)
            return said + (_(": %(reason)s", reason=reason) if reason else "")
        case e.ReasonConfided(clause=clause):
            return _("Told the mediator alone why not to clause %(clause)s", clause=clause)  # and nobody else
        case e.ClauseQueried(clause=clause):
            return _("Asked the mediator what clause %(clause)s means", clause=clause)
        case e.ClauseExplained(clause=clause):
            return _("Explained clause %(clause)s", clause=clause)
        case _:
            return None


def _beside(fact: e.SessionEvent, voice: Voice) -> str | None:
    """Facts, authorities, and whether it is wanted in writing."""
    _ = voice.gettext
    match fact:
        case e.FactPut(fact=id, edition=1, text=text):
            return _("Wrote down fact %(fact)s: %(text)s", fact=id, text=text)
        case e.FactPut(fact=id, edition=edition, text=text, voids=voids):
            said = _("Changed fact %(fact)s, edition %(edition)s: %(text)s", fact=id, edition=edition, text=text)
            return said + _void(voids, voice)
        case e.FactRemoved(fact=id, text=text):
            return _("Removed fact %(fact)s: %(text)s", fact=id, text=text)
        case e.FactAnswered(fact=id, edition=edition, agrees=True):
            return _("Accepted fact %(fact)s, edition %(edition)s", fact=id, edition=edition)
        case e.FactAnswered(fact=id, edition=edition):
            return _("Did not accept fact %(fact)s, edition %(edition)s", fact=id, edition=edition)
        case e.AuthorityRecorded(seat=seat, capacity=capacity, special=special, basis=basis):
            said = _(
                "Recorded by what right %(name)s acts: %(capacity)s",
                name=voice.name(seat),
                capacity=_(CAPACITIES[capacity]),
            )
            return said + (_(", may settle") if special else "") + (_(" (%(basis)s)", basis=basis) if basis else "")
        case e.ClaimPut(side=side, text=text):
            if side is Side.CONSUMER:
                return _("Wrote down what the consumer asks for: %(text)s", text=text)
            return _("Wrote down what the business answers: %(text)s", text=text)
        case e.AgreementWaived():
            return _("Needs no written agreement")
        case e.AgreementWanted():
            return _("Wants the agreement in writing")
        case _:
            return None


def _void(voids: tuple[str, ...], voice: Voice) -> str:
    if not voids:
        return ""
    return voice.gettext("; what %(names)s had answered is void", names=voice.list(map(voice.name, voids)))


SIGNING_KINDS: Final = {
    "agreement": N_("Mediation agreement"),
    "record": N_("Mediation record"),
    "failure": N_("Record of failure to settle"),
}
VOIDED: Final = {
    "edited": N_("The text was changed"),
    "called_off": N_("Signing was stopped"),
    "closed": N_("The mediation ended before the seal"),
}


def signing(fact: e.SessionEvent, voice: Voice) -> str | None:
    _ = voice.gettext
    match fact:
        case e.SigningOffered(kind=kind, number=number, text=text):
            return _(
                "Asked both sides to sign: %(what)s %(number)s, SHA-256 of the text %(digest)s…",
                what=_(SIGNING_KINDS.get(kind, SIGNING_KINDS["record"])),
                number=number,
                digest=text[:12],
            )
        case e.SigningRead():
            return _("Read the text to its end")
        case e.ElectronicFormAgreed(notice=notice):
            return _("Agreed to sign electronically (text %(notice)s)", notice=notice)
        case e.HandwritingConsented(notice=notice):
            return _("Agreed that the handwriting is kept (text %(notice)s)", notice=notice)
        case e.SignerConfirmed(how="account"):
            return _("Signs with their own account")
        case e.SignerConfirmed():
            return _("Confirmed with a one-time code that it is them who signs")
        case e.SignerConfirmedByVoice(seat=seat, recognised=recognised):
            return _(
                "Confirmed by voice, without a code, that it is %(name)s who signs: %(recognised)s",
                name=voice.name(seat),
                recognised=recognised,
            )
        case e.Signed(how="typed", name=name):
            return _("Signed with their typed name: %(name)s", name=name)
        case e.Signed():
            return _("Signed by hand")
        case e.SigningRefused(reason=reason):
            return _("Did not want to sign: %(reason)s", reason=reason)
        case e.SignatureWithdrawn(voids=voids):
            said = _("Took their signature back")
            return said + (_("; the mediator's signature is void") if voids else "")
        case e.SigningVoided(reason=reason, seats=seats, note=note):
            names = _(", ").join(voice.name(seat) for seat in seats)
            said = _(VOIDED.get(reason, VOIDED["edited"]))
            said += _("; void: %(names)s", names=names) if names else ""
            return said + (_(": %(reason)s", reason=note) if note else "")
        case e.DocumentSealed(kind=kind, number=number, sha256=digest, level="", certifier=certifier):
            return _(
                "Had %(certifier)s put the office's seal on: %(what)s %(number)s, SHA-256 %(digest)s…",
                certifier=certifier,
                what=_(SIGNING_KINDS.get(kind, SIGNING_KINDS["record"])),
                number=number,
                digest=digest[:12],
            )
        case e.DocumentSealed(kind=kind, number=number, sha256=digest, level=level):
            return _(
                "Put the office's seal on: %(what)s %(number)s, PAdES %(level)s, SHA-256 %(digest)s…",
                what=_(SIGNING_KINDS.get(kind, SIGNING_KINDS["record"])),
                number=number,
                level=level,
                digest=digest[:12],
            )
        case e.CopyTaken():
            return _("Took a copy of the sealed document")
        case _:
            return None


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
