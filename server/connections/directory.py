"""LDAP and Active Directory, as a second way: somebody is found by an account of ours, and their password is tried by
binding as them.

Only LDAPS and StartTLS, with a certificate that holds. An empty password is refused before anything is asked: a
directory takes a bind without one as nobody's, and says yes (RFC 4513 5.1.2). What is typed goes into filters escaped
(RFC 4515). Referrals are not followed: a password must not go where nobody configured. The library waits in threads of
a few at a time; a connection that found somebody is kept for the next who signs in.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import ssl
import time
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from offices.systems import FaultCode
from server.connections.sign_on import (
    SUBJECT_MOST,
    DirectorySection,
    Person,
    ProviderAway,
    ProviderRefused,
    ProviderUnsound,
)

if TYPE_CHECKING:
    from ldap3 import Connection, Server

AT_ONCE: Final = 4
KEPT_FOR: Final = 60.0  # seconds an idle connection is used again within
LOGIN_MOST: Final = 128
PASSWORD_MOST: Final = 256
GROUPS_MOST: Final = 200
FILTERS: Final = {
    "ldap": "(&(objectClass=person)(uid={login}))",
    # The last part: the account is not disabled.
    "ad": "(&(objectCategory=person)(objectClass=user)(sAMAccountName={login})"
    "(!(userAccountControl:1.2.840.113556.1.4.803:=2)))",
}
SUBJECTS: Final = {"ldap": "entryUUID", "ad": "objectGUID"}
ATTRIBUTES: Final = {
    "ldap": ("uid", "cn", "displayName", "mail", "memberOf", "ou", "departmentNumber"),
    "ad": ("sAMAccountName", "cn", "displayName", "mail", "memberOf", "department"),
}


class LdapDirectory:
    """Implements `server.connections.sign_on.Directory`."""

    def __init__(self, section: DirectorySection) -> None:
        self._section = section
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._idle: deque[tuple[float, Connection]] = deque()

    @property
    def issuer(self) -> str:
        """Its people are one set, whichever server of it answers."""
        return f"{self._section.preset}:{self._section.people.casefold()}"[:SUBJECT_MOST]

    @property
    def host(self) -> str:
        return urlsplit(self._section.address).netloc

    async def close(self) -> None:
        while self._idle:
            await asyncio.to_thread(_let_go, self._idle.popleft()[1])

    async def look(self) -> None:
        async with self._turn:
            await asyncio.to_thread(self._looked)

    async def check(self, login: str, password: str) -> Person:
        if not password or not login or len(login) > LOGIN_MOST or len(password) > PASSWORD_MOST:
            raise ProviderRefused("nobody is called so, or the password is wrong")
        async with self._turn:
            return await asyncio.to_thread(self._checked, login, password)

    # ------------------------------------------------------------ in a thread

    def _looked(self) -> None:
        connection = self._open(self._section.bind_dn, self._section.bind_password.read())
        try:
            found = self._search(connection, self._section.people, "(objectClass=*)", (), most=1, below=False)
            if not found:
                raise ProviderAway(f"{self.host} has nothing at {self._section.people}")
        finally:
            _let_go(connection)

    def _checked(self, login: str, password: str) -> Person:
        entry, groups = self._found(login)
        dn = str(entry["dn"])
        _let_go(self._open(dn, password, whose="theirs"))
        return Person(self.issuer, self._subject(entry), self._claims(entry, groups))

    def _found(self, login: str) -> tuple[Mapping[str, Any], list[str]]:
        """Exactly one person of that name, and their groups where these name their members."""
        from ldap3.core.exceptions import LDAPException
        from ldap3.utils.conv import escape_filter_chars

        section = self._section
        wanted = (section.people_filter or FILTERS[section.preset]).replace("{login}", escape_filter_chars(login))
        names = (*ATTRIBUTES[section.preset], *section.attributes, self._subject_attribute)
        for last in (False, True):
            connection = self._taken(fresh=last)
            try:
                found = self._search(connection, section.people, wanted, names, most=2)
                if len(found) != 1:
                    raise ProviderRefused("nobody is called so, or several are")
                groups = self._groups(connection, str(found[0]["dn"]))
            except ProviderRefused:
                self._keep(connection)
                raise
            except (LDAPException, OSError, ProviderAway) as fault:
                _let_go(connection)
                if last:
                    raise ProviderAway(f"{self.host} did not answer: {type(fault).__name__}", "slow") from None
                continue  # it was kept, and the directory has closed it since
            self._keep(connection)
            return found[0], groups
        raise AssertionError("it returned or raised")

    def _groups(self, connection: Connection, dn: str) -> list[str]:
        from ldap3.utils.conv import escape_filter_chars

        if not self._section.groups:
            return []
        wanted = self._section.groups_filter.replace("{dn}", escape_filter_chars(dn))
        found = self._search(connection, self._section.groups, wanted, ("cn",), most=GROUPS_MOST)
        return [str(one["dn"]) for one in found]

    def _search(
        self,
        connection: Connection,
        base: str,
        wanted: str,
        names: tuple[str, ...],
        most: int,
        below: bool = True,
    ) -> list[Mapping[str, Any]]:
        """ProviderAway for anything but an answer; more than there should be is an answer."""
        from ldap3 import BASE, SUBTREE

        connection.search(
            base,
            wanted,
            SUBTREE if below else BASE,
            attributes=[name for name in dict.fromkeys(names) if name] or None,
            size_limit=most,
            time_limit=math.ceil(self._section.timeout),
        )
        result = connection.result
        if result["description"] not in ("success", "sizeLimitExceeded", "noSuchObject"):
            raise ProviderAway(f"{self.host} answered {result['description']} to a search")
        return [one for one in connection.response or () if one.get("type") == "searchResEntry"]

    def _subject(self, entry: Mapping[str, Any]) -> str:
        """entryUUID and objectGUID stay what they are when somebody is renamed or moves; a DN does not."""
        found = _texts(entry["attributes"].get(self._subject_attribute))
        if len(found) != 1 or not 0 < len(found[0]) <= SUBJECT_MOST:
            raise ProviderUnsound(f"an entry without one {self._subject_attribute}")
        return found[0].strip("{}").casefold()

    @property
    def _subject_attribute(self) -> str:
        return self._section.subject_attribute or SUBJECTS[self._section.preset]

    def _claims(self, entry: Mapping[str, Any], groups: list[str]) -> dict[str, Any]:
        claims: dict[str, Any] = {"dn": str(entry["dn"])}
        for name, value in entry["attributes"].items():
            texts = _texts(value)
            claims[name] = texts[0] if len(texts) == 1 and name != "memberOf" else texts
        claims["groups"] = [*_texts(entry["attributes"].get("memberOf")), *groups]
        return claims

    def _taken(self, fresh: bool) -> Connection:
        while self._idle and not fresh:
            since, connection = self._idle.pop()
            if time.monotonic() - since < KEPT_FOR:
                return connection
            _let_go(connection)
        return self._open(self._section.bind_dn, self._section.bind_password.read())

    def _keep(self, connection: Connection) -> None:
        self._idle.append((time.monotonic(), connection))
        while len(self._idle) > AT_ONCE:
            _let_go(self._idle.popleft()[1])

    def _open(self, dn: str, password: str, whose: str = "ours") -> Connection:
        """Bound. ProviderRefused for somebody's wrong password, ProviderAway for our own."""
        from ldap3 import SIMPLE, Connection
        from ldap3.core.exceptions import LDAPException, LDAPSASLPrepError

        connection = Connection(
            self._server(),
            user=dn,
            password=password,
            authentication=SIMPLE,
            read_only=True,
            auto_referrals=False,
            receive_timeout=math.ceil(self._section.timeout),  # it packs whole seconds
            raise_exceptions=False,
        )
        try:
            connection.open()
            if not self._secret and not connection.start_tls(read_server_info=False):
                raise ProviderAway(f"{self.host} does not take StartTLS")
            bound = connection.bind(read_server_info=False)
        except LDAPSASLPrepError:  # a password that can be nobody's (RFC 4013)
            _let_go(connection)
            raise ProviderRefused("nobody is called so, or the password is wrong") from None
        except (LDAPException, OSError) as fault:
            _let_go(connection)
            code: FaultCode = "slow" if "timed out" in str(fault) else "unreachable"
            raise ProviderAway(f"{self.host} cannot be reached: {type(fault).__name__}", code) from None
        except ProviderAway:
            _let_go(connection)
            raise
        if bound:
            return connection
        said = connection.result["description"]
        _let_go(connection)
        if whose == "ours":
            raise ProviderAway(f"{self.host} does not take the account it is asked with: {said}", "refused")
        if said in ("busy", "unavailable", "timeLimitExceeded"):
            raise ProviderAway(f"{self.host} answered {said}")
        raise ProviderRefused("nobody is called so, or the password is wrong")

    @property
    def _secret(self) -> bool:
        return urlsplit(self._section.address).scheme == "ldaps"

    def _server(self) -> Server:
        from ldap3 import NONE, Server, Tls

        parts, ca_file = urlsplit(self._section.address), self._section.ca_file
        trust = Tls(
            validate=ssl.CERT_REQUIRED,
            version=ssl.PROTOCOL_TLS_CLIENT,
            ca_certs_file=None if ca_file is None else str(ca_file),
        )
        return Server(
            parts.hostname,
            port=parts.port or (636 if self._secret else 389),
            use_ssl=self._secret,
            tls=trust,
            get_info=NONE,
            connect_timeout=self._section.timeout,
        )


def _let_go(connection: Connection) -> None:
    from ldap3.core.exceptions import LDAPException

    with contextlib.suppress(LDAPException, OSError):  # it is gone already
        connection.unbind()


def _texts(value: object) -> list[str]:
    several = value if isinstance(value, list | tuple) else [] if value is None else [value]
    return [one.hex() if isinstance(one, bytes) else str(one) for one in several]
