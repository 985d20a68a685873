"""Who can see a record, in the words of the texts people agree to: made from `rooms.record.access`, so that neither
says more.

A list is as long as the table says; the texts that hold one are editions, and a kept edition is held to the newest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from rooms.record.access import ACCESS, RecordReader, RecordUse
from web.i18n import N_

OFFICERS: Final[Mapping[RecordReader, str]] = {
    RecordReader.MEDIATOR: N_("the mediator of the case"),
    RecordReader.SUPERVISOR: N_("authorised supervisors"),
}
PERSON: Final = N_("you and others who took part, once the office has granted the request")


PARTY: Final = N_("whoever took part, once a supervisor has granted their request")
"""The same as officers read it."""
AND: Final = N_(" and ")
AND_ALSO: Final = N_(", and ")


def who(use: RecordUse, gettext: Callable[[str], str], person: str = PERSON) -> str:
    """Everybody who can do this, the person last."""
    officers = gettext(AND).join(gettext(name) for reader, name in OFFICERS.items() if use in ACCESS[reader])
    return officers + gettext(AND_ALSO) + gettext(person) if use in ACCESS[RecordReader.PERSON] else officers
