"""An installation whose log is kept."""

from tests.server.evidence.house import house

__all__ = ["house"]
