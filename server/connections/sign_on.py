"""Signing officers on by somebody else's word: what a provider answers, what is set of it, and what its word makes of
somebody here.

A provider says who somebody is (`Person`); `Rules` say which role and which office that is. Neither touches an account:
`server.identity.sign_on` does. Each adapter is held by `tests/contracts/sign_on_contract.py`.

ProviderFault(ConnectionFault)
├── ProviderAway       no answer, or one that nobody can use: trying again may help
├── ProviderRefused    it does not let them in: they said no, or the password is wrong
└── ProviderUnsound    what came is not its word: a wrong signature, another issuer's, a token that is over
    └── BadReturn      what the browser brought is not: anybody can bring such, so it is nobody's fault but theirs
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import json
import re
import ssl
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Protocol
from urllib.parse import urlencode, urlsplit

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from offices import Office, OfficerRole
from offices.systems import FaultCode
from server.connections import ConnectionFault, Secret, Section, TooLong, content_of
from server.serving.addresses import private

ANSWER_MOST: Final = 512 * 1024  # bytes; a key set of a large provider has ten
CLAIM_MOST: Final = 512  # characters of one value that a rule looks at
VALUES_MOST: Final = 500  # values of one claim, of groups mostly
SUBJECT_MOST: Final = 255  # OpenID Connect Core 2


class ProviderFault(ConnectionFault):
    """What is told of it holds no secret and nothing of a person. `said`: the code of the sentence for who signs in."""

    said = "sign_on_away"


class ProviderAway(ProviderFault):
    def __init__(self, told: str, code: FaultCode = "not_understood") -> None:
        super().__init__(code, told, again=True)


class ProviderRefused(ProviderFault):
    said = "sign_on_refused"

    def __init__(self, told: str) -> None:
        super().__init__("refused", told)


class ProviderUnsound(ProviderFault):
    said = "sign_on_unsound"

    def __init__(self, told: str, code: FaultCode = "forged") -> None:
        super().__init__(code, told)


class BadReturn(ProviderUnsound):
    said = "sign_on_again"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in that was begun in one browser. `state` goes through the browser's address, the others never do."""

    state: str
    nonce: str
    verifier: str
    back: str  # where the provider sends the browser

    @property
    def challenge(self) -> str:
        """RFC 7636 4.2, S256."""
        return urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as a provider knows them; issuer and subject together are who they are, for good.

    `two_steps`: it says itself that more than a password was asked for. `session`: its name for this sign-in, by which
    it ends it later; "" where it has none.
    """

    issuer: str
    subject: str
    claims: Mapping[str, Any] = field(repr=False)
    two_steps: bool = False
    session: str = ""


@dataclass(frozen=True, slots=True)
class SignedOut:
    """What a provider ended: one session, or with session "" all of a subject's. `id` once only, kept `seconds`."""

    issuer: str
    id: str
    seconds: float
    subject: str = ""
    session: str = ""


class SignOnProvider(Protocol):
    """`issuer` is in who somebody is: another one's people are other people, whatever they are called."""

    @property
    def issuer(self) -> str: ...

    @property
    def host(self) -> str: ...

    async def look(self) -> None:
        """Whether it answers and what is set fits it. ProviderFault."""
        ...

    async def close(self) -> None: ...


class Redirecting(SignOnProvider, Protocol):
    """Signs people in on pages of its own, to which the browser goes and from which it comes back."""

    async def begin(self, attempt: Attempt) -> str:
        """The address the browser is sent to. ProviderAway."""
        ...

    async def finish(self, attempt: Attempt, query: Mapping[str, str]) -> Person:
        """`query`: what the browser came back with. ProviderFault."""
        ...

    async def signed_out(self, token: str) -> SignedOut:
        """What a token of the back channel says. ProviderUnsound."""
        ...


class Directory(SignOnProvider, Protocol):
    """Knows passwords, which are typed on our page."""

    async def check(self, login: str, password: str) -> Person:
        """ProviderRefused when the password is wrong or nobody is called so."""
        ...


# ------------------------------------------------------------ what is set


