"""What somebody's role lets them ask of a service, whichever page or interface they came by."""

from __future__ import annotations

from offices.people import Officer
from offices.refusal import Refused


def require_role(officer: Officer, *roles: str) -> Officer:
    """The officer, whose role is one of these. Refused(403)."""
    if officer.role not in roles:
        raise Refused("not_allowed", 403)
    return officer
