"""How a command is declared: who may ask it, by what name a client sends it, within which limits.

`command` stands above each command's class, whose fields are the message's body: name, schema and permission side by
side. From these declarations `signaling.transport` makes what a client may send, `rooms.session` who may, and
`tests.tools.wire` the types of the browser and the tables of docs/wire.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar

from rooms.vocabulary import WATCHING, Role

Kind = TypeVar("Kind", bound=type[Any])


class OutsideRole(StrEnum):
    """Those who ask without sitting in the room."""

    OFFICE = "office"  # a mediator or administrator of the session's office
    KEEPER = "keeper"  # a supervisor, scoped likewise, or an administrator of the session's office
    OFFICER = "officer"  # any officer; what they may look at is scoped where they look
    SUPERVISOR = "overseer"  # scoped likewise; spelled otherwise than the role of one who looks on
    SYSTEM = "system"


Standing = Role | OutsideRole

ANYBODY: Final[frozenset[Standing]] = frozenset(Role)
EVERYBODY: Final[frozenset[Standing]] = ANYBODY - {Role.SUPERVISOR}
"""Who takes part. A supervisor who looks on may come, read captions and go, and nothing else."""
MEDIATOR: Final[frozenset[Standing]] = frozenset({Role.MEDIATOR})
PARTIES: Final = EVERYBODY - MEDIATOR
SENDING: Final = frozenset(Role) - WATCHING
"""Who has a microphone and a camera in the room."""
CONFERRING: Final[frozenset[Standing]] = frozenset({Role.CONSUMER, Role.BUSINESS, Role.REPRESENTATIVE, Role.LAWYER})
"""Who speaks for a side, and answers for it: a party, or who acts for them under an authority that the mediator has
recorded."""
SHARING: Final = CONFERRING | MEDIATOR
ASSISTED: Final[frozenset[Standing]] = frozenset({Role.CONSUMER, Role.BUSINESS, Role.REPRESENTATIVE})
"""Beside whom a helper may sit."""
OFFICE: Final[frozenset[Standing]] = frozenset({OutsideRole.OFFICE})
KEEPER: Final[frozenset[Standing]] = frozenset({OutsideRole.KEEPER})
OFFICER: Final[frozenset[Standing]] = frozenset({OutsideRole.OFFICER})
OVERSEER: Final[frozenset[Standing]] = frozenset({OutsideRole.SUPERVISOR})
SYSTEM: Final[frozenset[Standing]] = frozenset({OutsideRole.SYSTEM})


# ------------------------------------------------------------ the declaration


@dataclass(frozen=True, slots=True)
class Declaration:
    """`name`: what a client calls it, "" where none may ask it. `filled`: fields that the room fills in, which no
    client may send. `required`: fields that a client must send, though they have a default."""

    by: frozenset[Standing]
    name: str
    in_room: bool
    filled: frozenset[str]
    required: frozenset[str]


DECLARED: Final[dict[type[Any], Declaration]] = {}


def command(
    by: frozenset[Standing],
    name: str = "",
    *,
    in_room: bool = False,
    filled: frozenset[str] = frozenset(),
    required: frozenset[str] = frozenset(),
) -> Callable[[Kind], Kind]:
    """Declare a command: asked `by` these; `in_room`, only by somebody who is in the room."""

    def declare(kind: Kind) -> Kind:
        DECLARED[kind] = Declaration(by, name, in_room, filled, required)
        return kind

    return declare
