"""Puts the certificates of a time stamp in the order that a strict reader wants. Pure.

A SET OF has one order in DER. Authorities (openssl among them) write the certificates of a token as they come, which
CMS allows: that field is BER and outside of what is signed (RFC 5652 5.1). The library that verifies takes DER only.
"""

from __future__ import annotations

from typing import NamedTuple

_SEQUENCE, _CONTEXT_0 = 0x30, 0xA0


class _Element(NamedTuple):
    """Where a value lies: its tag's place, its content's, and its end."""

    tag: int
    at: int
    content: int
    end: int


def certificates_in_order(response: bytes) -> bytes:
    """A TimeStampResp (RFC 3161 2.4.2), the same but for that order. ValueError when it has not its form."""
    whole = _elements(response, 0, len(response))[0]
    _status, token = _inside(response, whole, _SEQUENCE)[:2]
    _type, content = _inside(response, token, _SEQUENCE)[:2]
    (signed,) = _inside(response, content, _CONTEXT_0)
    for part in _inside(response, signed, _SEQUENCE)[3:4]:  # after version, digest algorithms and content
        if part.tag == _CONTEXT_0:
            each = sorted(response[one.at : one.end] for one in _elements(response, part.content, part.end))
            return response[: part.content] + b"".join(each) + response[part.end :]
    return response


def _inside(text: bytes, of: _Element, tag: int) -> list[_Element]:
    if of.tag != tag:
        raise ValueError(f"tag {of.tag:#x} where {tag:#x} belongs")
    return _elements(text, of.content, of.end)


def _elements(text: bytes, at: int, end: int) -> list[_Element]:
    """One after the other, definite lengths only."""
    found = []
    while at < end:
        if end - at < 2:
            raise ValueError("cut off")
        length, content = text[at + 1], at + 2
        if length & 0x80:
            digits = length & 0x7F
            if not 1 <= digits <= 4:
                raise ValueError("a length we do not read")
            length, content = int.from_bytes(text[content : content + digits]), content + digits
        if content + length > end:
            raise ValueError("cut off")
        found.append(_Element(text[at], at, content, content + length))
        at = content + length
    if not found:
        raise ValueError("empty")
    return found
