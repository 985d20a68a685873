"""How often what is written in C is made durable: in time for each file, and together: a disk flushes for all."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from media.tap import COLLECTING
from recordings.native.library import WRITING
from recordings.native.writer import NativeScribe, Writer, loaded
from recordings.recorder import BEHIND
from recordings.take import Take
from tests.recordings.keyring import AnyKey
from tests.recordings.studio import ORIGIN

pytestmark = pytest.mark.native

# Seconds between two passes, and of sound that a power cut may take: it waits for its pass first.
PASS, LONGEST = COLLECTING, 1.0
SOUNDS = round(PASS * 50)


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Writer:
    return loaded(WRITING.build(tmp_path_factory.mktemp("native")))


class Table:
    """People who join one after the other and never stop talking, written in one call as by the recorder."""

    def __init__(self, folder: Path, writer: Writer, joins: list[float]) -> None:
        self._folder, self._writer, self._joins = folder, writer, joins
        self._takes: list[Take] = []
        self.synced: list[list[float]] = []  # by person: when

    async def talk(self, seconds: float) -> None:
        for turn in range(round(seconds / PASS)):
            now = turn * PASS
            while len(self._takes) < len(self._joins) and self._joins[len(self._takes)] <= now:
                self._join()
            for take in self._takes:
                for part in range(SOUNDS):
                    at = now + part / 50
                    take.packet("mic", turn * SOUNDS + part, round(at * 48_000), True, b"\x78sound", ORIGIN + at)
                take.collect(now)
            scribes = [_scribe(take) for take in self._takes]
            self._writer.work(scribes, ORIGIN + now)
            for take, scribe, times in zip(self._takes, scribes, self.synced, strict=True):
                file = scribe.strand.reels[0].file
                if file and file.was_synced and file.synced not in times:
                    assert file.synced_size == file.stored_size
                    times.append(file.synced)
                take.work(now, ORIGIN + now)

    def _join(self) -> None:
        seat = f"seat-{len(self._takes)}"
        told = list[object]()
        self._takes.append(
            Take(self._folder, "s1", seat, told.append, told.append, lambda: None, 60.0, AnyKey(), False, self._writer)
        )
        self.synced.append([])


def _scribe(take: Take) -> NativeScribe:
    assert take.compiled is not None
    return take.compiled


async def test_files_that_began_at_different_times_are_soon_made_durable_together(
    writer: Writer, tmp_path: Path
) -> None:
    table = Table(tmp_path, writer, [0.0, 0.3, 0.7, 1.6])
    await table.talk(8.0)
    assert len({tuple(times[-4:]) for times in table.synced}) == 1


@pytest.mark.parametrize("joins", [[0.0], [0.0, 0.2, 0.4], [0.0, 0.5], [0.0, 0.8, 0.9, 1.7, 2.5]])
async def test_no_file_waits_longer_than_a_power_cut_may_take(
    writer: Writer, tmp_path: Path, joins: list[float]
) -> None:
    table = Table(tmp_path, writer, joins)
    await table.talk(8.0)
    for times in table.synced:
        assert max(later - sooner for sooner, later in itertools.pairwise(times)) + BEHIND <= LONGEST
