"""Join links: looked at by anybody as often as they like, used by one device, and never by a stranger."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from journal.refusals import Refused
from offices import Officer
from rooms.commands import Arrive, Cancel, Remove
from rooms.vocabulary import Role
from server.db.schema import links
from server.identity import digest
from tests.server.app.office import IP, NOW, World, secret_of


async def refused(world: World, secret: str) -> Refused:
    with pytest.raises(Refused) as no:
        await world.links.look(secret)
    return no.value


async def join(world: World, secret: str) -> str:
    device = await world.links.begin(secret)
    return await world.links.check_code(device, await world.code_for(device), IP)


async def test_a_thousand_looks_use_nothing_up_and_the_person_still_joins(world: World) -> None:
    link = await world.invite()
    before = await world.events(link.session)
    for _ in range(1_000):
        await world.links.look(secret_of(link))
    assert await world.events(link.session) == before
    device = await join(world, secret_of(link))
    guest = await world.links.guest(device)
    assert guest is not None
    assert guest.verified
    assert guest.seat.name == "丁小禾"
    assert (await world.events(link.session))[-3:] == ["LinkOpened", "CodeSent", "IdentityConfirmed"]


async def test_a_truncated_link_is_unknown(world: World) -> None:
    link = await world.invite()
    no = await refused(world, secret_of(link)[:-1])
    assert (no.code, no.status) == ("link_unknown", 404)
    assert (await world.links.look(secret_of(link))).seat.id == "consumer"


async def test_a_link_fits_a_message_and_one_of_before_still_opens(world: World) -> None:
    link = await world.invite()
    assert len(f"https://tiaojie.example.cn/j/{secret_of(link)}") <= 60
    longer = "a" * 32  # as secrets were until 2026-11-29
    async with world.database.write() as connection:
        await connection.execute(update(links).where(links.c.id == link.id).values(secret_hash=digest(longer)))
    assert (await world.links.look(longer)).link == link.id
    assert (await refused(world, "b" * 32)).code == "link_foreign"


async def test_a_whole_link_of_another_installation_is_foreign_here(world: World) -> None:
    link = await world.invite()
    no = await refused(world, secret_of(link)[::-1])
    assert (no.code, no.status) == ("link_foreign", 404)


async def test_an_expired_link_names_whom_to_ring(world: World) -> None:
    link = await world.invite()
    world.move(hours=12, seconds=1)
    no = await refused(world, secret_of(link))
    assert (no.code, no.status, no.params["office_phone"]) == ("link_expired", 410, "027-00001201")
    assert no.params["office_name"] == "东湖高新区市场监管一所"


async def test_a_link_lasts_until_twelve_hours_after_the_session_starts(world: World) -> None:
    session = await world.session(NOW + timedelta(days=3))
    link = await world.invite(session=session)
    assert link.expires == NOW + timedelta(days=3, hours=12)


async def test_a_revoked_link_lets_nobody_in_and_ends_its_devices(world: World) -> None:
    link = await world.invite()
    device = await world.links.begin(secret_of(link))
    await world.links.revoke(world.zhou, link.session, "consumer", "发错了人")
    assert (await refused(world, secret_of(link))).code == "link_revoked"
    assert await world.links.guest(device) is None
    assert (await world.links.refusal(device)).code == "link_revoked"
    with pytest.raises(Refused):
        await world.links.begin(secret_of(link))


async def test_a_new_link_replaces_the_old_one(world: World) -> None:
    old = await world.invite()
    new = await world.invite(session=old.session)
    assert (await refused(world, secret_of(old))).code == "link_revoked"
    assert (await world.links.look(secret_of(new))).link == new.id
    assert await world.links.current(world.zhou, old.session) == {"consumer": new}


async def test_a_used_link_is_refused_to_a_second_phone(world: World) -> None:
    link = await world.invite()
    first = await join(world, secret_of(link))
    assert (await refused(world, secret_of(link))).code == "link_used"
    assert await world.links.guest(first) is not None


async def test_of_two_phones_that_began_the_first_with_the_code_keeps_the_seat(world: World) -> None:
    link = await world.invite()
    preview = await world.links.begin(secret_of(link))
    phone = await world.links.begin(secret_of(link))
    phone = await world.links.check_code(phone, await world.code_for(phone), IP)
    assert await world.links.guest(preview) is None
    assert (await world.links.refusal(preview)).code == "link_used"
    assert await world.links.guest(phone) is not None


async def test_the_token_is_new_after_the_code(world: World) -> None:
    link = await world.invite()
    before = await world.links.begin(secret_of(link))
    after = await world.links.check_code(before, await world.code_for(before), IP)
    assert after != before
    assert await world.links.guest(before) is None
    assert (await world.links.refusal(before)).code == "no_invitation"


async def test_a_session_that_is_over_says_so(world: World) -> None:
    link = await world.invite()
    await world.rooms.submit(link.session, Cancel("双方自行和解"), world.zhou.actor)
    assert (await refused(world, secret_of(link))).code == "session_over"


async def test_another_office_has_no_such_session(world: World) -> None:
    link = await world.invite()
    for ask in (
        world.links.issue(world.other, link.session, "consumer", False),
        world.links.current(world.other, link.session),
        world.links.revoke(world.other, link.session, "consumer", "x"),
    ):
        with pytest.raises(Refused) as no:
            await ask
        assert (no.value.code, no.value.status) == ("not_found", 404)
    assert (await world.links.look(secret_of(link))).link == link.id


@pytest.mark.parametrize("role", ["supervisor", "administrator"])
async def test_who_does_not_mediate_sees_no_link(world: World, role: str) -> None:
    link = await world.invite()
    watcher = Officer("w", "w", "罗建国", role, world.zhou.office, totp=False)  # type: ignore[arg-type]
    assert await world.links.current(watcher, link.session) == {}
    with pytest.raises(Refused) as no:
        await world.links.issue(watcher, link.session, "consumer", False)
    assert no.value.status == 403


async def test_somebody_removed_needs_a_new_link(world: World) -> None:
    link = await world.invite()
    device = await join(world, secret_of(link))
    await world.rooms.submit(link.session, Arrive(), world.zhou.actor)
    await world.rooms.submit(link.session, Remove("consumer", "辱骂他人"), world.zhou.actor)
    assert await world.links.guest(device) is None
    assert (await refused(world, secret_of(link))).code == "removed"
    assert (await world.links.refusal(device)).code == "removed"
    again = await world.invite(session=link.session)
    assert (await refused(world, secret_of(link))).code == "link_revoked"
    assert (await world.links.look(secret_of(again))).seat.id == "consumer"


async def test_a_seat_without_a_mobile_number_gets_a_link_but_no_message(world: World) -> None:
    session = await world.session()
    seat = await world.desk.add_seat(world.zhou, session, Role.OBSERVER, "见习生小吴", "027-00001299", None)
    with pytest.raises(Refused) as no:
        await world.links.issue(world.zhou, session, seat, send=True)
    assert no.value.code == "no_phone"
    assert (await world.links.issue(world.zhou, session, seat, send=False)).seat == seat


async def test_the_invitation_goes_to_the_number_on_file(world: World) -> None:
    link = await world.invite(send=True)
    await world.outbox.deliver_due()
    (notice,) = world.phones.received
    assert notice.to == "13800005076"
    assert link.url in notice.text
    assert "东湖高新区市场监管一所周敏请您参加一次视频调解（投诉编号东高一投〔2026〕0001号）" in notice.text
    assert "知遇桥" not in notice.text
    assert "6月24日（星期三）09:00" in notice.text


async def test_neither_secret_nor_number_is_on_the_disk(world: World) -> None:
    link = await world.invite(send=True)
    device = await join(world, secret_of(link))
    codes = []
    for _ in range(3):
        codes.append(await world.code_for(await world.links.begin(secret_of(await world.invite("business")))))
        world.move(minutes=2)
    await world.database.close()
    database = Path(str(world.database.engine.url.database))
    stored = b"".join(path.read_bytes() for path in database.parent.glob(f"{database.name}*"))
    for secret in (secret_of(link), device, "13800005076"):
        assert secret.encode() not in stored
    assert sum(code.encode() in stored for code in codes) <= 1, "six digits may stand in somebody's hash by chance"
    assert "丁小禾".encode() in stored


async def test_links_issued_at_once_leave_one_standing(world: World) -> None:
    session = await world.session()
    issued = await asyncio.gather(*(world.invite(session=session) for _ in range(5)))
    standing = await world.links.current(world.zhou, session)
    looks = await asyncio.gather(*(world.links.look(secret_of(link)) for link in issued), return_exceptions=True)
    refusals = [look.code for look in looks if isinstance(look, Refused)]
    assert refusals == ["link_revoked"] * 4
    assert len(standing) == 1
