"""What is shown moves for everybody at once, over real sockets: pages and marks for good, the pointer in passing."""

from __future__ import annotations

from rooms import commands as c
from rooms.vocabulary import Side
from tests.rooms.exhibits.samples import offering
from tests.rooms.house import X, drain
from tests.rooms.scene import BU, CO, M, party
from tests.signaling.conftest import Line

LOOK = {"zoom": 250, "x": 4000, "y": 6000, "pointer": [1, 9999]}


async def test_pages_marks_and_the_pointer_reach_everybody_who_sees_what_is_shown(line: Line) -> None:
    mediator, consumer, business = [await line.enter(seat) for seat in (M, CO, BU)]
    await line.house.ask(offering(pages=3), party(CO))
    assert await mediator.ask("show_exhibit", {"exhibit": "x-a"}) == {"ok": {}}
    assert await mediator.ask("turn_page", {"page": 2}) == {"ok": {}}
    mark = {"shape": "box", "points": [[0, 0], [10, 10]]}
    assert await mediator.ask("mark_exhibit", mark) == {"ok": {}}
    assert await mediator.ask("point_exhibit", LOOK) == {"ok": {}}
    for client in (consumer, business):
        shown = (await client.sees("ExhibitMarked"))["view"]["exhibits"]["shown"]
        assert (shown["page"], shown["marks"][0]["points"]) == (2, [[0, 0], [10, 10]])
        look = await client.heard("exhibit_look", exhibit="x-a")
        assert (look["zoom"], look["pointer"], look["seat"]) == (250, [1, 9999], M)
    assert not [name for name, _ in mediator.messages if name == "exhibit_look"]  # not to oneself
    assert "point" not in "".join(await line.house.types()).lower()


async def test_only_the_floor_points_and_a_private_talk_is_left_out_of_it(line: Line) -> None:
    mediator, consumer, business = [await line.enter(seat) for seat in (M, CO, BU)]
    await line.house.ask(offering(), party(CO))
    await mediator.ask("start_caucus", {"side": Side.CONSUMER.value})
    await mediator.ask("show_exhibit", {"exhibit": "x-a"})
    assert "error" in await business.ask("turn_page", {"page": 1})
    await business.ask("point_exhibit", LOOK)
    await mediator.ask("point_exhibit", {**LOOK, "zoom": 300})
    assert (await consumer.heard("exhibit_look"))["zoom"] == 300
    assert not [name for name, _ in business.messages if name == "exhibit_look"]
    assert all(
        body["view"].get("exhibits", {}).get("shown") is None for name, body in business.messages if name == "view"
    )


async def test_a_listener_that_is_slow_keeps_only_the_newest_place(line: Line) -> None:
    await line.enter(M)
    listener = await line.house.bring(CO)
    await line.house.ask(offering(), party(CO))
    await line.house.ask(c.ShowExhibit("x-a"))
    await drain(listener)
    for zoom in range(100, 400):
        line.house.rooms.point(X, M, {**LOOK, "zoom": zoom})
        await line.house.rooms.state(X)
    told = [body for name, body in await drain(listener) if name == "exhibit_look"]
    assert [body["zoom"] for body in told] == [399]
    assert not listener.ended


async def test_numbers_out_of_range_are_refused(line: Line) -> None:
    mediator = await line.enter(M)
    for body in ({**LOOK, "zoom": 99}, {**LOOK, "x": 10_001}, {**LOOK, "pointer": [1]}, {**LOOK, "more": 1}):
        assert (await mediator.ask("point_exhibit", body))["error"]["code"] == "bad_message"
