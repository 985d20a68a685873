"""A map an office supplies: what is taken of it, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from complaints.statistics import views
from complaints.statistics.views import HEIGHT, WIDTH, BadOutline, area, middle, read_outline, taken, thinned

SQUARE = [[114.0, 30.0], [115.0, 30.0], [115.0, 31.0], [114.0, 31.0], [114.0, 30.0]]


def feature(code: Any = "420115", ring: Any = None, **properties: Any) -> dict[str, Any]:
    shape = {"type": "Polygon", "coordinates": [SQUARE if ring is None else ring]}
    return {"type": "Feature", "properties": {"adcode": code, **properties}, "geometry": shape}


def file(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def test_of_a_file_only_shapes_codes_and_our_own_names_are_kept() -> None:
    kept = taken(file(feature(420115, name="<b>别的</b>", secret="x"), feature("156420106")))
    assert b"secret" not in kept
    shapes = read_outline(kept).shapes
    assert [(one.code, one.name) for one in shapes] == [("420115", "江夏区"), ("420106", "武昌区")]
    assert all(0 <= one.x <= WIDTH and 0 <= one.y <= HEIGHT for one in shapes)
    assert shapes[0].path.startswith("M")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "json"), (b"[]", "kind"), (b'{"features": 3}', "kind"), (file(), "empty"),
        (file(feature("999999")), "code"), (file(feature("")), "code"), (file({"properties": None}), "code"),
        (file(feature(ring=[[0, 0], [1, 1], [2, 2]])), "place"), (file(feature(ring=[[114, 30]])), "place"),
        (file(feature(ring=[["a", 1]] * 4)), "kind"), (file({**feature(), "geometry": {"type": "Point"}}), "kind"),
        (file(*[feature()] * 501), "shapes"), (b"[" * 100_000, "json"),
        (file(feature(ring=[[114, float("nan")]] * 4)), "place"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_its_reason(text: bytes, why: str) -> None:
    with pytest.raises(BadOutline) as no:
        taken(text)
    assert no.value.why == why


def test_a_file_has_a_size_and_a_number_of_points(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadOutline, match="large"):
        taken(b" " * (views.MOST_BYTES + 1))
    monkeypatch.setattr(views, "MOST_POINTS", 4)
    with pytest.raises(BadOutline, match="points"):
        taken(file(feature()))


def test_what_is_kept_is_not_trusted_either() -> None:
    for kept in (b"{}x", b'[{"code": 1}]', b'[{"code":"1","name":"","path":"M0 0\\"/><script>","x":0,"y":0}]'):
        with pytest.raises(BadOutline):
            read_outline(kept)


def test_the_middle_and_the_size_of_a_rectangle_are_what_they_are() -> None:
    ring = [(0.0, 0.0), (4.0, 0.0), (4.0, 2.0), (0.0, 2.0)]
    assert abs(area(ring)) == pytest.approx(8)
    assert middle(ring) == pytest.approx((2, 1))
    assert middle([(0.0, 0.0), (2.0, 0.0), (4.0, 0.0)]) == pytest.approx((2, 0))


@given(st.lists(st.tuples(st.floats(0, 600), st.floats(0, 460)), min_size=3, max_size=60))
def test_a_thinned_ring_keeps_its_beginning_and_at_least_three_points(ring: list[tuple[float, float]]) -> None:
    found = thinned(ring, 0.8)
    assert found[0] == ring[0]
    assert 3 <= len(found) <= len(ring)
