"""Where each order says what an office owes the parties: a notice cites the order that applies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from law.orders import Citation, order_named

ACCEPT, REFUSE, CONSENT, MODE, RECUSAL, TESTING = "accept", "refuse", "consent", "mode", "recusal", "testing"
END, DOCUMENTS, DISPATCH, IDENTITY, JOINT = "end", "documents", "dispatch", "identity", "joint"

DUTIES: Final[Mapping[str, Mapping[str, int]]] = {
    "121": {
        IDENTITY: 10,  # proof of who complains may be asked for; Order 20 does not say so
        JOINT: 12,  # representatives settle only as those they represent agree
        ACCEPT: 15,  # decide in seven working days and tell the complainant
        REFUSE: 16,
        CONSENT: 18,  # both have to agree to mediation
        MODE: 20,  # on the spot, by internet, telephone, sound or video
        RECUSAL: 21,
        TESTING: 22,  # its time does not count
        END: 23,  # the grounds, and telling both in seven working days
        DOCUMENTS: 24,  # the mediation agreement and the record
        DISPATCH: 41,  # from the intake unit to who is competent, and back, never sideways
    },
    "20": {
        JOINT: 11,
        ACCEPT: 14,
        REFUSE: 15,
        CONSENT: 16,
        MODE: 18,
        RECUSAL: 19,
        TESTING: 20,
        END: 21,
        DOCUMENTS: 22,
        DISPATCH: 37,
    },
}


_PARAGRAPHS: Final[Mapping[str, int]] = {IDENTITY: 3}


def together(order: str, language: str, *duties: str) -> str:
    """Several places, with the order named once."""
    rule = order_named(order)
    places = [Citation(rule, article_of(order, duty), _PARAGRAPHS.get(duty, 0)).place(language) for duty in duties]
    return f"{rule.en}, {' and '.join(places)}" if language.startswith("en") else rule.zh + "、".join(places)


def article_of(order: str, duty: str) -> int:
    """KeyError for an order or duty this program does not know."""
    return DUTIES[order][duty]


def cited(order: str, duty: str, language: str, item: int = 0) -> str:
    """As a notice writes it; `item` is the place in the article's list, 0 for none."""
    return Citation(order_named(order), article_of(order, duty), _PARAGRAPHS.get(duty, 0), item).cited(language)
