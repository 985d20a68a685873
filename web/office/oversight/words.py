"""What acts, requests and hints are called."""

from __future__ import annotations

from typing import Final

from web.i18n import N_

KINDS: Final = {
    "erase": N_("Erase a record before its time"),
    "lift": N_("Lift the hold on a record"),
    "lift_lead": N_("Lift the hold on a lead"),
    "unmask": N_("Look at more full numbers"),
    "appoint": N_("Change a role that can be a second person"),
    "restart": N_("Reset an account’s two-step verification"),
    "access": N_("Give a role in an office back what was withheld"),
    "oversee": N_("Let a supervisor see further offices"),
    "place": N_("Put an office below another superior"),
    "retention": N_("Keep records for fewer years"),
    "correct": N_("Correct an entry of a record"),
    "destroy": N_("Destroy files after an appraisal"),
    "publish": N_("Publish complaint information"),
}
KEPT_BESIDES: Final = {
    "files": N_("Files of complaints: agreements, records, notices, evidence, objections to being published"),
    "leads": N_("Files of leads"),
}
FILES: Final = {**KEPT_BESIDES, "publicity": N_("Files of objections to being published")}
WHY_KEPT: Final = {
    "settled": N_("What was agreed binds like a contract; who has to sue on it has three years (Civil Code Art 188)."),
    "not_settled": N_("Court and arbitration stay open (Order 121 Art 25), for three years (Civil Code Art 188)."),
    "ended": N_("That it was terminated, and on which ground (Order 121 Art 23), may be looked into afterwards."),
    "adjourned": N_("The dispute continues in a later mediation, whose own record counts from its own end."),
    "files": N_("The agreement, or else the record, is kept on file (Order 121 Art 24); archives are kept for ten "
                "years at least, here from the last that happened to the complaint. They are not destroyed by "
                "themselves: a list is drawn, and two persons decide."),
    "leads": N_("An offence may be punished for two years, for five where life, health or financial security was "
                "harmed (Administrative Penalty Law Art 36). Once the years kept are over a list is drawn, and two "
                "persons decide."),
}  # fmt: skip
"""By kind of what is kept: why so many years and not others. Kinds that are outcomes are named with those."""
STATES: Final = {
    "open": N_("waits for a second person"),
    "over": N_("nobody answered in three days"),
    "approved": N_("is being carried out"),
    "declined": N_("declined"),
    "taken back": N_("taken back"),
    "done": N_("done"),
    "failed": N_("lapsed"),
}
TONES: Final = {"open": "warn", "done": "ok", "approved": "ok", "declined": "seal", "failed": "seal"}
ACTS: Final = {
    "viewed": N_("viewed"),
    "exported": N_("exported"),
    "unmasked": N_("looked at a full number"),
    "erased": N_("had erased"),
    "held": N_("put a hold on"),
    "released": N_("lifted the hold on"),
    "corrected": N_("corrected an entry of"),
    "role": N_("changed an account"),
    "rule": N_("changed a rule"),
    "token": N_("issued or revoked a token"),
    "asked": N_("asked for a second person"),
    "approved": N_("approved as second person"),
    "declined": N_("said no as second person"),
    "taken back": N_("took a request back"),
}
HINTS: Final = {
    "volume": N_("%(name)s: %(number)s acts on %(day)s, where %(usual)s are usual"),
    "off_hours": N_("%(name)s: %(number)s looks outside of working hours on %(day)s"),
    "other_office": N_("%(name)s: %(number)s times something of another office on %(day)s"),
    "burst": N_("%(name)s: %(number)s within ten minutes on %(day)s"),
    "rushed": N_("%(name)s: approved %(number)s seconds after the request on %(day)s"),
}
PARTS: Final = {
    "record": N_("the record"),
    "recording": N_("the recording"),
    "journal": N_("the journal"),
    "package": N_("an evidence package"),
    "masked": N_("a masked copy"),
    "video": N_("a copy of the video"),
    "phone": N_("phone"),
    "other_phone": N_("another phone"),
    "identity": N_("identity number"),
    "credit_code": N_("credit code"),
    "acts": N_("this list"),
    "OfficeAdded": N_("an office added"),
    "OfficeChanged": N_("an office changed"),
    "AccountClosed": N_("account closed"),
    "AccountOpened": N_("account opened"),
    "PasswordSet": N_("a new first password"),
    "SecondStepDropped": N_("two-step verification reset"),
    "OfficerMoved": N_("moved to another office"),
    "OfficerRenamed": N_("renamed"),
    "SignOnLinked": N_("linked to a unified sign-on"),
    "SignOnUnlinked": N_("unlinked from a unified sign-on"),
    "AccessChanged": N_("who may do what"),
    "OverseenChanged": N_("who oversees which office"),
    "RetentionChanged": N_("how long records are kept"),
    "LookLimitsSet": N_("how many full numbers a mediator may look at"),
    "CardChanged": N_("a script card"),
    "CardReset": N_("a script card"),
    "TokenIssued": N_("a token issued"),
    "TokenRevoked": N_("a token revoked"),
    **KINDS,
}
PERMISSIONS: Final = {
    "tokens": N_("Make tokens of their own"),
    "sessions": N_("Hold mediations"),
    "complaints": N_("Work on complaints"),
    "consultations": N_("Answer consultations"),
    "imports": N_("Import complaints"),
    "due": N_("See dates due"),
    "performance": N_("Follow promises"),
    "records": N_("See records and recordings"),
    "outbox": N_("See messages sent"),
    "focus": N_("See what needs attention"),
    "statistics": N_("See figures"),
    "bulletins": N_("Make bulletins"),
    "publicity": N_("Publish complaint information"),
    "respondents": N_("See businesses complained about"),
    "practice": N_("See their own practice"),
    "supervision": N_("Review mediations"),
    "casebook": N_("Read and write typical cases"),
    "keeping": N_("Hold and erase records"),
    "offices": N_("See and change offices"),
    "areas": N_("Draw areas"),
    "map": N_("Put a map in force"),
    "holidays": N_("Enter holidays"),
    "cards": N_("Read and change script cards"),
    "lines": N_("Read how connections were in mediations"),
    "systems": N_("Admit other systems"),
    "leads": N_("Work on leads, behind their wall"),
    "people": N_("Look after accounts"),
    "access": N_("See who may do what"),
    "approvals": N_("Ask a second person, or be one"),
    "oversight": N_("See who did what"),
}
"""By the ids of offices."""
