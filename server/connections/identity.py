"""Whether a name and an identity number are one person's, from the sections `[identity.NAME]`: asked on the way into a
room where an office demands it.

A service of two factors says "match" or "mismatch", and nothing else about anybody. The number is in the one request
and nowhere besides: not in a table, the journal, a log or an answer; what is kept is the outcome. While the service
does not answer the outcome is "unavailable", and the mediator makes sure by eye.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, Literal

from journal.refusals import Throttle
from offices import Officer
from rooms.vocabulary import Role
from server.connections import Connection, ConnectionFault, Connections, Sections, SignedSection, answer_of

KIND: Final = "identity"
ASKED: Final = frozenset({Role.CONSUMER, Role.BUSINESS, Role.REPRESENTATIVE})
"""Who speaks for a side; nobody else is asked."""

Outcome = Literal["match", "no_match", "unavailable"]
_OUTCOMES: Final[dict[str, Outcome]] = {"match": "match", "mismatch": "no_match"}
_MOST_ANSWER: Final = 4096


class RealNameSection(SignedSection):
    """`name`: of the service, as people are told it. `offices`: ids of those that demand it; none: every office."""

    name: str
    offices: tuple[str, ...] = ()


class RealNames:
    """Implements `web.RealNames`."""

    def __init__(self, sections: Sections, connections: Connections) -> None:
        """ValueError, fit for the person at the terminal."""
        self._sections: dict[str, RealNameSection] = sections.of(KIND, RealNameSection)
        self._connections = connections
        self._tries = Throttle(6, timedelta(hours=1), "too_many_tries")
        self._addresses = Throttle(60, timedelta(hours=1), "too_many_tries")
        everywhere: list[str] = []
        for name, section in self._sections.items():
            if set(everywhere) & ({*section.offices} or {""}):
                raise ValueError(f"[{KIND}.{name}] offices: another section is for the same ones already")
            everywhere += section.offices or ("",)
            connections.add(Connection(KIND, name, section.host, _Trial(section).ask))

    @property
    def configured(self) -> bool:
        return bool(self._sections)

    def demanded(self, office: str, role: Role) -> str:
        """The connection that has to be asked of somebody in this role, "" where none has."""
        if role not in ASKED:
            return ""
        found: Sequence[str] = [name for name, one in self._sections.items() if office in one.offices]
        return next(iter(found or [name for name, one in self._sections.items() if not one.offices]), "")

    def called(self, service: str) -> str:
        """As people are told it; "" of one that is there no more."""
        return self._sections[service].name if service in self._sections else ""

    async def ask(self, service: str, name: str, number: str, seat: str, address: str) -> Outcome:
        """`number` is one by `complaints.record.identifiers`. Refused(429) too_many_tries."""
        self._addresses.pass_(address)
        self._tries.pass_(seat)
        section = self._sections.get(service)
        if section is None:
            return "unavailable"  # taken out of the settings since it was demanded
        try:
            with self._connections.use(KIND, service):
                said = (await answer_of(section, {"name": name, "idNumber": number}, _MOST_ANSWER)).get("result")
                if not isinstance(said, str) or said not in _OUTCOMES:
                    raise ConnectionFault("not_understood", "neither match nor mismatch")
        except ConnectionFault:
            return "unavailable"
        return _OUTCOMES[said]


class _Trial:
    """Asks whether the service would answer, about nobody."""

    def __init__(self, section: RealNameSection) -> None:
        self._section = section

    async def ask(self, officer: Officer, given: str) -> None:
        if (await answer_of(self._section, {"ready": True}, _MOST_ANSWER)).get("result") != "ready":
            raise ConnectionFault("not_understood", "it does not say that it is ready")
