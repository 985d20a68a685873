"""Seals that know one file."""

from __future__ import annotations

from datetime import UTC, datetime

from recordings.views import SealVerdict

OURS = b"%PDF-1.7 sealed by us"
PEM = "-----BEGIN CERTIFICATE-----\nours\n-----END CERTIFICATE-----\n"


class FakeSeals:
    async def judged(self, content: bytes) -> SealVerdict:
        if content == OURS:
            at = datetime(2026, 6, 24, 1, tzinfo=UTC)
            return SealVerdict("ours", "东湖高新区市场监管一所", "yi", "ab" * 32, "own", "", "RSA", at, None, "cd" * 32)
        if content.startswith(OURS):
            return SealVerdict("changed", "东湖高新区市场监管一所", "yi", "ab" * 32)
        return SealVerdict("no_seal" if content.startswith(b"%PDF-") else "no_pdf")

    async def certificates(self) -> str:
        return PEM
