"""The office: its people, which role may do what in which office, other systems that speak to it, how it is watched.

Routes say what a role may ever have; a permission (pages, forms, JSON and files of a piece of work) that is withheld
only takes away from that, so nothing is granted here. Owns the table, and `may`, which every way in asks: pages and
files (`web.http.security`), sockets (`server.identity.links`), officers' and systems' tokens of the open interface
(`server.identity.systems`). Fixed permissions nobody can withhold: who looks after accounts and this table must not
be locked out, watching must not be switched off, and the wall around informants stands as the routes build it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, Literal, get_args

from journal import Actor
from journal.refusals import Refused

OfficerRole = Literal["mediator", "supervisor", "administrator", "inspector"]
"""An inspector verifies leads and reports, and sees nothing of complaints (Order 121 Art 37)."""


MEDIATION_SEAL: Final = "调解专用章"

OfficeLevel = Literal["province", "city", "county", "office"]
"""省局、市局、区县局或者分局、所. A superior is of a higher level, so that no office is above itself."""
LEVELS: Final[tuple[OfficeLevel, ...]] = get_args(OfficeLevel)
HANDED_DOWN: Final = ("signature", "called", "language")
"""What an office that says nothing of its own takes from its superior."""
OF_THE_AUTHORITY: Final = ("authority", "address")
"""Likewise of a 所, which acts in the name of the bureau above it; a bureau acts in its own."""


@dataclass(frozen=True, slots=True)
class Office:
    id: str
    name: str  # 东湖高新区市场监管一所
    short: str  # 一所
    phone: str
    number_prefix: str  # 东高一投
    zone: str = "Asia/Shanghai"
    intake: bool = False  # receives complaints for the bureau and dispatches them (Order 121 Art 41)
    authority: str = ""  # 东湖高新区市场监督管理局, in whose name it acts; "" where it acts in its own
    address: str = ""  # of the authority, as papers print it
    mediation_seal: str = MEDIATION_SEAL  # in its seal under agreements and records; "": the authority's own seal
    seal_only: bool = False  # its mediators do not sign what the seal is put under
    signature: str = ""  # in the brackets of its text messages, as registered with the carrier; "" for the short name
    superior: str = ""  # id of the office right above it; "" at the top
    level: OfficeLevel = "office"
    called: str = ""  # what it calls itself in sentences to the public: 市场监管所; "" as the installation says
    language: str = ""  # of messages to whoever chose none: "zh" | "en"; "" as the installation says
    takes: str = ""  # the fields, with a space between, whose value is its superior's

    @property
    def issuer(self) -> str:
        """Full name of the authority that issues its papers."""
        return self.authority or self.name

    @property
    def signs_as(self) -> str:
        """What stands in 【】 before its text messages."""
        return self.signature or self.short

    def writes(self, otherwise: str) -> str:
        """Language of its messages to whoever chose none."""
        return self.language or otherwise


class OfficeTree:
    """Which office is below which, of those that are known: one whose superior is not among them stands at the top."""

    def __init__(self, offices: Iterable[Office]) -> None:
        self._known = {one.id: one for one in offices}
        self._under: dict[str, list[Office]] = {}
        for one in sorted(self._known.values(), key=lambda one: (LEVELS.index(one.level), one.name)):
            self._under.setdefault(one.superior if one.superior in self._known else "", []).append(one)

    def right_below(self, office: str) -> Sequence[Office]:
        """Of "" those at the top."""
        return self._under.get(office, ())

    def rows(self, office: str = "", depth: int = 0) -> Iterator[tuple[int, Office]]:
        """All below it, each before those below it, and how far down."""
        for one in self.right_below(office):
            yield depth, one
            yield from self.rows(one.id, depth + 1)

    def within(self, office: str) -> list[str]:
        """Ids of an office and of all below it."""
        return [office, *(one.id for _, one in self.rows(office))] if office in self._known else []

    def above(self, office: str) -> list[Office]:
        """The nearest first."""
        found: list[Office] = []
        at = self._known.get(office)
        while at is not None and (at := self._known.get(at.superior)) is not None:
            found.append(at)
        return found

    def may_stand(self, level: OfficeLevel, superior: str, office: str = "") -> bool:
        """Whether one of this level can be right below that one, with those that are below it now."""
        over = self._known.get(superior)
        lower = (one.level for one in self.right_below(office)) if office else ()
        return (not superior or (over is not None and _ranks_over(over.level, level))) and all(
            _ranks_over(level, one) for one in lower
        )


BELOW: Final = "below:"
"""Before an office's id, where figures are asked for: it and all below it. The id alone: only what is its own."""


def in_scope(asked: str, seen: Collection[Office]) -> list[str]:
    """Ids of the offices asked about among those that are seen, "" for all; [] of one that is not seen."""
    if not asked:
        return [one.id for one in seen]
    if asked.startswith(BELOW):
        return OfficeTree(seen).within(asked.removeprefix(BELOW))
    return [one.id for one in seen if one.id == asked]


