"""What a complaint's file says of people, of what was bought, under which numbers others know it.

Shapes follow the complaint register of Order 121 (Arts 10-12) and the fields of provincial exports. Numbers that name a
person are here only sealed (`…` readable by the installation's key alone) and masked (what may be shown). A unified
social credit code names a business and stands in the national publicity system: its 18 characters (GB 32100) have no
room for an identity number, also of a sole trader.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from complaints.vocabulary import AgeBand, IdKind, Sex


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
class SourceNumber:
    """The number another system gave it. One complaint may have come by several channels."""

    channel: str
    number: str


@dataclass(frozen=True, slots=True)
class ComplaintRegistered:
    number: str  # 东高一投〔2026〕0917号
    office: str
    channel: str  # complaints.vocabulary.Channel
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
    mode: str = ""  # complaints.vocabulary.Mode
    sources: tuple[SourceNumber, ...] = ()  # what it is called where it came from
    joint: tuple[PartyRecord, ...] = ()  # who complains together with the consumer (Art 12)
    representatives: tuple[str, ...] = ()  # of joint complainants, by name, two at most
    proxy: Proxy | None = None
    object: ObjectRecord = NOTHING_BOUGHT
    requests: tuple[str, ...] = ()  # complaints.vocabulary.REQUESTS
    problem_class: str = ""  # complaints.vocabulary.PROBLEMS
    industry_code: str = ""  # GB/T 4754-2017, from a section to a class: "F", "F52", "F5211"
    division: str = ""  # GB/T 2260, six digits: where the respondent does business
    jurisdiction: str = ""  # the office's own area, which may be no division
    urgency: tuple[str, ...] = ()  # complaints.vocabulary.Urgency
    secret: bool = False  # the complainant asks not to be named to the respondent
    wants_reply: bool = True
    keywords: tuple[str, ...] = ()
    also_reports: bool = False  # the same submission reports an offence: that part is handled apart (Art 9)


_MARK: Final = re.compile(r"^(?:是否公示|公示状态)[：:][ \t]*(\S.{0,19})$", re.MULTILINE)


def marked_public(facts: str) -> str:
    """Read from the facts on file whether the source marks it for publication (Order 121 Art 38): "是", "否", ….

    As the source wrote it, in a column that imports keep as text; "" where it said nothing. Publishing itself is done
    on the national platform; here it is only shown.
    """
    found = _MARK.findall(facts)
    return found[-1].strip() if found else ""
