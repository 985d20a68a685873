"""What acts, requests and hints are called."""

from __future__ import annotations

from typing import Final

from web.i18n import N_

KINDS: Final = {
    "erase": N_("Erase a record before its time"),
    "lift": N_("Lift the hold on a record"),
    "unmask": N_("Look at more full numbers"),
    "appoint": N_("Change a role that can be a second person"),
    "restart": N_("Begin an account’s second step anew"),
}
STATES: Final = {
    "open": N_("waits for a second person"),
    "over": N_("nobody answered in three days"),
    "approved": N_("is being carried out"),
    "declined": N_("declined"),
    "taken back": N_("taken back"),
    "done": N_("done"),
    "failed": N_("could not be done any more"),
}
TONES: Final = {"open": "warn", "done": "ok", "approved": "ok", "declined": "seal", "failed": "seal"}
ACTS: Final = {
    "viewed": N_("viewed"),
    "exported": N_("exported"),
    "unmasked": N_("looked at a full number"),
    "erased": N_("had erased"),
    "held": N_("put a hold on"),
    "released": N_("lifted the hold on"),
    "role": N_("changed an account"),
    "rule": N_("changed a rule"),
    "asked": N_("asked for a second person"),
    "approved": N_("said yes as second person"),
    "declined": N_("said no as second person"),
    "taken back": N_("took a request back"),
}
HINTS: Final = {
    "volume": N_("%(name)s: %(number)s acts on %(day)s, where %(usual)s are usual"),
    "off_hours": N_("%(name)s: %(number)s looks outside of working hours on %(day)s"),
    "other_office": N_("%(name)s: %(number)s times something of another office on %(day)s"),
    "burst": N_("%(name)s: %(number)s within ten minutes on %(day)s"),
    "rushed": N_("%(name)s: a yes %(number)s seconds after the request on %(day)s"),
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
    "SecondStepDropped": N_("second step begun anew"),
    "AccessChanged": N_("who may do what"),
    **KINDS,
}
