"""Twenty rooms at once whose node loses its link."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.serving.nodes.house import estate
from tests.server.serving.nodes.test_failover import without_its_link
from tests.survival.conftest import Figures, figures as figures
from tests.tools.figures import quantile

pytestmark = [pytest.mark.media, pytest.mark.postgres, pytest.mark.nginx, pytest.mark.links]


async def test_all_of_them_go_on_at_the_other_node(tmp_path: Path, figures: Figures) -> None:
    async with estate(tmp_path) as here:
        figures["link_lost_quiet_p95_s"] = quantile(await without_its_link(here, 20), 0.95)
