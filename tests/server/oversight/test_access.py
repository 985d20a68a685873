"""No sequence of edits gives a role what it may never have, nor takes away what nobody may take."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given, strategies as st

from journal.refusals import Refused
from offices import EDITABLE, PERMISSIONS, OfficerRole, most, of_path
from server.oversight.access import PermissionMatrix, change, evolve
from tests.web.fakes import World
from web.http.security import access_map

ACCESSES = access_map(World().app())
MOST = most((path, one.roles) for (_, path), one in ACCESSES.items() if one.who == "officer")
FIXED = {one.id for one in PERMISSIONS if one.fixed}
ROLES: tuple[OfficerRole, ...] = get_args(OfficerRole)
edits = st.tuples(
    st.sampled_from(["o1", "o2"]),
    st.sampled_from(ROLES),
    st.sets(st.sampled_from([*(one.id for one in PERMISSIONS), "everything"]), max_size=4),
    st.booleans(),
)


@given(st.lists(edits, max_size=30))
def test_no_sequence_of_edits_leaves_the_limits(sequence: list[tuple[str, OfficerRole, set[str], bool]]) -> None:
    matrix = PermissionMatrix()
    for office, role, permissions, after in sequence:
        before = matrix
        if not permissions <= MOST[role] & EDITABLE:
            with pytest.raises(Refused, match="beyond_limits"):
                change(matrix, MOST, office, role, permissions, after, "理由")
            continue
        events = change(matrix, MOST, office, role, permissions, after, "理由")
        for event in events:
            matrix = evolve(matrix, event)
        assert all((one in matrix.of(office, role)) != after for one in permissions)
        for event in reversed(events):  # every change can be undone by its opposite
            [back] = change(matrix, MOST, office, role, [event.permission], event.before, "撤销")
            assert (back.before, back.after) == (event.after, event.before)
        undone = matrix
        for event in events:
            undone = evolve(undone, change(undone, MOST, office, role, [event.permission], event.before, "撤销")[0])
        assert undone == before
        for where in ("o1", "o2"):
            for whose in ROLES:
                allowed = matrix.allowed(where, whose, MOST)
                assert allowed <= MOST[whose]
                assert MOST[whose] & FIXED <= allowed


def test_a_change_says_why_and_a_role_keeps_its_accounts_and_this_table() -> None:
    with pytest.raises(Refused, match="missing"):
        change(PermissionMatrix(), MOST, "o1", "mediator", ["complaints"], False, "  ")
    for kept in ("people", "access", "approvals", "oversight"):
        assert kept in MOST["administrator"]
        with pytest.raises(Refused, match="beyond_limits"):
            change(PermissionMatrix(), MOST, "o1", "administrator", [kept], False, "理由")
    with pytest.raises(Refused, match="beyond_limits"):  # the informant's wall
        change(PermissionMatrix(), MOST, "o1", "inspector", ["leads"], False, "理由")
    with pytest.raises(Refused, match="beyond_limits"):  # a mediator never sees a lead
        change(PermissionMatrix(), MOST, "o1", "mediator", ["leads"], True, "理由")


def test_every_route_for_some_roles_belongs_to_one_permission() -> None:
    for (_, path), access in ACCESSES.items():
        own = path.startswith("/account/")  # nobody's to withhold
        if access.who == "officer" and access.roles and not own:
            assert of_path(path) is not None, path
    begun = [under for one in PERMISSIONS for under in one.under]
    assert len(begun) == len(set(begun))
    assert not [(a, b) for a in begun for b in begun if a != b and b.startswith(f"{a}/")]
