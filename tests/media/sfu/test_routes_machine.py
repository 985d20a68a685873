"""Any routes, people coming and going, anything lost, late and asked for again: nothing leaves against the routes.

Played over both ways through: in Python, and in C where that can be built.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hypothesis import settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from media.engine import RouteMatrix, Source
from media.sfu.native import NativeForwarder
from tests.media.wire import LAYERS, SOURCES, Wire

NAMES = ["ann", "bob", "cho", "dan"]
names = st.sampled_from(NAMES)
some = st.frozensets(names)
routes = st.dictionaries(names, some, max_size=4)
matrices = st.builds(RouteMatrix, routes, routes, some)
sources: st.SearchStrategy[Source] = st.sampled_from(SOURCES)


class AnyRoutes(RuleBasedStateMachine):
    """Whatever leaves is judged by `Wire.look`, after every step."""

    native: NativeForwarder | None = None

    @initialize()
    def open(self) -> None:
        self.runner = asyncio.Runner()
        self.wire = self.runner.run(Wire.open(native=self.native))
        for name in NAMES[:3]:
            self.do(lambda name=name: self.wire.join(name, redundant=name != "ann"))  # type: ignore[misc]

    def do(self, step: Callable[[], object]) -> None:
        async def within_the_loop() -> None:
            step()

        self.runner.run(within_the_loop())

    def here(self, name: str) -> bool:
        return name in self.wire.clients

    @rule(matrix=matrices)
    def route(self, matrix: RouteMatrix) -> None:
        self.do(lambda: self.wire.route(matrix))

    @rule(recorded=some)
    def everybody_together(self, recorded: frozenset[str]) -> None:
        full = {name: frozenset(NAMES) - {name} for name in NAMES}
        self.do(lambda: self.wire.route(RouteMatrix(full, full, recorded)))

    @rule(name=names, redundant=st.booleans())
    def come_or_come_again(self, name: str, redundant: bool) -> None:
        if self.here(name):
            self.do(lambda: self.wire.leave(name))
        self.do(lambda: self.wire.join(name, redundant))

    @rule(name=names)
    def leave(self, name: str) -> None:
        if self.here(name):
            self.do(lambda: self.wire.leave(name))

    @rule(name=names, source=sources, better=st.booleans(), key=st.booleans(), count=st.integers(1, 5))
    def send(self, name: str, source: Source, better: bool, key: bool, count: int) -> None:
        def several() -> None:
            for n in range(count):
                self.wire.send(name, source, layer, key and n == 0, repeat=source == "mic" and n % 2 == 1)

        layer = LAYERS[source][0 if better else -1]
        if self.here(name):
            self.do(several)

    @rule(name=names, source=sources)
    def lose_for_now(self, name: str, source: Source) -> None:
        if self.here(name):
            self.do(lambda: self.wire.hold(name, source, LAYERS[source][-1]))

    @rule()
    def what_was_late_comes(self) -> None:
        self.do(self.wire.release)

    @rule(name=names)
    def ask_again(self, name: str) -> None:
        if self.here(name):
            self.do(lambda: self.wire.ask_again(name))

    @rule(name=names)
    def report(self, name: str) -> None:
        if self.here(name):
            self.do(lambda: self.wire.report(name))

    @rule(seconds=st.sampled_from([0.05, 1.1]))
    def time_passes(self, seconds: float) -> None:
        self.do(lambda: self.wire.tick(seconds))

    @precondition(lambda self: hasattr(self, "wire"))
    @invariant()
    def nothing_leaves_that_may_not(self) -> None:
        self.wire.look()

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.runner.run(self.wire.close())
            self.runner.close()


def test_nothing_leaves_against_the_routes(native: NativeForwarder | None) -> None:
    class Here(AnyRoutes):
        pass

    Here.native = native
    run_state_machine_as_test(Here, settings=settings(max_examples=40, stateful_step_count=40, deadline=None))
