"""A mediation without a room is recorded on its complaint's page, as its form is filled in."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from rooms.vocabulary import OutcomeKind
from server.demo import MEDIATOR
from tests.identity.office import filing
from tests.server.test_approvals import (
    Place,
    place as place,  # a fixture
)

COURSE, REASON = "先后与双方通话，逐项核对了费用。", "双方对退款金额分歧较大"


async def _recorded(place: Place) -> str:
    """A telephone mediation without a settlement; its session."""
    zhou = await place.sign_in(MEDIATOR)
    complaint = await place.parts.desk.register(await place.officer(MEDIATOR), filing(datetime.now(UTC)))
    form = (await zhou.get(f"/complaints/{complaint}/held")).text
    filled = dict(re.findall(r'name="((?:began|ended)_(?:day|time))"[^>]*? value="([^"]*)"', form))
    assert len(filled) == 4, filled
    filled |= {"mode": "phone", "outcome": "not_settled", "course": COURSE, "reason": REASON}
    answer = await zhou.post(f"/complaints/{complaint}/held", filled)
    assert answer.location.startswith("/sessions/"), answer.text
    return answer.location.removeprefix("/sessions/")


async def test_what_the_parties_are_told_is_the_reason_and_not_the_whole_course(place: Place) -> None:
    state = await place.parts.rooms.state(await _recorded(place))
    assert state.held is not None
    assert state.held.course == COURSE
    assert state.outcome is not None
    assert (state.outcome.kind, state.outcome.note) == (OutcomeKind.NOT_SETTLED, REASON)


async def test_the_record_of_a_telephone_mediation_says_nothing_of_a_room(place: Place) -> None:
    session = await _recorded(place)
    page = (await (await place.sign_in(MEDIATOR)).get(f"/audit/{session}")).text
    for part in ("Outcome", "The complaint", "Journal", "Keeping"):
        assert f">{part}</h2>" in page, part
    for part in ("Over time", "What is missing, and why", "Time", "Recording", "Consent"):
        assert f">{part}</h2>" not in page, part
    for part in ("Nothing was recorded", "Interruptions", "begins when the first person comes"):
        assert part not in page, part
