"""A lead: the report part of a mixed submission, a sign of an offence found in mediation, or what figures point to.

Owns the stream `lead/<id>`, which is walled off from the complaint: the complaint's file names only the lead's id,
and who reported what stands here alone (Order 121 Art 37). It is verified within 15 working days, once as many again
with approval (Art 27; what was not found in mediation: Art 35), whatever becomes of the mediation. `events` and
`commands` are the words, `lead` the state, `deciding` the rules, `service` the one writer; `numbers` counts them.
"""

from __future__ import annotations

from complaints.leads.commands import (
    AddLeadFile,
    AssignLead,
    AttachRecord,
    DecideLead,
    DetachRecord,
    ExtendVerification,
    HoldLead,
    LeadCommand,
    LiftLeadHold,
    NoteAction,
    NoteLeadFileArchived,
    OpenLead,
    RemoveLeadFile,
    RevealInformant,
    TakeBackLeadNote,
    TakeLeadFile,
    TellInformant,
    WithdrawLead,
)
from complaints.leads.deciding import MOST_FILES, MOST_RECORDS, RIGHTS, decide
from complaints.leads.events import (
    ACTIONS,
    HOW,
    MEDIATION,
    ORIGINS,
    OUTCOMES,
    PROFILE,
    REPORT,
    SPOT,
    TOLD,
    LeadDecided,
    LeadEvent,
    LeadOpened,
    VerificationExtended,
)
from complaints.leads.lead import STREAM, Lead, evolve, fold, of_report, stream
from complaints.leads.service import LeadService

__all__ = [
    "ACTIONS",
    "HOW",
    "MEDIATION",
    "MOST_FILES",
    "MOST_RECORDS",
    "ORIGINS",
    "OUTCOMES",
    "PROFILE",
    "REPORT",
    "RIGHTS",
    "SPOT",
    "STREAM",
    "TOLD",
    "AddLeadFile",
    "AssignLead",
    "AttachRecord",
    "DecideLead",
    "DetachRecord",
    "ExtendVerification",
    "HoldLead",
    "Lead",
    "LeadCommand",
    "LeadDecided",
    "LeadEvent",
    "LeadOpened",
    "LeadService",
    "LiftLeadHold",
    "NoteAction",
    "NoteLeadFileArchived",
    "OpenLead",
    "RemoveLeadFile",
    "RevealInformant",
    "TakeBackLeadNote",
    "TakeLeadFile",
    "TellInformant",
    "VerificationExtended",
    "WithdrawLead",
    "decide",
    "evolve",
    "fold",
    "of_report",
    "stream",
]
