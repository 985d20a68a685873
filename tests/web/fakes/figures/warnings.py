"""Warnings in memory, decided and folded as the real ones."""

from __future__ import annotations

from collections.abc import Sequence

from complaints.events import plain
from complaints.insight.views import PublicWarning, WarningPage
from complaints.insight.warnings import Warning, WarningCommand, decide, evolve
from journal import Event
from journal.refusals import Refused, refusal_of
from offices import Officer
from tests.web.fakes.figures.insight import FakeFocus
from web.office.insight.services import Warnings


class FakeWarnings(Warnings):
    def __init__(self, focus: FakeFocus) -> None:
        self.focus = focus
        self.kept: dict[str, Warning] = {}
        self.told: dict[str, list[Event]] = {}

    async def one(self, officer: Officer, spot: str) -> WarningPage:
        await self.focus.spot(officer, spot)
        return WarningPage(self.kept.get(spot), self.told.get(spot, []))

    async def ask(self, officer: Officer, spot: str, command: WarningCommand) -> None:
        await self.focus.spot(officer, spot)
        with refusal_of():
            events = decide(command, self.kept.get(spot), officer.actor)
        for event in events:
            self.focus.clock.pass_(seconds=1)
            at, told = self.focus.clock.now, self.told.setdefault(spot, [])
            made = evolve(self.kept.get(spot), event, at, officer.actor)
            assert made is not None
            self.kept[spot] = made
            name = type(event).__name__
            told.append(Event(f"warning/{spot}", len(told) + 1, name, plain(event), at, officer.actor, "", "", ""))

    async def public(self) -> Sequence[PublicWarning]:
        return [self._public(id_, one) for id_, one in self.kept.items() if one.issued and not one.withdrawn]

    async def published(self, warning: str) -> PublicWarning:
        one = self.kept.get(warning)
        if one is None or one.issued is None:
            raise Refused("not_found", 404)
        return self._public(warning, one)

    def _public(self, id_: str, one: Warning) -> PublicWarning:
        assert one.issued is not None
        said_ = one.issued.wording
        return PublicWarning(
            id_, said_.title, "" if one.withdrawn else said_.body, said_.language, one.issued.office_name,
            one.issued.at, one.issued.digest, one.withdrawn, one.withdrawn_at,
        )  # fmt: skip
