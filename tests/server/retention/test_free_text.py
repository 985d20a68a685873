"""What a person may have written into an entry of a session goes with its record, or stays for a reason said here."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_type_hints

from rooms import events as e
from rooms.events import KINDS, event_draft
from rooms.vocabulary import Side
from server.retention.erasure import PERSONAL, REASONED
from tests.server.retention.test_erasure import SECRET, YEAR, Vault, vault as vault

FILLED_IN = frozenset({
    # what names something by its key, or several
    "seat", "link", "clause", "fact", "exhibit", "document", "device", "export", "request", "item", "helper", "other",
    "attachment", "message", "complaint", "office", "mediator", "number", "id", "seats", "readers", "interpreters",
    "voids", "recorded", "hears", "sees", "captioned", "proof",
    # a word of a list that the program has
    "kind", "way", "cause", "method", "mode", "channel", "by", "to", "how", "why", "age", "order", "part", "form",
    "source", "level", "assurance",
    # digests, certificates, places of files
    "sha256", "stored_sha256", "sm3", "path", "store", "certificate", "certifier", "notice", "version",
})  # fmt: skip
"""Names of fields that a program fills in and nobody types. `text` and `reason` are never among them."""

STAYS: Mapping[str, Mapping[str, str]] = {
    "who took part, for whom and by what right: the file of the complaint": {
        "PhoneCorrected": "phone",
        "SessionScheduled": "title place seats.name seats.organisation seats.city seats.phone seats.guardian",
        "SeatAdded": "seat.name seat.organisation seat.city seat.phone seat.guardian",
        "GuardianNamed": "guardian relation text",
        "SeatAssisted": "relation",
        "AuthorityRecorded": "basis",
        "Signed": "text name picture capacity basis",
    },
    "an officer's account of what they did, for which they answer": {
        "SessionCancelled": "reason",
        "LinkRevoked": "reason",
        "IdentityConfirmedByVoice": "recognised",
        "SignerConfirmedByVoice": "text recognised",
        "Removed": "reason",
        "ObservationBegun": "officer reason",
        "Corrected": "text",
        "NoteAdded": "text",
        "EntryCorrected": "wrong right reason agreed_by",
        "ContentErased": "reason",
        "HoldPlaced": "reason",
        "HoldLifted": "reason",
        "ErasureOrdered": "reason",
        "SigningVoided": "text reason note",
        "HeldElsewhere": "place consumer_by business_by others course agreement next_mode next_place",
    },
    "what was asked for and put down, in the mediator's words, and how it ended: the file of the complaint": {
        "OutcomeProposed": "outcome.terms.action outcome.note",
        "SessionClosed": "outcome.terms.action outcome.note anyway",
        "ClausePut": "text plain gloss heading term.action",
        "ClauseRemoved": "text",
        "FactPut": "text",
        "FactRemoved": "text",
        "ClaimPut": "text",
    },
    "law, cases and cards of the program, which nobody in the room has written": {
        "LawShown": " ".join(
            f"leaf.{name}"
            for name in ("article", "citation", "gist", "official", "since", "until", "edition", "on", "standing")
        ),
        "TypicalShown": "leaf.case leaf.title leaf.facts leaf.outcome leaf.articles",
        "CardTaken": " ".join(
            f"card.{name}" for name in ("title", "invite", "facts", "consumer", "business", "settle", "law", "clauses")
        ),
        "ItemChecked": "line",
        "BackgroundSet": "background",
    },
    "names of calls, and which key was pressed: values of ours": {
        "CallBegun": "call",
        "CallProgressed": "call state",
        "ConsentKeyed": "call key",
        "ConsentSpoken": "call",
        "CallEnded": "call",
    },
    "connections, as the settings call them, and what they said in a word": {
        "IdentityConfirmed": "real_name",
        "RealNameChecked": "service result",
    },
    "editions and digests of what was heard, answered or signed, and who answers for the data": {
        "ConsentGiven": "text handler",
        "TranscriptMade": "model digest",
        "ConsentRefused": "text handler",
        "SigningOffered": "text signers statements",
        "SigningRead": "text",
        "ElectronicFormAgreed": "text",
        "HandwritingConsented": "text",
        "SignerConfirmed": "text",
        "SignatureWithdrawn": "text",
        "DocumentSealed": "text",
    },
}
"""Why they stay -> kind of entry -> the fields."""


def texts(kind: Any, name: str) -> Iterator[str]:
    """Fields of this type in which anything may stand, dotted where they lie deeper."""
    if kind is str:
        yield name
    elif dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        for field in dataclasses.fields(kind):
            yield from texts(hints[field.name], f"{name}.{field.name}" if name else field.name)
    else:
        for part in get_args(kind):
            yield from texts(part, name)


def test_every_free_text_of_a_session_is_erased_with_it_or_stays_for_a_reason() -> None:
    free = {
        name: {at for at in texts(kind, "") if at.rpartition(".")[2] not in FILLED_IN} for name, kind in KINDS.items()
    }
    stays = {name: set(fields.split()) for kinds in STAYS.values() for name, fields in kinds.items()}
    unsaid = {name: found for name, found in free.items() if found and name not in PERSONAL | REASONED}
    assert unsaid == stays
    assert {name: free[name] for name in REASONED} == {kind: {"reason"} for kind in REASONED}


async def test_a_reason_goes_with_the_record_and_the_answer_it_was_given_for_stays(vault: Vault) -> None:
    session = await vault.closed()
    answers: list[e.SessionEvent] = [
        e.ClauseAnswered("consumer", "c1", 1, agrees=False),
        e.ClauseAnswered("consumer", "c1", 1, agrees=False, reason=SECRET),
        e.ExhibitTitled("x1", SECRET),
        e.ExhibitDisputed("x1", "consumer", Side.CONSUMER),
        e.ExhibitDisputed("x1", "consumer", Side.CONSUMER, SECRET),
    ]
    journal, told = vault.world.journal, f"session/{session}"
    drafts = [event_draft(one, vault.world.clock.now()) for one in answers]
    await journal.append(told, (await journal.read(told))[-1].version, drafts)
    vault.world.move(seconds=YEAR)
    assert await vault.erasures.look()
    events = await journal.read(told)
    assert SECRET not in str(events)
    kept = [event.type for event in events if event.type in REASONED and not event.erased]
    assert kept == ["ClauseAnswered", "ExhibitDisputed"]
