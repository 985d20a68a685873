"""Commands and events that change what is on file, or whose file it is: corrections, complaints merged, what an import
undoes or takes over; and complaints between two installations ("cells", one a bureau's), with their rules.

What is sent to another bureau stays on file and rests: nothing is decided here while that bureau has it. Until its
receipt is in, the complaint is this office's and its clock runs; from the receipt on the other one's days count (Order
121 Art 15: from the day that bureau received it). What comes back is again this office's, with the day it was first
received here. Only the unit that receives for the bureau sends on, and what came from another bureau goes back there
and to nobody else (Order 121 Art 41).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, assert_never

from complaints import Missing, TooLong, WrongState
from complaints.record import ComplaintRegistered, SourceNumber


@dataclass(frozen=True, slots=True)
class FieldChange:
    """`field`: its path in the record, "title" or "consumer.city". Values as the journal has them, numbers sealed."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class RecordAmended:
    """`ordinal` counts a complaint's amendments from 1; `undoes` names the one this takes back, 0: none."""

    ordinal: int
    changes: tuple[FieldChange, ...]
    reason: str
    undoes: int = 0


@dataclass(frozen=True, slots=True)
class Amend:
    """`record` as it shall be; `seen`: how many amendments whoever asks has seen."""

    record: ComplaintRegistered
    seen: int
    reason: str


@dataclass(frozen=True, slots=True)
class UndoAmendment:
    ordinal: int
    reason: str


AmendmentCommand = Amend | UndoAmendment
AmendmentEvent = RecordAmended


# ------------------------------------------------------------ two complaints that are one dispute, or are not


