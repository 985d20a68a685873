"""Who answers for the data (PIPL Art 17 item 1), as the texts name them: full name, address, telephone."""

from __future__ import annotations

from offices.people import Office
from web.i18n import Words


def handler(office: Office, words: Words) -> str:
    """The authority in whose name the office acts; an address that nobody entered is left out."""
    if office.address:
        return words.gettext(
            "%(name)s (address: %(address)s; telephone: %(phone)s)",
            name=office.issuer,
            address=office.address,
            phone=office.phone,
        )
    return words.gettext("%(name)s (telephone: %(phone)s)", name=office.issuer, phone=office.phone)
