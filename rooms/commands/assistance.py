"""What can be asked about somebody sitting beside a party to help."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assist:
    """`seat` is "" for the asker's own. `agreed`: the person said that they want this helper, and the helper that they
    only help and keep what they hear to themselves."""

    helper: str
    relation: str
    agreed: bool
    seat: str = ""


@dataclass(frozen=True, slots=True)
class EndAssistance:
    seat: str = ""


AssistanceCommand = Assist | EndAssistance
