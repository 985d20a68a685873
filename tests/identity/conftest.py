"""Tests of identity stand in the same small office as those of the server."""

from tests.server.conftest import template, world

__all__ = ["template", "world"]