class Rule(BaseModel):
    """The first that fits decides. `claim` may lead into objects (`realm_access.roles`); of a list any value fits.

    `value`: exactly that; `pattern`: all of it, and its group `office` names the office. `office`: id, number prefix,
    short or full name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    claim: str = Field(min_length=1, max_length=128)
    value: str = Field(default="", max_length=CLAIM_MOST)
    pattern: str = Field(default="", max_length=CLAIM_MOST)
    role: OfficerRole
    office: str = Field(default="", max_length=128)

    @model_validator(mode="after")
    def _one_of_both(self) -> Rule:
        if bool(self.value) is bool(self.pattern):
            raise ValueError("a rule has either a value or a pattern")
        try:
            groups = re.compile(self.pattern).groupindex
        except re.error as fault:
            raise ValueError(f"the pattern cannot be read: {fault}") from None
        if bool(self.office) is ("office" in groups):
            raise ValueError('a rule names its office: office = "…", or a group (?P<office>…) in its pattern')
        return self

    def fits(self, claims: Mapping[str, Any]) -> str | None:
        """What the office is called; None where it does not fit."""
        for value in values_of(claims, self.claim):
            if self.value:
                if value == self.value:
                    return self.office
            elif found := re.fullmatch(self.pattern, value):
                return self.office or found.group("office") or None
        return None


class SignOnSection(Section):
    """What every provider has. `accounts`: sign-in names that may use a password kept here as well; without it
    everybody who has one may."""

    label: str = Field(min_length=1, max_length=40)
    label_en: str = Field(default="", max_length=60)
    rules: tuple[Rule, ...] = Field(default=(), max_length=500)
    accounts: tuple[str, ...] | None = Field(default=None, max_length=500)
    login_claim: str = ""  # what a new account is called; "" as the preset has it
    name_claim: str = ""
    links_claim: str = ""  # an account here with this sign-in name is theirs at the first sign-in; "": never
    scim: bool = False  # their subject is the externalId of a directory: `server.oversight.accounts`
    ca_file: Path | None = None  # of the authority that signed its certificate, where the system does not know it

    @field_validator("links_claim")
    @classmethod
    def _no_address(cls, value: str) -> str:
        if value == "email":
            raise ValueError("an e-mail address does not say whose an account is: whoever gets the address gets it")
        return value

    @field_validator("accounts")
    @classmethod
    def _as_typed(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if value is None else tuple(one.strip().casefold() for one in value)


class OpenIdSection(SignOnSection):
    """`acr`: values of that claim by which two steps were asked for there, and none are here."""

    preset: Literal["oidc", "keycloak"]
    issuer: str
    client_id: str = Field(min_length=1)
    client_secret: Secret | None = None
    scopes: tuple[str, ...] = ("openid", "profile")
    acr: tuple[str, ...] = ()
    userinfo: bool = False  # claims are asked for there too, where the token does not have them

    @field_validator("issuer")
    @classmethod
    def _address(cls, value: str) -> str:
        return private_address(value)

    @field_validator("scopes")
    @classmethod
    def _openid(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return value if "openid" in value else ("openid", *value)


class WorkAppSection(SignOnSection):
    """企业微信 and 政务微信 (`wecom`), 钉钉 (`dingtalk`), 专有钉钉 and 浙政钉 (`zhezhengding`).

    Addresses are the public ones where none are set; 政务微信 and 专有钉钉 run in the government's own network.
    """

    preset: Literal["wecom", "dingtalk", "zhezhengding"]
    client_id: str = Field(min_length=1)  # corpid; AppKey
    client_secret: Secret
    agent_id: str = ""  # of 企业微信
    corp_id: str = ""  # of 钉钉: nobody of another organisation is let in
    login_address: str = ""
    api_address: str = ""
    two_steps: bool = False  # scanning with a phone that is signed in counts as two steps

    @field_validator("login_address", "api_address")
    @classmethod
    def _address(cls, value: str) -> str:
        return private_address(value) if value else value

    @model_validator(mode="after")
    def _complete(self) -> WorkAppSection:
        if self.preset == "wecom" and not self.agent_id:
            raise ValueError("企业微信 needs agent_id")
        if self.preset == "dingtalk" and not self.corp_id:
            raise ValueError("钉钉 needs corp_id: anybody with 钉钉 can scan the code")
        return self


class DirectorySection(SignOnSection):
    """LDAP (`ldap`) or Active Directory (`ad`), by LDAPS or StartTLS and nothing else."""

    preset: Literal["ldap", "ad"]
    address: str  # ldaps://host or ldap://host, the latter with StartTLS
    bind_dn: str = Field(min_length=1)
    bind_password: Secret
    people: str = Field(min_length=1)  # the base people are looked for under
    people_filter: str = ""  # with {login} in it
    subject_attribute: str = ""
    groups: str = ""  # the base of groups that name their members; "": memberOf says
    groups_filter: str = "(|(member={dn})(uniqueMember={dn}))"
    attributes: tuple[str, ...] = ()  # more that rules look at

    @field_validator("address")
    @classmethod
    def _scheme(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("ldap", "ldaps") or not parts.hostname or parts.path.strip("/"):
            raise ValueError("ldaps://host or ldap://host, perhaps with a port")
        return value

    @model_validator(mode="after")
    def _filters(self) -> DirectorySection:
        if self.people_filter and "{login}" not in self.people_filter:
            raise ValueError("people_filter has {login} in it")
        return self


AnySection = Annotated[OpenIdSection | WorkAppSection | DirectorySection, Field(discriminator="preset")]
CLAIMS: Final[Mapping[str, tuple[str, str]]] = {
    "oidc": ("preferred_username", "name"),
    "keycloak": ("preferred_username", "name"),
    "wecom": ("userid", "name"),
    "dingtalk": ("userid", "name"),
    "zhezhengding": ("account", "nickNameCn"),
    "ldap": ("uid", "cn"),
    "ad": ("sAMAccountName", "displayName"),
}
"""What the sign-in name and the name of somebody are called, by preset."""


def provider_of(section: AnySection, now: Callable[[], datetime]) -> Redirecting | Directory:
    """Loads only what this one needs."""
    if isinstance(section, OpenIdSection):
        from server.connections.openid import OpenId

        return OpenId(section, now)
    if isinstance(section, DirectorySection):
        from server.connections.directory import LdapDirectory

        return LdapDirectory(section)
    from server.connections.work_apps import WORK_APPS

    return WORK_APPS[section.preset](section, now)


def private_address(address: str) -> str:
    """The address, to which nothing else is added. ValueError."""
    if not private(address) or urlsplit(address).query or urlsplit(address).fragment:
        raise ValueError("an address begins with https://")
    return address


# ------------------------------------------------------------ what its word makes of somebody


@dataclass(frozen=True, slots=True)
class Place:
    role: OfficerRole
    office: Office


def place_of(rules: Sequence[Rule], claims: Mapping[str, Any], offices: Collection[Office]) -> Place | None:
    """By the first rule that fits; None where none does, or where it names an office that there is not."""
    for rule in rules:
        named = rule.fits(claims)
        if named is not None:
            office = office_named(named, offices)
            return None if office is None else Place(rule.role, office)
    return None


def office_named(name: str, offices: Collection[Office]) -> Office | None:
    """By id, else by what only one of them is called."""
    for key in ("id", "number_prefix", "short", "name"):
        found = [one for one in offices if getattr(one, key) == name]
        if len(found) == 1:
            return found[0]
    return None


def named(claims: Mapping[str, Any], claim: str) -> str:
    """A Chinese name stands with the family's first, though Keycloak has `name` the other way round."""
    family, given = text_of(claims, "family_name"), text_of(claims, "given_name")
    if claim == "name" and family and given and not (family.isascii() or given.isascii()):
        return family + given
    return text_of(claims, claim)


