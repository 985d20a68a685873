"""The contract of exchange, for each platform's mapping."""

from __future__ import annotations

from complaints.channels.platforms import Platform, builtin
from tests.contracts.exchange_contract import ExchangeContract


class TestNationalPlatform(ExchangeContract):
    @property
    def platform(self) -> Platform:
        return builtin("12315")


class TestHotline(ExchangeContract):
    @property
    def platform(self) -> Platform:
        return builtin("12345")


class TestOwnSchema(ExchangeContract):
    @property
    def platform(self) -> Platform:
        return builtin("yuntiao")
