"""What every test may rely on: a browser and a database when the machine has them, and a clear word when not.

A suite whose tool is missing is left out (never skipped one by one) and named in the last line, as are the long tests
whose day it is not; under CI a missing tool fails the run instead.
"""

from __future__ import annotations

import gc
import gzip
import os
import shutil
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import nullcontext
from functools import lru_cache, partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import settings
from jinja2 import Environment
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.util import LRUCache

from server.identity import sign_ins
from tests import ROOT, machine
from tests.suite import cheap, fork_server, markup, pure, schedule, selection
from web.http import responses

ARTIFACTS = ROOT / "artifacts"

# Time is for benchmarks: on a busy machine an example may take long without being wrong.
settings.register_profile("here", deadline=None)
settings.load_profile("here")

COLLECT_AFTER = (700, 10, 500)
"""`gc.set_threshold`: everything alive is gone through between files, and seldom within one."""

_left_out = pytest.StashKey[dict[str, int]]()
_pages = pytest.StashKey[list[str]]()
_judging = pytest.StashKey[list[markup.Judging]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--share", type=int, help="only the tests of this day: its number")
    parser.addoption("--reverse", action="store_true", help="run the tests from the last to the first")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Keep files in memory where there is room. Tests kill programs, never the machine: no `fsync` need reach a disk.

    `TMPDIR`, where it is set, names another place. `tests/recordings` writes to a disk what is written past its cache.
    Workers with light files give way to the one whose tests hold the program to times.
    """
    if "TMPDIR" not in os.environ and (memory := machine.memory()):
        for left in memory.glob("yuntiao-[0-9]*-*"):  # by a run that was killed
            if not Path("/proc", left.name.split("-")[1]).exists():
                shutil.rmtree(left, ignore_errors=True)
        tempfile.tempdir = os.environ["TMPDIR"] = tempfile.mkdtemp(prefix=f"yuntiao-{os.getpid()}-", dir=memory)
        config.add_cleanup(partial(shutil.rmtree, tempfile.tempdir, ignore_errors=True))
    worker = getattr(config, "workerinput", {}).get("workerid")
    if not worker:
        for place in (markup.PLACE, cheap.TEMPLATES):
            os.environ[place] = tempfile.mkdtemp(prefix="yuntiao-shared-")
            config.add_cleanup(partial(shutil.rmtree, os.environ[place], ignore_errors=True))
    if worker and not schedule.takes_heavy(worker):
        os.nice(5)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With `-m pure`, do not even import what is not pure."""
    if config.option.markexpr == "pure" and collection_path.suffix == ".py":
        return not pure.may_hold_pure(collection_path) or None
    return None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Nothing of what is imported here goes again: the garbage collector need not look at it, neither now nor later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()
        gc.set_threshold(*COLLECT_AFTER)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None, item: pytest.Item) -> Generator[None, None, None]:
    """Nor does what a file leaves behind: caches, modules imported only then, templates."""
    try:
        return (yield)
    finally:
        if nextitem is not None and nextitem.path != item.path:
            gc.collect()
            gc.freeze()


def pytest_itemcollected(item: pytest.Item) -> None:
    if pure.is_pure(item):
        item.add_marker("pure")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    with pure.watched() if item.get_closest_marker("pure") else nullcontext():
        return (yield)


@pytest.hookimpl(trylast=True)  # after `-m`: only what was asked for can be left out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    missing = machine.missing_tools()
    left_out: dict[str, int] = {}
    kept = []
    able = [item for item in items if not any(item.get_closest_marker(marker) for marker in missing)]
    resting = {} if config.option.share is None else selection.resting(able, config.option.share)
    for item in items:
        reasons = [f"{marker} tests ({missing[marker]})" for marker in missing if item.get_closest_marker(marker)]
        if reasons and os.environ.get("CI") and not hasattr(config, "workerinput"):
            raise pytest.UsageError(f"{item.nodeid}: {reasons[0]}")
        if what := resting.get(item):
            reasons.append(f"{what} (not their day: ./run test --all)")
        for reason in reasons:
            left_out[reason] = left_out.get(reason, 0) + 1
        if not reasons:
            kept.append(item)
    config.stash[_left_out] = left_out
    items[:] = reversed(kept) if config.option.reverse else kept