def _ranks_over(one: OfficeLevel, other: OfficeLevel) -> bool:
    return LEVELS.index(one) < LEVELS.index(other)


def take_over(office: Office, superior: Office | None) -> Office:
    """With what it takes from its superior as that has it now; what it said itself stays."""
    own = said_itself(office)
    if superior is None:
        return own
    may = (*HANDED_DOWN, *(OF_THE_AUTHORITY if office.level == "office" else ()))
    has = {name: getattr(superior, name) for name in HANDED_DOWN} | {
        "authority": superior.issuer,
        # An address belongs to its authority.
        "address": "" if own.authority else superior.address,
    }
    taken: dict[str, Any] = {name: has[name] for name in may if has[name] and not getattr(own, name)}
    return replace(own, **taken, takes=" ".join(taken))


def said_itself(office: Office) -> Office:
    """Without what it takes from its superior."""
    taken: dict[str, Any] = dict.fromkeys(office.takes.split(), "")
    return replace(office, **taken, takes="")


@dataclass(frozen=True, slots=True)
class Officer:
    id: str
    login: str
    name: str
    role: OfficerRole
    office: Office
    totp: bool  # second factor enabled
    language: str = "zh"
    withheld: frozenset[str] = frozenset()  # permissions (offices) that the role has not in this office

    @property
    def actor(self) -> Actor:
        return Actor("officer", self.id, self.name, self.role, self.office.id)


SIGNED_IN_IDLE: Final = timedelta(hours=2)
"""After which an officer whose browser asks for nothing is signed out. Pages say so two minutes before."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Signed in, and let in nowhere yet: the officer still owes these."""

    officer: Officer
    password: bool  # somebody else chose the present one
    second_step: bool
    code: bool = False  # six digits, after signing in by a provider that asked for none


def charge_of(officer: Officer, offices: Collection[Office]) -> frozenset[str]:
    """Ids of the offices an administrator looks after for the bureau.

    At the top a unit that receives for the bureau has all of them; one within the bureau above it has that and what is
    below; a bureau has what is below it.
    """
    own = officer.office
    if officer.role != "administrator":
        return frozenset()
    return bureau_of(own, offices) if own.intake else frozenset(OfficeTree(offices).within(own.id)) - {own.id}


def bureau_of(own: Office, offices: Collection[Office]) -> frozenset[str]:
    """Ids of the offices of the bureau that a unit receives for, which it dispatches to: all where it stands at the
    top."""
    if not own.superior:
        return frozenset(one.id for one in offices)
    return frozenset(OfficeTree(offices).within(own.superior if own.level == "office" else own.id))


@dataclass(frozen=True, slots=True)
class OpenSession:
    """`this`: the one that asks. `ip` and `agent` are "" where nothing was noted."""

    id: str
    since: datetime
    used: datetime
    ip: str
    agent: str
    this: bool


@dataclass(frozen=True, slots=True)
class SignIn:
    """`result`: "in" | "recovery" | "provider" | "code_owed" | "bad_password" | "bad_code" | "resting" | "closed" |
    "not_here"."""

    at: datetime
    ip: str
    agent: str
    result: str
    nameless: bool  # a browser that keeps no cookie, or somebody's script


@dataclass(frozen=True, slots=True)
class SignOnButton:
    """A provider that officers may sign in by. `asks`: the password is typed on our page, as a directory's is."""

    name: str
    label: str
    label_en: str
    asks: bool


@dataclass(frozen=True, slots=True)
class SignOnOfAccount:
    """A provider that an account signs in by, and who it is there. `by_rule`: rules say role and office."""

    provider: str
    label: str
    issuer: str
    subject: str
    by_rule: bool
    linked: datetime


@dataclass(frozen=True, slots=True)
class Overseer:
    """A supervisor and the ids of the offices they oversee besides their own. `waits`: a request that does."""

    officer: Officer
    offices: frozenset[str]
    waits: str = ""


@dataclass(frozen=True, slots=True)
class AccessChange:
    """`what`: "AccessChanged" (`detail`: office, whose, permission, before, after) or "OverseenChanged" (office,
    supervisor, name, before, after: ids of offices). `number` counts from 1."""

    number: int
    at: datetime
    by: str
    what: str
    detail: Mapping[str, Any]
    reason: str


@dataclass(frozen=True, slots=True)
class AccessTable:
    """`withheld`: office, role, permission. `waits`: requests for giving back, by office and role."""

    offices: Sequence[Office]
    withheld: frozenset[tuple[str, str, str]]
    waits: Mapping[tuple[str, str], str]
    overseers: Sequence[Overseer]
    changes: Sequence[AccessChange]
    charge: frozenset[str] = frozenset()  # ids of the offices the reader may change this of


