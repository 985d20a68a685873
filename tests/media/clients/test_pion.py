"""A client made with pion (Go) in a room of ours."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from media.engine import Connection
from tests.media.clients.standard_io import joined
from tests.media.stage import InProcess, stage

pytestmark = [pytest.mark.go, pytest.mark.media, pytest.mark.long]

SOURCE = Path(__file__).with_name("pion")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    built = tmp_path_factory.mktemp("pion") / "client"
    subprocess.run(["go", "build", "-buildvcs=false", "-o", built, "."], cwd=SOURCE, check=True, timeout=300)
    yield str(built)
    built.unlink()


@pytest.mark.parametrize("setup", ["active", "passive"])
async def test_who_talks_to_a_client_made_with_pion_hears_and_sees_themselves_in_it(program: str, setup: str) -> None:
    """It sends back what it gets: so it sent and received."""
    async with stage(InProcess()) as one:
        bob = await one.join("bob")
        async with joined(one, "pion", program, setup):
            await one.everybody_hears_everybody()
            await one.until(lambda event: event == Connection("r", "pion", "connected"))
            echo, picture = bob.of("pion", "mic"), bob.of("pion", "camera")
            await bob.until(lambda: echo.hz > 0 and any(picture.colour))
            assert abs(echo.hz - bob.pattern.tone) < 25 or abs(echo.hz - 2 * bob.pattern.tone) < 25, "or a clap"
            colours = zip(picture.colour, bob.pattern.colour, strict=True)
            assert max(abs(shown - sent) for shown, sent in colours) < 60
            assert isinstance(one.engine, InProcess)
            _, subscriber = one.engine.room.participants["pion"].transports
            assert subscriber.role == ("server" if setup == "active" else "client")
