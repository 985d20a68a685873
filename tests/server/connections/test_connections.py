"""The file of connections, and how each is said to fare."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy.engine import URL

from journal.refusals import Refused
from offices import Office, Officer
from offices.systems import ConnectionState
from server.connections import Connection, ConnectionFault, Connections, Secret, Section, read_connections
from server.connections.store import ConnectionStore
from server.db.engine import Database

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
OFFICE = Office("o1", "武汉市市场监管局", "市局", "027-6000", "武市监")
CHIEF = Officer("a1", "zheng", "郑管理", "administrator", OFFICE, False)


class Gateway(Section):
    url: str
    secret: Secret


@pytest.fixture
async def database(database_url: URL) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
def connections(database: Database) -> Connections:
    return Connections(ConnectionStore(database), lambda: NOW)


def written(tmp_path: Path, text: str, mode: int = 0o600) -> Path:
    (secret := tmp_path / "secret").write_text("s3cret\n")
    secret.chmod(mode)
    (file := tmp_path / "connections.toml").write_text(text.replace("SECRET", str(secret)))
    return file


def test_a_secret_lies_in_a_file_or_a_variable_and_is_read_at_each_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAS", "other")
    file = written(
        tmp_path,
        '[messages.one]\nurl = "u"\nsecret = { file = "SECRET" }\n'
        '[messages.two]\nurl = "u"\nsecret = { variable = "MAS" }',
    )
    found = read_connections(file).of("messages", Gateway)
    assert [one.secret.read() for one in found.values()] == ["s3cret", "other"]
    assert "s3cret" not in repr(found)
    (tmp_path / "secret").write_text("renewed\n")
    assert found["one"].secret.read() == "renewed"
    assert read_connections(None).of("messages", Gateway) == {}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[message.one]\n", "[message.…] is none of sign_on, messages"),
        ("[messages]\nurl = 1", "a section is called [messages.NAME]"),
        ('[messages."一号"]\n', "is named by letters, digits and hyphens"),
        ('[messages.one]\nurl = "u"', "[messages.one] secret: Field required"),
        ('[messages.one]\nurl = "u"\nsecret = "s3cret"', "[messages.one] secret: "),
        (
            '[messages.one]\nurl = "u"\nsecret = { file = "SECRET", variable = "A" }',
            "either in a file or in a variable",
        ),
        (
            '[messages.one]\nurl = "u"\nsecret = { variable = "NOT_SET" }',
            "the variable NOT_SET with a secret is not set",
        ),
        ('[messages.one]\nurl = "u"\nsecret = { file = "SECRET" }\nulr = ""', "[messages.one] ulr: Extra inputs"),
        ("[messages.one", "cannot be read"),
    ],
)
def test_what_is_wrong_in_the_file_is_said_with_its_place(tmp_path: Path, text: str, why: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(ValueError) as told:
        read_connections(file).of("messages", Gateway)
    assert why in str(told.value)
    assert str(file) in str(told.value)
    assert "s3cret" not in str(told.value)


def test_a_secret_open_to_others_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path, '[messages.one]\nurl = "u"\nsecret = { file = "SECRET" }', 0o644)
    with pytest.raises(ValueError, match="chmod 600"):
        read_connections(file).of("messages", Gateway)


async def test_a_test_that_fails_is_an_alarm_until_the_next_use_succeeds(database: Database) -> None:
    times = iter(NOW + timedelta(seconds=n) for n in range(9))
    connections = Connections(ConnectionStore(database), lambda: next(times))
    faults, given = [ConnectionFault("refused", "SignatureDoesNotMatch")], []

    async def test(officer: Officer, number: str) -> None:
        given.append(number)
        if faults:
            raise faults.pop()

    connections.add(Connection("messages", "aliyun", "dysmsapi.aliyuncs.com", test, "phone"))
    state = await connections.test(CHIEF, "messages", "aliyun", "13900000000")
    assert (state.failing, state.fault, state.told) == (True, "refused", "SignatureDoesNotMatch")
    assert given == ["13900000000"]
    connections.succeeded("messages", "aliyun")
    (state,) = await connections.states(CHIEF)
    assert (state.failing, state.fault) == (False, "refused")
    registry = CollectorRegistry()
    registry.register(connections.collector())
    told = generate_latest(registry).decode()
    assert 'yuntiao_connection_uses_total{kind="messages",name="aliyun",outcome="refused"} 1.0' in told
    assert 'yuntiao_connection_failing{kind="messages",name="aliyun"} 0.0' in told


async def test_each_node_knows_what_the_others_met(database: Database) -> None:
    clocks = (lambda: NOW), (lambda: NOW + timedelta(hours=1))
    nodes = [Connections(ConnectionStore(database), clock) for clock in clocks]
    for node in nodes:
        node.add(Connection("sign_on", "keycloak", "sso.example"))
    nodes[1].failed("sign_on", "keycloak", ConnectionFault("slow"))
    await nodes[1].flush()
    nodes[0].succeeded("sign_on", "keycloak")
    await nodes[0].flush()
    (state,) = await nodes[0].states(CHIEF)
    assert (state.failing, state.fault, state.succeeded_at) == (True, "slow", NOW)


async def test_what_changed_is_written_while_the_program_runs(connections: Connections, database: Database) -> None:
    connections.add(Connection("sign_on", "keycloak", "sso.example"))
    keeping = asyncio.create_task(connections.keep())
    connections.failed("sign_on", "keycloak", ConnectionFault("unreachable", "x" * 1_000))
    async with asyncio.timeout(20):
        while not (found := await ConnectionStore(database).read()):
            pass
    keeping.cancel()
    expected = ConnectionState("sign_on", "keycloak", "", False, "", None, NOW, "unreachable", "x" * 300)
    assert found["sign_on", "keycloak"] == expected


async def test_only_administrators_look_and_test(connections: Connections) -> None:
    connections.add(Connection("sign_on", "keycloak", "sso.example"))
    mediator = Officer("m1", "zhou", "周调解", "mediator", OFFICE, False)
    with pytest.raises(Refused, match="not_allowed"):
        await connections.states(mediator)
    with pytest.raises(Refused, match="not_allowed"):
        await connections.test(mediator, "sign_on", "keycloak", "")
    with pytest.raises(Refused, match="not_found"):  # it cannot be tried
        await connections.test(CHIEF, "sign_on", "keycloak", "")