@dataclass(frozen=True, slots=True)
class OfficeChange:
    """`what`: "OfficeAdded" | "OfficeChanged"; `changes`: field -> [before, after]."""

    at: datetime
    by: str
    what: str
    office: str
    changes: Mapping[str, Sequence[Any]]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RosterProblem:
    """`code`: missing, too_long (most), bad_choice, unknown_superior, superior_wrong, bad_level, twice, taken,
    elsewhere, moved, login. `field`: the column."""

    code: str
    field: str
    most: int = 0


@dataclass(frozen=True, slots=True)
class RosterRow:
    """A line of a file of offices. `what`: "new" | "changed" | "same" | "wrong". `changes`: field -> [before, after].
    `login`: of its first administrator; `password`: told this once, when it was taken."""

    line: int
    office: Office
    what: str
    problems: Sequence[RosterProblem] = ()
    changes: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    login: str = ""
    password: str = ""


def require_role(officer: Officer, *roles: str) -> Officer:
    """The officer, whose role is one of these. Refused(403)."""
    if officer.role not in roles:
        raise Refused("not_allowed", 403)
    return officer


@dataclass(frozen=True, slots=True)
class Permission:
    """`under`: beginnings of paths, whole parts of them. What each is called is in `web.office.oversight.words`."""

    id: str
    under: tuple[str, ...]
    fixed: bool = False


PERMISSIONS: Final = (
    Permission("sessions", ("/desk", "/sessions", "/calendar", "/alerts", "/api/sessions")),
    Permission("complaints", ("/complaints", "/queue", "/api/divisions", "/procedure/order")),
    Permission("consultations", ("/consultations",)),
    Permission("imports", ("/imports", "/exchange")),
    Permission("due", ("/due",)),
    Permission("performance", ("/performance",)),
    Permission("records", ("/audit", "/transcripts")),
    Permission("outbox", ("/outbox",)),
    Permission("focus", ("/focus",)),
    Permission("statistics", ("/statistics",)),
    Permission("bulletins", ("/bulletins",)),
    Permission("publicity", ("/publicity",)),
    Permission("respondents", ("/respondents",)),
    Permission("practice", ("/practice",)),
    Permission("supervision", ("/supervision",)),
    Permission("casebook", ("/casebook",)),
    Permission("keeping", ("/kept", "/retention")),
    Permission("offices", ("/offices", "/roster")),
    Permission("areas", ("/jurisdictions",)),
    Permission("map", ("/map",)),
    Permission("holidays", ("/holidays",)),
    Permission("cards", ("/cards",)),
    Permission("systems", ("/systems",)),
    Permission("lines", ("/connections",)),
    Permission("leads", ("/leads", "/reports"), fixed=True),
    Permission("people", ("/officers",), fixed=True),
    Permission("access", ("/access",), fixed=True),
    Permission("tokens", ("/account/tokens",)),
    Permission("approvals", ("/approvals",), fixed=True),
    Permission("oversight", ("/oversight", "/oversight.xlsx"), fixed=True),
)
EDITABLE: Final = frozenset(one.id for one in PERMISSIONS if not one.fixed)
_SCOPES: Final = {
    "complaints:read": "complaints",
    "complaints:write": "complaints",
    "mediations:write": "complaints",  # as the form it stands for: /complaints/<id>/held
    "statistics:read": "statistics",
    "screen": "statistics",
    "calendar": "sessions",
    "scim": "people",
}


@cache
def of_path(path: str) -> Permission | None:
    """None for what every officer may: their account, the law, signing out."""
    return next(
        (one for one in PERMISSIONS if any(path == under or path.startswith(f"{under}/") for under in one.under)), None
    )


def may(officer: Officer, path: str) -> bool:
    """Whether nothing at this path is withheld. Of roles the route itself decides, before."""
    permission = of_path(path)
    return permission is None or permission.id not in officer.withheld


def may_hold(officer: Officer) -> bool:
    """Mediations, in the room."""
    return "sessions" not in officer.withheld


def may_look_on(officer: Officer) -> bool:
    """At a mediation under way, in the room: a supervisor."""
    return "supervision" not in officer.withheld


def of_a_system(scopes: Collection[str], withheld: Collection[str]) -> frozenset[str]:
    """What is left of a system's scopes once this is withheld from the role it acts in."""
    return frozenset(scope for scope in scopes if _SCOPES[scope] not in withheld)


def may_scope(officer: Officer, scope: str) -> bool:
    """A scope of the open interface, for a token of the officer's own: what its pages need, and tokens at all."""
    return not {_SCOPES[scope], "tokens"} & officer.withheld


def most(routes: Iterable[tuple[str, Iterable[OfficerRole]]]) -> Mapping[OfficerRole, frozenset[str]]:
    """What each role may ever have, from pairs of a route's path and its roles."""
    found: dict[OfficerRole, set[str]] = {}
    for path, roles in routes:
        for role in roles:
            if (permission := of_path(path)) is not None:
                found.setdefault(role, set()).add(permission.id)
    return {role: frozenset(ids) for role, ids in found.items()}
