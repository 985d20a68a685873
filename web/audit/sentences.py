"""What happened, said in words: one sentence for every kind of event of a session.

Owns the English sentences (message ids). `sentence` is complete over rooms.events.SessionEvent, which a test holds.
"""

from __future__ import annotations

from typing import Final, assert_never

from law.orders import mode_name
from rooms import events as e
from rooms.seats import ENDED
from rooms.vocabulary import Consent, Opening, Outcome, OutcomeKind, Side
from web import words
from web.audit import audience
from web.audit.audience import Voice, circles
from web.audit.documents import agreement, at_hand, exhibit_sentence, signing
from web.figures import ROLE_NAMES
from web.i18n import N_

AGES: Final = {"adult": N_("Is 18 or older"), "minor": N_("Is 14 to 17"), "child": N_("Is under 14")}
CAUSES: Final = {
    "socket": N_("the connection broke"),
    "media": N_("sound and picture broke off"),
    "server": N_("the server was restarted"),
    "link_revoked": N_("the link was withdrawn"),
    "link_replaced": N_("a new link took the place of theirs"),
    "link_ended": N_("the link is no longer valid"),
    "signed_out": N_("the sign-in has ended"),
    "withheld": N_("the right to take part here was withdrawn"),
    "consent": N_("consent was withdrawn"),
    "left": N_("they left"),
    "absent": N_("away for too long"),
    "disconnected": N_("the connection broke"),
    "recess": N_("recess"),
    "closed": N_("the session was closed"),
    "caucus": N_("a private talk"),
    "consulting": N_("they consulted with their side"),
    "disk": N_("there was no room on the disk"),
    "disk_full": N_("the disk is full"),
    "disk_reserve": N_("the disk is nearly full"),
    "io": N_("the disk could not be written"),
}
AWAITED: Final = {
    "connection": N_("Sound and picture of this person are not connected yet"),
    "nothing": N_("The device of this person has offered no sound or picture yet"),
    "full": N_("The server has no room for the sound and picture of this person yet"),
    "server": N_("Part of the server failed before anything of this person was recorded"),
}
ITEMS: Final = {
    Opening.IDENTITY: N_("Identity of both sides confirmed"),
    Opening.RIGHTS: N_("Rights and duties read out"),
    Opening.RECUSAL: N_("Asked whether anybody wants the mediator to withdraw"),
    Opening.SHAM: N_("Warned against sham mediation"),
}
QUALITIES: Final = {
    1: N_("bad"),
    2: N_("weak"),
    3: N_("good"),
    4: N_("very good"),
}
MODES: Final = {
    "video": N_("with sound and picture"),
    "audio": N_("with sound only"),
    "text": N_("listening and writing"),
}
PARTS: Final = {
    "record": N_("the record"),
    "recording": N_("the recording"),
    "journal": N_("the journal"),
    "package": N_("an exported file"),
}
TRACK: Final = "track:"  # and a seat: one person's recording


def sentence(fact: e.SessionEvent, voice: Voice) -> str:
    """Says what happened; who did it stands beside it (see `web.audit.moments`)."""
    if isinstance(fact, e.ExhibitEvent):
        return exhibit_sentence(fact, voice)
    for said in (agreement, signing, at_hand, circles):
        if sentence_ := said(fact, voice):
            return sentence_
    return _before(fact, voice)