def pytest_sessionfinish(session: pytest.Session) -> None:
    """At the end of the whole run, with every worker's pages there."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:  # a worker's: the controller tells it
        output["left_out"] = session.config.stash.get(_left_out, {})
        return
    _judge(session.config)
    judging = session.config.stash.get(_judging, [])
    session.config.stash[_pages] = wrong = [line for one in judging for line in one.refused()]
    if wrong:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _judge(config: pytest.Config) -> None:
    """The pages that are there and have not been looked at."""
    to = Path(tempfile.mkdtemp(prefix="yuntiao-pages-"))
    config.add_cleanup(partial(shutil.rmtree, to, ignore_errors=True))
    if judging := markup.Judging.of_those_there(markup.Pages.of_this_run().folder, to):
        config.stash.setdefault(_judging, []).append(judging)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Every worker collects, and leaves out, the same; one that crashed says nothing.

    The first one ends when the light files do. Nearly all pages are there by then and are judged beside the rest.
    """
    if (output := getattr(node, "workeroutput", None)) is not None:
        node.config.stash[_left_out] = output["left_out"]
        if _judging not in node.config.stash:
            _judge(node.config)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    return schedule.HeavyBesideLight(config, log) if config.option.dist == "loadfile" else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if left_out := config.stash.get(_left_out, {}):
        terminalreporter.write_line("Left out: " + "; ".join(f"{count} {what}" for what, count in left_out.items()))
    for line in config.stash.get(_pages, []):
        terminalreporter.write_line(f"HTML: {line}", red=True)


@pytest.fixture(scope="session", autouse=True)
def quick_hashing() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sign_ins, "PasswordHasher", cheap.hasher)
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_keys() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rsa, "generate_private_key", cheap.keys())
        yield


@pytest.fixture(scope="session", autouse=True)
def forked_jobs() -> Iterator[None]:
    """What the program starts for its jobs is forked from one that has loaded them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "executable", fork_server.executable())
        yield


@pytest.fixture(scope="session", autouse=True)
def compiled_templates() -> Iterator[None]:
    """Every test has an application of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "__init__", cheap.begun())
        yield


@pytest.fixture(scope="session", autouse=True)
def packed_files() -> Iterator[None]:
    """Every application packs what pages fetch, and it stays the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(responses, "gzip", SimpleNamespace(compress=lru_cache(maxsize=64)(gzip.compress)))
        yield


@pytest.fixture(scope="session", autouse=True)
def pages() -> Iterator[markup.Pages]:
    """The pages that the validator of HTML looks at in the end: what templates make, and what a test adds."""
    kept = markup.Pages.of_this_run()
    with pytest.MonkeyPatch.context() as patch:
        kept.watch(patch)
        yield kept


class StatementsOnce(LRUCache[Any, Any]):
    """Statements as compiled for any engine of the same dialect before: every test has engines of its own."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_shared(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_shared(key), value)


def _shared(key: tuple[Dialect, *tuple[Any, ...]]) -> tuple[Any, ...]:
    dialect, *rest = key
    return type(dialect), getattr(dialect, "_json_serializer", None), *rest


@pytest.fixture(scope="session", autouse=True)
def compiled_statements() -> Iterator[None]:
    kept, begin = StatementsOnce(2000), Engine.__init__

    def begun(self: Engine, *given: Any, **options: Any) -> None:
        begin(self, *given, **options)
        self._compiled_cache = kept

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "__init__", begun)
        yield


@pytest.fixture
def artifacts() -> Path:
    """A git-ignored folder that CI keeps: screenshots and reports go there."""
    ARTIFACTS.mkdir(exist_ok=True)
    return ARTIFACTS
