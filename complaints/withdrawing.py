"""The consumer takes the complaint back, through the public window (Order 121 Art 23 no. 1)."""

from __future__ import annotations

from dataclasses import dataclass

GROUND = 1  # of ending a mediation, in both orders: the complainant withdraws


@dataclass(frozen=True, slots=True)
class Withdraw:
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ComplaintWithdrawn:
    """Before acceptance the file is closed with it; afterwards `MediationEnded` follows and both sides are told."""

    reason: str = ""
