"""What may be withheld from a role in an office: a permission covers pages, forms, JSON and files of a piece of work.

The routes say what a role may ever have; what is withheld only takes away from that, so nothing is granted here. Owns
the table, and `may`, which every way in asks: pages and files (`web.http.security`), sockets (`server.identity.links`),
officers' and systems' tokens of the open interface (`server.identity.systems`). Fixed ones nobody can withhold: who
looks after accounts and this table must not be locked out, watching must not be switched off, and the wall around
informants stands as the routes build it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from offices.people import Officer, OfficerRole


@dataclass(frozen=True, slots=True)
class Permission:
    """`under`: beginnings of paths, whole parts of them. What each is called is in `web.office.oversight.words`."""

    id: str
    under: tuple[str, ...]
    fixed: bool = False


PERMISSIONS: Final = (
    Permission("sessions", ("/desk", "/sessions", "/api/sessions")),
    Permission("complaints", ("/complaints", "/api/divisions", "/procedure/order")),
    Permission("consultations", ("/consultations",)),
    Permission("imports", ("/imports",)),
    Permission("due", ("/due",)),
    Permission("performance", ("/performance",)),
    Permission("records", ("/audit",)),
    Permission("outbox", ("/outbox",)),
    Permission("focus", ("/focus",)),
    Permission("statistics", ("/statistics",)),
    Permission("bulletins", ("/bulletins",)),
    Permission("respondents", ("/respondents",)),
    Permission("practice", ("/practice",)),
    Permission("supervision", ("/supervision",)),
    Permission("casebook", ("/casebook",)),
    Permission("keeping", ("/kept", "/retention")),
    Permission("offices", ("/offices",)),
    Permission("areas", ("/jurisdictions",)),
    Permission("map", ("/map",)),
    Permission("holidays", ("/holidays",)),
    Permission("systems", ("/systems",)),
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