def _before(fact: e.SessionEvent, voice: Voice) -> str:
    """From scheduling to the waiting room."""
    _, name = voice.gettext, voice.name
    match fact:
        case e.SessionScheduled(starts=starts, ordinal=ordinal, seats=seats):
            return _(
                "Mediation no. %(ordinal)s scheduled for %(when)s, %(count)s seats",
                ordinal=ordinal,
                when=voice.when(starts),
                count=len(seats),
            )
        case e.SessionCancelled(reason=reason):
            return _("Session cancelled: %(reason)s", reason=reason)
        case e.SeatAdded(seat=seat):
            return _("Seat added for %(name)s (%(role)s)", name=seat.name, role=_(ROLE_NAMES[seat.role]))
        case e.LinkIssued(seat=seat, expires=expires):
            return _("Link issued to %(name)s, good until %(when)s", name=name(seat), when=voice.when(expires))
        case e.LinkRevoked(seat=seat, reason=reason):
            return _("Link of %(name)s revoked: %(reason)s", name=name(seat), reason=reason)
        case e.PhoneCorrected(seat=seat, phone=phone):
            return _("Number of %(name)s corrected: %(phone)s", name=name(seat), phone=phone or "–")
        case e.LinkOpened():
            return _("Opened the link")
        case e.ConsentGiven(kind=kind, text=text):
            said = _("Agreed to take part") if kind is Consent.PARTICIPATE else _("Agreed to be recorded")
            return said + _(" (text %(version)s)", version=text)
        case e.ConsentRefused(kind=kind, text=text):
            said = _("Did not agree to take part") if kind is Consent.PARTICIPATE else _("Did not agree to be recorded")
            return said + _(" (text %(version)s)", version=text)
        case e.ConsentWithdrawn(kind=kind):
            if kind is Consent.PARTICIPATE:
                return _("Withdrew consent to take part")
            return _("Withdrew consent to be recorded; the recording of this person stopped")
        case e.OtherTimeAsked(wish=wish):
            return _("Asked for another time: %(wish)s", wish=wish)
        case e.CodeSent():
            return _("One-time code sent to the phone on file")
        case e.IdentityConfirmed(method=method):
            if method == "code":
                return _("Identity confirmed by a one-time code")
            return _("Identity confirmed by the mediator")
        case e.IdentityConfirmedByVoice(seat=seat, recognised=recognised):
            return _(
                "Confirmed the identity of %(name)s by voice, without a code: %(recognised)s",
                name=name(seat),
                recognised=recognised,
            )
        case e.AgeStated(age=age):
            return _(AGES.get(age, AGES["adult"]))
        case e.GuardianNamed(guardian=guardian, relation=relation, text=text) if text:
            return _(
                "The guardian %(name)s (%(relation)s) agreed that the child’s data are processed (text %(text)s)",
                name=guardian,
                relation=relation,
                text=text,
            )
        case e.GuardianNamed(guardian=guardian, relation=relation):
            return _("Named %(name)s (%(relation)s) as their guardian", name=guardian, relation=relation)
        case e.HelpAsked(why=why):
            if why == "no_code":
                return _("Whoever holds the link asked to be called back: the code does not arrive")
            return _("Whoever holds the link said that the number on file is not theirs")
        case e.NameChosen(name=chosen):
            return _("Is shown to the others as “%(name)s”", name=chosen)
        case e.DeviceChecked(mode=mode, findings=findings):
            said = _("Checked the device, takes part %(mode)s", mode=_(MODES.get(mode, mode)))
            return said + (_(" (%(findings)s)", findings=voice.list(findings)) if findings else "")
        case e.Arrived(seat=seat):
            return _("Came") if seat == voice.mediator else _("Came to the waiting room")
        case _:
            return _presence(fact, voice)


def _presence(fact: e.SessionEvent, voice: Voice) -> str:
    """Who is in the room, and what they do there."""
    _, name = voice.gettext, voice.name
    match fact:
        case e.Admitted(seat=seat):
            if seat == voice.mediator:
                return _("Entered the room")
            return _("Admitted %(name)s", name=name(seat))
        case e.ObservationBegun(reason=reason):
            said = _("Came in to look on as a supervisor, which everybody in the room was told")
            return said + _(": %(reason)s", reason=reason)
        case e.SentBack(seat=seat):
            return _("Sent %(name)s back from the waiting room", name=name(seat))
        case e.Disconnected(cause=cause):
            if cause in ENDED:
                return _("Can no longer take part: %(cause)s", cause=_(CAUSES[cause]))
            return _("Dropped out (%(cause)s); the seat is kept", cause=_(CAUSES.get(cause, cause)))
        case e.Reconnected():
            return _("Came back to the same seat without a new code")
        case e.Left():
            return _("Left the room")
        case e.Removed(seat=seat, reason=reason):
            return _("Asked %(name)s to leave: %(reason)s", name=name(seat), reason=reason)
        case e.Muted(seat=seat):
            return _("Turned off the microphone of %(name)s", name=name(seat))
        case e.Unmuted():
            return _("Turned the microphone on")
        case e.UnmuteAsked(seat=seat):
            return _("Asked %(name)s to turn the microphone on", name=name(seat))
        case e.HandRaised():
            return _("Asked to speak")
        case e.HandLowered():
            return _("No longer asks to speak")
        case e.CameraSet(on=on):
            return _("Turned the camera on") if on else _("Turned the camera off")
        case e.ScreenShared():
            return _("Shared the screen")
        case e.ScreenStopped():
            return _("Stopped sharing the screen")
        case e.PicturesPaused(way=way):
            if way == "to":
                return _("Weak network: sound first, the pictures of the others rest")
            return _("Weak network: sound first, this person's picture rests")
        case e.PicturesResumed(way=way):
            return _("The pictures of the others are back") if way == "to" else _("This person's picture is back")
        case e.QualityChanged(level=level):
            return _("Connection: %(quality)s", quality=_(QUALITIES[level]))
        case e.SpeakingStarted():
            return _("Began to speak")
        case e.SpeakingStopped():
            return _("Stopped speaking")
        case e.Said(to=to, text=text):
            if to:
                return _("Wrote to %(name)s: %(text)s", name=name(to), text=text)
            return _("Wrote to everybody: %(text)s", text=text)
        case _:
            return _procedure(fact, voice)


