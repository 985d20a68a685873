"""One installation with a provider whose people sign on, and what tests ask of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from journal.refusals import Refused
from offices import Officer
from server.connections import Connections
from server.connections.sign_on import AnySection, OpenIdSection
from server.connections.store import ConnectionStore
from server.identity.officers import ENFORCED, Officers
from server.identity.sign_in_store import SignOnStore
from server.identity.sign_on import SignOnService
from tests.contracts.sign_on_contract import SECRET
from tests.server.app.office import IP, QUICK, World
from tests.server.connections.providers import OpenIdProvider

RULES = [
    {"claim": "groups", "value": "supervisors", "role": "supervisor", "office": "一所"},
    {"claim": "groups", "pattern": "/(?P<office>[^/]+)/mediators", "role": "mediator"},
]
MEDIATOR = {"groups": ["/一所/mediators"]}


@dataclass
class Desk:
    """One installation with a provider, and browsers that go to it."""

    world: World
    provider: OpenIdProvider
    folder: Path
    officers: Officers
    health: Connections
    others: list[OpenIdProvider] = field(default_factory=list)
    made: list[SignOnService] = field(default_factory=list)

    def service(self, name: str = "bureau", provider: OpenIdProvider | None = None, **said: Any) -> SignOnService:
        return self.of({name: self.section(provider or self.provider, **said)})

    def of(self, sections: Mapping[str, AnySection]) -> SignOnService:
        world = self.world
        self.health = Connections(ConnectionStore(world.database), world.clock.now)
        service = SignOnService(
            world.store, SignOnStore(world.database), self.officers, world.journal, world.seal, world.clock.now,
            "https://tiaojie.example", sections, self.health,
        )  # fmt: skip
        self.made.append(service)
        return service

    def section(self, provider: OpenIdProvider, **said: Any) -> OpenIdSection:
        (kept := self.folder / "secret").write_text(f"{SECRET}\n")
        kept.chmod(0o600)
        return OpenIdSection.model_validate(
            {"preset": "oidc", "label": "统一身份认证", "issuer": provider.url, "client_id": "yuntiao",
             "client_secret": {"file": kept}, "timeout": 30, "rules": RULES, "acr": ["mfa"], **said}
        )  # fmt: skip

    def is_called(self, **claims: Any) -> None:
        self.provider.claims = {"preferred_username": "wangfang", "name": "王芳", **claims}

    async def failing(self) -> bool:
        admin = await self.admin()
        return [one.failing for one in await self.health.states(admin)] == [True]

    async def admin(self) -> Officer:
        user = await self.world.store.user_by_login("admin")
        assert user is not None
        return Officer(user.id, user.login, user.name, user.role, self.world.zhou.office, totp=False)


@pytest.fixture
async def desk(world: World, tmp_path: Path) -> AsyncIterator[Desk]:
    provider = OpenIdProvider()
    provider.clock = lambda: world.clock.now().timestamp()
    await provider.start()
    officers = Officers(world.store, world.seal, world.clock.now, QUICK, ENFORCED)
    made = Desk(world, provider, tmp_path, officers, Connections(ConnectionStore(world.database), world.clock.now))
    made.is_called(**MEDIATOR)
    yield made
    for service in made.made:
        await service.close()
    for one in (provider, *made.others):
        await one.stop()


async def signed_on(desk: Desk, service: SignOnService, name: str = "bureau", browser: str = "home") -> str:
    address, kept = await service.begin(name, "/desk", IP)
    token, next_ = await service.finish(name, kept, await desk.provider.gone_through(address), IP, "Edge", browser)
    assert next_ == "/desk"
    return token


async def refused(coming: Any) -> str:
    with pytest.raises(Refused) as no:
        await coming
    return no.value.code


async def told(world: World, user: str) -> list[str]:
    return [event.type for event in await world.journal.read(f"officer/{user}")]
