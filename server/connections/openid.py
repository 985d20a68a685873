"""OpenID Connect: the authorization code flow with PKCE, and logout by the back channel.

Sections are those of OpenID Connect Core 1.0, Discovery 1.0 and Back-Channel Logout 1.0.

What a token says counts once its signature, issuer, audience and times hold. Algorithms are named here, and none of
them takes a secret both sides have: neither "none" nor an HMAC made with the provider's public key is ever looked at.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeGuard
from urllib.parse import quote, urlsplit

from server.connections.sign_on import (
    SUBJECT_MOST,
    Attempt,
    BadReturn,
    OpenIdSection,
    Person,
    ProviderAway,
    ProviderRefused,
    ProviderUnsound,
    SignedOut,
    Wire,
    private_address,
    text_of,
    with_query,
)

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
SKEW: Final = 60  # seconds by which clocks may differ
TOKEN_MOST: Final = 64 * 1024  # characters
HEADER_MOST: Final = 8 * 1024  # of its first part: some put a certificate there
KEYS_TRIED: Final = 10
KNOWN_FOR: Final = 3600  # seconds for which what a provider says of itself is not asked again
BEGUN_WITHIN: Final = 30  # seconds, likewise when somebody is about to be sent there
ASKED_EVERY: Final = 30  # seconds at least between two looks for a key that is not known
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_LASTS: Final = 600  # seconds for which a logout token is good, where it does not say


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a provider says of itself (Discovery 3), as far as it is used."""

    authorization: str
    token: str
    keys: str
    userinfo: str
    basic: bool  # how it takes our secret
    names_itself: bool  # RFC 9207: who answered is said in the browser's address as well