def _procedure(fact: e.SessionEvent, voice: Voice) -> str:
    """The steps of the mediation and how it ended."""
    _ = voice.gettext
    match fact:
        case e.SessionOpened():
            return _("Opened the mediation")
        case e.OpeningCovered(item=item, done=done):
            said = _(ITEMS[item])
            return said if done else _("Taken back: %(item)s", item=said)
        case e.PhaseEntered(phase=phase):
            return _("Phase: %(phase)s", phase=_(words.PHASES[phase]))
        case e.RecessStarted():
            return _("Recess: nobody hears anybody, nothing is recorded")
        case e.RecessEnded():
            return _("The mediation continues after the recess")
        case e.DoorLocked():
            return _("Locked the room")
        case e.DoorUnlocked():
            return _("Unlocked the room")
        case e.OutcomeProposed(outcome=outcome):
            return _("Showed both sides the outcome: %(outcome)s", outcome=headline(outcome, voice))
        case e.OutcomeTakenBack():
            return _("Took the outcome back to change it")
        case e.OutcomeSeen():
            return _("Has seen the outcome")
        case e.HeldElsewhere():
            said = _(
                "Mediated without a room (%(how)s), from %(began)s to %(ended)s; for the complainant: %(consumer)s; "
                "for the respondent: %(business)s",
                how=mode_name(fact.mode, voice.language),
                began=voice.when(fact.began),
                ended=voice.when(fact.ended),
                consumer=fact.consumer_by or _("nobody took part"),
                business=fact.business_by or _("nobody took part"),
            )
            return said + (_("; place: %(place)s", place=fact.place) if fact.place else "")
        case e.SessionClosed(outcome=outcome, anyway=anyway):
            said = _("Closed the session: %(outcome)s", outcome=headline(outcome, voice))
            return said + (_("; not everybody had seen it: %(reason)s", reason=anyway) if anyway else "")
        case e.Corrected(text=text):
            return _("Correction added: %(text)s", text=text)
        case e.Exported(kind="video", sha256=digest):
            return _("Took the video along with their name in it, SHA-256 %(digest)s…", digest=digest[:12])
        case e.Viewed(part=part) if part.startswith("exhibit:"):
            return _("Took the original of %(which)s along", which=voice.exhibit(part.removeprefix("exhibit:")))
        case e.Viewed(part=part) if part.startswith(TRACK):
            return _("Looked at the recording of %(name)s", name=voice.name(part.removeprefix(TRACK)))
        case e.Exported(kind=kind, sha256=digest):
            what = _("masked copy") if kind == "masked" else _("evidence package")
            return _("Exported the record as %(what)s, SHA-256 %(digest)s…", what=what, digest=digest[:12])
        case e.Viewed(part=part):
            return _("Looked at %(part)s", part=_(PARTS.get(part, part)))
        case e.ViewingGranted(seat=seat, request=request):
            return _("Allowed %(name)s to watch the recording: %(request)s", name=voice.name(seat), request=request)
        case e.ViewingHeld(seat=seat):
            return _("Showed %(name)s the recording at the office", name=voice.name(seat))
        case e.ContentErased(versions=versions, reason=reason):
            which = voice.list(str(version) for version in versions)
            return _("Erased the content of entries %(which)s: %(reason)s", which=which, reason=reason)
        case e.EntryCorrected():
            return _(
                "Corrected entry %(number)s. Wrong there: %(wrong)s. True: %(right)s. "
                "Reason: %(reason)s (agreed by %(name)s)",
                number=fact.entry,
                wrong=fact.wrong,
                right=fact.right,
                reason=fact.reason,
                name=fact.agreed_by,
            )
        case e.NoteAdded(text=text, corrects=corrects):
            if corrects:
                return _("Corrected the note in entry %(number)s: %(text)s", number=corrects, text=text)
            return _("Noted: %(text)s", text=text)
        case _:
            return _machine(fact, voice)


