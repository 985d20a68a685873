"""Commands are tried on a log that is kept, and on files as a hotline writes them."""

from tests.server.evidence.house import house
from tests.server.imports.conftest import write

__all__ = ["house", "write"]