def name_from(claim: str) -> str:
    """What is printed on papers and in messages: a line, without what a message's signature stands in."""
    return "".join(one for one in claim if one.isprintable() and one not in "【】").strip()[:40]


def values_of(claims: Mapping[str, Any], path: str) -> Iterator[str]:
    """Texts and numbers at that place, short ones. A claim with full stops in its own name is found as well."""
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    several = found if isinstance(found, list | tuple) else [found]
    for one in several[:VALUES_MOST]:
        if isinstance(one, str | int) and not isinstance(one, bool) and len(str(one)) <= CLAIM_MOST:
            yield str(one)


def text_of(claims: Mapping[str, Any], path: str) -> str:
    return next(values_of(claims, path), "")


# ------------------------------------------------------------ asking a provider


class Wire:
    """HTTP to one provider: bounded in time and size, never along a redirect, no cookies kept."""

    def __init__(self, seconds: float, ca_file: Path | None) -> None:
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._ca_file = ca_file
        self._http: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def json(self, method: str, address: str, **how: Any) -> tuple[int, dict[str, Any]]:
        """Status and object. ProviderAway for no answer in time, a server's fault, or what is no object."""
        host = urlsplit(address).hostname
        try:
            async with self._asked(method, address, how) as answer:
                body, status = await content_of(answer, ANSWER_MOST), answer.status
        except TooLong:
            raise ProviderAway(f"{host} answered at more length than is read") from None
        if status >= 500 or 300 <= status < 400:
            raise ProviderAway(f"{host} answered {status}")
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            raise ProviderAway(f"{host} answered {status} with something else than JSON") from None
        if not isinstance(found, dict):
            raise ProviderAway(f"{host} answered with something else than an object")
        return status, found

    @asynccontextmanager
    async def _asked(self, method: str, address: str, how: dict[str, Any]) -> Any:
        host = urlsplit(address).hostname
        try:
            if self._http is None:
                trust = await asyncio.to_thread(self._trust)
                self._http = self._http or aiohttp.ClientSession(
                    timeout=self._timeout,
                    cookie_jar=aiohttp.DummyCookieJar(),
                    connector=aiohttp.TCPConnector(ssl=trust, limit=20),
                )
            async with self._http.request(method, address, allow_redirects=False, **how) as answer:
                yield answer
        except TimeoutError:
            raise ProviderAway(f"{host} did not answer in time", "slow") from None
        except (aiohttp.ClientError, OSError, ValueError) as fault:
            raise ProviderAway(f"{host} cannot be reached: {type(fault).__name__}", "unreachable") from None

    def _trust(self) -> ssl.SSLContext:
        return _system_trust() if self._ca_file is None else ssl.create_default_context(cafile=str(self._ca_file))


@functools.cache
def _system_trust() -> ssl.SSLContext:
    """Trusts whom the system trusts; reading those takes a twentieth of a second."""
    return ssl.create_default_context()


def with_query(address: str, query: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"
