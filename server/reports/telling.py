"""Messages to who reported something: which can be sent now and what each says, and queueing one.

Behind the wall of leads: the number is opened here and shown to nobody, and the outbox page passes these messages over.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

from complaints.clocks import local_day
from complaints.duplicates.keys import core
from complaints.errors import BadChoice, Missing, TooLong
from complaints.leads import InformantMessaged, Lead, LeadService, MessageInformant, sendable
from complaints.record.identifiers import PHONE, textable
from server.identity.sealing import Seal
from server.outbox.informant_texts import ASKS, MOST, informant_text
from server.outbox.outbox import TEXT
from server.refusing import said
from web.ports import Office, Officer
from web.ports.leads import OfferedMessage

GAP = "……"  # where an inspector's words go
_LEAST = 2  # characters of a name that is looked for in them


class InformantTelling:
    """`nudge`: a message was queued."""

    def __init__(self, leads: LeadService, seal: Seal, nudge: Callable[[], None], language: str = "zh") -> None:
        self._leads, self._seal, self._nudge, self._language = leads, seal, nudge, language

    def offered(self, lead: Lead, office: Office) -> Sequence[OfferedMessage]:
        """Nothing where the number on file takes no messages."""
        if not lead.opened.phone or not textable(self._seal.open(lead.opened.phone, PHONE)):
            return ()
        return [
            OfferedMessage(
                what, self._text(what, lead, office, GAP), ASKS.get(what, ""), known(lead) if what == "moved" else ""
            )
            for what in sendable(lead)
        ]

    async def send(self, officer: Officer, id_: str, lead: Lead, office: Office, what: str, words: str) -> None:
        """Refused: missing, too_long, bad_choice (field "said": it names who reported or whom), wrong_state."""
        with said():
            if what not in {one.what for one in self.offered(lead, office)}:
                raise BadChoice(field="what")
            if what in ASKS:
                words = words.strip()
                if not words:
                    raise Missing(field="said")
                if len(words) > MOST:
                    raise TooLong(field="said", most=MOST)
                if names_somebody(words, lead):
                    raise BadChoice(field="said")
            text = self._text(what, lead, office, words)
            phone, masked = self._seal.open(lead.opened.phone, PHONE), lead.opened.phone_masked
            messaged = InformantMessaged(
                what, uuid.uuid4().hex, self._seal.seal(phone, PHONE), masked, self._seal.seal(text, TEXT)
            )
            await self._leads.submit(id_, MessageInformant(messaged), officer.actor)
        self._nudge()

    def _text(self, what: str, lead: Lead, office: Office, words: str) -> str:
        which, received = what, lead.opened.found
        if what == "joined":
            newest = lead.joins[-1].joined
            which, received = newest.how, newest.received
        elif what == "decision":
            which = "case" if lead.outcome == "case" else "no_case"
        return informant_text(which, local_day(received, office.zone), words, office, self._language)


def known(lead: Lead) -> str:
    """The authority it was handed to, as far as it is on file."""
    handed = [one.name for _, one in lead.standing_referrals if one.to != "police"]
    return (handed[-1] if handed else lead.outcome_note)[:MOST]


def names_somebody(words: str, lead: Lead) -> bool:
    """Whom it is about, or who reported it."""
    names = (lead.opened.about.strip(), core(lead.opened.about), lead.opened.informant.strip())
    return any(len(name) >= _LEAST and name in words for name in names)
