"""The years records are kept are in the journal: once for every change, with what they were before."""

from __future__ import annotations

from rooms.retention import Retention
from rooms.vocabulary import OutcomeKind
from server.retention_noted import SET, STREAM, note, years_of
from tests.identity.office import World


async def test_a_start_with_other_years_is_noted_and_one_with_the_same_is_not(world: World) -> None:
    three, two = Retention(3, {OutcomeKind.ENDED: 1}), Retention(2)
    for retention, leads in ((three, 10), (three, 10), (two, 10), (two, 10), (two, 5)):
        await note(world.journal, years_of(retention, leads), world.clock.now)
    told = await world.journal.read(STREAM)
    assert {event.type for event in told} == {SET}
    first, second, third = (event.data for event in told)
    assert first == {"years": 3, "rules": {"ended": 1}, "lead_years": 10, "before": None}
    assert (second["years"], second["before"]) == (2, {"years": 3, "rules": {"ended": 1}, "lead_years": 10})
    assert (third["lead_years"], third["before"]["lead_years"]) == (5, 10)