def _machine(fact: e.SessionEvent, voice: Voice) -> str:
    """What the recorder and the media did."""
    _, name = voice.gettext, voice.name
    match fact:
        case e.RecordingStarted():
            return _("Recording of this person began")
        case e.RecordingStopped(cause=cause):
            return _("Recording of this person stopped: %(cause)s", cause=_(CAUSES.get(cause, cause)))
        case e.SegmentSealed(size=size, sha256=digest, source=source):
            what = _("screen recording") if source == "screen" else _("recording")
            return _(
                "Sealed a piece of the %(what)s: %(size)s KB, SHA-256 %(digest)s…",
                what=what,
                size=f"{-(-size // 1024):,}",
                digest=digest[:12],
            )
        case e.NothingRecorded():
            return _("The recording of this person has ended; what never arrived is listed as missing")
        case e.MediaAwaited(cause=cause):
            return _(AWAITED.get(cause, AWAITED["connection"]))
        case e.MediaConnected():
            return _("Sound and picture of this person are connected")
        case e.RecordingFailed(cause=cause):
            return _("Recording stopped, the mediation continues: %(cause)s", cause=_(CAUSES.get(cause, cause)))
        case e.Routed(hears=hears, sees=sees, recorded=recorded):
            return _(
                "From now on: %(heard)s; recorded: %(recorded)s",
                heard=voice.clauses(audience.consent_clauses(hears, sees, voice)) or _("nobody hears or sees anybody"),
                recorded=voice.list(map(name, recorded)) or _("nobody"),
            )
        case e.RecordingComposed(duration_ms=duration, sha256=digest):
            return _(
                "Composed the recording: %(length)s, SHA-256 %(digest)s…", length=clock(duration), digest=digest[:12]
            )
        case e.CompositionFailed(cause=cause):
            return _("The recording could not be composed: %(cause)s", cause=cause)
        case e.HoldPlaced(reason=reason):
            return _("Record held, not to be erased: %(reason)s", reason=reason)
        case e.HoldLifted(reason=reason):
            return _("Hold lifted: %(reason)s", reason=reason)
        case e.ErasureOrdered(reason=reason, due=due, years=years, rule=rule):
            if due and rule:
                return _(
                    "The time this record is kept has passed; it is erased (years: %(years)s; rule no. %(rule)s)",
                    years=years,
                    rule=rule,
                )
            if due:
                return _("The time this record is kept has passed; it is erased")
            return _("Ordered the record to be erased: %(reason)s", reason=reason)
        case e.RecordErased(files=files, bytes=size, entries=entries):
            return _(
                "Record erased: its key destroyed, %(files)s files (%(size)s KB) removed, "
                "the content of %(entries)s journal entries erased",
                files=files,
                size=f"{-(-size // 1024):,}",
                entries=entries,
            )
        case e.Archived(path=path, store=store, stored_sha256=digest):
            return _(
                "Put a file into the archive and read it back: %(path)s, %(store)s, SHA-256 %(digest)s…",
                path=path.partition("/")[2],
                store=store,
                digest=digest[:12],
            )
        case _:
            raise TypeError(type(fact).__name__)


def headline(outcome: Outcome, voice: Voice) -> str:
    """The outcome as the one sentence a page is headed with."""
    _ = voice.gettext
    match outcome.kind:
        case OutcomeKind.SETTLED:
            owed = [term for term in outcome.terms if term.amount]
            if len(owed) == 1 and owed[0].amount and len(owed[0].action) <= 12:
                return _("Settled: %(action)s %(amount)s", action=owed[0].action, amount=voice.money(owed[0].amount))
            from_business = sum(term.amount for term in owed if term.amount and term.who is Side.BUSINESS)
            if from_business:
                return _("Settled: the business pays %(amount)s", amount=voice.money(from_business))
            return _("Settled, %(count)s promises", count=len(outcome.terms))
        case OutcomeKind.NOT_SETTLED:
            return _("Not settled")
        case OutcomeKind.ENDED:
            ground = voice.ending(outcome.ground)
            return _("Terminated: %(ground)s", ground=ground) if ground else _("Terminated (statutory ground)")
        case OutcomeKind.ADJOURNED:
            if outcome.adjourned_to is None:
                return _("Adjourned")
            return _("Adjourned to %(when)s", when=voice.when(outcome.adjourned_to))
        case _:
            assert_never(outcome.kind)


def clock(ms: int) -> str:
    """Minutes and seconds, with hours once there are any: 33:50, 1:02:03."""
    seconds = max(0, ms) // 1000
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes:02}:{seconds % 60:02}"
