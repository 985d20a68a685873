"""Signing stands in the same small office as identity."""

from tests.identity.conftest import template, world

__all__ = ["template", "world"]