class OpenId:
    """`now`: for the times in tokens. What is fetched is kept for an hour; keys are looked for again when a token names
    one that is not known, twice a minute at most."""

    def __init__(self, section: OpenIdSection, now: Callable[[], datetime]) -> None:
        self._section, self._now = section, now
        self._wire = Wire(section.timeout, section.ca_file)
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._asking = asyncio.Lock()

    @property
    def issuer(self) -> str:
        return self._section.issuer

    @property
    def host(self) -> str:
        return urlsplit(self._section.issuer).netloc

    async def close(self) -> None:
        await self._wire.close()

    async def look(self) -> None:
        """Asks anew for what it says of itself, and for its keys."""
        self._metadata = self._keys = None
        await self._key_set()
        if self._section.client_secret is not None:
            self._section.client_secret.read()

    # ------------------------------------------------------------ signing in

    async def begin(self, attempt: Attempt) -> str:
        query = {
            "response_type": "code",
            "client_id": self._section.client_id,
            "redirect_uri": attempt.back,
            "scope": " ".join(self._section.scopes),
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        if self._section.acr:
            query["acr_values"] = " ".join(self._section.acr)
        # Asked for anew, so that one who is not there is said to be before the browser stands in front of nothing.
        return with_query((await self._about(BEGUN_WITHIN)).authorization, query)

    async def finish(self, attempt: Attempt, query: Mapping[str, str]) -> Person:
        about = await self._about()
        named = query.get("iss", "")
        if named != self.issuer and (named or about.names_itself):
            raise BadReturn("another provider answered than was asked (RFC 9207)")
        if "error" in query:
            raise ProviderRefused(f"it answered {query['error'][:40]!r}")
        if not query.get("code"):
            raise BadReturn("it sent the browser back without a code")
        answer = await self._exchange(about, attempt, query["code"])
        id_token, access = answer.get("id_token"), answer.get("access_token")
        if not isinstance(id_token, str):
            raise ProviderUnsound("its answer has no ID token")
        claims = await self._claims(id_token)
        self._hold_id_token(claims, attempt)
        if "at_hash" in claims and isinstance(access, str):
            self._hold_access_token(claims, access, id_token)
        if self._section.userinfo and about.userinfo and isinstance(access, str):
            claims = {**await self._userinfo(about, access, claims["sub"]), **claims}
        return Person(
            self.issuer,
            claims["sub"],
            claims,
            two_steps=text_of(claims, "acr") in self._section.acr,
            session=text_of(claims, "sid"),
        )

    async def _exchange(self, about: Metadata, attempt: Attempt, code: str) -> dict[str, Any]:
        """Core 3.1.3."""
        secret = "" if self._section.client_secret is None else self._section.client_secret.read()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": attempt.back,
            "code_verifier": attempt.verifier,
        }
        headers = {"Accept": "application/json"}
        if secret and about.basic:
            pair = f"{quote(self._section.client_id, safe='')}:{quote(secret, safe='')}"  # RFC 6749 2.3.1
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form |= {"client_id": self._section.client_id} | ({"client_secret": secret} if secret else {})
        status, answer = await self._wire.json("POST", about.token, data=form, headers=headers)
        if status != 200:
            error = str(answer.get("error", ""))[:40]
            if error == "invalid_grant":
                raise BadReturn("it does not know the code: used before, too old, or begun elsewhere")
            ours = error in ("invalid_client", "unauthorized_client")
            raise ProviderAway(
                f"it answered {status} {error!r} to the exchange of the code", "refused" if ours else "not_understood"
            )
        return answer

    async def _userinfo(self, about: Metadata, access: str, subject: str) -> dict[str, Any]:
        """Core 5.3.2: of another subject it would be another's answer."""
        headers = {"Authorization": f"Bearer {access}", "Accept": "application/json"}
        status, answer = await self._wire.json("GET", about.userinfo, headers=headers)
        if status != 200:
            raise ProviderAway(f"it answered {status} where more claims are")
        if answer.get("sub") != subject:
            raise ProviderUnsound("its further claims are about somebody else")
        return answer

    def _hold_id_token(self, claims: Mapping[str, Any], attempt: Attempt) -> None:
        """Core 3.1.3.7."""
        self._hold_audience(claims)
        if "events" in claims:
            raise ProviderUnsound("it sent a token of another kind")
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), attempt.nonce.encode()):
            raise ProviderUnsound("its token is of another sign-in")
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_MOST:
            raise ProviderUnsound("its token names nobody")
        self._hold_times(claims, lasts=None)

    def _hold_access_token(self, claims: Mapping[str, Any], access: str, id_token: str) -> None:
        """Core 3.1.3.8: the token it gave beside is the one this token is about."""
        size = str(_header(id_token).get("alg", ""))[2:]
        if size not in ("256", "384", "512"):
            return
        digest = hashlib.new(f"sha{size}", access.encode()).digest()
        wanted = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
        if not hmac.compare_digest(str(claims["at_hash"]).encode(), wanted.encode()):
            raise ProviderUnsound("its two tokens do not belong together")

    # ------------------------------------------------------------ signing out

    async def signed_out(self, token: str) -> SignedOut:
        """Back-Channel Logout 2.6."""
        claims = await self._claims(token)
        self._hold_audience(claims)
        events = claims.get("events")
        if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
            raise ProviderUnsound("this is no logout token")
        if "nonce" in claims:
            raise ProviderUnsound("a logout token has no nonce")
        self._hold_times(claims, lasts=LOGOUT_LASTS)
        subject, session, id_ = (text_of(claims, name) for name in ("sub", "sid", "jti"))
        if not id_ or not (subject or session):
            raise ProviderUnsound("the logout token does not say what ends")
        expires = float(claims.get("exp", claims["iat"] + LOGOUT_LASTS))
        return SignedOut(self.issuer, id_, max(0.0, expires - self._now().timestamp()) + 2 * SKEW, subject, session)

    # ------------------------------------------------------------ tokens and keys

    async def _claims(self, token: str) -> dict[str, Any]:
        """Of a token that it signed itself. ProviderUnsound."""
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jws import JWSRegistry

        header = _header(token)
        if header.get("alg") not in ALGORITHMS or "crit" in header:
            raise ProviderUnsound(f"it signed by {str(header.get('alg'))[:20]!r}, which is not taken")
        id_ = str(header.get("kid", ""))
        keys = (await self._key_set(id_)).keys
        # Without an id whichever of its keys fits, as RFC 7515 4.1.4 leaves it.
        for key in [one for one in keys if one.kid == id_] if id_ else keys[:KEYS_TRIED]:
            registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
            registry.max_header_length = HEADER_MOST
            try:
                claims = jwt.decode(token, key, registry=registry).claims
            except (JoseError, ValueError, TypeError, RecursionError):
                continue
            if claims.get("iss") != self.issuer:
                raise ProviderUnsound("its token is another issuer's")
            return dict(claims)
        raise ProviderUnsound("its token is signed by none of its keys")

    def _hold_audience(self, claims: Mapping[str, Any]) -> None:
        audience, us = claims.get("aud"), self._section.client_id
        several = audience if isinstance(audience, list) else [audience]
        if us not in several:
            raise ProviderUnsound("its token is for somebody else")
        if claims.get("azp", us) != us or (len(several) > 1 and "azp" not in claims and "events" not in claims):
            raise ProviderUnsound("its token was given to somebody else")

    def _hold_times(self, claims: Mapping[str, Any], lasts: float | None) -> None:
        """`lasts`: seconds from its making where it does not say; None: it has to."""
        now = self._now().timestamp()
        issued, expires, before = claims.get("iat"), claims.get("exp"), claims.get("nbf", 0)
        if expires is None and lasts is not None and _is_number(issued):
            expires = issued + lasts
        if not (_is_number(issued) and _is_number(expires) and _is_number(before)):
            raise ProviderUnsound("its token does not say from when to when it holds")
        if expires <= now - SKEW:
            raise ProviderUnsound("its token is over, or the clocks differ by more than a minute", "clock")
        if max(issued, before) > now + SKEW:
            raise ProviderUnsound("its token is from the future: the clocks differ by more than a minute", "clock")

    async def _about(self, within: float = KNOWN_FOR) -> Metadata:
        at = self._now().timestamp()
        if self._metadata is None or not 0 <= at - self._metadata[0] < within:
            address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
            status, said = await self._wire.json("GET", address)
            if status != 200:
                raise ProviderAway(f"{self.host} answered {status} to what it is asked of itself")
            if said.get("issuer") != self.issuer:  # Discovery 4.3
                raise ProviderUnsound(f"it calls itself {str(said.get('issuer'))[:80]!r}, not as it is set here")
            self._metadata = at, _metadata(said)
        return self._metadata[1]

    async def _key_set(self, wanted: str = "") -> KeySet:
        """With a key of this id, if it has one. Whoever invents ids does not make us ask more often."""
        async with self._asking:
            at = self._now().timestamp()
            age = None if self._keys is None else at - self._keys[0]
            fresh = age is not None and 0 <= age < KNOWN_FOR
            lacking = bool(wanted) and self._keys is not None and all(one.kid != wanted for one in self._keys[1].keys)
            if not fresh or (lacking and age is not None and age >= ASKED_EVERY):
                self._keys = at, await self._fetched()
            assert self._keys is not None
            return self._keys[1]

    async def _fetched(self) -> KeySet:
        from joserfc.errors import JoseError
        from joserfc.jwk import JWKRegistry, KeySet

        status, said = await self._wire.json("GET", (await self._about()).keys)
        several = said.get("keys")
        if status != 200 or not isinstance(several, list):
            raise ProviderAway(f"{self.host} answered {status} and no keys")
        found = []
        for one in several[:50]:
            # Only public keys that sign: a symmetric one among them would make whoever reads it the provider.
            if not isinstance(one, dict) or one.get("kty") not in ("RSA", "EC", "OKP") or one.get("use") == "enc":
                continue
            try:
                found.append(JWKRegistry.import_key({name: value for name, value in one.items() if name != "x5c"}))
            except (JoseError, ValueError, TypeError):
                continue  # of a kind that is not known here; the others do
        if not found:
            raise ProviderUnsound("it has no key that can be used")
        return KeySet(found)


def _metadata(said: Mapping[str, Any]) -> Metadata:
    """ProviderUnsound, when anybody could listen at one of its addresses."""
    try:
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        authorization, token, keys = (private_address(str(said[name])) for name in names)
        more = private_address(str(said["userinfo_endpoint"])) if said.get("userinfo_endpoint") else ""
    except (KeyError, ValueError):
        raise ProviderUnsound("an address that it gives is missing, or is not https") from None
    ways = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    basic = not isinstance(ways, list) or "client_secret_basic" in ways or "client_secret_post" not in ways
    named = said.get("authorization_response_iss_parameter_supported") is True
    return Metadata(authorization, token, keys, more, basic, named)


def _header(token: str) -> dict[str, Any]:
    """Of a signed token, before anything of it is believed."""
    head = token.partition(".")[0]
    try:
        if len(token) > TOKEN_MOST or token.count(".") != 2 or len(head) > HEADER_MOST:
            raise ValueError
        found = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
        if not isinstance(found, dict):
            raise ValueError
    except (ValueError, RecursionError):
        raise ProviderUnsound("this is no signed token") from None
    return found


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