@dataclass(frozen=True, slots=True)
class KeepMerged:
    """To the one that is kept: it takes the other's numbers over."""

    other: str
    number: str
    sources: tuple[SourceNumber, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class MergeInto:
    """To the one that goes into the other."""

    other: str
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class UndoMerge:
    """To both."""

    other: str
    reason: str


@dataclass(frozen=True, slots=True)
class DismissDuplicate:
    """To both: they are two disputes, and are suggested no more."""

    other: str
    number: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ComplaintMerged:
    """`kept`: whether this is the one whose number serves from now on; `sources` then are the other's."""

    other: str
    number: str  # the other's
    kept: bool
    sources: tuple[SourceNumber, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MergeUndone:
    other: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NotADuplicate:
    other: str
    number: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MergedComplaint:
    """A complaint that went into another, as the other knows it."""

    id: str
    number: str
    sources: tuple[SourceNumber, ...] = ()


MergeCommand = KeepMerged | MergeInto | UndoMerge | DismissDuplicate
MergeEvent = ComplaintMerged | MergeUndone | NotADuplicate


# ------------------------------------------------------------ what an import does to a complaint that is there already


@dataclass(frozen=True, slots=True)
class ImportUndone:
    """The batch it came by was taken back before anything was done with it. Its number is not given again."""

    batch: str
    reason: str


@dataclass(frozen=True, slots=True)
class SourceUpdated:
    """Its channel sent it once more. `changes`: field of `ComplaintRegistered` -> its new value, as journaled."""

    batch: str
    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class UndoImport:
    batch: str
    reason: str


@dataclass(frozen=True, slots=True)
class TakeUpdate:
    batch: str
    changes: dict[str, Any]


_OURS = frozenset({"number", "office", "channel", "sources", "order"})
_SEALED = frozenset({"phone", "other_phone", "id_sealed", "code_sealed"})
"""Sealing twice gives two texts; what was sealed is recognised by its key or what may be shown."""


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What a source says differently now. Both as the journal has a `ComplaintRegistered`.

    A value that nobody knew then and somebody has mapped since is said as before.
    """
    unknown = {one["field"]: one["said"] for one in before.get("unknown") or ()}
    if unknown:
        before, after = _without(before, unknown), _without(after, unknown)
    return {
        name: value
        for name, value in after.items()
        if name not in _OURS and (_plain(value) or None) != (_plain(before.get(name)) or None)
    }


def _without(data: Mapping[str, Any], unknown: Mapping[str, str]) -> dict[str, Any]:
    """But for fields whose values were unknown."""
    left = {name: value for name, value in data.items() if name != "unknown"}
    for field, said in unknown.items():
        whole, _, part = field.partition("_")
        if isinstance(left.get(whole), Mapping):
            left[whole] = {name: value for name, value in left[whole].items() if name != part}
        elif field == "kind":
            left.pop("also_reports", None)
        elif field == "status":
            if (left.get("earlier") or {}).get("said") in (None, said):
                left.pop("earlier", None)
        else:
            left.pop(field, None)
    return left


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):  # events from before 2026-11-27 also name what is empty
        return {name: part for name, part in value.items() if part and name not in _SEALED}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value


# ------------------------------------------------------------ complaints between two installations


TRANSFERRED: Final = "transferred"  # how one that another bureau has stands in lists
DECLINED, RETURNED, CLOSED = "declined", "returned", "closed"
TOLD_BACK: Final = ("accepted", "refused", "settled", "ended", "withdrawn", "taken_back", CLOSED, RETURNED)
"""What the bureau that has it tells the one that sent it."""
LONGEST: Final = {"reason": 500, "name": 120, "text": 2_000, "receipt": 8_000}
MOST_STEPS: Final = 200  # of what was done before, that go along


@dataclass(frozen=True, slots=True)
class EarlierStep:
    """Something the bureau that sent it did, as it tells it: when, what, and in which words."""

    at: datetime
    what: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class TransferFile:
    """An attachment as it was sent: `sha256` and `size` of its bytes. The rest as of `AttachmentAdded`."""

    name: str
    sha256: str
    size: int
    about: str = "evidence"
    by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class TransferSent:
    """`cell`: the name of the other installation's key; `name`: its bureau's; `digest`: SHA-256 of what is sent."""

    transfer: str
    cell: str
    name: str
    reason: str
    digest: str
    files: int = 0


@dataclass(frozen=True, slots=True)
class SendTransfer:
    sent: TransferSent


@dataclass(frozen=True, slots=True)
class TransferAcknowledged:
    """The other bureau's receipt: its `number`, when it took it, the hash of what it took; `receipt` is the text it
    signed and `signature` its signature, `left` the hashes of attachments that it does not take."""

    transfer: str
    number: str
    taken: datetime
    digest: str
    receipt: str
    signature: str
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TransferDeclined:
    """It was not taken in at all; `code` says why, in words of the program."""

    transfer: str
    code: str
    reason: str
    answer: str
    signature: str


@dataclass(frozen=True, slots=True)
class TransferReported:
    """What the other bureau did with it; `sequence` counts there. "returned" ends the transfer."""

    transfer: str
    sequence: int
    what: str
    when: datetime
    text: str = ""


@dataclass(frozen=True, slots=True)
class NoteTransfer:
    """By the system: what came back of a transfer. Noted again it changes nothing."""

    noted: TransferAcknowledged | TransferDeclined | TransferReported


@dataclass(frozen=True, slots=True)
class TransferReceived:
    """It came from the bureau `name`, where it has the number `number` and was first received at `received`."""

    transfer: str
    cell: str
    name: str
    number: str
    received: datetime
    reason: str
    digest: str
    files: tuple[TransferFile, ...] = ()
    steps: tuple[EarlierStep, ...] = ()


@dataclass(frozen=True, slots=True)
class TransferReturned:
    """It is not this bureau's: it goes back to the one that sent it."""

    transfer: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReturnTransfer:
    reason: str


TransferCommand = SendTransfer | NoteTransfer | ReturnTransfer
TransferEvent = (
    TransferSent | TransferAcknowledged | TransferDeclined | TransferReported | TransferReceived | TransferReturned
)


@dataclass(frozen=True, slots=True)
class OutgoingTransfer:
    """`over`: it is this office's again."""

    sent: TransferSent
    at: datetime
    acknowledged: TransferAcknowledged | None = None
    declined: TransferDeclined | None = None
    reported: tuple[TransferReported, ...] = ()

    @property
    def over(self) -> bool:
        return self.declined is not None or any(one.what == RETURNED for one in self.reported)


@dataclass(frozen=True, slots=True)
class IncomingTransfer:
    received: TransferReceived
    at: datetime
    returned: TransferReturned | None = None


@dataclass(frozen=True, slots=True)
class Transfers:
    """Of one complaint: every time it was sent, and how it came.

    `rests`: another bureau has it or is being sent it, nothing is decided here. `elsewhere`: another bureau has it,
    neither clocks nor figures are this one's.
    """

    sent: tuple[OutgoingTransfer, ...] = ()
    came: IncomingTransfer | None = None
    rests: bool = False
    elsewhere: bool = False

    @property
    def away(self) -> OutgoingTransfer | None:
        """The transfer that stands: sent, and not come back."""
        return self.sent[-1] if self.sent and not self.sent[-1].over else None


NO_TRANSFERS: Final = Transfers()


def transfer_id(complaint: str, ordinal: int) -> str:
    """Of the `ordinal`th time a complaint is sent. It says which complaint it is of to whoever made it."""
    return f"{complaint}.{ordinal}"


def complaint_of(transfer: str) -> str:
    return transfer.partition(".")[0]


def decide_transfer(command: TransferCommand, known: Transfers, state: str) -> Sequence[TransferEvent]:
    """WrongState, Missing, TooLong. Which state allows it is for the table of transitions to say."""
    match command:
        case SendTransfer(sent):
            _said(sent.reason)
            if known.away is not None or known.came is not None:  # never on to a third (Art 41)
                raise WrongState(state=TRANSFERRED if known.away is not None else state)
            return [replace(sent, name=sent.name[: LONGEST["name"]], reason=sent.reason.strip())]
        case ReturnTransfer(reason):
            _said(reason)
            if known.came is None or known.came.returned is not None:
                raise WrongState(state=state)
            return [TransferReturned(known.came.received.transfer, reason.strip())]
        case NoteTransfer(noted):
            return _noted(noted, known.away, state)
        case _:
            assert_never(command)


def _noted(
    noted: TransferAcknowledged | TransferDeclined | TransferReported, away: OutgoingTransfer | None, state: str
) -> Sequence[TransferEvent]:
    if away is None or away.sent.transfer != noted.transfer:
        return []  # it came back meanwhile: what is repeated of it changes nothing
    match noted:
        case TransferAcknowledged():
            return [] if away.acknowledged is not None else [noted]
        case TransferDeclined():
            if away.acknowledged is not None:
                raise WrongState(state=state)
            return [noted]
        case TransferReported(sequence=sequence):
            if away.acknowledged is None:  # its receipt comes first
                raise WrongState(state=state)
            known = away.reported[-1].sequence if away.reported else 0
            return [noted] if sequence > known else []


def transfers_after(known: Transfers, event: TransferEvent, at: datetime) -> Transfers:
    after = _moved(known, event, at)
    away, gone = after.away, after.came is not None and after.came.returned is not None
    there = gone if away is None else away.acknowledged is not None
    return replace(after, rests=gone or away is not None, elsewhere=there)


def _moved(known: Transfers, event: TransferEvent, at: datetime) -> Transfers:
    match event:
        case TransferSent():
            return replace(known, sent=(*known.sent, OutgoingTransfer(event, at)))
        case TransferReceived():
            return replace(known, came=IncomingTransfer(event, at))
        case TransferReturned():
            return known if known.came is None else replace(known, came=replace(known.came, returned=event))
        case TransferAcknowledged() | TransferDeclined() | TransferReported():
            if not known.sent:
                return known
            *before, last = known.sent
            return replace(known, sent=(*before, _after(last, event)))
        case _:
            assert_never(event)


def _after(
    last: OutgoingTransfer, event: TransferAcknowledged | TransferDeclined | TransferReported
) -> OutgoingTransfer:
    match event:
        case TransferAcknowledged():
            return replace(last, acknowledged=event)
        case TransferDeclined():
            return replace(last, declined=event)
        case TransferReported():
            return replace(last, reported=(*last.reported, event))


def _said(reason: str) -> None:
    if not reason.strip():
        raise Missing(field="reason")
    if len(reason) > LONGEST["reason"]:
        raise TooLong(field="reason", most=LONGEST["reason"])
