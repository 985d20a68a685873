"""What pages know about the installation they are served from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from rooms.presenting.shown import ShownTexts
from web.consents import ELECTRONIC, HANDWRITING


@dataclass(frozen=True, slots=True)
class Site:
    """Facts about this installation that pages show."""

    public_url: str  # without a trailing slash
    demo: bool
    secure: bool  # served over TLS: cookies get __Host- and Secure
    consent_version: str
    retention_years: int  # of recordings and what was written in the room
    file_years: int = 10  # of complaints' files, at least; then they may be appraised
    two_steps: bool = True  # supervisors and administrators sign in with six digits too
    certified: bool = True  # browsers know the certificate: not one that we signed ourselves
    office_called: str = ""  # what the office calls itself to the public: 市场监管所; "": the sentence's own word
    static: Path = field(default=Path())

    @property
    def shown(self) -> ShownTexts:
        """What people agree to in a room, as it is shown now."""
        return ShownTexts(self.consent_version, HANDWRITING, ELECTRONIC)
