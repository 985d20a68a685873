"""What happened to exhibits, said in words. Completes `web.audit.sentences`."""

from __future__ import annotations

from typing import Final, assert_never

from rooms import events as e
from rooms.vocabulary import ExhibitKind, Purpose
from web.audit.voice import Voice
from web.i18n import N_

KINDS: Final = {
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
                "what": _(KINDS[fact.kind]),
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
