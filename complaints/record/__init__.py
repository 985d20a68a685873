"""What a complaint's file says: of people, of what was bought, under which numbers others know it, what a business is
shown of it, and which files belong to it.

Shapes follow the complaint register of Order 121 (Arts 10-12) and the fields of provincial exports. Numbers that
name a person are here only sealed (`…` readable by the installation's key alone) and masked (what may be shown). A
unified social credit code names a business and stands in the national publicity system: its 18 characters (GB 32100)
have no room for an identity number, also of a sole trader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from complaints import AgeBand, IdKind, Sex
from complaints.record.identifiers import (
    PHONE,
    Sealer,
    credit_code,
    masked_id,
    masked_phone,
    normal_phone,
    resident_number,
)


@dataclass(frozen=True, slots=True)
class PartyRecord:
    """A consumer or a business. For a business `name` is the contact, `organisation` the registered name."""

    name: str = ""
    phone: str = ""  # sealed; "" when there is none
    phone_masked: str = ""
    city: str = ""
    address: str = ""
    organisation: str = ""
    credit_code: str = ""  # public, so in full; masked in files from before that was so
    detail: str = ""
    sex: str = Sex.UNKNOWN.value
    age_band: str = AgeBand.UNKNOWN.value
    id_kind: str = IdKind.NONE.value
    id_sealed: str = ""
    id_masked: str = ""
    other_phone: str = ""  # sealed
    other_phone_masked: str = ""
    email: str = ""
    code_sealed: str = ""  # the whole unified social credit code
    code_key: str = ""  # a keyed digest of it: the same business is found again without showing the code
    phone_key: str = ""  # a keyed digest of the number

    @property
    def title(self) -> str:
        """Who it is in a list."""
        return self.organisation or self.name


@dataclass(frozen=True, slots=True)
class Proxy:
    """Who complains for the consumer: with an authorisation, and what it says (Order 121 Art 11), or as the guardian of
    a minor, who needs none. `consents`: the guardian agreed that the child's data are processed (PIPL Art 31)."""

    name: str
    phone: str = ""  # sealed
    phone_masked: str = ""
    relation: str = ""
    matters: str = ""
    powers: str = ""
    until: date | None = None  # the last day of the authorisation
    guardian: bool = False
    consents: bool = False


@dataclass(frozen=True, slots=True)
class ObjectRecord:
    """What was bought. `kind`: "goods" | "service"; `paid` yuan, `bought` local day."""

    kind: str = "goods"
    category: str = ""
    name: str = ""
    brand: str = ""
    model: str = ""
    quantity: str = ""
    paid: Decimal | None = None
    bought: date | None = None
    order_number: str = ""
    platform: str = ""  # the e-commerce platform
    shop: str = ""  # the shop on it


NOTHING_BOUGHT = ObjectRecord()


@dataclass(frozen=True, slots=True)
class UnknownValue:
    """What a channel's export says in a field of few words, and is none of them. `field`: of
    `complaints.channels.mapping.Values`."""

    field: str
    said: str


@dataclass(frozen=True, slots=True)
class EarlierHandling:
    """What the system a complaint was taken over from says became of it. `state`: of `complaints.STATUSES`.

    `ended`: when it was refused, settled, ended, withdrawn or closed there. Texts are in that system's words.
    """

    state: str
    said: str = ""
    accepted: datetime | None = None
    ended: datetime | None = None
    result: str = ""
    recovered: Decimal | None = None  # yuan the consumer got back


@dataclass(frozen=True, slots=True)
class SourceNumber:
    """The number another system gave it. One complaint may have come by several channels."""

    channel: str
    number: str


@dataclass(frozen=True, slots=True)
class ComplaintRegistered:
    number: str  # 东高一投〔2026〕0917号
    office: str
    channel: str  # complaints.Channel
    received: datetime
    title: str
    request: str
    facts: str
    amount: Decimal | None
    consumer: PartyRecord
    business: PartyRecord
    industry: str
    problem: str
    order: str  # "121" | "20": which order's clocks apply
    mode: str = ""  # complaints.Mode
    sources: tuple[SourceNumber, ...] = ()  # what it is called where it came from
    joint: tuple[PartyRecord, ...] = ()  # who complains together with the consumer (Art 12)
    representatives: tuple[str, ...] = ()  # of joint complainants, by name, two at most
    proxy: Proxy | None = None
    object: ObjectRecord = NOTHING_BOUGHT
    requests: tuple[str, ...] = ()  # complaints.REQUESTS
    problem_class: str = ""  # complaints.PROBLEMS
    industry_code: str = ""  # GB/T 4754-2017, from a section to a class: "F", "F52", "F5211"
    division: str = ""  # GB/T 2260, six digits: where the respondent does business
    jurisdiction: str = ""  # the office's own area, which may be no division
    urgency: tuple[str, ...] = ()  # complaints.Urgency
    secret: bool = False  # the complainant asks not to be named to the respondent
    wants_reply: bool = True
    keywords: tuple[str, ...] = ()
    also_reports: bool = False  # the same submission reports an offence: that part is handled apart (Art 9)
    place: str = ""  # where it happened, which need not be where the business has its address
    channel_due: str = ""  # until when its channel wants it handled, as the channel says it
    publicity: str = ""  # whether its channel marks it for publication (Art 38), in the channel's words
    unknown: tuple[UnknownValue, ...] = ()  # what its channel said and nobody has mapped yet
    earlier: EarlierHandling | None = None  # of one that another system handled before
    sign_due: str = ""  # until when its channel wants receipt confirmed, in the channel’s words
    feedback_due: str = ""  # … and to be told first what is done
    settle_due: str = ""  # … and the business to have tried to settle it; "" where none is to be tried first


