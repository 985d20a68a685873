"""The server's tests stand in the same small office as those of identity."""

from tests.identity.conftest import template, world

__all__ = ["template", "world"]
