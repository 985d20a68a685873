"""Of a minor the papers name the party, and the guardian who signs for them, with who that is to them."""

from __future__ import annotations

from rooms import commands as c
from rooms.vocabulary import Side
from server import signing
from server.signing import forms
from tests.rooms.joining.test_guardianship import MOTHER, room, waits
from tests.rooms.scene import CO, CONSUMER


def test_the_guardian_signs_the_paper_for_the_minor_and_is_named_on_it() -> None:
    scene = room("minor")
    for seat, actor in (("guardian", MOTHER), (CO, CONSUMER)):
        waits(scene, seat, actor, "minor")
        scene.ask(c.Admit(seat))
    signer = scene.state.seats["guardian"]
    seat, role, party, capacity = forms._hand(scene.state, signer)
    assert (seat, role, party, capacity) == ("guardian", "投诉人", "陈女士", "监护人：丁母（母亲）")
    assert signing._agents(scene.state, Side.CONSUMER, "") == "丁母（监护人，母亲）"