_MARK: Final = re.compile(r"^(?:是否公示|公示状态)[：:][ \t]*(\S.{0,19})$", re.MULTILINE)


def marked_public(record: ComplaintRegistered) -> str:
    """Whether the source marks it for publication (Order 121 Art 38): "是", "否", …, as the source wrote it; "" where
    it said nothing. Imports from before 2026-12 kept the column below the facts. What it marks
    as not to be published is left out here too (`complaints.insight.publicity`).
    """
    found = [] if record.publicity else _MARK.findall(record.facts)
    return found[-1].strip() if found else record.publicity


class PartyTyped(NamedTuple):
    """A party as an officer types it: the phone complete, the code unmasked."""

    name: str
    phone: str = ""
    city: str = ""
    address: str = ""
    organisation: str = ""
    credit_code: str = ""
    detail: str = ""
    sex: str = Sex.UNKNOWN.value
    age_band: str = AgeBand.UNKNOWN.value
    id_kind: str = IdKind.NONE.value
    id_number: str = ""
    other_phone: str = ""
    email: str = ""


class Parties:
    """Keeps people's numbers as files do."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def record(self, person: PartyTyped, field: str) -> PartyRecord:
        """`field`: what a bad phone is named by. BadPhone, BadCode."""
        phone = normal_phone(person.phone, field) if person.phone.strip() else ""
        other, other_shown = self.sealed_phone(person.other_phone, field)
        code = credit_code(person.credit_code)
        number = person.id_number.strip()
        if person.id_kind == IdKind.RESIDENT:
            number = resident_number(number)
        return PartyRecord(
            name=person.name.strip(),
            phone=self._sealer.seal(phone, PHONE) if phone else "",
            phone_masked=masked_phone(phone),
            phone_key=self._sealer.hash(phone, PHONE) if phone else "",
            city=person.city.strip(),
            address=person.address.strip(),
            organisation=person.organisation.strip(),
            credit_code=code,
            code_sealed=self._sealer.seal(code, CODE) if code else "",
            code_key=self._sealer.hash(code, CODE) if code else "",
            detail=person.detail.strip(),
            sex=person.sex,
            age_band=person.age_band,
            id_kind=person.id_kind,
            id_sealed=self._sealer.seal(number, IDENTITY) if number else "",
            id_masked=masked_id(number),
            other_phone=other,
            other_phone_masked=other_shown,
            email=person.email.strip(),
        )

    def sealed_phone(self, text: str, field: str) -> tuple[str, str]:
        """A typed number as (sealed, masked); two empty texts for none. BadPhone."""
        if not text.strip():
            return "", ""
        phone = normal_phone(text, field)
        return self._sealer.seal(phone, PHONE), masked_phone(phone)


# ------------------------------------------------------------ numbers on file


CODE, IDENTITY = "credit code", "identity number"  # the purposes they are sealed for
WHATS: Final = ("phone", "other_phone", "identity", "credit_code")


@dataclass(frozen=True, slots=True)
class MaskedNumber:
    """`sealed` for `purpose`; `masked` is what may be shown."""

    whose: str
    what: str
    name: str  # the person's or business's
    masked: str
    sealed: str
    purpose: str

    @property
    def id(self) -> str:
        return f"{self.whose}.{self.what}"


def masked_numbers(record: ComplaintRegistered) -> dict[str, MaskedNumber]:
    """Every number on file, by its id, in the order of the record.

    An id is `<whose>.<what>`: "consumer.phone", "business.credit_code", "proxy.phone", "joint-2.identity".
    """
    return {number.id: number for number in _all(record) if number.sealed}


def _all(record: ComplaintRegistered) -> Iterator[MaskedNumber]:
    yield from _of("consumer", record.consumer)
    if (proxy := record.proxy) is not None:
        yield MaskedNumber("proxy", "phone", proxy.name, proxy.phone_masked, proxy.phone, PHONE)
    for n, person in enumerate(record.joint, 1):
        yield from _of(f"joint-{n}", person)
    yield from _of("business", record.business)


def _of(whose: str, one: PartyRecord) -> Iterator[MaskedNumber]:
    name = one.name or one.organisation
    yield MaskedNumber(whose, "phone", name, one.phone_masked, one.phone, PHONE)
    yield MaskedNumber(whose, "other_phone", name, one.other_phone_masked, one.other_phone, PHONE)
    yield MaskedNumber(whose, "identity", name, one.id_masked, one.id_sealed, IDENTITY)
    if "*" in one.credit_code:  # a file from before codes were kept open
        yield MaskedNumber(whose, "credit_code", one.title, one.credit_code, one.code_sealed, CODE)


# ------------------------------------------------------------ what a business is shown


HIDDEN: Final = "▇▇▇"
_DIGITS: Final = re.compile(r"(?<![\d.,])(?:\d[ \-]?){14,18}[\dXx](?![\d.,])")  # identity numbers, bank cards
_MOBILE: Final = re.compile(r"(?<!\d)(?:\+?86[ \-]?)?1[3-9]\d[ \-]?\d{4}[ \-]?\d{4}(?!\d)")
_LANDLINE: Final = re.compile(r"(?<!\d)0\d{2,3}[ \-]?\d{7,8}(?!\d)")
_MAIL: Final = re.compile(r"(?<![\w.+\-])[\w.+\-]++@[\w\-]++(?:\.[\w\-]+)+")
_ACCOUNT: Final = re.compile(r"((?:微信|QQ|qq|WeChat|wechat)(?:号码?|id)?[:： ]*(?:是|为)?[:： ]*)[A-Za-z0-9_\-]{5,}")


@dataclass(frozen=True, slots=True)
class Claims:
    """`who`: the consumer, by family name only; "" when they asked not to be named at all."""

    number: str
    who: str
    title: str
    request: str
    facts: str
    amount: Decimal | None


def claims_shown(record: ComplaintRegistered) -> Claims:
    """What is claimed of a business, without what makes the consumer found or reached."""
    who = "" if record.secret else shortened(record.consumer.name)
    return Claims(
        record.number,
        who,
        masked_text(record.title, record),
        masked_text(record.request, record),
        masked_text(record.facts, record),
        record.amount,
    )


def masked_text(text: str, record: ComplaintRegistered) -> str:
    """Names on file shortened, addresses and every number or account somebody could be reached by taken out."""
    people = [record.consumer, *record.joint]
    for pattern in (_MAIL, _DIGITS, _MOBILE, _LANDLINE):
        text = pattern.sub(HIDDEN, text)
    text = _ACCOUNT.sub(lambda found: found[1] + HIDDEN, text)
    literal = {one for person in people for one in (person.address, person.email) if len(one) >= 4}
    for one in sorted(literal, key=len, reverse=True):
        text = text.replace(one, HIDDEN)
    names = {person.name for person in people} | ({record.proxy.name} if record.proxy else set())
    for name in sorted(filter(lambda name: len(name) >= 2, names), key=len, reverse=True):
        text = text.replace(name, HIDDEN if record.secret else shortened(name))
    return text


def shortened(name: str) -> str:
    """丁小禾 → 丁某; of a name in letters the first one."""
    name = name.strip()
    if not name:
        return ""
    return f"{name[0]}某" if "\u4e00" <= name[0] <= "\u9fff" else f"{name[0]}."


MOST: Final = 40  # of one complaint
MOST_OF_PARTY: Final = 12  # sent by one side itself
PARTIES: Final = ("consumer", "business")
OPEN_TO_PARTIES: Final = frozenset({"registered", "accepted", "mediating", "performing"})
ABOUT: Final = ("evidence", "performance", "ruling")
"""What it shows: the dispute, that a promise was kept, or what a court ruled on the agreement."""


@dataclass(frozen=True, slots=True)
class AttachmentAdded:
    """`name` as it was called, made harmless; `kind`: "jpeg", "png", "heic" or "pdf", by its content; `size` in bytes.

    `sha256` of what is shown, `original_sha256` of what was sent: pictures lose what they say of phone and place, and
    HEIC is shown as JPEG.
    """

    attachment: str
    name: str
    kind: str
    size: int
    sha256: str
    original_sha256: str
    about: str = "evidence"
    note: str = ""
    by: str = ""  # "consumer" | "business": sent by that side itself; "": an officer attached it
    original: bool = False  # what was sent is kept sealed beside it, as it was
    original_size: int = 0  # bytes of what was sent; 0 in entries of before it was written down


@dataclass(frozen=True, slots=True)
class AttachmentTaken:
    """Somebody downloaded it; `original`: as it was sent, with what its camera wrote into it."""

    attachment: str
    original: bool = False


@dataclass(frozen=True, slots=True)
class AttachmentRemoved:
    """The file is gone; that it was there, and its hash, stay."""

    attachment: str
    reason: str


@dataclass(frozen=True, slots=True)
class AddAttachment:
    added: AttachmentAdded


@dataclass(frozen=True, slots=True)
class TakeAttachment:
    attachment: str
    original: bool = False


@dataclass(frozen=True, slots=True)
class RemoveAttachment:
    """`by`: the side that takes back what it sent itself."""

    attachment: str
    reason: str
    by: str = ""


AttachmentCommand = AddAttachment | TakeAttachment | RemoveAttachment
AttachmentEvent = AttachmentAdded | AttachmentTaken | AttachmentRemoved
